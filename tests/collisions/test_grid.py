"""The grid: what is read, what is refused, and where it is found."""

from __future__ import annotations

import numpy as np
import pytest

from surrogate.collisions.encounter import Fate
from surrogate.collisions.grid import (
    CSV_COLUMNS,
    load_grid,
    read_csv,
)

HEADER = ",".join(CSV_COLUMNS.values())
ROWS = [
    # met, age, rp, vinf, m1, m2, r1, r2, label, m1_final, m2_final, sigma
    "0.010,0.5,0.00000, 1000,2.0,1.0,1.6,0.9, 1, 0.000000, 2.9,1",  # merger in column 2
    "0.010,0.5,0.00000,16000,2.0,1.0,1.6,0.9, 0, 0.0, 0.0,1",
    "0.010,0.5,1.00000, 4000,2.0,1.0,1.6,0.9,-1, 0.0, 0.7,1",  # star 2 survives
    "0.010,0.5,1.00000, 8000,2.0,1.0,1.6,0.9,-1, 1.8, 0.0,2",
    "0.010,1.5,2.50000, 1000,2.0,1.0,1.6,0.9, 2, 2.000001, 1.000001,1",  # rounding made mass
    "0.010,1.5,2.50000,  100,1.0,1.0,0.9,0.9,-1, 0.0, 0.9,1",
]


@pytest.fixture
def write(tmp_path):
    """Write a file of rows; return its path."""

    def write_rows(rows, header=HEADER, end="\n"):
        path = tmp_path / "data_v1.csv"
        path.write_text("\n".join([header, *rows]) + end)
        return path

    return write_rows


def test_survivors_stand_in_their_own_place(write):
    grid = read_csv(write(ROWS))
    assert len(grid) == 6
    assert grid.fate.tolist() == [1, 0, 3, 3, 2, 3]
    assert grid.m1_final.tolist() == [2.9, 0, 0, 1.8, 2.000001, 0.9]
    assert grid.m2_final.tolist() == [0, 0, 0.7, 0, 1.000001, 0]
    assert grid.sigma.tolist() == [1, 1, 1, 2, 1, 1]


def test_merger_product_stands_with_the_heavier_star(write):
    row = "0.010,0.5,0.0,1000,1.0,2.0,0.9,1.6,1,2.9,0.0,1"
    grid = read_csv(write([row]))
    assert (grid.m1_final[0], grid.m2_final[0]) == (0, 2.9)


def test_fractions_are_shares(write):
    grid = read_csv(write(ROWS))
    assert grid.fractions.shape == (6, 3)
    assert (grid.fractions >= 0).all()
    np.testing.assert_allclose(grid.fractions.sum(axis=1), 1, rtol=0, atol=1e-15)
    assert grid.m_unbound[4] == 0
    np.testing.assert_allclose(grid.fractions[0], [2.9 / 3, 0, 0.1 / 3])


def test_take(write):
    grid = read_csv(write(ROWS))
    assert grid.take([2, 0]).m1_final.tolist() == [0, 2.9]
    assert len(grid.take(grid.fate == Fate.STRIPPED)) == 3
    assert len(grid.take([])) == 0


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        (1, "0", ["1:Age[Gyr] = 0", "> 0"]),
        (2, "-0.1", ["2:Rp[Rsun] = -0.1", ">= 0"]),
        (3, "inf", ["3:Vinf[km/s] = inf", "finite"]),
        (4, "-2", ["4:Mass1_i[MSUN] = -2", "> 0"]),
        (6, "nan", ["6:R1[Rsun] = nan", "finite"]),
        (8, "4", ["8:Label = 4", "0 (none), 1 (merger), 2 (two), -1 (stripped)"]),
        (8, "2", ["final masses", "labelled 2 (two) = 1, allowed: 2"]),
        (9, "1.0", ["final masses", "labelled 1 (merger) = 2, allowed: 1"]),
        (10, "-2.9", ["10:Mass2_f[MSUN] = -2.9"]),
        (10, "3.1", ["(m1_final + m2_final) / (m1 + m2) = 1.0333", "at most 1.00001"]),
        (11, "3", ["11:Sigma = 3", "1 or 2"]),
        (5, "one", ["5:Mass2_i[Msun] = 'one'", "a number"]),
        (5, "1,1", ["13 columns", "allowed: 12"]),
        (5, "", ["5:Mass2_i[Msun] = ''", "a number"]),
    ],
)
def test_a_bad_value_is_named(write, cell, value, words):
    cells = ROWS[0].split(",")
    cells[cell] = value
    path = write([*ROWS[1:], ",".join(cells), ROWS[1]])
    with pytest.raises(ValueError, match="1 of 7 rows") as error:
        read_csv(path)
    for word in [str(path), "line 7:", "Correct or remove", *words]:
        assert word in str(error.value)


