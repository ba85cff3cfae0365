"""The built-in code as an engine: stars, collisions, interruptions, campaigns."""

import dataclasses
import math
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
import pytest

from surrogate.collisions.encounter import Fate
from surrogate.collisions.hdf5 import read_hdf5
from surrogate.orbits import two_body
from surrogate.simulations import campaign as campaigns
from surrogate.simulations.collect import collect
from surrogate.simulations.design import make_design
from surrogate.simulations.driver import run
from surrogate.simulations.engine import Orbit, RunError, StoppedError
from surrogate.simulations.runs import STAR, Plan, relax
from surrogate.simulations.sph.engine import BuiltIn
from surrogate.simulations.sph.relax import Relaxation
from surrogate.simulations.sph.state import Method
from surrogate.simulations.star_folders import PROFILE, place_star
from surrogate.simulations.stars.polytrope import polytrope
from surrogate.simulations.starsmasher.snapshots import energies, find_snapshots, read_snapshot
from surrogate.simulations.state import Status

pytestmark = pytest.mark.slow  # compilation

SMALL = BuiltIn(particles=100, relaxation=Relaxation(time=5.0), method=Method(radiation=False))
ORBIT = Orbit(rp=0.5, vinf2=1.0, separation=3.0, dt_out=0.1)


def nothing(t):
    pass


@pytest.fixture(scope="module")
def star(tmp_path_factory):
    """A relaxed polytrope."""
    root = tmp_path_factory.mktemp("stars")
    placed = place_star(root, polytrope(1.5, 1.0, 1.0), SMALL.about()["star"])
    folder = root / placed.key
    state = relax(SMALL, folder, folder / PROFILE, Plan(), nothing)
    assert state.status is Status.DONE
    assert state.result["T/|W|"] < 1e-3
    return folder / STAR


def numbers(folder):
    return [read_snapshot(path).particles() for path in find_snapshots(folder)]


def test_stars_begin_on_the_orbit_that_is_asked_for(star, tmp_path):
    SMALL.start_collision(tmp_path, (star, star), ORBIT)
    p = read_snapshot(tmp_path / "out0000.sph").particles()
    n = len(p.m) // 2
    one, two = (p.m[s] @ p.x[s] / p.m[s].sum() for s in (slice(n), slice(n, None)))
    v1, v2 = (p.m[s] @ p.v[s] / p.m[s].sum() for s in (slice(n), slice(n, None)))
    found = two_body(one - two, v1 - v2, p.m[:n].sum(), p.m[n:].sum())
    assert np.linalg.norm(one - two) == pytest.approx(3.0)
    assert float(found.pericentre) == pytest.approx(0.5, rel=1e-5)
    assert float(found.speed_at_infinity) == pytest.approx(1.0, rel=1e-5)


def test_stars_are_not_rounded_on_their_way_into_a_collision(star, tmp_path):
    with jax.enable_x64(False):  # as for whoever has not asked for more
        SMALL.start_collision(tmp_path, (star, star), ORBIT)
    there = read_snapshot(star).particles()
    found = read_snapshot(tmp_path / "out0000.sph").particles()
    n = len(there.m)
    np.testing.assert_array_equal(found.m[:n], there.m)
    np.testing.assert_array_equal(found.u[:n], there.u)
    np.testing.assert_allclose(found.x[:n] - found.x[0], there.x - there.x[0], atol=1e-14)


def test_an_interrupted_run_has_the_numbers_of_one_that_was_not(star, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        SMALL.start_collision(folder, (star, star), ORBIT)
    SMALL.advance(whole, 0.5, nothing)
    stop = tmp_path / "stop"
    stopped = dataclasses.replace(SMALL, stop_file=stop)

    def ask(t):
        if t > 0.25:
            stop.touch()

    with pytest.raises(StoppedError):
        stopped.advance(broken, 0.5, ask)
    last = find_snapshots(broken)[-1]
    assert last.name == "out0002.sph"
    last.write_bytes(last.read_bytes()[:-100])  # as a full disk would leave it
    SMALL.start_collision(broken, (star, star), ORBIT)
    SMALL.advance(broken, 0.5, nothing)
    for a, b in zip(numbers(whole), numbers(broken), strict=True):
        for name in a._fields:
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_snapshots_hold_the_energies_and_times_of_the_run(star, tmp_path):
    SMALL.start_collision(tmp_path, (star, star), ORBIT)
    times = []
    SMALL.advance(tmp_path, 0.35, times.append)
    found = [energies(read_snapshot(path)) for path in find_snapshots(tmp_path)]
    np.testing.assert_allclose([e.t for e in found], [0.0, 0.1, 0.2, 0.3, 0.4], atol=1e-12)
    assert times == sorted(times)
    assert math.isclose(found[-1].Etot, found[0].Etot, rel_tol=1e-4)


def test_another_star_is_refused_and_damage_told(star, tmp_path):
    SMALL.start_collision(tmp_path, (star, star), ORBIT)
    other = tmp_path / "other.sph"
    other.write_bytes(star.read_bytes()[:-1] + b"x")
    with pytest.raises(ValueError, match="begun with another star"):
        SMALL.start_collision(tmp_path, (star, other), ORBIT)
    (tmp_path / "out0000.sph").write_bytes(b"")
    with pytest.raises(RunError, match="first snapshot is damaged"):
        SMALL.advance(tmp_path, 1.0, nothing)


CONFIG = """\
[sph]
particles = 100
[plan]
separation = 3.0
outputs = 5.0
relaxation = 5.0
[stop]
extension = 5.0
[[stars]]
mass = 1.0
polytrope = 1.5
radius = 0.9
[[stars]]
mass = 0.7
polytrope = 1.5
radius = 0.6
"""


def test_a_campaign_by_the_built_in_code(tmp_path):
    conditions = [[1.0, 1.0, 0.7, 0.1, 8000.0], [1.0, 1.0, 0.7, 1.4, 1000.0]]
    names = ("age", "m1", "m2", "rp", "vinf")
    design = make_design(**dict(zip(names, np.array(conditions).T, strict=True)))
    campaign = campaigns.plan(tmp_path, design)
    (tmp_path / "campaign.toml").write_text(CONFIG)
    campaign = campaigns.Campaign(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        states = run(campaign, pool)
    assert {s.status for s in states.values()} == {Status.DONE}, states
    collect(campaign, tmp_path / "rows.h5")
    rows = read_hdf5(tmp_path / "rows.h5")
    slow, fast = np.argsort(rows.vinf)
    assert rows.fate[slow] == Fate.TWO
    assert rows.m1_final[slow] == pytest.approx(1.0, abs=0.02)
    assert rows.m1_final[fast] + rows.m2_final[fast] < 1.5
