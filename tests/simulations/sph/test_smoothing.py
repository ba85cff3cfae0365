"""Every particle has as many neighbours as it should, wherever it is."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.simulations.sph import kernel
from surrogate.simulations.sph.smoothing import smoothing_lengths
from surrogate.simulations.sph.state import Method

N = 60
NUMBER = Method().number
solve = jax.jit(smoothing_lengths)


def counted(x, h, there=None):
    """h^3 n of each particle."""
    r = np.linalg.norm(np.asarray(x)[:, None] - np.asarray(x), axis=-1)
    w = np.asarray(kernel.w(jnp.asarray(r / np.asarray(h)[:, None])))
    return w[:, slice(None) if there is None else there].sum(1)


def assert_solved(x, h):
    # From h^3 n to h: its derivative by ln h is about 3 times itself.
    np.testing.assert_allclose(counted(x, h), NUMBER, rtol=3e-10)


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    clumps=st.integers(1, 4),
    size=st.floats(0.02, 1.0),
    guess=st.floats(0.01, 100.0),
)
def test_solved_for_clumps_of_any_size_and_any_guess(seed, clumps, size, guess):
    rng = np.random.default_rng(seed)
    centres = 3 * rng.normal(size=(clumps, 3))
    x = jnp.asarray(centres[rng.integers(0, clumps, N)] + size * rng.normal(size=(N, 3)))
    h = solve(jnp.ones(N), x, jnp.full(N, guess), NUMBER)
    assert_solved(x, h)


@pytest.mark.parametrize("distance", [10.0, 1e3, 1e5])
def test_an_outlier_reaches_its_neighbours(distance):
    x = np.random.default_rng(1).normal(size=(N, 3))
    x[0] = [distance, 0, 0]
    x = jnp.asarray(x)
    h = solve(jnp.ones(N), x, jnp.full(N, 0.3), NUMBER)
    assert_solved(x, h)
    assert h[0] > distance / 2


def test_masses_do_not_matter_but_whether_there_is_one():
    rng = np.random.default_rng(2)
    x, m = jnp.asarray(rng.normal(size=(N, 3))), jnp.asarray(rng.uniform(0.1, 10, N))
    guess = jnp.full(N, 0.5)
    h = solve(m, x, guess, NUMBER)
    np.testing.assert_allclose(h, solve(jnp.ones(N), x, guess, NUMBER), rtol=1e-10)
    # Ghosts change nothing, though they lie in the middle of all.
    ghosts = jnp.concatenate([x, 0.1 * x[:5]])
    with_ghosts = solve(jnp.concatenate([m, jnp.zeros(5)]), ghosts, jnp.full(N + 5, 0.5), NUMBER)
    np.testing.assert_allclose(with_ghosts[:N], h, rtol=1e-10)


def test_scales_with_the_set():
    x = jnp.asarray(np.random.default_rng(3).normal(size=(N, 3)))
    h = solve(jnp.ones(N), x, jnp.full(N, 0.5), NUMBER)
    wide = solve(jnp.ones(N), 1e3 * x, jnp.full(N, 500.0), NUMBER)
    np.testing.assert_allclose(wide, 1e3 * h, rtol=1e-9)


def test_single_precision():
    x = np.random.default_rng(4).normal(size=(N, 3))
    h64 = solve(jnp.ones(N), jnp.asarray(x), jnp.full(N, 0.5), NUMBER)
    x32 = jnp.asarray(x, jnp.float32)
    h32 = solve(jnp.ones(N, jnp.float32), x32, jnp.full(N, 0.5, jnp.float32), NUMBER)
    assert h32.dtype == jnp.float32
    np.testing.assert_allclose(h32, h64, rtol=3e-6)


def test_a_warm_start_finds_the_same():
    rng = np.random.default_rng(5)
    x = jnp.asarray(rng.normal(size=(N, 3)))
    h = solve(jnp.ones(N), x, jnp.full(N, 0.5), NUMBER)
    moved = x + 0.01 * jnp.asarray(rng.normal(size=(N, 3)))
    warm, cold = (solve(jnp.ones(N), moved, guess, NUMBER) for guess in (h, jnp.full(N, 9.0)))
    np.testing.assert_allclose(warm, cold, rtol=2e-10)