def test_a_truncated_last_line_is_caught(write):
    for cut in range(1, len(ROWS[0])):
        with pytest.raises(ValueError, match="line 3"):
            read_csv(write([ROWS[1], ROWS[0][:-cut]], end=""))


def test_many_bad_lines_are_counted(write):
    path = write([ROWS[1].replace("2.0", "-2.0")] * 7 + ["oops", ""] + ROWS)
    with pytest.raises(ValueError, match="9 of 15 rows") as error:
        read_csv(path)
    assert "line 6" in str(error.value)
    assert "line 7" not in str(error.value)
    assert "and 4 more" in str(error.value)


def test_another_file_is_refused(write):
    with pytest.raises(ValueError, match="line 1: the header"):
        read_csv(write(ROWS, header="<html>"))
    with pytest.raises(ValueError, match="no row"):
        read_csv(write([]))


def test_line_ends_of_another_system(write, tmp_path):
    path = tmp_path / "dos.csv"
    path.write_bytes(b"\xef\xbb\xbf" + write(ROWS).read_bytes().replace(b"\n", b"\r\n"))
    assert len(read_csv(path)) == 6


def test_the_grid_is_found(write, tmp_path, monkeypatch):
    path = write(ROWS)
    assert len(load_grid(path)) == len(load_grid(tmp_path)) == 6

    monkeypatch.setenv("SURROGATE_DATA", str(tmp_path))
    assert len(load_grid()) == 6
    folder = tmp_path / "data" / "sph_grid"
    folder.mkdir(parents=True)
    path.rename(folder / path.name)
    monkeypatch.setenv("SURROGATE_DATA", str(tmp_path / "data"))
    assert len(load_grid()) == 6

    monkeypatch.setenv("SURROGATE_DATA", str(tmp_path / "elsewhere"))
    with pytest.raises(FileNotFoundError, match=r"SURROGATE_DATA = .*elsewhere"):
        load_grid()
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        load_grid(tmp_path / "nothing.csv")


def test_the_grid_is_found_beside_the_working_directory(write, tmp_path, monkeypatch):
    folder = tmp_path / "shared" / "data" / "sph_grid"
    folder.mkdir(parents=True)
    write(ROWS).rename(folder / "data_v1.csv")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.delenv("SURROGATE_DATA", raising=False)
    assert len(load_grid()) == 6


@pytest.fixture(scope="module")
def public(sph_grid_dir):
    """The public grid."""
    return load_grid(sph_grid_dir)


def test_public_rows_are_all_read(public, sph_grid_dir):
    lines = (sph_grid_dir / "data_v1.csv").read_bytes().count(b"\n") - 1
    assert len(public) == lines >= 23_562
    shares = np.bincount(public.fate) / len(public)
    np.testing.assert_allclose(shares, [0.079, 0.419, 0.455, 0.047], atol=0.003)
    assert (public.m1 >= public.m2).all()


def test_public_masses_are_conserved(public):
    excess = (public.m1_final + public.m2_final) / (public.m1 + public.m2) - 1
    assert excess.max() < 2e-6
    assert (public.fractions >= 0).all()
    np.testing.assert_allclose(public.fractions.sum(axis=1), 1, rtol=0, atol=1e-15)
    assert (public.m2_final[public.fate == Fate.MERGER] == 0).all()


def test_public_survivors_keep_their_identity(public, sph_grid_dir):
    table = np.loadtxt(sph_grid_dir / "data_v1.csv", delimiter=",", skiprows=1)
    stripped, unequal = public.fate == Fate.STRIPPED, public.m1 > public.m2
    second = stripped & (public.m2_final > 0)
    assert np.array_equal(second, stripped & unequal & (table[:, 10] > 0))
    assert second.sum() >= 28


def test_public_grazing_rows(public):
    # the largest pericentre of every slab is the sum of the radii, to five decimals
    touch = public.rp / (public.r1 + public.r2)
    assert touch.max() < 1 + 1e-4
    assert np.mean(touch > 1 - 1e-4) == pytest.approx(1 / 14, abs=0.002)
