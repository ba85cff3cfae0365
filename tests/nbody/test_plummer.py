"""Initial conditions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.constants import G
from surrogate.nbody.compensated import two_words
from surrogate.nbody.energy import totals
from surrogate.nbody.plummer import plummer

N = 4000


@pytest.mark.slow
@pytest.mark.parametrize("black_hole", [None, 3e4])
def test_virial_equilibrium_at_rest(black_hole):
    m = jnp.linspace(0.5, 2.0, N)
    stars = plummer(jax.random.key(0), m, 1e4, age=0.5, black_hole=black_hole)
    found = totals(two_words(stars.x), two_words(stars.v), stars.m)
    assert float(found.kinetic) == pytest.approx(-0.5 * float(found.potential), rel=1e-4)
    scale = np.sum(stars.m * np.linalg.norm(stars.v, axis=1))
    assert np.linalg.norm(found.momentum) < 1e-6 * scale
    assert np.linalg.norm(np.sum(stars.m[:, None] * stars.x, axis=0)) < 1e-5 * np.sum(
        stars.m * np.linalg.norm(stars.x, axis=1)
    )
    assert len(stars.m) == N + (black_hole is not None)
    if black_hole is not None:
        assert (stars.m[-1], stars.r[-1]) == (black_hole, 0.0)


@pytest.mark.slow
def test_profile_and_speeds_of_the_sphere():
    stars = plummer(jax.random.key(1), jnp.ones(N), 1e4)
    r = np.linalg.norm(stars.x, axis=1)
    share = np.array([0.2, 0.5, 0.8])
    # Of the 99 per cent that are drawn
    expected = ((0.99 * share) ** (-2 / 3) - 1) ** -0.5 * 1e4
    np.testing.assert_allclose(np.quantile(r, share), expected, rtol=0.05)
    # <v^2> = G M / (2 a) (1 + r^2/a^2)^(-1/2)
    v2 = np.sum(stars.v**2, axis=1)
    expected = G * N / 2e4 / np.sqrt(1 + (r / 1e4) ** 2)
    inner = r < np.median(r)
    assert np.mean(v2[inner] / expected[inner]) == pytest.approx(1.0, abs=0.06)
    assert np.mean(v2[~inner] / expected[~inner]) == pytest.approx(1.0, abs=0.06)


@pytest.mark.slow
def test_stars_around_a_black_hole_are_bound_and_virial_everywhere():
    mass, a = 1e7, 1e4
    stars = plummer(jax.random.key(2), jnp.ones(N), a, black_hole=mass)
    r = np.linalg.norm(stars.x[:-1] - stars.x[-1], axis=1)
    v2 = np.sum((stars.v[:-1] - stars.v[-1]) ** 2, axis=1)
    np.testing.assert_allclose(v2 * r / (G * mass), 1.0, rtol=0.02)
    along = np.sum(stars.x[:-1] * stars.v[:-1], axis=1) / r / np.sqrt(v2)
    assert np.mean(along**2) == pytest.approx(1 / 3, abs=0.03)


@pytest.mark.slow
def test_keys_differ_and_vmap_is_the_same():
    keys = jax.random.split(jax.random.key(5), 2)
    many = jax.vmap(lambda k: plummer(k, jnp.ones(16), 10.0))(keys)
    one = plummer(keys[1], jnp.ones(16), 10.0)
    np.testing.assert_allclose(many.x[1], one.x, rtol=1e-5, atol=1e-5)
    assert not np.allclose(many.x[0], many.x[1])
