"""StarSmasher's snapshots: what is written is read, and what is damaged is refused."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surrogate.simulations.starsmasher.records import HEADER_SIZES, Header, particle_dtype
from surrogate.simulations.starsmasher.snapshots import (
    check_snapshot,
    energies,
    find_snapshots,
    has_nan,
    read_snapshot,
    write_snapshot,
)
from surrogate.simulations.starsmasher.tables import read_energies

RUNS = ["merger", "disruptive", "flyby"]
same_folder = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


def make_header(n=5, ncooling=0, **fields):
    old = [n, 35, -1e30, 0.0, 4.0, 9.0, 1.0, 3, 70, 3.1, 3, 1.0, 2.0, 1e30, 3, 0, 1e30, 0.2, 0.0]
    return Header(*old, ncooling=ncooling)._replace(**fields)


def make_records(n=5, cooling=False, seed=0):
    rng = np.random.default_rng(seed)
    records = np.zeros(n, particle_dtype(cooling))
    for name in records.dtype.names:
        records[name] = rng.normal(size=n) * 100
    return records


def fields_of(records):
    return {k: records[k].tolist() for k in records.dtype.names if k not in ("head", "tail")}


@given(
    n=st.integers(1, 9),
    cooling=st.booleans(),
    size=st.sampled_from(HEADER_SIZES),
    seed=st.integers(0, 99),
    mapped=st.booleans(),
    t=finite,
    nout=st.integers(0, 99999),
)
@same_folder
def test_roundtrip(tmp_path, n, cooling, size, seed, mapped, t, nout):
    if size == 124:  # a version older than cooling
        cooling = False
    header = make_header(n, ncooling=int(cooling), t=t, nout=nout)
    if size == 164:
        header = header._replace(erad=0.5, ndisplace=2, displacex=1.5, displacez=-3.0)
    records = make_records(n, cooling, seed)
    path = tmp_path / "out0000.sph"
    write_snapshot(path, header, records, size)
    assert path.stat().st_size == size + 8 + n * (164 if cooling else 148) + 12
    read = read_snapshot(path, mapped)
    assert read.header == header
    assert read.header_size == size
    assert fields_of(read.records) == fields_of(records)
    assert [file.name for file in tmp_path.iterdir()] == ["out0000.sph"]


def test_records_are_mapped_and_cannot_be_changed(tmp_path):
    path = tmp_path / "out0000.sph"
    write_snapshot(path, make_header(), make_records())
    snapshot = read_snapshot(path)
    assert isinstance(snapshot.records, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        snapshot.records["x"][0] = 1.0


def test_layout_is_that_of_the_fortran_code(tmp_path):
    records = make_records(1)
    records["x"], records["cc"], records["divv"] = 1.5, 7000, -2.5
    path = tmp_path / "out0000.sph"
    write_snapshot(path, make_header(1, t=3.25, dt=0.5, ntot=1), records)
    data = path.read_bytes()
    assert struct.unpack("<3i", data[:12]) == (164, 1, 35)
    assert struct.unpack("<d", data[4 + 56 : 4 + 64]) == (3.25,)
    assert struct.unpack("<id", data[172:184]) == (140, 1.5)
    assert struct.unpack("<idi", data[172 + 132 : 172 + 148]) == (7000, -2.5, 140)
    assert struct.unpack("<3i", data[-12:]) == (4, 1, 4)


def test_particles_are_synchronised(tmp_path):
    """A body thrown upwards: v and u half a step ahead, v = v0 - g t and u = u0 + c t."""
    g, c, t, dt = 2.0, 0.3, 1.7, 0.4
    records = np.zeros(2, particle_dtype())
    records["am"], records["x"] = 1.0, [0.0, 1.0]
    records["vz"], records["vzdot"] = 5.0 - g * t, -g
    records["u"], records["udot"] = 1.0 + c * t, c
    path = tmp_path / "out0000.sph"
    write_snapshot(path, make_header(2, t=t, dt=dt), records)
    snapshot = read_snapshot(path)
    particles = snapshot.particles()
    assert snapshot.time == pytest.approx(t - dt / 2)
    np.testing.assert_allclose(particles.v[:, 2], 5.0 - g * snapshot.time)
    np.testing.assert_allclose(particles.u, 1.0 + c * snapshot.time)
    np.testing.assert_array_equal(particles.x[:, 0], [0.0, 1.0])
    assert {array.dtype for array in particles} == {np.dtype(np.float64)}


def test_every_cut_is_refused(tmp_path):
    path = tmp_path / "out0000.sph"
    write_snapshot(path, make_header(), make_records())
    whole = path.read_bytes()
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        for mapped in (True, False):
            with pytest.raises(ValueError, match=f"{size} bytes, should be .*cut short") as error:
                read_snapshot(path, mapped)
            assert str(path) in str(error.value)
            assert "wait" in str(error.value)
    path.write_bytes(whole + b"\0")
    with pytest.raises(ValueError, match=f"{len(whole) + 1} bytes, should be {len(whole)}"):
        read_snapshot(path)


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (0, 165, r"first record of 165 bytes, allowed: \(164, 136, 124\)"),
        (168, 1, "marker after the header = 1, should be 164"),
        (4, 0, "ntot = 0, allowed: 1 or more"),
        (4, 6, "912 bytes, should be 1060|924 bytes, should be 1072"),
        (172, 141, "markers of particle 0"),
        (172 + 148 * 3 - 4, 0, "markers of particle 2"),
        (-8, 4, "last record is not ntot = 5"),
        (-4, 5, "last record is not ntot = 5"),
    ],
)
def test_damage_is_refused(tmp_path, at, value, words):
    path = tmp_path / "out0000.sph"
    write_snapshot(path, make_header(), make_records())
    data = bytearray(path.read_bytes())
    data[at : at + 4 or None] = struct.pack("<i", value)
    path.write_bytes(data)
    with pytest.raises(ValueError, match=words) as error:
        read_snapshot(path)
    assert str(path) in str(error.value)


def test_big_endian_is_named(tmp_path):
    path = tmp_path / "out0000.sph"
    path.write_bytes(struct.pack(">i", 164) + bytes(500))
    with pytest.raises(ValueError, match="big-endian"):
        read_snapshot(path)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_snapshot(tmp_path / "out0000.sph")


@pytest.mark.parametrize("name", ["x", "u", "divv", "grpot"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_is_found(tmp_path, name, value):
    records = make_records()
    path = tmp_path / "out0000.sph"
    write_snapshot(path, make_header(), records)
    assert not has_nan(read_snapshot(path))
    assert check_snapshot(path) == make_header()
    records[name][3] = value
    write_snapshot(path, make_header(), records)
    assert has_nan(read_snapshot(path))
    with pytest.raises(ValueError, match="NaN"):
        check_snapshot(path)


def test_nan_in_the_time_is_found(tmp_path):
    path = tmp_path / "out0000.sph"
    write_snapshot(path, make_header(t=np.nan), make_records())
    assert has_nan(read_snapshot(path))


@pytest.mark.parametrize(
    ("header", "size", "words"),
    [
        (make_header(4), 164, "ntot = 4"),
        (make_header(ncooling=1), 124, "ncooling = 1"),
        (make_header(), 100, "header of 100 bytes"),
    ],
)
def test_nonsense_is_not_written(tmp_path, header, size, words):
    with pytest.raises(ValueError, match=words):
        write_snapshot(tmp_path / "out0000.sph", header, make_records(cooling=True), size)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "restartrad.sph"
    write_snapshot(path, make_header(), make_records())
    before = path.read_bytes()

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_snapshot(path, make_header(nit=9), make_records())
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["restartrad.sph"]


def test_snapshots_are_found_in_order(tmp_path):
    for number in (10000, 9999, 2, 10):
        (tmp_path / f"out{number:04d}.sph").touch()
    for other in ("outline.sph", "out12.sph", ".out0003.sph.77", "restartrad.sph"):
        (tmp_path / other).touch()
    found = [path.name for path in find_snapshots(tmp_path)]
    assert found == ["out0002.sph", "out0010.sph", "out9999.sph", "out10000.sph"]


@pytest.mark.parametrize("run", RUNS)
def test_energies_are_those_of_the_run(starsmasher_dir, run):
    """The file has 7 digits. Its T is of velocities predicted from the step before."""
    table = read_energies(starsmasher_dir / run)
    paths = find_snapshots(starsmasher_dir / run)
    assert paths
    for path in paths:
        ours = energies(read_snapshot(path))
        row = np.argmin(np.abs(table.t - ours.t))
        assert table.t[row] == pytest.approx(ours.t, rel=1e-6)
        assert pytest.approx(table.W[row], rel=1e-6) == ours.W
        assert pytest.approx(table.U[row], rel=1e-3) == ours.U
        assert pytest.approx(table.T[row], rel=1.2e-3) == ours.T
        assert abs(ours.T - table.T[row]) < 1e-3 * (table.T[row] + table.U[row])
        assert ours.Etot == ours.W + ours.T + ours.U


@pytest.mark.parametrize("run", RUNS)
def test_start_energy_is_that_of_orbit_and_stars(starsmasher_dir, run):
    folder = starsmasher_dir / run
    vinf2 = {"merger": 0.05, "disruptive": 6.0, "flyby": 2.0}[run]
    stars = [energies(read_snapshot(folder / f"sph.start{i}u")) for i in (1, 2)]
    orbit = 0.5 * (1.0 * 0.7 / 1.7) * vinf2
    total = read_energies(folder).Etot[0]
    assert total == pytest.approx(orbit + sum(star.Etot for star in stars), abs=1e-4)


def test_every_recorded_snapshot_is_written_back_unchanged(starsmasher_dir, tmp_path):
    paths = [p for p in starsmasher_dir.rglob("*.sph") if p.name.startswith(("out", "restart"))]
    paths += starsmasher_dir.rglob("sph.start?u")
    assert len(paths) > 30
    for path in paths:
        assert check_snapshot(path).ntot in (294, 588, 594)
        snapshot = read_snapshot(path)
        write_snapshot(tmp_path / "copy", *snapshot)
        assert (tmp_path / "copy").read_bytes() == path.read_bytes(), path
