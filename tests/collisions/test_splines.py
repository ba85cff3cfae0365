"""Cubic B-splines: they meet cubics everywhere, and are smooth."""

import jax
import numpy as np
import pytest

from surrogate.collisions.splines import basis, curve, places, surface


def cubic(x):
    return 2.0 - x + 0.3 * x**2 - 0.05 * x**3


def other_cubic(y):
    return 1.0 + 0.5 * y - 0.2 * y**2 + 0.04 * y**3


@pytest.mark.parametrize("coefficients", [5, 6, 12])
def test_a_cubic_is_met_everywhere(coefficients):
    at = places(coefficients)
    table = np.linalg.solve(basis(coefficients, at), cubic(at))
    with jax.enable_x64(True):
        x = np.linspace(-0.1, 1.1, 301)  # the outer cells are continued
        np.testing.assert_allclose(curve(table, x, (0.0, 1.0)), cubic(x), rtol=1e-10)


def test_a_product_of_cubics_is_met_everywhere():
    at = places(9), places(7)
    values = np.outer(cubic(at[0]), other_cubic(at[1]))
    a, b = (np.linalg.inv(basis(len(q), q)) for q in at)
    table = a @ values @ b.T
    with jax.enable_x64(True):
        x, y = (q.ravel() for q in np.meshgrid(np.linspace(0, 1, 41), np.linspace(0, 1, 31)))
        found = surface(table, x, y, (0.0, 1.0), (0.0, 1.0))
        np.testing.assert_allclose(found, cubic(x) * other_cubic(y), rtol=1e-10)
        channels = surface(np.stack([table, 2 * table], -1), x, y, (0.0, 1.0), (0.0, 1.0))
        np.testing.assert_allclose(channels, np.stack([found, 2 * found], -1), rtol=1e-12)


def test_a_basis_is_what_a_curve_is_made_of():
    table = np.random.default_rng(0).normal(size=12)
    at = np.linspace(0.0, 1.0, 100)
    with jax.enable_x64(True):
        found = curve(table, 3.0 + 2.0 * at, (3.0, 5.0))
        np.testing.assert_allclose(basis(12, at) @ table, found, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("coefficients", [5, 6, 12])
def test_the_splines_add_up_to_one(coefficients):
    found = basis(coefficients, np.linspace(0.0, 1.0, 100))
    assert found.min() >= 0.0
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-14)


def test_curvature_is_continuous_across_the_knots():
    table = np.random.default_rng(0).normal(size=12)
    with jax.enable_x64(True):
        curvature = jax.vmap(jax.grad(jax.grad(lambda x: curve(table, x, (0.0, 9.0)))))
        knots = np.arange(1.0, 9.0)
        np.testing.assert_allclose(curvature(knots - 1e-9), curvature(knots + 1e-9), atol=1e-6)
