"""A run's folder: written so that StarSmasher can run on it, and refused where it cannot."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest

from surrogate.simulations.starsmasher.inputs import (
    check_inputs,
    put_away,
    read_iname,
    read_settings,
    restart_from,
    start_over,
    write_collision,
    write_star,
)
from surrogate.simulations.starsmasher.namelist import read_namelist, write_namelist
from surrogate.simulations.starsmasher.records import Header, particle_dtype
from surrogate.simulations.starsmasher.settings import Settings
from surrogate.simulations.starsmasher.snapshots import read_snapshot, write_snapshot

ORBIT = Settings(tf=10.0, dtout=1.0, rp=0.5, vinf2=0.1, sep0=5.0)
STAR = Settings(tf=10.0, dtout=1.0)
SHELL = " ".join(["{:.10e}"] * 4) + " 0.7 0.28 0.003 0.001 0.01 0.002 0.001 0.001 0.002\n"


def make_snapshot(path, n=3, nnopt=35, t=2.0, mass=0.1, nan=False, ncooling=0):
    header = Header(
        n, nnopt, -1e30, 0.0, 200.0, 9.0, 1.0, 3, 70, t, 3, 1.0, 2.0, 1e30, 3, 1, 1e30, 0.2, 0.0,
        ncooling=ncooling,
    )  # fmt: skip
    records = np.zeros(n, particle_dtype(ncooling != 0))
    records["am"], records["x"], records["u"] = mass, np.arange(n), 1.0
    if nan:
        records["x"][1] = np.nan
    write_snapshot(path, header, records)
    return path


@pytest.fixture
def stars(tmp_path):
    return tuple(
        make_snapshot(tmp_path / f"star{i}.sph", n, mass=m)
        for i, n, m in ((1, 3, 0.3), (2, 2, 0.2))
    )


@pytest.fixture
def collision(tmp_path, stars):
    folder = tmp_path / "run"
    write_collision(folder, *stars, ORBIT)
    return folder


@pytest.fixture
def profile(tmp_path):
    """A sphere of constant density in hydrostatic equilibrium: P = 2/3 pi G rho^2 (R^2 - r^2)."""
    path = tmp_path / "poly.txt"
    radius, rho = 7e10, 1.4
    r = np.linspace(1e-3, 0.999, 200) * radius
    p = 2 / 3 * np.pi * 6.6739e-8 * rho**2 * (radius**2 - r**2)
    rows = zip(4 / 3 * np.pi * rho * r**3, r, p, np.full_like(r, rho), strict=True)
    path.write_text("".join(SHELL.format(*row) for row in rows))
    return path


def change(folder, **values):
    """Rewrite `sph.input` with some values changed; None leaves one out."""
    old = read_namelist(folder / "sph.input", "INPUT")
    new = {name: value for name, value in {**old, **values}.items() if value is not None}
    write_namelist(folder / "sph.input", "INPUT", new)


def test_a_collision_is_written(collision, stars):
    check_inputs(collision)
    names = sorted(path.name for path in collision.iterdir())
    assert names == ["sph.init", "sph.input", "sph.start1u", "sph.start2u"]
    assert (collision / "sph.start1u").read_bytes() == stars[0].read_bytes()
    assert (collision / "sph.start2u").read_bytes() == stars[1].read_bytes()
    values = read_namelist(collision / "sph.input", "INPUT")
    assert (values["nrelax"], values["rp"], values["vinf2"], values["tf"]) == (0, 0.5, 0.1, 10.0)
    assert read_iname(collision) == "hyp"
    assert dataclasses.replace(read_settings(collision), nrelax=None) == ORBIT


def test_a_head_on_parabolic_collision_is_welcome(tmp_path, stars):
    write_collision(tmp_path / "run", *stars, dataclasses.replace(ORBIT, rp=0.0, vinf2=0.0))
    check_inputs(tmp_path / "run")


def test_a_star_from_a_profile_is_written(tmp_path, profile):
    folder = tmp_path / "star"
    write_star(folder, profile, STAR)
    check_inputs(folder)
    values = read_namelist(folder / "sph.input", "INPUT")
    assert read_iname(folder) == "erg"
    assert (folder / values["profilefile"]).read_bytes() == profile.read_bytes()
    assert (values["nrelax"], values["n"], values["stellarevolutioncodetype"]) == (1, 10000, 0)


def test_a_polytrope_is_written(tmp_path):
    write_star(tmp_path, None, dataclasses.replace(STAR, starmass=0.7, starradius=0.6))
    check_inputs(tmp_path)
    values = read_namelist(tmp_path / "sph.input", "INPUT")
    assert read_iname(tmp_path) == "1es"
    assert (values["starmass"], values["starradius"]) == (0.7, 0.6)
    assert "profilefile" not in values


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (dataclasses.replace(ORBIT, rp=None), "a collision needs the settings rp"),
        (dataclasses.replace(ORBIT, tf=None, vinf2=None), "needs the settings tf, vinf2"),
        (dataclasses.replace(ORBIT, sep0=0.4), "sep0 = 0.4, allowed: more than rp = 0.5"),
        (dataclasses.replace(ORBIT, nrelax=1), "nrelax = 1"),
    ],
)
def test_settings_that_make_no_collision(tmp_path, stars, settings, words):
    with pytest.raises(ValueError, match=words):
        write_collision(tmp_path / "run", *stars, settings)
    assert not (tmp_path / "run").exists()


def test_settings_that_make_no_star(tmp_path, profile):
    with pytest.raises(ValueError, match="a star needs the settings tf, dtout"):
        write_star(tmp_path / "star", profile, Settings())
    with pytest.raises(ValueError, match="neos = 0"):
        write_star(tmp_path / "star", profile, dataclasses.replace(STAR, neos=0))
    with pytest.raises(FileNotFoundError):
        write_star(tmp_path / "star", tmp_path / "none", STAR)
    with pytest.raises(ValueError, match=r"sph.input: is missing"):
        check_inputs(tmp_path / "star")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"alfa": 1.0}, "alfa is unknown to StarSmasher, did you mean alpha"),
        ({"zzz": 1.0}, "zzz is unknown to StarSmasher, leave it out"),
        ({"tf": -16.0}, "tf = -16.0, allowed: more than 0"),
        ({"tf": None}, "tf is unset"),
        ({"dtout": 0}, "dtout = 0, allowed: more than 0"),
        ({"dtout": "often"}, "dtout = 'often'"),
        ({"rp": None}, "rp is unset"),
        ({"rp": -1e30}, "rp = -1e"),
        ({"sep0": 0.25}, "sep0 = 0.25, allowed: more than rp = 0.5"),
        ({"vinf2": None}, "vinf2 is unset"),
        ({"nnopt": 23}, "nnopt = 23, allowed: 35, that of .*sph.start1u"),
        ({"nnopt": None}, "nnopt = 23, allowed: 35"),
        ({"neos": 2}, "sph.eos: is missing"),
        ({"ncooling": 1}, "sph.opacity: is missing"),
        ({"startfile2": "elsewhere"}, "elsewhere: is missing"),
    ],
)
def test_bad_settings_are_refused(collision, values, words):
    change(collision, **values)
    with pytest.raises(ValueError, match=words):
        check_inputs(collision)


def test_rp_may_exceed_the_default_separation_only_with_another(collision):
    change(collision, rp=300.0, sep0=None)
    with pytest.raises(ValueError, match=r"sep0 = 200.0, allowed: more than rp = 300.0"):
        check_inputs(collision)


@pytest.mark.parametrize("name", ["sph.input", "sph.init", "sph.start1u", "sph.start2u"])
def test_missing_and_empty_files_are_refused(collision, name):
    (collision / name).write_bytes(b"")  # StarSmasher leaves an empty sph.start1u behind
    with pytest.raises(ValueError, match=name):
        check_inputs(collision)
    (collision / name).unlink()
    with pytest.raises(ValueError, match=f"{name}: is missing"):
        check_inputs(collision)


@pytest.mark.parametrize("name", ["sph.start1u", "sph.start2u"])
def test_bad_stars_are_refused(collision, name):
    path = collision / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(ValueError, match=rf"{name}: {len(whole) - 20} bytes.*cut short"):
        check_inputs(collision)
    a, b = 172 + 60, 172 + 148 + 60  # two particles cut at the wrong place
    path.write_bytes(whole[:a] + whole[b:] + whole[a:b])
    with pytest.raises(ValueError, match=f"{name}.*damaged"):
        check_inputs(collision)
    make_snapshot(path, nan=True)
    with pytest.raises(ValueError, match=f"{name}.*NaN"):
        check_inputs(collision)
    make_snapshot(path, nnopt=23)
    with pytest.raises(ValueError, match=r"nnopt = .*allowed: the same in both"):
        check_inputs(collision)
    make_snapshot(path, ncooling=1)
    with pytest.raises(ValueError, match=r"ncooling = .*allowed: the same in both"):
        check_inputs(collision)


@pytest.mark.parametrize("kind", ["hip", 3])
def test_an_unknown_kind_is_refused(collision, kind):
    write_namelist(collision / "sph.init", "INITT", {"INAME": kind})
    with pytest.raises(ValueError, match=r"sph.init: INAME = .*allowed: 1es, "):
        check_inputs(collision)


def test_bad_profiles_are_refused(tmp_path, profile):
    folder = tmp_path / "star"
    write_star(folder, profile, STAR)
    copy = folder / "star.profile"
    for damage, words in (
        (copy.read_text()[:-30], "cut short"),
        (copy.read_text().replace("0.7 0.28", "0.7 0.38"), "star.profile"),
        ("", "is empty"),
    ):
        copy.write_text(damage)
        with pytest.raises(ValueError, match=words):
            check_inputs(folder)
    copy.unlink()
    with pytest.raises(ValueError, match=r"star.profile: is missing"):
        check_inputs(folder)
    change(folder, profilefile=None)
    with pytest.raises(ValueError, match="profilefile is unset"):
        check_inputs(folder)


def test_a_tenth_energy_file_is_refused(collision):
    for i in range(10):
        check_inputs(collision)
        (collision / f"energy{i}.sph").touch()
    with pytest.raises(ValueError, match="would hang"):
        check_inputs(collision)


def restartable(folder, t=4.0, masses=(0.3, 0.3, 0.3, 0.2, 0.2)):
    return make_snapshot(folder / "out0004.sph", 5, t=t, mass=masses)


def test_a_run_is_restarted(collision):
    snapshot = restartable(collision)
    before = read_settings(collision)
    for start in range(12):
        for name in ("energy0.sph", "log0.sph"):
            (collision / name).write_text(str(start))
        restart_from(collision, snapshot, dataclasses.replace(before, tf=20.0 + start))
        check_inputs(collision)
        assert not list(collision.glob("energy*"))
        away = collision / "earlier" / f"{start:02d}"
        assert {p.name: p.read_text() for p in away.iterdir()} == {
            "energy0.sph": str(start),
            "log0.sph": str(start),
        }
    assert (collision / "restartrad.sph").read_bytes() == snapshot.read_bytes()
    assert dataclasses.replace(read_settings(collision), tf=10.0) == before
    # from the checkpoint itself
    restart_from(collision, collision / "restartrad.sph", dataclasses.replace(before, tf=50.0))
    assert read_snapshot(collision / "restartrad.sph").header.t == 4.0
    assert read_settings(collision).tf == 50.0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (dataclasses.replace(ORBIT, tf=4.0), "tf = 4.0, allowed: more than 4.0"),
        (dataclasses.replace(ORBIT, nnopt=23), "nnopt = 23, allowed: 35"),
        (dataclasses.replace(ORBIT, ncooling=1), "ncooling = 1, allowed: 0"),
        (dataclasses.replace(ORBIT, rp=None), "needs the settings rp"),
    ],
)
def test_a_restart_that_makes_no_sense_changes_nothing(collision, settings, words):
    snapshot = restartable(collision)
    (collision / "energy0.sph").touch()
    before = {path: path.read_bytes() for path in collision.rglob("*")}
    with pytest.raises(ValueError, match=words):
        restart_from(collision, snapshot, settings)
    assert {path: path.read_bytes() for path in collision.rglob("*")} == before


def test_a_restart_from_a_damaged_snapshot_is_refused(collision):
    snapshot = restartable(collision)
    snapshot.write_bytes(snapshot.read_bytes()[:-1])
    with pytest.raises(ValueError, match="cut short"):
        restart_from(collision, snapshot, ORBIT)
    assert not (collision / "restartrad.sph").exists()


@pytest.mark.parametrize("masses", [(0.2, 0.2, 0.3, 0.3, 0.3), (0.3, 0.3, 0.3, 0.2, 0.4)])
def test_a_restart_of_other_particles_is_refused(collision, masses):
    restart_from(collision, restartable(collision, masses=masses), ORBIT)
    with pytest.raises(ValueError, match=r"not those of sph.start1u, then those of sph.start2u"):
        check_inputs(collision)


def test_a_checkpoint_is_checked_before_launch(collision):
    restart_from(collision, restartable(collision), ORBIT)
    change(collision, tf=3.0)
    with pytest.raises(ValueError, match=r"tf = 3.0, allowed: more than 4.0"):
        check_inputs(collision)
    change(collision, tf=9.0, nnopt=23)
    with pytest.raises(ValueError, match=r"nnopt = 23, allowed: 35, that of .*restartrad.sph"):
        check_inputs(collision)
    (collision / "restartrad.sph").write_bytes(b"")
    with pytest.raises(ValueError, match=r"restartrad.sph: 0 bytes"):
        check_inputs(collision)


def test_a_new_run_does_not_continue_an_old_one(collision, stars):
    restart_from(collision, restartable(collision), ORBIT)
    with pytest.raises(ValueError, match=r"restartrad.sph exists"):
        write_collision(collision, *stars, ORBIT)


def test_a_run_begins_again(tmp_path, profile):
    write_star(tmp_path / "star", profile, STAR)
    shutil.copy(tmp_path / "poly.txt", tmp_path / "star" / "energy0.sph")
    (tmp_path / "star" / "restartrad.sph").write_bytes(b"half")
    start_over(tmp_path / "star", dataclasses.replace(STAR, tf=30.0))
    check_inputs(tmp_path / "star")
    assert read_namelist(tmp_path / "star" / "sph.input", "INPUT")["tf"] == 30.0
    assert (tmp_path / "star" / "earlier" / "00" / "energy0.sph").exists()


def test_nothing_to_put_away(tmp_path):
    put_away(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_recorded_runs_pass(starsmasher_dir):
    for run in ("merger", "disruptive", "flyby", "relax_star1", "erg_n3_polytrope"):
        check_inputs(starsmasher_dir / run)


def test_recorded_stars_collide(starsmasher_dir, tmp_path):
    recorded = starsmasher_dir / "flyby"
    stars = [starsmasher_dir / f"relax_star{i}" / "out0003.sph" for i in (1, 2)]
    write_collision(tmp_path / "run", *stars, read_settings(recorded))
    check_inputs(tmp_path / "run")
    for name in ("sph.start1u", "sph.start2u"):
        assert (tmp_path / "run" / name).read_bytes() == (recorded / name).read_bytes()
    ours = read_namelist(tmp_path / "run" / "sph.input", "INPUT")
    theirs = read_namelist(recorded / "sph.input", "INPUT")
    assert {name: ours[name] for name in theirs} == theirs
