"""Pericentres against integrated geodesics, and against Kepler far from the black hole."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from surrogate.transients.orbits import to_pericentre

compiled = jax.jit(to_pericentre)


def geodesic(r0, v_r, v_t):
    """Pericentre and coordinate time of one orbit that has one, step by step in proper time.

    Lengths are in r0 and times in r0^(3/2), so that all starts look alike.
    """
    r0, v_r, v_t = map(float, (r0, v_r, v_t))
    eps = 1.0 / r0
    gamma2 = 1.0 / (1.0 - v_r**2 - v_t**2)
    l = gamma2 * v_t**2 * r0  # noqa: E741
    E = np.sqrt(gamma2 * (1.0 - 2.0 * eps))

    def slope(_, state):
        y, u, _ = state
        return u, -1.0 / y**2 + l / y**3 - 3.0 * eps * l / y**4, E / (1.0 - 2.0 * eps / y)

    def turns(_, state):
        return state[1]

    turns.terminal, turns.direction = True, 1.0
    start = (1.0, E * v_r * np.sqrt(r0), 0.0)
    found = solve_ivp(slope, (0.0, 1e9), start, "DOP853", events=turns, rtol=1e-12, atol=1e-18)
    y, _, t = found.y_events[0][0]
    return y * r0, t * r0 * np.sqrt(r0)


def agree(r0, v_r, v_t, rel=1e-6):
    with jax.enable_x64(True):
        found = compiled(*map(np.array, (r0, v_r, v_t)))
        assert found.reached.all()
        assert not found.plunges.any()
        expected = np.array([geodesic(*start) for start in zip(r0, v_r, v_t, strict=True)])
        np.testing.assert_allclose(found.r, expected[:, 0], rtol=rel)
        np.testing.assert_allclose(found.time, expected[:, 1], rtol=rel, atol=1e-6)


def orbits(kind, n, seed):
    """Starts that reach a pericentre, of all distances, sizes and directions.

    Args:
        kind: "bound", "parabolic" or "unbound", by the energy; "close" are bound ones, too.
        n: how many.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    r0 = 10.0 ** random.uniform(*((0.79, 1.1) if kind == "close" else (1.0, 8.0)), 100 * n)
    w = {
        "close": random.uniform(1.0, 1.9, 100 * n),
        "bound": random.uniform(0.05, 1.95, 100 * n),
        "parabolic": np.full(100 * n, 2.0),
        "unbound": 10.0 ** random.uniform(0.31, 1.5, 100 * n),
    }[kind]
    # Half of them nearly radial: those fall deep.
    angle = np.where(
        random.random(100 * n) < 0.5,
        random.uniform(0.0, np.pi, 100 * n),
        np.pi - 10.0 ** random.uniform(-4.0, 0.0, 100 * n),
    )
    if kind in ("parabolic", "unbound"):
        angle = np.maximum(angle, np.pi - angle)
    v = np.sqrt(w / r0)
    v_r, v_t = v * np.cos(angle), v * np.sin(angle)
    gamma2 = 1.0 / (1.0 - np.minimum(v**2, 0.9))
    E, L = np.sqrt(gamma2 * (1.0 - 2.0 / r0)), np.sqrt(gamma2) * v_t * r0
    apart = (v**2 < 0.5) & (np.abs(L / critical(E) - 1.0) > 1e-2) & (critical(E) < L)
    return (x[apart][:n] for x in (r0, v_r, v_t))


def critical(E):
    """The L below which a particle plunges: that of the unstable circular orbit of its energy."""
    r = np.linspace(3.0 + 1e-9, 6.0, 200_001)
    energy = (r - 2.0) / np.sqrt(r * (r - 3.0))  # falls to that of the last stable orbit
    return np.interp(-E, -energy, r / np.sqrt(r - 3.0))


