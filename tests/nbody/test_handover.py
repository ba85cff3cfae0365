"""What arrives at the rule is the two-body orbit, whatever the step."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.collisions.rules import Baseline, Unharmed
from surrogate.constants import G
from surrogate.nbody.run import run
from surrogate.nbody.system import bodies
from surrogate.orbits import time_to_pericentre

# Compilation of many variants takes most of their time.
pytestmark = pytest.mark.slow

STEPS = 64
masses = st.floats(0.2, 30.0)
# Of the steps from the start to the pericentre; below the lead the pair is handed over at once.
steps = st.floats(0.3, 50.0)
turns = st.integers(0, 2**31)


def incoming(m, separation, rp, vinf2):
    """Relative position and velocity on the incoming leg, in double precision."""
    mu = G * sum(m)
    h = np.sqrt(rp * (rp * vinf2 + 2 * mu))
    radial = np.sqrt(max(vinf2 + 2 * mu / separation - (h / separation) ** 2, 0.0))
    return np.array([separation, 0, 0]), np.array([-radial, h / separation, 0])


def meet(m, separation, rp, vinf2, steps, seed, rule=None, r=0.5, n_steps=STEPS, **options):
    """Run a pair that is turned and moves through space at random."""
    random = np.random.default_rng(seed)
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    x, u = (turn @ y for y in incoming(m, separation, rp, vinf2))
    share = np.array([[-m[1]], [m[0]]]) / sum(m)
    place, drift = random.normal(size=3) * separation, random.normal(size=3) * 50.0
    with jax.enable_x64(True):
        time = float(time_to_pericentre(separation, rp, vinf2 / G, sum(m))) / np.sqrt(G)
    star = bodies(
        np.float32(place + share * x), np.float32(drift + share * u), np.float32(m), 0.01, r
    )
    state, history = run(
        star, rule or Baseline(), time / steps, n_steps, **({"accuracy": None, "log": 4} | options)
    )
    return star, state, history


def assert_met(state, m, rp, vinf2, separation):
    """Pericentre and velocity at infinity, to what single precision and four steps allow."""
    log = state.events.table()
    assert len(log["rp"]) == 1
    mu = G * sum(m)
    # Rounding of the start turns the motion by 1e-7 or so at a distance of `separation`.
    h = np.sqrt(rp * (rp * vinf2 + 2 * mu))
    dh = 1e-6 * separation * np.sqrt(vinf2 + 2 * mu / separation)
    found = np.sqrt(log["rp"][0] * (log["rp"][0] * vinf2 + 2 * mu))
    assert found == pytest.approx(h, rel=2e-3, abs=2 * dh)
    # Errors of the energy are seen against that at the surface.
    expected = max(vinf2, 0.0)
    assert log["vinf"][0] ** 2 == pytest.approx(expected, rel=1e-4, abs=2e-4 * 2 * mu)


@given(
    masses, masses, st.floats(0.0, 0.99), st.floats(5.0, 3000.0), st.floats(10, 300), steps, turns
)
@settings(max_examples=40)
def test_hyperbolas(m1, m2, rp, vinf, separation, steps, seed):
    _, state, _ = meet([m1, m2], separation, rp, vinf**2, steps, seed)
    assert_met(state, [m1, m2], rp, vinf**2, separation)


@given(masses, masses, st.floats(0.0, 0.99), st.floats(10, 300), steps, turns)
@settings(max_examples=20)
def test_parabolas(m1, m2, rp, separation, steps, seed):
    _, state, _ = meet([m1, m2], separation, rp, 0.0, steps, seed)
    assert_met(state, [m1, m2], rp, 0.0, separation)


@given(masses, masses, st.floats(0.0, 0.99), st.floats(5, 100), st.floats(0.3, 0.99), steps, turns)
@settings(max_examples=20)
def test_bound_pairs(m1, m2, rp, apocentre, where, steps, seed):
    vinf2 = -2 * G * (m1 + m2) / (rp + apocentre)
    separation = rp + where * (apocentre - rp)
    _, state, _ = meet([m1, m2], separation, rp, vinf2, steps, seed)
    assert_met(state, [m1, m2], rp, vinf2, separation)
    assert state.events.table()["vinf"][0] == 0.0


@given(masses, masses, st.floats(0.0, 2000.0), steps, turns)
@settings(max_examples=15)
def test_head_on(m1, m2, vinf, steps, seed):
    _, state, _ = meet([m1, m2], 50.0, 0.0, vinf**2, steps, seed)
    assert_met(state, [m1, m2], 0.0, vinf**2, 50.0)


@pytest.mark.slow
@given(masses, masses, st.floats(1.02, 5.0), st.floats(0, 3000), st.floats(10, 50), steps, turns)
@settings(max_examples=20)
def test_stars_that_miss_do_not_collide(m1, m2, rp, vinf, separation, steps, seed):
    # Their pericentre must be resolved: by the accuracy, since the largest step is as given.
    options = {"accuracy": 0.2, "n_steps": 200}
    _, state, _ = meet([m1, m2], separation, rp, vinf**2, steps, seed, **options)
    assert state.events.number == 0


@given(masses, masses, st.floats(0.05, 0.99), st.floats(5, 2000), st.floats(5, 50), turns)
@settings(max_examples=15)
def test_a_passage_collides_once_and_goes_on_along_its_orbit(m1, m2, rp, vinf, steps, seed):
    star, state, _ = meet([m1, m2], 40.0, rp, vinf**2, steps, seed, rule=Unharmed())
    assert state.events.number == 1
    assert state.ledger.fates.tolist() == [0, 0, 1, 0]
    before, after = (_elements(s) for s in (star, state.system))
    assert after[0] == pytest.approx(before[0], rel=1e-3, abs=2e-4 * 2 * G * (m1 + m2))
    np.testing.assert_allclose(after[1], before[1], atol=3e-3 * np.linalg.norm(before[1]))
    assert np.sum((state.system.x[1] - state.system.x[0]) ** 2) > 1.0  # and apart


def _elements(system):
    """Twice the specific energy, and the Laplace-Runge-Lenz vector, in double precision."""
    x, v = (np.diff(np.float64(a), axis=0)[0] for a in (system.x, system.v))
    mu = G * float(system.m.sum())
    energy = v @ v - 2 * mu / np.linalg.norm(x)
    return energy, np.cross(v, np.cross(x, v)) / mu - x / np.linalg.norm(x)


def test_touching_stars_that_recede_collide_once():
    star = bodies([[0, 0, 0], [0.5, 0, 0]], [[0, 0, 0], [3000, 0, 0]], [1, 1], 0.01, 0.5)
    state, _ = run(star, Unharmed(), 1e-5, STEPS, accuracy=None, log=4)
    assert state.events.number == 1
    assert state.met.tolist() == [1, 0]
    # They were past their pericentre: nothing is mirrored.
    assert state.system.x[1, 0] - state.system.x[0, 0] > 0.5


@pytest.mark.slow
def test_a_bound_pair_that_survives_comes_back():
    m, rp, apocentre = [1.0, 1.0], 0.5, 5.0
    vinf2 = -2 * G * 2 / (rp + apocentre)
    period = 2 * np.pi * np.sqrt((rp + apocentre) ** 3 / 8 / (2 * G))
    _, state, _ = meet(
        m, 4.0, rp, vinf2, 100.0, 0, rule=Unharmed(), n_steps=2000, until=2.5 * period
    )
    assert state.events.number == 3
    assert np.allclose(state.events.table()["rp"], rp, rtol=1e-2)


def test_bodies_of_no_radius_never_collide():
    _, state, _ = meet([1.0, 1000.0], 30.0, 0.1, 0.0, 10.0, 0, r=np.array([0.5, 0.0]))
    assert state.events.number == 0


@pytest.mark.slow
def test_reach_hands_over_passages_outside_contact():
    m, arguments = [1.0, 1.0], (30.0, 1.3, 0.0, 10.0, 0)
    _, state, _ = meet(m, *arguments, reach=1.5, rule=Unharmed())
    assert state.events.number == 1
    assert state.events.table()["rp"][0] == pytest.approx(1.3, rel=1e-3)


@pytest.mark.slow
def test_more_pairs_than_fit_in_a_step_wait_for_the_next():
    pairs = 10
    x = np.zeros((2 * pairs, 3))
    x[::2, 1] = x[1::2, 1] = 100.0 * np.arange(pairs)
    x[1::2, 0] = 1.5 + 0.01 * np.arange(pairs)
    v = np.zeros_like(x)
    v[1::2, 0] = -100.0
    start = bodies(x, v, np.ones(2 * pairs), 0.01, 0.5)
    state, numbers = start, []
    for _ in range(4):
        state, _ = run(state, Baseline(), 1e-3, 1, accuracy=None, pairs=3, log=16)
        numbers.append(int(state.events.number))
    assert numbers == [3, 6, 9, 10]
    assert jnp.sum(state.m > 0) == pairs
    # The most urgent first
    assert state.events.table()["i"].tolist() == list(range(0, 2 * pairs, 2))


@pytest.mark.slow
def test_of_three_stars_the_closest_pair_collides():
    x = [[0, 0, 0], [1.2, 0, 0], [-1.5, 0, 0]]
    v = [[0, 0, 0], [-500, 0, 0], [500, 0, 0]]
    start = bodies(x, v, [1.0, 1.0, 0.5], 0.01, 0.5)
    state, _ = run(start, Baseline(), 5e-4, 20, accuracy=None, log=4)
    log = state.events.table()
    assert list(zip(log["i"], log["j"], strict=True)) == [(0, 1), (0, 2)]
    assert state.m.tolist() == [2.5, 0.0, 0.0]
