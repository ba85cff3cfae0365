"""Motion without collisions: orbits, order, gradients, two words, blocks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.collisions.rules import Baseline, Unharmed
from surrogate.constants import G
from surrogate.nbody.compensated import add, difference, two_words
from surrogate.nbody.energy import totals
from surrogate.nbody.forces import Bodies, field
from surrogate.nbody.plummer import plummer
from surrogate.nbody.run import run
from surrogate.nbody.state import begin
from surrogate.nbody.system import DAY, YEAR, System, bodies

KEY = jax.random.key(3)


def ellipse(a, e, m, dtype=np.float64):
    """Two bodies that never collide, at their pericentre, and their period."""
    mu, rp = G * sum(m), a * (1 - e)
    share = np.array([[-m[1]], [m[0]]]) / sum(m)
    x = share * np.array([rp, 0, 0])
    v = share * np.array([0, np.sqrt(mu * (2 / rp - 1 / a)), 0])
    star = bodies(x.astype(dtype), v.astype(dtype), np.asarray(m, dtype), r=np.zeros(2, dtype))
    return star, 2 * np.pi * np.sqrt(a**3 / mu)


def test_units():
    # The Earth: a year around the Sun at 215.03 Rsun, within 0.05 per cent by the G of the package
    _, period = ellipse(215.03, 0.0, [1.0, 3e-6])
    assert period == pytest.approx(YEAR, rel=5e-4)
    np.testing.assert_allclose(YEAR / DAY, 365.25)


@pytest.mark.slow
@pytest.mark.parametrize("e", [0.0, 0.6, 0.95])
def test_kepler_orbits_close(e):
    star, period = ellipse(100.0, e, [1.0, 0.5], np.float32)
    state, history = run(star, Baseline(), period, 2000, until=period, accuracy=0.05)
    np.testing.assert_allclose(state.time.value, period, rtol=1e-6)
    apart = np.linalg.norm(state.system.x - star.x, axis=1)
    assert np.all(apart < 2e-3 * 100.0)
    assert abs(history.energy_error[-1]) < 1e-5 * G / 100.0


@pytest.mark.slow
def test_fourth_order():
    with jax.enable_x64(True):
        star, period = ellipse(100.0, 0.5, [1.0, 0.5])
        errors = []
        for n in (400, 800):
            state, _ = run(star, Baseline(), period / n, 800, until=period, accuracy=None, log=1)
            errors.append(np.linalg.norm(state.system.x - star.x))
    assert 12.0 < errors[0] / errors[1] < 20.0


@pytest.mark.slow
def test_gradients_agree_with_finite_differences():
    with jax.enable_x64(True):
        stars = plummer(KEY, jnp.ones(4, jnp.float64), 100.0, r=jnp.full(4, 1e-3))

        @jax.jit
        def energy(change):
            start = stars._replace(v=stars.v + change[0], m=stars.m + change[1])
            state, _ = run(start, Unharmed(), 0.01, 20, accuracy=0.05, log=1, pairs=1)
            return (state.totals().potential + jnp.sum(state.x.value[0])) / 1e4

        at = jnp.zeros((4, 3)), jnp.zeros(4)
        slope = jax.grad(energy)(at)
        for k in range(2):
            assert np.all(np.isfinite(slope[k]))
            direction = [jnp.zeros_like(a) for a in at]
            direction[k] = jax.random.normal(KEY, at[k].shape, at[k].dtype)
            h = 1e-5
            high, low = (energy(tuple(s * h * d for d in direction)) for s in (1, -1))
            expected = float(high - low) / (2 * h)
            assert float(jnp.sum(slope[k] * direction[k])) == pytest.approx(expected, rel=1e-6)


@pytest.mark.slow
def test_blocks_are_the_whole():
    stars = plummer(KEY, jnp.ones(50), 20.0)
    pairs = Bodies(two_words(stars.x), stars.v, stars.m, stars.r, jnp.full(50, -1, jnp.int32))
    whole, cut = (field(pairs, 0.1, block) for block in (64, 16))
    for a, b in zip(whole, cut, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6 * np.abs(b).max())


@pytest.mark.slow
def test_forces_and_jerks_are_derivatives_of_the_energy():
    with jax.enable_x64(True):
        stars = plummer(KEY, jnp.arange(1.0, 9.0, dtype=jnp.float64), 30.0)

        def accelerations(t):
            x = two_words(stars.x + t * stars.v)
            met = jnp.full(8, -1, jnp.int32)
            return field(Bodies(x, stars.v, stars.m, stars.r, met), 0.5, 64)

        def potential(x):
            return totals(two_words(x), two_words(stars.v), stars.m, 0.5).potential

        found = accelerations(0.0)
        force = -jax.jit(jax.grad(potential))(stars.x) / stars.m[:, None]
        np.testing.assert_allclose(found.a, force, rtol=1e-10)
        jerk = jax.jit(jax.jacfwd(lambda t: accelerations(t).a))(0.0)
        np.testing.assert_allclose(found.j, jerk, rtol=1e-9)


def test_softening_softens():
    near = bodies([[0, 0, 0], [1, 0, 0]], np.zeros((2, 3)), [1, 1], r=0.0)
    x, v = two_words(near.x), two_words(near.v)
    assert totals(x, v, near.m, np.sqrt(3)).potential == pytest.approx(-G / 2, rel=1e-6)


@pytest.mark.slow
def test_empty_slots_do_not_pull_and_are_not_pulled():
    stars = plummer(KEY, jnp.ones(8), 50.0)
    with_hole = System(*(jnp.concatenate([a, a[:1] + 1.0]) for a in stars))
    with_hole = with_hole._replace(m=with_hole.m.at[-1].set(0.0))
    a, b = (begin(s, log=1).field for s in (stars, with_hole))
    for found, expected in zip(b, a, strict=True):
        np.testing.assert_allclose(found[:8], expected, rtol=1e-5)
    assert np.all(b.a[-1] == 0.0)
    assert b.partner[-1] == -1


def test_two_words_keep_what_one_loses():
    small = jnp.float32(1e-4)
    total, _ = jax.jit(
        lambda: jax.lax.scan(
            lambda t, _: (add(t, small), None), two_words(jnp.float32(1e4)), length=1000
        )
    )()
    expected = 1000 * float(small)
    assert float(difference(total, two_words(jnp.float32(1e4)))) == pytest.approx(
        expected, rel=1e-6
    )
    assert float(total.high) + float(total.low) == pytest.approx(1e4 + expected, abs=1e-8)
    # In one word nothing would have changed.
    assert np.float32(1e4) + np.float32(1e-4) == np.float32(1e4)


@pytest.mark.slow
def test_far_from_the_origin_pairs_keep_their_orbit():
    star, period = ellipse(3.0, 0.3, [1.0, 1.0], np.float32)
    away = star._replace(x=star.x + jnp.array([2.0**20, 0, 0]))  # one word has steps of 0.06 Rsun
    away = away._replace(x=jnp.round(away.x))
    _, history = run(away, Baseline(), period, 2000, until=period)
    scale = abs(history.totals.potential[0])
    assert abs(history.energy_error[-1]) < 1e-5 * scale
