"""Velocities and positions of remnants: momentum, energy and geometry."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.collisions.baselines import Remnants
from surrogate.collisions.encounter import Fate
from surrogate.constants import G
from surrogate.nbody.aftermath import aftermath
from surrogate.nbody.compensated import two_words
from surrogate.nbody.handover import orbits

masses = st.floats(0.2, 30.0)
shares = st.floats(0.0, 1.0)
fates = st.sampled_from(list(Fate))
vectors = st.integers(0, 2**31).map(lambda k: np.random.default_rng(k).normal(size=(2, 3)))


def collide(x, v, m, remnants):
    """The orbit of a pair and what follows from its remnants, in the frame of star 1."""
    orbit, left = jax.tree.map(np.asarray, _collide(x, v, m, remnants))
    return orbit, left._replace(x2=left.x2 + orbit.x, v2=left.v2 + orbit.u, w2=left.w2 + orbit.u)


@jax.jit
def _collide(x, v, m, remnants):
    orbit = orbits(two_words(x), two_words(v), m, jnp.array([0]), jnp.array([1]))
    left = aftermath(orbit, jax.tree.map(lambda a: a[None], remnants))
    return jax.tree.map(lambda a: a[0], (orbit, left))


def leave(fate, m, share, other):
    """Some remnants of a fate whose masses add up."""
    total = sum(m)
    left = (0.5 + 0.5 * share) * total
    pair = {
        Fate.NONE: (0.0, 0.0),
        Fate.MERGER: (left, 0.0) if m[0] >= m[1] else (0.0, left),
        Fate.TWO: (other * left, (1 - other) * left),  # gains and losses of either star
        Fate.STRIPPED: (left * other, 0.0) if share > 0.5 else (0.0, left * other),
    }[fate]
    return Remnants(jnp.asarray(int(fate)), *map(jnp.asarray, pair), jnp.asarray(total - sum(pair)))


@given(masses, masses, fates, shares, st.floats(0.05, 0.95), vectors, vectors, st.floats(1, 3000))
@settings(max_examples=100)
def test_mass_and_momentum_are_conserved(m1, m2, fate, share, other, x, v, speed):
    with jax.enable_x64(True):
        m, v = jnp.array([m1, m2]), speed * v
        _, left = collide(x, v, m, leave(fate, [m1, m2], share, other))
    parts = [(left.m1, left.v1), (left.m2, left.v2), (left.lost1, left.w1), (left.lost2, left.w2)]
    assert all(mass > -1e-12 for mass, _ in parts)
    assert float(sum(mass for mass, _ in parts)) == pytest.approx(m1 + m2, rel=1e-12)
    p = sum(np.float64(mass) * (u + v[0]) for mass, u in parts)
    scale = m1 * np.linalg.norm(v[0]) + m2 * np.linalg.norm(v[1])
    np.testing.assert_allclose(p, m1 * v[0] + m2 * v[1], atol=1e-11 * scale)


@given(masses, masses, shares, st.floats(0.05, 0.95), vectors, vectors, st.floats(100, 3000))
@settings(max_examples=50)
def test_two_survivors_keep_energy_and_distance(m1, m2, share, other, x, v, speed):
    with jax.enable_x64(True):
        remnants = leave(Fate.TWO, [m1, m2], share, other)
        orbit, left = collide(x, speed * v, jnp.array([m1, m2]), remnants)
    d, u = left.x2 - left.x1, left.v2 - left.v1
    assert np.linalg.norm(d) == pytest.approx(np.linalg.norm(x[1] - x[0]), rel=1e-9)
    found = float(u @ u - 2 * G * (left.m1 + left.m2) / np.linalg.norm(d))
    escapes = float(orbit.vinf2) + 2 * G * float(left.m1 + left.m2) / np.linalg.norm(d) > 0
    if escapes:
        scale = 2 * G * (left.m1 + left.m2) / np.linalg.norm(d)
        assert found == pytest.approx(float(orbit.vinf2), rel=1e-9, abs=1e-9 * scale)
        assert float(d @ u) > -1e-9 * speed  # on the outgoing leg


def pair(rp, vinf, m=(2.0, 1.0), separation=20.0):
    mu = G * sum(m)
    h = np.sqrt(rp * (rp * vinf**2 + 2 * mu))
    vt = h / separation
    vr = -np.sqrt(vinf**2 + 2 * mu / separation - vt**2)
    return np.array([[0, 0, 0], [separation, 0, 0]]), np.array([[0, 0, 0], [vr, vt, 0]]), m


@pytest.mark.parametrize(("rp", "vinf"), [(0.5, 10.0), (1.0, 500.0), (2.0, 4000.0)])
def test_stripping_leaves_along_the_asymptote(rp, vinf):
    x, v, m = pair(rp, vinf)
    with jax.enable_x64(True):
        remnants = Remnants(*map(jnp.asarray, (3, 1.8, 0.0, 1.2)))
        orbit, left = collide(x, v, jnp.array(m), remnants)
    out = left.w2 - left.w1
    assert np.linalg.norm(out) == pytest.approx(vinf, rel=1e-6)
    # The deflection of a hyperbola is 2 asin(1 / e), from the incoming asymptote: far from it here.
    e = 1 + rp * vinf**2 / (G * 3)
    axis = np.asarray(orbit.e) / e
    assert float(axis @ out) / vinf == pytest.approx(-1 / e, rel=1e-5)
    # Nothing is lost but by the stars that lose it
    assert left.lost1 == pytest.approx(0.2)
    assert left.lost2 == pytest.approx(1.0)
    np.testing.assert_allclose(left.v1, left.w1)


def test_a_fast_destroyed_star_hardly_deflects_the_survivor():
    x, v, m = pair(0.5, 5000.0, m=(10.0, 0.3))
    remnants = Remnants(*map(jnp.float32, (3, 9.9, 0.0, 0.4)))
    _, left = collide(x, v, jnp.array(m), remnants._replace(fate=jnp.asarray(3)))
    assert np.linalg.norm(left.v1) < 0.03 * 5000.0 * 0.4
    # though its debris carries the momentum of a body that flies on
    assert np.linalg.norm(left.w2) == pytest.approx(5000.0, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("fate", [-1, 2])
def test_head_on_at_rest_and_circles_are_finite(fate):
    """Orbits without a plane, or without a pericentre."""
    remnants = Remnants(*map(jnp.float32, (2, 1.0, 1.0, 0.0)))._replace(fate=jnp.asarray(fate))
    x = np.array([[0, 0, 0], [2.0, 0, 0]])
    for u in ([0, 0, 0], [-300.0, 0, 0], [0, np.sqrt(G * 2 / 2), 0]):
        _, left = collide(x, np.array([[0, 0, 0], u]), jnp.ones(2), remnants)
        assert all(np.all(np.isfinite(a)) for a in left)
        assert np.linalg.norm(left.v2 - left.v1) == pytest.approx(np.linalg.norm(u), abs=0.2)