@pytest.mark.parametrize("kind", ["close", "bound", "parabolic", "unbound"])
def test_pericentres_are_those_of_integrated_orbits(kind):
    agree(*orbits(kind, 25, seed=0))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bound", "parabolic", "unbound"])
def test_single_precision(kind):
    r0, v_r, v_t = (x.astype(np.float32) for x in orbits(kind, 200, seed=1))
    with jax.enable_x64(True):
        exact = compiled(*(x.astype(float) for x in (r0, v_r, v_t)))
    found = compiled(r0, v_r, v_t)
    assert found.r.dtype == jnp.float32
    assert found.reached.all()
    np.testing.assert_allclose(found.r, exact.r, rtol=1e-4)
    # What is almost there has little time left, to as many digits as its direction.
    here, there = (np.asarray(x.time, float) / r0.astype(float) ** 1.5 for x in (found, exact))
    np.testing.assert_allclose(here, there, rtol=1e-4, atol=1e-4)


def start_of(r_u, r0, excess):
    """Inwards at the energy of the unstable circular orbit at r_u, with a bit more or less L."""
    E = (r_u - 2.0) / np.sqrt(r_u * (r_u - 3.0))
    L = r_u / np.sqrt(r_u - 3.0) * (1.0 + excess)
    gamma2 = E**2 / (1.0 - 2.0 / r0)
    v_t = L / (r0 * np.sqrt(gamma2))
    return r0, -np.sqrt(1.0 - 1.0 / gamma2 - v_t**2), v_t


SEPARATRIX = [(3.2, 50.0), (3.7, 1e3), (4.0, 10.0), (4.0, 1e4), (4.3, 15.0), (5.0, 9.0)]
"""Radius of the unstable orbit, and start; 4 is that of particles from rest at infinity."""


@pytest.mark.slow
@pytest.mark.parametrize("excess", [1e-6, 1e-4])
def test_orbits_that_almost_plunge(excess):
    agree(*zip(*(start_of(*orbit, excess) for orbit in SEPARATRIX), strict=True), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("r_u", "r0"), SEPARATRIX)
def test_plunge_is_where_the_potential_is_overcome(r_u, r0):
    with jax.enable_x64(True):
        for excess in (-1e-6, -1e-3, -0.5):
            found = compiled(*start_of(r_u, r0, excess))
            assert found.plunges
            assert not found.reached
    # The lightest touch is lost in single precision, where E^2 - 1 comes from the speeds.
    for excess in (-1e-3, 1e-3):
        found = compiled(*map(np.float32, start_of(r_u, r0, excess)))
        assert bool(found.plunges) == (excess < 0.0)


def test_slow_particles_plunge_below_an_angular_momentum_of_4():
    r0 = 1e7
    for L, plunges in ((3.9, True), (3.999, True), (4.001, False), (4.1, False)):
        v_t = L / r0
        found = compiled(r0, -np.sqrt(2.0 / r0 - v_t**2), v_t)
        assert bool(found.plunges) == plunges
        assert bool(found.reached) != plunges
    assert compiled(r0, -np.sqrt(2.0 / r0), 0.0).plunges


def test_what_starts_across_the_radius():
    r0 = np.array([20.0, 300.0, 1e6])
    # Slower than a circular orbit it falls from its apocentre, faster it is at its pericentre.
    agree(r0, 0.0 * r0, np.sqrt(0.8 / r0))
    fast = compiled(r0, 0.0 * r0, np.sqrt(1.5 / r0))
    np.testing.assert_allclose(fast.r, r0, rtol=1e-6)
    assert fast.reached.all()
    assert (fast.time == 0.0).all()


@given(log_r0=st.floats(1.0, 8.0), w=st.floats(2.1, 30.0), angle=st.floats(0.0, 1.5))
def test_what_leaves_never_returns(log_r0, w, angle):
    r0 = 10.0**log_r0
    v = min(np.sqrt(w / r0), 0.9)
    found = compiled(r0, v * np.cos(angle), v * np.sin(angle))
    assert not found.reached
    assert not found.plunges


