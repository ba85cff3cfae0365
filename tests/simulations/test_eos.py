"""Ideal gas plus radiation: what goes in comes out, in every regime and precision."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.simulations import eos, units
from surrogate.simulations.starsmasher.snapshots import read_snapshot

MU = 1.0e-24
DENSITIES = 10.0 ** np.arange(-9.0, 4.0)
TEMPERATURES = 10.0 ** np.linspace(3, 9, 13)

densities = st.floats(1e-9, 1e3)
temperatures = st.floats(1e3, 1e9)
masses = st.floats(8e-25, 2.5e-24)


@given(densities, temperatures, masses)
def test_temperature_inverts_energy_and_pressure(rho, T, mu):
    with jax.enable_x64(True):
        u = eos.internal_energy(rho, T, mu)
        P = eos.pressure(rho, T, mu)
        assert float(eos.temperature(rho, u, mu)) == pytest.approx(T, rel=1e-12)
        assert float(eos.temperature_from_pressure(rho, P, mu)) == pytest.approx(T, rel=1e-12)


@given(densities, temperatures, masses)
def test_energy_is_solved_for_whatever_it_is(rho, T, mu):
    # The paper's own equation, in plain Python.
    u = 1.5 * eos.K_BOLTZMANN * T / mu + eos.A_RADIATION * T**4 / rho
    P = rho * eos.K_BOLTZMANN * T / mu + eos.A_RADIATION * T**4 / 3
    with jax.enable_x64(True):
        assert float(eos.internal_energy(rho, T, mu)) == pytest.approx(u, rel=1e-13)
        assert float(eos.pressure(rho, T, mu)) == pytest.approx(P, rel=1e-13)


def test_single_precision_over_twelve_decades():
    rho, T = np.meshgrid(DENSITIES, TEMPERATURES)
    rho, T = np.float32(rho), np.float32(T)
    mu = np.float32(MU)
    u, P = eos.internal_energy(rho, T, mu), eos.pressure(rho, T, mu)
    assert u.dtype == P.dtype == np.float32
    assert np.all(np.isfinite(u))
    np.testing.assert_allclose(eos.temperature(rho, u, mu), T, rtol=1e-6)
    np.testing.assert_allclose(eos.temperature_from_pressure(rho, P, mu), T, rtol=1e-6)


@pytest.mark.parametrize("x64", [False, True])
@pytest.mark.parametrize("solve", [eos.temperature, eos.temperature_from_pressure])
def test_limits(solve, x64):
    energy = solve is eos.temperature
    with jax.enable_x64(x64):
        # Gas alone: 3/2 k T / mu = u, or rho k T / mu = P. The share of radiation is 1e-12.
        value = 1e9
        gas = value * MU / eos.K_BOLTZMANN * (2 / 3 if energy else 1 / 1e3)
        assert float(solve(1e3, value, MU)) == pytest.approx(gas, rel=3e-7)
        # Radiation alone: a T^4 / rho = u, or a T^4 / 3 = P. The share of gas is below 1e-7.
        value = 1e22 if energy else 1e18
        radiation = (value / eos.A_RADIATION * (1e-9 if energy else 3)) ** 0.25
        assert float(solve(1e-9, value, MU)) == pytest.approx(radiation, rel=3e-7)


def test_gradients_are_those_of_the_implicit_function():
    rho, T = (jnp.asarray(x.ravel()) for x in np.meshgrid(DENSITIES, TEMPERATURES))
    for solve, state in (
        (eos.temperature, eos.internal_energy),
        (eos.temperature_from_pressure, eos.pressure),
    ):
        slope = jax.vmap(jax.grad(solve, argnums=1), (0, 0, None))
        expected = 1 / jax.vmap(jax.grad(state, argnums=1), (0, 0, None))(rho, T, MU)
        found = slope(rho, state(rho, T, MU), MU)
        assert np.all(np.isfinite(found))
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("T", [1e4, 1e7, 1e8, 1e9])  # from gas to radiation
def test_derivatives_of_every_argument_and_second_order(T):
    rho = 1.0
    with jax.enable_x64(True):
        u = eos.internal_energy(rho, T, MU)
        # Of F(rho, T, mu) = u: dT/du = 1 / F_T, dT/drho = -F_rho / F_T, d2T/du2 = -F_TT / F_T^3
        F_rho, F_T, F_mu = jax.grad(eos.internal_energy, (0, 1, 2))(rho, T, MU)
        F_TT = 12 * eos.A_RADIATION * T**2 / rho
        expected = np.array([-F_rho / F_T, 1 / F_T, -F_mu / F_T])
        found = np.array(jax.grad(eos.temperature, (0, 1, 2))(rho, u, MU))
        scale = np.array([rho, u, MU]) / T
        np.testing.assert_allclose(found * scale, expected * scale, rtol=1e-10, atol=1e-14)
        found = jax.grad(jax.grad(eos.temperature, 1), 1)(rho, u, MU) * u**2 / T
        np.testing.assert_allclose(found, -F_TT / F_T**3 * u**2 / T, rtol=1e-10, atol=1e-14)


def test_arguments_broadcast_and_transform():
    u = jnp.array([1e14, 1e15])
    T = eos.temperature(1.0, u, MU)
    assert T.shape == (2,)
    np.testing.assert_allclose(jax.vmap(lambda u: eos.temperature(1.0, u, MU))(u), T, rtol=1e-6)
    np.testing.assert_allclose(jax.jit(eos.temperature)(1.0, u, MU), T, rtol=1e-6)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan])
@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("solve", [eos.temperature, eos.temperature_from_pressure])
def test_what_is_not_positive_gives_nan(solve, place, bad):
    arguments = [1.0, 1e15, MU]
    arguments[place] = bad
    assert np.isnan(solve(*arguments))


def test_recorded_star(starsmasher_dir):
    folder = starsmasher_dir / "erg_n3_polytrope"
    _, P, rho, T, mu, u = np.loadtxt(folder / "parent.sph").T
    rho, P, u = rho * units.DENSITY, P * units.PRESSURE, u * units.SPECIFIC_ENERGY
    with jax.enable_x64(True):  # the file has seven digits
        np.testing.assert_allclose(eos.temperature_from_pressure(rho, P, mu), T, rtol=2e-6)
        np.testing.assert_allclose(eos.temperature(rho, u, mu), T, rtol=2e-6)
        np.testing.assert_allclose(eos.internal_energy(rho, T, mu), u, rtol=2e-6)
        np.testing.assert_allclose(eos.pressure(rho, T, mu), P, rtol=2e-6)


def test_recorded_particles(starsmasher_dir):
    # StarSmasher's own solution of the quartic, for the density and energy in its snapshot.
    T = np.loadtxt(starsmasher_dir / "erg_n3_polytrope" / "col0000.sph")[:, 3]
    particles = read_snapshot(starsmasher_dir / "erg_n3_polytrope" / "out0000.sph").records
    rho = np.array(particles["rho"]) * units.DENSITY
    u = np.array(particles["u"]) * units.SPECIFIC_ENERGY
    assert len(T) > 500
    with jax.enable_x64(True):
        found = eos.temperature(rho, u, np.array(particles["meanmolecular"]))
        np.testing.assert_allclose(found, T, rtol=1e-6)
