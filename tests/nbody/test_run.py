"""Clusters that collide: conservation, the ledger, symmetry, batches and errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate import load
from surrogate.collisions.encounter import Encounter, Fate
from surrogate.collisions.rules import Baseline, Surrogate
from surrogate.collisions.structure import radius
from surrogate.nbody.ages import keep_ages, rejuvenated
from surrogate.nbody.plummer import plummer
from surrogate.nbody.run import run
from surrogate.nbody.system import System, bodies

# Compilation of many variants takes most of their time.
pytestmark = pytest.mark.slow

N = 96
STEPS = {"steps": 600, "every": 200, "accuracy": 0.1, "log": 512}


@pytest.fixture(scope="module")
def fast():
    return Surrogate(load("fast"))


@pytest.fixture(scope="module")
def crowd():
    """Stars that all but touch, as fast as around a black hole."""
    m = jnp.geomspace(0.4, 8.0, N)
    stars = plummer(jax.random.key(1), m, 12.0, age=0.01)
    return stars._replace(v=3.0 * stars.v)


@pytest.fixture(scope="module", params=["surrogate", "sticky"])
def ran(request, crowd, fast):
    rule = fast if request.param == "surrogate" else Baseline()
    return request.param, *run(crowd, rule, 1.0, **STEPS)


def exact(words):
    return np.float64(words.high) + np.float64(words.low)


def test_momentum_and_mass_are_conserved(ran, crowd):
    name, state, _ = ran
    assert state.events.number > 20
    if name == "surrogate":
        assert np.count_nonzero(state.ledger.fates) >= 3
    else:
        assert state.ledger.fates.tolist() == [0, int(state.events.number), 0, 0]
    p0 = np.float64(crowd.m)[:, None] * np.float64(crowd.v)
    p = np.sum(np.float64(state.m)[:, None] * exact(state.v), axis=0)
    error = p + exact(state.ledger.momentum_unbound) - p0.sum(axis=0)
    assert np.linalg.norm(error) < 1e-6 * np.linalg.norm(p0, axis=1).sum()
    mass = np.float64(state.m).sum() + exact(state.ledger.mass_unbound)
    assert mass == pytest.approx(np.float64(crowd.m).sum(), rel=1e-7)


def test_the_ledger_closes(ran):
    _, state, history = ran
    # What collisions did is far more than what the integrator did.
    done = np.abs(history.ledger.energy_lost.value[-1])
    assert done > 0.02 * history.totals.kinetic[0]
    assert np.all(np.abs(history.energy_error) < 2e-4 * history.totals.kinetic[0])
    assert history.bodies[-1] == np.sum(np.asarray(state.m) > 0)


def test_the_log_adds_up(ran, crowd):
    _, state, _ = ran
    log = state.events.table()
    assert not state.events.overflow
    lost = log["m1"] + log["m2"] - log["m1_final"] - log["m2_final"]
    assert np.sum(lost) == pytest.approx(float(state.ledger.mass_unbound.value), abs=1e-4)
    np.testing.assert_array_equal(np.bincount(log["fate"], minlength=4), state.ledger.fates)
    assert np.all(np.diff(log["time"]) >= 0)
    assert np.all(log["i"] < log["j"])
    # The last collision of a body left it as it is.
    last = log["i"][-1]
    assert state.m[last] == log["m1_final"][-1]
    alive = np.asarray(state.m) > 0
    assert np.all((np.asarray(state.r) > 0) == alive)
    assert np.all(np.asarray(state.v.high)[~alive] == 0)


@pytest.mark.slow
def test_in_chunks_it_is_the_same_run(crowd):
    whole, _ = run(crowd, Baseline(), 1.0, **STEPS)
    half = STEPS | {"steps": 200}
    state, _ = run(crowd, Baseline(), 1.0, **half)
    for _ in range(2):
        state, _ = run(state, Baseline(), 1.0, **half)
    assert state.events.number == whole.events.number
    np.testing.assert_array_equal(state.x.high, whole.x.high)


@pytest.mark.slow
def test_until_stops_at_a_time(crowd):
    state, history = run(crowd, Baseline(), 1.0, until=1e-3, **STEPS)
    assert state.time.value == pytest.approx(1e-3, rel=1e-6)
    assert history.time[-2:].tolist() == [state.time.value] * 2


@pytest.mark.slow
def test_order_of_the_bodies_does_not_matter(fast):
    m, speed = [2.0, 0.7], 900.0
    x, v = np.array([[0, 0.6, 0], [8.0, 0, 0]]), np.array([[0, 0, 0], [-speed, 0, 0]])
    both = []
    for order in ([0, 1], [1, 0]):
        start = bodies(x[order], v[order], np.array(m)[order], [0.05, 0.05])
        state, _ = run(start, fast, 0.001, 20, accuracy=None, log=4)
        assert state.events.number == 1
        both.append(System(*(np.asarray(a)[order] for a in state.system)))
    for a, b in zip(*both, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-4)


@pytest.mark.slow
def test_many_seeds_at_once():
    def one(key):
        stars = plummer(key, jnp.ones(12), 8.0, age=0.5)
        return run(stars, Baseline(), 1.0, 60, log=8)

    keys = jax.random.split(jax.random.key(0), 3)
    states, history = jax.jit(jax.vmap(one))(keys)
    alone, _ = one(keys[1])
    assert int(states.events.number.sum()) > 3
    assert states.events.number[1] == alone.events.number
    np.testing.assert_allclose(states.x.value[1], alone.x.value, rtol=1e-2, atol=0.1)
    assert history.time.shape == (3, 2)


@pytest.mark.slow
def test_an_overflowing_log_says_so(crowd):
    state, _ = run(crowd, Baseline(), 1.0, **(STEPS | {"log": 8}))
    assert state.events.overflow
    assert len(state.events.table()["time"]) == 8
    assert state.events.number == state.ledger.fates.sum()


def test_what_the_rule_cannot_answer_changes_nothing():
    start = bodies([[0, 0, 0], [2, 0, 0]], [[0, 0, 0], [-500, 0, 0]], [1.0, 2e4], 0.01, 0.8)
    state, _ = run(start, Baseline(), 1e-3, 20, accuracy=None, log=4)
    assert state.ledger.unanswered > 0
    assert state.m.tolist() == start.m.tolist()
    assert np.all(np.isfinite(state.x.value))


def test_remnants_have_the_radius_of_their_mass_and_age():
    start = bodies([[0, 0, 0], [3, 0, 0]], [[0, 0, 0], [-500, 0, 0]], [1.0, 1.5], 0.3)
    inflated = start._replace(r=1.1 * start.r)
    for stars, factor in ((start, 1.0), (inflated, 1.1)):
        state, _ = run(stars, Baseline(), 1e-3, 20, accuracy=None, log=4)
        assert state.m.tolist() == [0.0, 2.5]
        expected = factor * radius(state.m[1], state.age[1])
        assert state.r[1] == pytest.approx(float(expected), rel=1e-5)
        assert 0 < state.age[1] < 0.3  # rejuvenated


def test_ages():
    encounter = Encounter(0.2, 2.0, 1.0, 0.5, 100.0, 1.0, 1.0, 0.3)
    encounter = jax.tree.map(jnp.float32, encounter)
    unharmed = Baseline()(encounter._replace(rp=jnp.float32(9.0)))
    assert [float(a) for a in rejuvenated(encounter, unharmed)] == pytest.approx([0.2, 0.3])
    merged = Baseline()(encounter)
    assert merged.fate == Fate.MERGER
    assert 0 < rejuvenated(encounter, merged)[0] < 0.2
    assert [float(a) for a in keep_ages(encounter, merged)] == pytest.approx([0.2, 0.3])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dt": 0.0}, "dt = 0.0: allowed are numbers > 0"),
        ({"accuracy": -0.1}, "accuracy"),
        ({"reach": 0.5}, "reach = 0.5: allowed are numbers >= 1"),
        ({"every": 7}, "every = 7: allowed are divisors of the 20 steps"),
        ({"steps": 0}, "steps"),
    ],
)
def test_options_out_of_range(crowd, options, message):
    with pytest.raises(ValueError, match=message):
        run(crowd, Baseline(), **({"dt": 1.0, "steps": 20} | options))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"m": [1.0, -1.0]}, "m = -1.0"),
        ({"x": [[0, 0, 0], [np.nan, 0, 0]]}, "x = nan"),
        ({"v": np.zeros((3, 3))}, r"v has shape \(3, 3\)"),
        ({"age": [1.0, 2.0, 3.0]}, "age has shape"),
    ],
)
def test_bodies_are_checked(change, message):
    good = {"x": [[0, 0, 0], [1, 0, 0]], "v": np.zeros((2, 3)), "m": [1.0, 1.0]}
    with pytest.raises(ValueError, match=message):
        bodies(**(good | change))