def kepler(r0, v_r, v_t):
    """Pericentre and time to it on a conic section, by Kepler's equation."""
    a = 1.0 / (2.0 / r0 - v_r**2 - v_t**2)
    e = np.sqrt(1.0 - (r0 * v_t) ** 2 / a)
    if a < 0.0:
        F = np.arccosh((1.0 - r0 / a) / e)
        return a * (1.0 - e), (e * np.sinh(F) - F) * (-a) ** 1.5
    anomaly = np.arccos((1.0 - r0 / a) / e)
    M = anomaly - e * np.sin(anomaly)
    return a * (1.0 - e), (2.0 * np.pi - M if v_r > 0.0 else M) * a**1.5


@settings(max_examples=100)
@given(
    log_r0=st.floats(3.0, 7.0),
    w=st.floats(0.3, 20.0).filter(lambda w: abs(w - 2.0) > 0.02),
    angle=st.floats(0.05, np.pi - 0.05).filter(lambda x: abs(x - np.pi / 2) > 0.3),
)
def test_far_from_the_black_hole_orbits_are_keplers(log_r0, w, angle):
    r0 = 10.0**log_r0
    v_r, v_t = np.sqrt(w / r0) * np.cos(angle), np.sqrt(w / r0) * np.sin(angle)
    if w > 2.0:
        v_r = -abs(v_r)
    r, time = kepler(r0, v_r, v_t)
    found = compiled(r0, v_r, v_t)
    if r > 100.0:
        assert found.reached
        assert float(found.r) == pytest.approx(r, rel=0.03)
        assert float(found.time) == pytest.approx(time, rel=0.03)


@jax.jit
def _sensitivity(*start):
    return to_pericentre(*start, 8), jax.jacrev(lambda x: to_pericentre(*x, 8)[:2])(start)


@pytest.mark.slow
@settings(max_examples=250)
@given(
    r0=st.floats(1.0, 9.0).map(lambda x: 10.0**x),
    w=st.one_of(st.floats(0.0, 40.0), st.sampled_from([1.0, 2.0])),
    angle=st.one_of(st.floats(0.0, np.pi), st.sampled_from([0.0, np.pi / 2, np.pi])),
)
def test_everything_is_finite(r0, w, angle):
    v = min(np.sqrt(w / r0), 0.99)
    start = map(np.float32, (r0, v * np.cos(angle), v * np.sin(angle)))
    found, slopes = _sensitivity(*start)
    assert not np.isnan(found.r)
    assert not np.isnan(found.time)
    assert not (found.plunges and found.reached)
    if found.reached:
        assert 0.0 < found.r <= np.float32(r0) * 1.0001
        assert 0.0 <= found.time < np.inf
    # Of all of them: where a sum leaves one out, NaN times 0 is still NaN.
    assert np.isfinite(jax.tree.leaves(slopes)).all()


@pytest.mark.slow
def test_gradients_agree_with_differences():
    # The last falls from its apocentre, where the direction turns and nothing else does.
    starts = np.array(
        [
            [1e3, -0.02, 0.01],
            [1e3, 0.02, 0.01],
            [1e3, -0.06, 0.01],
            [30.0, -0.1, 0.2],
            [20.0, 0.0, 0.2],
        ]
    )
    steps = np.eye(3) * [[1e-3], [1e-8], [1e-8]]

    def of(start):
        return jnp.stack(to_pericentre(*start, 8)[:2])

    with jax.enable_x64(True):
        both = jax.jit(jax.vmap(lambda start: (of(start), jax.jacrev(of)(start))))
        slopes = both(starts)[1]
        for k, step in enumerate(steps):
            difference = np.asarray(both(starts + step)[0] - both(starts - step)[0]) / 2.0 / step[k]
            np.testing.assert_allclose(slopes[..., k], difference, rtol=1e-4, atol=1e-4)
