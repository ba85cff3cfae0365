"""The kernel is one, its slope its own, and its gravity that of the matter it spreads."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

from surrogate.simulations.sph import kernel

INSIDE = np.linspace(0.0, 1.999, 41)
BEYOND = np.linspace(2.0, 50.0, 9)
FUNCTIONS = (kernel.w, kernel.slope, kernel.potential, kernel.potential_by_h)


def mass_within(q: float) -> float:
    return quad(lambda s: 4 * np.pi * s**2 * float(kernel.w(jnp.asarray(s))), 0, q, epsabs=1e-13)[0]


def each(function, q):
    return np.asarray(jax.vmap(function)(jnp.asarray(q)))


def test_a_kernel_spreads_one():
    assert mass_within(2.0) == pytest.approx(1.0, abs=1e-12)


def test_it_is_the_wendland_c4():
    q = INSIDE
    expected = 495 / (256 * np.pi) * (1 - q / 2) ** 6 * (35 / 12 * q**2 + 3 * q + 1)
    np.testing.assert_allclose(each(kernel.w, q), expected, rtol=1e-13)


def test_slope_is_the_derivative():
    q = INSIDE[1:]
    np.testing.assert_allclose(
        each(kernel.slope, q) * q, each(jax.grad(kernel.w), q), rtol=1e-11, atol=1e-15
    )
    assert each(kernel.slope, [0.0])[0] == pytest.approx(
        float(jax.grad(jax.grad(kernel.w))(0.0)), rel=1e-12
    )


@pytest.mark.parametrize("q", [0.05, 0.5, 1.0, 1.5, 1.95, 2.0])
def test_pull_is_that_of_the_mass_within(q):
    assert float(kernel.pull(jnp.asarray(q))) * q**3 == pytest.approx(mass_within(q), abs=1e-12)


def test_potential_solves_poissons_equation():
    def flux(q):  # q^2 dphi/dq
        return q**2 * jax.grad(kernel.potential)(q)

    q = INSIDE[1:]
    laplacian = each(jax.grad(flux), q) / q**2
    np.testing.assert_allclose(laplacian, 4 * np.pi * each(kernel.w, q), atol=2e-11)
    np.testing.assert_allclose(each(jax.grad(kernel.potential), q), each(kernel.pull, q) * q)


def test_potential_at_the_centre_is_that_of_all_shells():
    expected, _ = quad(lambda s: -4 * np.pi * s * float(kernel.w(jnp.asarray(s))), 0, 2)
    assert float(kernel.potential(jnp.asarray(0.0))) == pytest.approx(expected, rel=1e-12)


def test_potential_by_h_is_the_derivative():
    def spread(h, r):
        return kernel.potential(r / h) / h

    h = 0.7
    for r in h * INSIDE:
        expected = float(jax.grad(spread)(h, r)) * h**2
        assert float(kernel.potential_by_h(jnp.asarray(r / h))) == pytest.approx(
            expected, abs=1e-13
        )


def test_beyond_its_end_mass_is_a_point():
    np.testing.assert_allclose(each(kernel.potential, BEYOND), -1 / BEYOND, rtol=1e-15)
    for function in (kernel.w, kernel.slope, kernel.potential_by_h):
        assert not each(function, BEYOND).any()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_nothing_jumps_at_its_end(function):
    below, above = each(function, [2 - 1e-9, 2 + 1e-9])
    assert below == pytest.approx(above, abs=1e-8)
    steps = each(jax.grad(function), [2 - 1e-7, 2 + 1e-7])
    assert steps[0] == pytest.approx(steps[1], abs=1e-6)


def test_pull_meets_that_of_a_point():
    assert float(kernel.pull(jnp.asarray(2.0))) == pytest.approx(1 / 8, rel=1e-12)
