"""Pressure is that of the equation of state, and sound runs along the adiabat."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.simulations import eos, units
from surrogate.simulations.sph import gas

MU = 1e-24
logs = st.floats(-6.0, 3.0)
pressure = jax.jit(gas.pressure, static_argnames="radiation")


def sound_along_the_adiabat(rho, u, mu, radiation):
    """c^2 = dP/drho where du = P / rho^2 drho, by automatic derivatives of P alone."""

    def P(rho, u):
        return gas.pressure(rho, u, mu, radiation)[0]

    return jax.jvp(P, (rho, u), (jnp.ones_like(rho), P(rho, u) / rho**2))[1] ** 0.5


sound = jax.jit(sound_along_the_adiabat, static_argnames="radiation")


@given(logs, st.floats(-3.0, 4.0))
def test_pressure_is_that_of_the_equation_of_state(log_rho, log_u):
    rho, u = jnp.asarray([10.0**log_rho]), jnp.asarray([10.0**log_u])
    mu = jnp.asarray([MU])
    P, _ = pressure(rho, u, mu, radiation=True)
    T = eos.temperature(rho * units.DENSITY, u * units.SPECIFIC_ENERGY, mu)
    expected = eos.pressure(rho * units.DENSITY, T, mu)
    np.testing.assert_allclose(P * units.PRESSURE, expected, rtol=1e-12)


@given(logs, st.floats(-3.0, 4.0), st.booleans())
def test_speed_of_sound_is_the_slope_of_the_adiabat(log_rho, log_u, radiation):
    rho, u = jnp.asarray([10.0**log_rho]), jnp.asarray([10.0**log_u])
    mu = jnp.asarray([MU])
    _, c = pressure(rho, u, mu, radiation=radiation)
    np.testing.assert_allclose(c, sound(rho, u, mu, radiation=radiation), rtol=1e-10)


@pytest.mark.parametrize(
    ("rho", "u", "ratio", "gamma"), [(1e3, 0.1, 2 / 3, 5 / 3), (1e-9, 1e3, 1 / 3, 4 / 3)]
)
def test_gas_alone_and_radiation_alone(rho, u, ratio, gamma):
    P, c = pressure(jnp.asarray([rho]), jnp.asarray([u]), jnp.asarray([MU]), radiation=True)
    assert float(P[0]) == pytest.approx(ratio * rho * u, rel=1e-3)
    assert float(c[0] ** 2 * rho / P[0]) == pytest.approx(gamma, rel=1e-3)


def test_ideal_gas():
    rho, u = jnp.asarray([2.0]), jnp.asarray([3.0])
    P, c = pressure(rho, u, jnp.asarray([MU]), radiation=False)
    assert float(P[0]) == pytest.approx(4.0, rel=1e-14)
    assert float(c[0] ** 2) == pytest.approx(10 / 3, rel=1e-14)


def test_single_precision():
    rho, u = jnp.logspace(-6, 3, 19), jnp.logspace(-2, 3, 19)
    P, c = pressure(rho, u, jnp.full(19, MU), radiation=True)
    P32, c32 = pressure(
        *(jnp.asarray(a, jnp.float32) for a in (rho, u, np.full(19, MU))), radiation=True
    )
    assert P32.dtype == c32.dtype == jnp.float32
    np.testing.assert_allclose(P32, P, rtol=3e-6)
    np.testing.assert_allclose(c32, c, rtol=3e-6)
