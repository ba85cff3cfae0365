"""The grid of the paper by its rules, tables of runs, and names that stay."""

from __future__ import annotations

import hashlib
import struct
from collections import defaultdict
from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.collisions.grid import load_grid
from surrogate.collisions.structure import radius
from surrogate.simulations.design import (
    Design,
    join,
    make_design,
    paper_grid,
    read_design,
    write_design,
)
from surrogate.simulations.paper_rules import on_main_sequence

HEAD = "age,m1,m2,rp,vinf\n"


@pytest.fixture(scope="module")
def paper() -> Design:
    return paper_grid()


def test_the_rules_give_27720_runs_of_main_sequence_stars(paper: Design) -> None:
    assert len(paper) == 27_720
    assert len(set(paper.names())) == 27_720
    assert on_main_sequence(paper.m1, paper.age).all()
    assert on_main_sequence(paper.m2, paper.age).all()
    assert (paper.m1 >= paper.m2).all()


def test_conditions_are_exactly_those_of_the_public_file(paper: Design, sph_grid_dir: Path) -> None:
    public = load_grid(sph_grid_dir)

    def conditions(rows) -> set[tuple[float, ...]]:
        return set(zip(rows.age, rows.m1, rows.m2, rows.vinf, strict=True))

    # To the last bit, and both ways. Rows may be held out of the file at hand, but not all 14
    # pericentres of a condition.
    assert conditions(public) == conditions(paper)
    assert len(conditions(public)) == 220 * 9


def test_every_public_row_is_one_run_of_the_design(paper: Design, sph_grid_dir: Path) -> None:
    public = load_grid(sph_grid_dir)
    runs = defaultdict(list)
    for row, key in enumerate(zip(paper.age, paper.m1, paper.m2, paper.vinf, strict=True)):
        runs[key].append(row)
    rows = {key: np.array(found) for key, found in runs.items()}
    taken = []
    for key, rp in zip(
        zip(public.age, public.m1, public.m2, public.vinf, strict=True), public.rp, strict=True
    ):
        near = rows[key]
        taken.append(near[np.argmin(np.abs(paper.rp[near] - rp))])
    assert len(set(taken)) == len(public)
    # The tolerance that matters is 1 per cent. Ties of the file's last digit fall either way.
    np.testing.assert_allclose(paper.rp[taken], public.rp, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(paper.r1[taken], public.r1, rtol=1e-6)
    np.testing.assert_allclose(paper.r2[taken], public.r2, rtol=1e-6)


def test_pericentres_run_from_head_on_to_grazing(paper: Design) -> None:
    rp = paper.rp.reshape(220, 14, 9)
    assert (rp[:, 0] == 0).all()
    assert (np.diff(rp, axis=1) > 0).all()
    radii = (paper.r1 + paper.r2).reshape(220, 14, 9)
    np.testing.assert_allclose(rp[:, -1], radii[:, -1], rtol=6e-6, atol=6e-6)  # six digits


def test_the_grid_does_not_depend_on_the_precision_of_the_caller(paper: Design) -> None:
    with jax.enable_x64(True):
        assert paper_grid().names() == paper.names()


def test_stars_leave_the_main_sequence() -> None:
    # Before contraction ends, on it, and after it: 1 Msun lives 5 Gyr at this metallicity.
    assert on_main_sequence(1.0, [0.001, 1.0, 10.0]).tolist() == [False, True, False]


def test_radii_follow_from_the_structure_model() -> None:
    design = make_design([1.0, 0.5], 0.8, 0.4, 0.3, 100.0)
    assert len(design) == 2
    np.testing.assert_allclose(design.r1, radius(0.8, design.age), rtol=1e-6)
    np.testing.assert_allclose(design.r2, radius(0.4, design.age), rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"m1": 200.0}, r"row 0: m1 = 200, allowed: 0.1 to 100 Msun"),
        ({"rp": [0.1, np.nan]}, r"1 of 2 rows: row 1: rp = nan, allowed: 0 to 1e\+06 Rsun"),
        ({"vinf": -1.0}, r"vinf = -1"),
        ({"r1": 1.0}, r"both r1 and r2"),
    ],
)
def test_bad_conditions_are_refused(change: dict, message: str) -> None:
    good = {"age": 1.0, "m1": 0.8, "m2": 0.4, "rp": 0.3, "vinf": 100.0}
    with pytest.raises(ValueError, match=message):
        make_design(**good | change)


