"""The cusp against quadrature of the Jeans equation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from surrogate.cluster import Cusp
from surrogate.cluster.units import G_PC, PER_GYR, RSUN_PER_PC

RADII = jnp.array([1e-3, 0.03, 1.0])


def test_units():
    assert pytest.approx(4.302e-3, rel=1e-3) == G_PC  # as every textbook has it
    assert pytest.approx(4.4353e7, rel=1e-4) == RSUN_PER_PC
    assert pytest.approx(1022.7, rel=1e-4) == PER_GYR * RSUN_PER_PC**2


@given(gamma=st.floats(1.1, 2.8), log_r=st.floats(-3.0, 1.0), log_rho=st.floats(2.0, 8.0))
def test_dispersion_solves_the_jeans_equation(gamma, log_r, log_rho):
    cusp = Cusp(gamma=gamma, rho0=10.0**log_rho)
    r = 10.0**log_r
    inside = 4.0 * np.pi * 10.0**log_rho * (r / 0.25) ** -gamma * r**3 / (3.0 - gamma)

    def pull(y):
        # In y = ln (x / r), so that the integral to infinity is smooth.
        mass = 4.0e6 + inside * np.exp((3.0 - gamma) * y)
        return np.exp(-(gamma + 1.0) * y) * G_PC * mass / r

    expected = quad(pull, 0.0, 200.0, limit=500, points=[1.0, 10.0])[0]
    assert float(cusp.dispersion(r)) ** 2 == pytest.approx(expected, rel=1e-4)


def test_enclosed_mass_is_the_integral_of_the_density():
    cusp = Cusp()
    mass = quad(lambda x: 4.0 * np.pi * float(cusp.density(x)) * x**2, 1e-3, 1.0, limit=200)[0]
    assert float(cusp.stellar_mass()) == pytest.approx(mass, rel=1e-5)
    assert float(cusp.stellar_mass()) == pytest.approx(1.2e6, rel=0.01)


@given(gamma=st.floats(1.05, 2.9), u=st.floats(0.0, 1.0))
def test_quantile_inverts_the_enclosed_mass(gamma, u):
    with jax.enable_x64(True):
        cusp = Cusp(gamma=gamma)
        r = cusp.quantile(u)
        within = (cusp.enclosed_mass(r) - cusp.enclosed_mass(1e-3)) / cusp.stellar_mass()
        assert float(within) == pytest.approx(u, abs=1e-9)


def test_draws_follow_the_cusp():
    cusp = Cusp(gamma=1.4)
    r = np.asarray(cusp.sample(jax.random.key(0), (100_000,)))
    inside = float(cusp.enclosed_mass(1e-3))

    def cdf(x):
        return (np.asarray(cusp.enclosed_mass(x)) - inside) / float(cusp.stellar_mass())

    assert stats.kstest(r, cdf).pvalue > 0.01


@pytest.mark.slow
def test_gradients_agree_with_differences():
    with jax.enable_x64(True):
        start = jnp.array([4e6, 1.35e6, 0.25, 1.75, 1e-3, 1.0])
        radii = RADII.astype(float)
        for f in (
            lambda x: Cusp(*x).dispersion(radii),
            lambda x: Cusp(*x).enclosed_mass(radii) / 1e6,
            lambda x: Cusp(*x).quantile(jnp.array([0.0, 0.3, 0.9])),
        ):
            steps = 1e-6 * start
            columns = [
                (f(start + step) - f(start - step)) / (2 * step.sum()) for step in jnp.diag(steps)
            ]
            expected = jnp.stack(columns, axis=-1)
            scale = start / jnp.abs(f(start)).max()
            np.testing.assert_allclose(
                jax.jacrev(f)(start) * scale, expected * scale, rtol=1e-6, atol=1e-8
            )
