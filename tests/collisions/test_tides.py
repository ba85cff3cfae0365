import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jax.test_util import check_grads

from surrogate.collisions.tides import (
    ETA_MAX,
    T_FLOOR,
    Argument,
    Cutoff,
    capture_energy,
    dissipated_energy,
    eccentricity,
    eta,
    is_captured,
    polytrope_weight,
    tidal_t,
    zeta,
)

PUBLISHED = {"argument": Argument.ZETA, "cutoff": Cutoff.STEP}

# M1, M2, R1, R2, rp, vinf, dissipated energy of the published tool, captured
CHECK_VALUES = [
    (1.0, 0.8, 0.9, 0.75, 3.0, 0.3, 0.23421, True),
    (1.0, 0.6, 0.9, 0.57, 1.8, 10.0, 79.679, True),
    (1.0, 1.0, 0.9, 0.9, 3.0, 10.0, 0.66275, False),
]


@pytest.mark.parametrize(("m1", "m2", "r1", "r2", "rp", "vinf", "energy", "captured"), CHECK_VALUES)
def test_dissipated_energy_of_the_published_tool(m1, m2, r1, r2, rp, vinf, energy, captured):
    orbital, tides = capture_energy(*map(jnp.float32, (m1, m2, r1, r2, rp, vinf)), **PUBLISHED)
    assert tides == pytest.approx(energy, rel=2e-5)
    assert bool(is_captured(orbital, tides)) is captured


def test_fits_at_two():
    found = [tidal_t(2.0, n, order) for n in (1.5, 3.0) for order in (2, 3)]
    np.testing.assert_allclose(found, [0.88898, 0.46021, 0.0246124, 0.0136067], rtol=1e-5)


def test_parabolic_orbit_needs_no_correction():
    x = jnp.linspace(0.5, 9.0, 50)
    np.testing.assert_allclose(zeta(x, 1.0), x, rtol=1e-6)


def test_published_step_and_taper_agree_away_from_the_cutoff():
    rp = jnp.array([2.0, 2.5, 3.0, 12.0])
    step, taper = (dissipated_energy(1.0, 0.8, 0.9, rp, 10.0, cutoff=c) for c in Cutoff)
    np.testing.assert_allclose(step, taper)
    assert taper[-1] == 0.0


def test_taper_is_continuous_where_the_step_is_not():
    def jump(cutoff):
        rp = jnp.linspace(0.999, 1.001, 3) * 0.9 * (ETA_MAX / np.sqrt(0.5)) ** (2 / 3)
        energy = dissipated_energy(1.0, 1.0, 0.9, rp, 1.0, cutoff=cutoff)
        return float(jnp.abs(energy[0] - energy[-1]))

    assert jump(Cutoff.TAPER) < 1e-3 * jump(Cutoff.STEP)


def test_polytropes_of_low_and_high_mass():
    np.testing.assert_allclose(
        polytrope_weight(jnp.array([0.2, 0.4, 0.6, 0.8, 5.0])), [0.0, 0.0, 0.5, 1.0, 1.0], atol=1e-6
    )


masses = st.floats(0.2, 64.0)
radii = st.floats(0.2, 20.0)


@given(masses, masses, radii, st.floats(1.0, 5.0), st.floats(0.0, 16000.0))
def test_dissipation_is_finite_positive_and_falls_with_distance(m1, m2, r1, ratio, vinf):
    rp = ratio * r1
    near, far = (dissipated_energy(m1, m2, r1, k * rp, vinf) for k in (1.0, 1.5))
    assert np.isfinite(near)
    assert near >= far >= 0.0


@given(masses, masses, radii, st.floats(0.5, 20.0))
def test_t_never_falls_below_its_floor(m1, m2, r1, rp):
    x = eta(m1, m2, r1, rp)
    for n in (1.5, 3.0):
        for order in (2, 3):
            assert tidal_t(x, n, order) >= T_FLOOR * (1 - 1e-5)


@pytest.mark.slow
def test_gradients_in_float64():
    def total(m1, m2, r1, r2, rp, vinf):
        orbital, tides = capture_energy(m1, m2, r1, r2, rp, vinf)
        return jnp.log(tides) + orbital / 1e3

    with jax.enable_x64(True):
        for m1, rp, vinf in [(1.0, 2.1, 10.0), (0.6, 2.4, 100.0), (0.3, 1.9, 0.5)]:
            args = tuple(jnp.float64(x) for x in (m1, 0.9, 0.9, 0.8, rp, vinf))
            check_grads(jax.jit(total), args, order=2, modes=["fwd", "rev"], rtol=1e-4)


@jax.jit
def excess_gradient(*args):
    def excess(*args):
        orbital, tides = capture_energy(*args)
        return tides - orbital

    return jax.grad(excess, argnums=range(6))(*args)


@given(masses, masses, radii, radii, st.floats(0.6, 1000.0), st.floats(0.0, 16000.0))
def test_gradients_are_finite_everywhere(m1, m2, r1, r2, ratio, vinf):
    args = map(jnp.float32, (m1, m2, r1, r2, ratio * (r1 + r2), vinf))
    assert all(np.isfinite(g) for g in excess_gradient(*args))


@pytest.mark.slow
def test_gradient_is_finite_at_eta_two():
    r1 = 0.9
    rp = r1 * (2.0 / np.sqrt(0.5)) ** (2 / 3)
    gradient = jax.grad(lambda x: dissipated_energy(1.0, 1.0, r1, x, 50.0))
    assert np.isfinite(gradient(rp))
    assert np.isfinite(jax.grad(gradient)(rp))


def test_eccentricity_of_a_slow_encounter_is_one():
    assert eccentricity(1.0, 1.0, 1.0, 0.0) == 1.0
    assert eccentricity(1.0, 1.0, 1.0, 1000.0) > 2.0
