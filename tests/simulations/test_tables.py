"""StarSmasher's text files: energies over restarts, logs, and progress while a run goes on."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.simulations import units
from surrogate.simulations.fortran import fortran_float
from surrogate.simulations.starsmasher.logs import (
    Progress,
    end_time,
    find_failures,
    latest_log,
    read_progress,
    read_tail,
)
from surrogate.simulations.starsmasher.snapshots import find_snapshots, read_snapshot
from surrogate.simulations.starsmasher.tables import (
    EnergyTable,
    Pair,
    read_energies,
    read_pair,
    read_parent,
    read_particle_table,
    write_pair,
    write_rows,
)


def write_energies(path, times, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"  {t:.6f}  {value}  1.0  2.0  3.0  0.226E+44  0.34    \n" for t in times]
    path.write_text("".join(rows))


def test_a_later_start_holds_from_its_first_time_on(tmp_path):
    write_energies(tmp_path / "energy0.sph", [0, 1, 2, 3], -1)
    write_energies(tmp_path / "energy1.sph", [2.5, 3.5], -2)
    write_energies(tmp_path / "energy2.sph", [], -3)
    table = read_energies(tmp_path)
    np.testing.assert_allclose(table.t, [0, 1, 2, 2.5, 3.5])
    np.testing.assert_allclose(table.W, [-1, -1, -1, -2, -2])
    assert table.S[0] == 2.26e43


def test_files_put_away_come_first_and_in_order(tmp_path):
    write_energies(tmp_path / "earlier" / "02" / "energy0.sph", [2, 3], -1)
    write_energies(tmp_path / "earlier" / "10" / "energy0.sph", [3, 4], -2)
    write_energies(tmp_path / "energy0.sph", [4, 5], -4)
    write_energies(tmp_path / "energy9.sph", [5, 6], -5)
    write_energies(tmp_path / "energy*.sph", [6, 7], -6)
    np.testing.assert_allclose(read_energies(tmp_path).W, [-1, -2, -4, -5, -6, -6])


def test_a_row_that_is_being_written_is_left_out(tmp_path):
    path = tmp_path / "energy0.sph"
    write_energies(path, [0, 1], -1)
    with path.open("a") as file:
        file.write("  2.0  -1.0  1.")
    assert read_energies(path).t.tolist() == [0, 1]


def test_energies_of_a_run_that_has_just_started(tmp_path):
    assert read_energies(tmp_path).t.shape == (0,)
    with pytest.raises(FileNotFoundError):
        read_energies(tmp_path / "none")


@pytest.mark.parametrize("bad", ["1.0 2.0", "1 2 3 *** 5 6 7"])
def test_bad_rows_are_named(tmp_path, bad):
    path = tmp_path / "energy0.sph"
    write_energies(path, [0, 1], -1)
    with path.open("a") as file:
        file.write(f"{bad}\n")
    with pytest.raises(ValueError, match=r"energy0.sph, line 3: should be 7 numbers"):
        read_energies(path)


def test_recorded_energies(starsmasher_dir):
    table = read_energies(starsmasher_dir / "merger")
    assert len(table.t) == 1718
    np.testing.assert_allclose(table.W + table.T + table.U, table.Etot, atol=2e-6)
    assert np.all(np.diff(table.t) > 0)


def test_recorded_pair(starsmasher_dir):
    pair = read_pair(starsmasher_dir / "merger" / "m1m2rp.sph")
    assert (pair.n1, pair.n2, pair.rp) == (294, 294, 0.2)
    # it divides by a Msun of its own
    assert pair.m1_solar == pytest.approx(units.MASS / 1.98843e33)
    assert pair.m2_solar == pytest.approx(0.7 * units.MASS / 1.98843e33)


def test_a_pair_that_is_being_written_is_refused(tmp_path):
    (tmp_path / "m1m2rp.sph").write_text(" 294 294 0.2\n 1.0 0.7")
    with pytest.raises(ValueError, match="1 whole lines, should be 2"):
        read_pair(tmp_path / "m1m2rp.sph")


@pytest.mark.parametrize("run", ["erg_n3_polytrope", "relax_star1"])
def test_columns_of_the_particle_table(starsmasher_dir, run):
    folder = starsmasher_dir / run
    table = read_particle_table(folder / "col0000.sph")
    rows = read_snapshot(find_snapshots(folder)[0]).records
    x = np.stack([rows["x"], rows["y"], rows["z"]], axis=-1)
    r = np.linalg.norm(x, axis=1)
    pairs = {
        "r": r, "rho": rows["rho"], "mu": rows["meanmolecular"], "m": rows["am"], "h": rows["hp"],
        "x": rows["x"], "y": rows["y"], "z": rows["z"], "phi": rows["grpot"], "u": rows["u"],
        "v2": rows["vx"] ** 2 + rows["vy"] ** 2 + rows["vz"] ** 2,
    }  # fmt: skip
    for name, values in pairs.items():
        np.testing.assert_allclose(getattr(table, name), values, rtol=1e-6, err_msg=name)
    pull = (rows["vxdot"] * rows["x"] + rows["vydot"] * rows["y"] + rows["vzdot"] * rows["z"]) / r
    np.testing.assert_allclose(table.gravity + table.hydro, pull, rtol=2e-3, atol=2e-6)
    assert np.all(table.gravity < 0)
    near = np.linalg.norm(x[:, None] - x, axis=-1) < 2 * rows["hp"][:, None]
    np.testing.assert_array_equal(table.neighbours, near.sum(axis=1))
    # Pressure and temperature belong together: ideal gas, radiation is nothing here.
    k, density = 1.380658e-16, table.rho * units.DENSITY
    ideal = density * k * table.temperature / table.mu / units.PRESSURE
    np.testing.assert_allclose(table.P, ideal, rtol=5e-3)


def test_parent_is_the_profile(starsmasher_dir):
    folder = starsmasher_dir / "erg_n3_polytrope"
    parent = read_parent(folder / "parent.sph")
    profile = np.loadtxt(folder / "poly3.s2mm")
    radius = profile[:, 1] / units.LENGTH
    inside = parent.r < 0.9
    rho = np.interp(parent.r[inside], radius, profile[:, 3] / units.DENSITY)
    pressure = np.interp(parent.r[inside], radius, profile[:, 2] / units.PRESSURE)
    np.testing.assert_allclose(parent.rho[inside], rho, rtol=1e-4)
    np.testing.assert_allclose(parent.P[inside], pressure, rtol=1e-4)
    # An ideal gas has u = 3/2 P / rho.
    np.testing.assert_allclose(parent.u, 1.5 * parent.P / parent.rho, rtol=1e-2)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_fortran_numbers(value):
    text = repr(value)
    assert fortran_float(text) == value
    assert fortran_float(text.replace("e", "d")) == value
    assert fortran_float(text.replace("e", "D")) == value


@pytest.mark.parametrize(
    ("text", "value"), [("1.2-103", 1.2e-103), ("1.d30", 1e30), (".5", 0.5), ("0.5E-3", 5e-4)]
)
def test_fortran_forms(text, value):
    assert fortran_float(text) == value


def test_fortran_stars_are_no_number():
    with pytest.raises(ValueError, match=r"\*\*\*"):
        fortran_float("*****")


def test_progress_of_a_growing_file(tmp_path):
    path = tmp_path / "stdout.txt"
    assert read_progress(path) is None
    path.write_text("mainit: 0.01\n")
    assert read_progress(path) is None
    step = " end it.  {:10d} t=  {:.16E}     \nmainit:  0.014\n"
    path.write_text("".join(step.format(i, i * 0.25) for i in range(20000)))
    assert read_progress(path) == Progress(19999, 4999.75)
    with path.open("a") as file:
        file.write(" end it.       20000 t=   5.")  # half of 5000.0
    assert read_progress(path) == Progress(19999, 4999.75)


def test_only_the_tail_is_read(tmp_path):
    path = tmp_path / "log0.sph"
    path.write_text("".join(f"line {i}\n" for i in range(100000)))
    tail = read_tail(path, 100)
    assert tail.startswith("line 9999")
    assert tail.endswith("line 99999\n")
    assert len(tail) <= 100


def test_recorded_log_and_output(starsmasher_dir):
    folder = starsmasher_dir / "merger"
    assert end_time(folder / "log0_tail.txt") == 30.028062169173772
    assert end_time(folder / "log0_head.txt") is None
    assert read_progress(folder / "stdout_head.txt") == Progress(5, 0.22349707688397849)
    assert find_failures((folder / "log0_tail.txt").read_text()) == []


def test_latest_log(tmp_path):
    assert latest_log(tmp_path) is None
    for name in ("log0.sph", "log9.sph"):
        (tmp_path / name).touch()
    assert latest_log(tmp_path).name == "log9.sph"
    (tmp_path / "log*.sph").touch()
    assert latest_log(tmp_path).name == "log*.sph"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("STOP gam1 value does not make sense", "smaller cn1"),
        ("STOP init: error reading input file sph.input", "missing"),
        (" init: unknown name hip", "INAME"),
        ("problem assigning particles to grav processes", "two"),
        ("Fortran runtime error: End of file", "cut short"),
        ("Fortran runtime error: Cannot match namelist object name alfa", "does not know"),
    ],
)
def test_failures_are_explained(line, words):
    (found,) = find_failures(f"all is well\n{line}\n{line}\n")
    assert line.strip() in found
    assert words in found


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("merger/energy0.sph", read_energies),
        ("erg_n3_polytrope/parent.sph", read_parent),
        ("erg_n3_polytrope/col0000.sph", read_particle_table),
    ],
)
def test_recorded_tables_are_written_back_as_they_were(starsmasher_dir, tmp_path, name, read):
    path = starsmasher_dir / name
    write_rows(tmp_path / path.name, read(path))
    assert (tmp_path / path.name).read_text() == path.read_text()


def test_a_pair_is_written_as_it_is_read(tmp_path):
    pair = Pair(294, 310, 0.2, 1.0003369492514194, 0.7, 0.2)
    write_pair(tmp_path / "m1m2rp.sph", pair)
    assert read_pair(tmp_path / "m1m2rp.sph") == pair


@given(st.floats(-1e30, 1e30).filter(lambda v: v == 0 or abs(v) > 1e-30))
def test_numbers_are_written_with_seven_digits(value):
    table = EnergyTable(*([value],) * 7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "energy0.sph"
        write_rows(path, table)
        assert len(path.read_text()) == 7 * 15 + 1
        assert read_energies(path).t == pytest.approx([value], rel=5.1e-7)