positive = st.floats(0.1, 100.0)
rows = st.tuples(st.floats(0.0, 15.0), positive, positive, st.floats(0.0, 1e6), st.floats(0, 1e5))


@given(st.lists(rows, min_size=1, max_size=8, unique=True))
@settings(max_examples=30)
def test_a_table_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[float, ...]]
) -> None:
    design = make_design(*np.array(table).T)
    path = tmp_path_factory.mktemp("design") / "new" / "runs.csv"
    write_design(path, design)
    again = read_design(path)
    assert again.names() == design.names()
    for name, column in design.columns().items():
        np.testing.assert_array_equal(again.columns()[name], column)
    assert [file.name for file in path.parent.iterdir()] == ["runs.csv"]


@given(st.lists(rows, min_size=2, max_size=8, unique=True), st.randoms())
@settings(max_examples=30)
def test_names_belong_to_conditions_and_not_to_rows(table: list, random) -> None:
    design = make_design(*np.array(table).T)
    order = random.sample(range(len(table)), len(table))
    names = design.names()
    assert len(set(names)) == len(names)
    assert design.take(order).names() == [names[k] for k in order]


def test_names_are_the_same_on_every_machine() -> None:
    name = make_design(1.0, 0.8, 0.4, 0.0, 100.0).names()
    exact = struct.pack("<5d", 1.0, 0.8, 0.4, 0.0, 100.0)
    assert name == [hashlib.sha256(exact).hexdigest()[:12]] == ["5fba528c5aec"]
    assert make_design(1.0, 0.8, 0.4, -0.0, 100.0).names() == name
    assert make_design(1.0, 0.8, 0.4, 0.0, 100.0, r1=2.0, r2=2.0).names() == name
    assert make_design(1.0, 0.8, 0.4, 0.0, np.nextafter(100.0, 101)).names() != name


def test_join_keeps_the_first_and_appends_what_is_new() -> None:
    a = make_design(1.0, 0.8, 0.4, [0.1, 0.2, 0.3], 100.0)
    b = make_design(1.0, 0.8, 0.4, [0.4, 0.2, 0.0, 0.4], 100.0)
    assert join(a, b).rp.tolist() == [0.1, 0.2, 0.3, 0.4, 0.0]
    assert join(a, b.take([])).names() == a.names()
    assert join(a.take([]), a).names() == a.names()


def test_columns_may_stand_in_any_order_beside_others(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("\ufeffNote, vinf,rp ,M2,m1,age\n\nfirst,100,0.5,0.4,0.8,1\n", "utf-8")
    design = read_design(path)
    assert design.conditions().tolist() == [[1.0, 0.8, 0.4, 0.5, 100.0]]
    np.testing.assert_allclose(design.r1, radius(0.8, 1.0), rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"missing column age, m1, m2, rp, vinf; found: nothing"),
        ("age,m1,m2,rp\n1,1,1,1\n", r"missing column vinf; found: age, m1, m2, rp"),
        ("age,m1,m2,rp,vinf,r1\n", r"missing column r2"),
        ("age,m1,m2,rp,vinf,m1\n", r"column m1 stands there more than once"),
        ("age,m1,m2,rp,vinf,age2\n", r"column age2 cannot be simulated"),
        (HEAD, r"no row below the header"),
        (HEAD + "1,1,1,1\n", r"line 2: 4 cells, allowed: 5"),
        (HEAD + "1,1,1,0.5,10\n\n1,x,1,1,10\n", r"line 4: m1 = 'x', allowed: a number"),
        (HEAD + "1,1_0,1,1,10\n", r"line 2: m1 = '1_0', allowed: a number"),
        (HEAD + "1,1,1,nan,10\n", r"line 2: rp = nan, allowed: 0 to 1e\+06 Rsun"),
        (HEAD + "1,1,1,1,10\n1,1,0.05,1,10\n", r"1 of 2 rows.*\n.*line 3: m2 = 0.05, allowed: 0.1"),
        (HEAD + "1,1,1,1,10\n1,1,1,2,10\n1.0,1,1,1e0,10\n", r"line 4: .*: as in line 2"),
    ],
)
def test_bad_tables_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "runs.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as error:
        read_design(path)
    assert str(path) in str(error.value)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.csv"):
        read_design(tmp_path / "nowhere.csv")
