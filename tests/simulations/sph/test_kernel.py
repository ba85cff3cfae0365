"""The kernel is a density, and its gravity is that of the density."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

from surrogate.simulations.density import wendland_c4
from surrogate.simulations.sph import kernel

Q = np.linspace(0.01, 2.5, 60)


@pytest.fixture(autouse=True)
def double():
    with jax.enable_x64(True):
        yield


def test_it_holds_a_unit_mass():
    assert quad(lambda q: 4 * np.pi * q**2 * float(kernel.w(q)), 0, 2)[0] == pytest.approx(1.0)
    np.testing.assert_allclose(kernel.w(jnp.asarray(Q)), wendland_c4(Q), atol=1e-15)
    assert float(kernel.w(0.0)) == kernel.CENTRE


def test_its_slope_is_the_derivative():
    slope = jax.vmap(jax.grad(kernel.w))(jnp.asarray(Q))
    np.testing.assert_allclose(kernel.slope(jnp.asarray(Q)) * Q, slope, atol=1e-13)


def test_its_pull_is_that_of_the_mass_within():
    for q in (0.1, 0.7, 1.3, 2.0):
        within = quad(lambda s: 4 * np.pi * s**2 * float(kernel.w(s)), 0, q)[0]
        assert float(kernel.pull(jnp.asarray(q))) * q**3 == pytest.approx(within, rel=1e-10)


def test_its_potential_gives_the_pull_and_ends_as_that_of_a_point():
    force = jax.vmap(jax.grad(kernel.potential))(jnp.asarray(Q))
    inside = np.where(Q < 2, kernel.pull(jnp.asarray(Q)) * Q, 1 / Q**2)
    np.testing.assert_allclose(force, inside, rtol=1e-10)
    assert float(kernel.potential(jnp.asarray(2.0))) == pytest.approx(-0.5)


def test_softening_changes_the_potential_as_told():
    def by_h(q):
        return jax.grad(lambda h: kernel.potential(q / h) / h)(1.0)

    found = jax.vmap(by_h)(jnp.asarray(Q))
    np.testing.assert_allclose(kernel.potential_by_h(jnp.asarray(Q)), found, atol=1e-13)
