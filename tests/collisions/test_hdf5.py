"""The HDF5 file of collisions: what goes in comes out, or is refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surrogate.collisions.encounter import Fate
from surrogate.collisions.grid import Grid, load_grid, make_grid
from surrogate.collisions.hdf5 import (
    DATASETS,
    LABELS,
    Column,
    append_hdf5,
    read_hdf5,
    read_source,
    write_hdf5,
)

h5py = pytest.importorskip("h5py")

positive = st.floats(1e-5, 1e5)


@st.composite
def rows(draw):
    """Draw one valid row, in the order of `Grid`."""
    m1, m2 = draw(positive), draw(positive)
    fate = draw(st.sampled_from(Fate))
    kept = draw(st.floats(0.01, 1)), draw(st.floats(0.01, 1))
    first = draw(st.booleans())
    alive = {
        Fate.NONE: (False, False),
        Fate.TWO: (True, True),
    }.get(fate, (first, not first))
    finals = [m * k if lives else 0.0 for m, k, lives in zip((m1, m2), kept, alive, strict=True)]
    rp, metallicity = draw(st.floats(0, 1e5)), draw(st.floats(0, 10))
    return (
        draw(positive), rp, draw(positive), m1, m2, draw(positive), draw(positive),
        int(fate), *finals, draw(st.sampled_from([1, 2])), metallicity,
    )  # fmt: skip


def to_grid(drawn):
    """Turn drawn rows into a grid."""
    table = np.array(drawn, float).reshape(-1, 12)
    return make_grid(dict(zip(DATASETS, table.T, strict=True)), LABELS)


SOME = to_grid(
    [
        (1.0, 0.0, 100.0, 2.0, 1.0, 1.6, 0.9, 1, 2.9, 0.0, 1, 0.01),
        (1.0, 1.0, 100.0, 2.0, 1.0, 1.6, 0.9, 3, 0.0, 0.5, 1, 0.01),
        (1.0, 2.0, 100.0, 2.0, 1.0, 1.6, 0.9, 2, 1.9, 1.0, 2, 0.01),
    ]
)


def assert_same(a: Grid, b: Grid) -> None:
    """Check that two grids are equal in every column and its type."""
    for name, column in a.columns().items():
        assert column.dtype == b.columns()[name].dtype
        assert np.array_equal(column, b.columns()[name]), name


@given(st.lists(rows(), max_size=8))
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_roundtrip(tmp_path, drawn):
    path = tmp_path / "grid.h5"
    grid = to_grid(drawn)
    write_hdf5(path, grid, "made up")
    assert_same(read_hdf5(path), grid)
    assert read_source(path) == "made up"
    assert [file.name for file in tmp_path.iterdir()] == ["grid.h5"]


def test_load_grid_reads_it(tmp_path):
    write_hdf5(tmp_path / "grid.h5", SOME)
    assert_same(load_grid(tmp_path / "grid.h5"), SOME)


def test_the_schema_is_in_the_file(tmp_path):
    write_hdf5(tmp_path / "grid.h5", SOME, "doi:1")
    with h5py.File(tmp_path / "grid.h5") as file:
        assert dict(file.attrs) == {
            "schema": "surrogate-collision-grid",
            "version": 1,
            "description": "Collisions of two main-sequence stars, one row each",
            "source": "doi:1",
        }
        assert list(file) == sorted(DATASETS)
        assert file["vinf"].attrs["units"] == "km/s"


def test_texts_come_back_and_take_little_room(tmp_path):
    path, long = tmp_path / "grid.h5", "how it was made " * 100
    many = SOME.take(np.arange(300) % len(SOME))
    for texts in (["", "v_∞ = 10 km/s", long] * 100, [""] * 300):
        write_hdf5(path, many, more={"said": Column(np.array(texts, "U"), "", "a text")})
        with h5py.File(path) as file:
            assert file["runs/said"].asstr()[:].tolist() == texts
        assert path.stat().st_size < 100_000  # the texts alone have 160,000 letters
    assert_same(read_hdf5(path), many)


def test_append(tmp_path):
    path = tmp_path / "grid.h5"
    assert append_hdf5(path, SOME.take([0]), "first") == 1
    assert append_hdf5(path, SOME, "second") == 2
    assert append_hdf5(path, SOME, "second") == 0
    assert_same(read_hdf5(path), SOME)
    assert read_source(path) == "first\nsecond"


def test_a_bad_row_is_not_written(tmp_path):
    path = tmp_path / "grid.h5"
    write_hdf5(path, SOME)
    bad = Grid(**{**SOME.columns(), "age": np.array([1.0, -2.0, 1.0])})
    for write in (write_hdf5, append_hdf5):
        with pytest.raises(ValueError, match="row 1: age = -2, allowed: finite and > 0"):
            write(path, bad)
    assert_same(read_hdf5(path), SOME)


def change(name, value):
    """Return an edit that puts `value` into the second row."""

    def edit(file):
        file[name][1] = value

    return edit


def shorten(file):
    """Drop a row from one dataset."""
    del file["rp"]
    file["rp"] = np.ones(2)
    file["rp"].attrs["units"] = "Rsun"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (change("m1", np.nan), "row 1: m1 = nan"),
        (change("fate", 7), r"row 1: fate = 7, allowed: 0 \(none\), 1"),
        (change("fate", 0), r"row 1: .*labelled 0 \(none\) = 1, allowed: 0"),
        (change("m2_final", 9.0), r"row 1: .* = 3, allowed: at most"),
        (lambda file: file.attrs.update(version=2), "version = 2, .*update the package"),
        (lambda file: file.attrs.update(version="x"), "version = 'x', allowed: 1 to 1"),
        (lambda file: file.attrs.update(schema="other"), "schema = 'other'"),
        (lambda file: file.pop("rp"), "dataset rp is missing"),
        (lambda file: file["age"].attrs.update(units="yr"), "age has units 'yr', allowed: 'Gyr'"),
        (shorten, "differ in length"),
    ],
)
def test_a_bad_file_is_refused(tmp_path, edit, words):
    path = tmp_path / "grid.h5"
    write_hdf5(path, SOME)
    with h5py.File(path, "r+") as file:
        edit(file)
    with pytest.raises(ValueError, match=words) as error:
        read_hdf5(path)
    assert str(path) in str(error.value)


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "grid.h5"
    write_hdf5(path, SOME)
    whole = path.read_bytes()
    for size in range(0, len(whole), 997):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match="cut short or damaged"):
            read_hdf5(path)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_hdf5(tmp_path / "grid.h5")


def test_public_grid_roundtrip(tmp_path, sph_grid_dir):
    grid = load_grid(sph_grid_dir)
    write_hdf5(tmp_path / "grid.h5", grid)
    assert_same(read_hdf5(tmp_path / "grid.h5"), grid)
