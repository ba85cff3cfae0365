"""Entropy and temperature of the gas, expansions, and equilibrium."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.enrichment.network.composition import electron_fraction, total_mass
from surrogate.enrichment.network.equilibrium import equilibrium
from surrogate.enrichment.network.expansion import density
from surrogate.enrichment.network.gas import LN_PHASE, cool, density_of, light, translation

compiled = jax.jit(cool)
compiled_equilibrium = jax.jit(equilibrium)


def test_phase_space_is_that_of_an_ideal_gas():
    from scipy.constants import Avogadro, atomic_mass, hbar, k

    per_cm3 = (atomic_mass * k * 1e9 / (2.0 * np.pi * hbar**2)) ** 1.5 * 1e-6
    assert pytest.approx(np.log(per_cm3 / Avogadro), abs=1e-4) == LN_PHASE


def test_photons_alone_cool_with_the_cube_root_of_density():
    # Cold enough for no pairs.
    assert float(compiled(0.1, 1e-3, 1e-6, 1e-12, 0.0)) == pytest.approx(0.01, rel=1e-3)


@settings(max_examples=50)
@given(
    t9=st.floats(0.01, 8.0),
    log_rho=st.floats(-3.0, 9.0),
    drop=st.floats(0.01, 3.0),
    particles=st.floats(1e-3, 1.0),
    heat=st.floats(0.0, 0.1),
)
def test_entropy_rises_by_the_heat(t9, log_rho, drop, particles, heat):
    rho = 10.0**log_rho
    after = 10.0 ** (log_rho - drop)
    heat = heat * t9 / 10.0
    t9_after = float(compiled(t9, rho, after, particles, heat))
    if t9_after > 1e-3:
        gas = particles * (1.5 * np.log(t9_after / t9) - np.log(after / rho))
        close = 1e-6 + 1e-12 * float(light(t9, rho))
        gained = float(light(t9_after, after) - light(t9, rho)) + gas
        assert gained == pytest.approx(heat * 11.604518 / t9, rel=1e-5, abs=close)


def test_the_density_of_an_entropy_has_that_entropy():
    for s, y_e in ((5.0, 0.1), (20.0, 0.3), (200.0, 0.45)):
        rho = jax.jit(density_of)(jnp.asarray(s), jnp.asarray(6.0), jnp.asarray(y_e))
        y = jnp.array([1.0 - 2.0 * y_e, 0.5 * y_e])
        a = jnp.array([2.0 ** (2.0 / 3.0), 4.0])
        total = light(jnp.asarray(6.0), rho) + translation(jnp.asarray(6.0), rho, y, a)
        assert float(total) == pytest.approx(s)


def test_an_expansion_is_smooth_where_its_law_changes():
    t = jnp.array([0.0, 0.0299999, 0.0300001, 0.06])
    rho = np.asarray(density(t, jnp.asarray(1e8), 0.01))
    assert rho[0] == 1e8
    assert rho[1] == pytest.approx(rho[2], rel=1e-4)
    assert rho[3] == pytest.approx(rho[2] / 8.0, rel=1e-4)


@pytest.mark.parametrize("y_e", [0.05, 0.2, 0.35, 0.5])
def test_equilibrium_keeps_mass_and_charge_and_obeys_saha(network, y_e):
    t9, rho = jnp.asarray(6.0), jnp.asarray(1e8)
    state = compiled_equilibrium(network, t9, rho, jnp.asarray(y_e))
    assert float(total_mass(network, state)) == pytest.approx(1.0, abs=1e-12)
    assert float(electron_fraction(state)) == pytest.approx(y_e, rel=1e-9)
    # One capture of a neutron more, as in the tables of photodisintegration.
    y, a = np.asarray(state.y), network.nuclei.a
    z, j = np.unravel_index(np.argmax(y * a), y.shape)
    space = np.log(2.0 * 9.8685e9) + 1.5 * np.log(6.0 * (a[z, j] - 1.0) / a[z, j])
    expected = np.log(float(rho * state.y_n)) - space + network.q[z, j] * 11.604518 / 6.0
    assert np.log(y[z, j] / y[z, j - 1]) == pytest.approx(expected, abs=1e-3)
