"""Two-body orbits: against integrals, closed forms and each other."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from surrogate.orbits import time_to_pericentre as eager_time_to_pericentre
from surrogate.orbits import two_body

time_to_pericentre = jax.jit(eager_time_to_pericentre)
slopes = jax.jit(jax.grad(eager_time_to_pericentre, argnums=(0, 1, 2, 3)))


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def at_pericentre(rp, vinf2, mass):
    """Return relative position and velocity at pericentre."""
    return np.array([rp, 0.0, 0.0]), np.array([0.0, np.sqrt(vinf2 + 2 * mass / rp), 0.0])


def kepler(_, y):
    """Relative motion of two bodies of 1.7 Msun together."""
    x, v = y[:3], y[3:]
    return np.concatenate([v, -1.7 * x / np.linalg.norm(x) ** 3])


@pytest.mark.parametrize("vinf2", [0.0, 1e-12, 1e-3, 0.05, 6.0, 1000.0])
@pytest.mark.parametrize("rp", [0.01, 0.6, 3.0])
def test_time_agrees_with_integrated_motion(rp, vinf2):
    start = np.concatenate(at_pericentre(rp, vinf2, 1.7))
    time = float(time_to_pericentre(5.0, rp, vinf2, 1.7))
    end = solve_ivp(kepler, (0.0, time), start, rtol=1e-11, atol=1e-12, method="DOP853").y[:3, -1]
    assert np.linalg.norm(end) == pytest.approx(5.0, rel=1e-7)


@pytest.mark.parametrize("vinf2", [0.0, 1e-14, 1e-8, 1e-3, 0.02, 0.2, 1.0, 40.0, 1342.0])
@pytest.mark.parametrize("rp", [0.0, 1e-6, 0.3, 30.0])
@pytest.mark.parametrize("separation", [31.0, 200.0])
def test_time_agrees_with_quadrature(separation, rp, vinf2):
    def slowness(s):
        return 2 * (rp + s**2) / np.sqrt(2 * 1.7 + 2 * vinf2 * rp + vinf2 * s**2)

    expected = quad(slowness, 0, np.sqrt(separation - rp), epsabs=0, epsrel=1e-13, limit=500)[0]
    assert float(time_to_pericentre(separation, rp, vinf2, 1.7)) == pytest.approx(
        expected, rel=3e-13
    )


def test_time_of_known_orbits():
    # Parabola, head-on: t = sqrt(2 r^3 / 9 M); parabola at its pericentre distance and at 2 rp.
    assert float(time_to_pericentre(3.0, 0.0, 0.0, 2.0)) == pytest.approx(
        np.sqrt(27 / 9), rel=1e-15
    )
    assert float(time_to_pericentre(3.0, 3.0, 5.0, 2.0)) == 0.0
    assert float(time_to_pericentre(2.0, 1.0, 0.0, 1.0)) == pytest.approx(
        np.sqrt(2.0) * (1 + 1 / 3), rel=1e-14
    )


@pytest.mark.parametrize("eccentricity", [0.02, 0.5, 0.97, 1.0])
@pytest.mark.parametrize("anomaly", [1e-3, 0.3, 1.5, 3.1])
def test_time_on_an_ellipse_obeys_keplers_equation(eccentricity, anomaly):
    # Semimajor axis 2, mass 1.7; both sides of the change of formula, z = -0.1
    rp, r = 2 * (1 - eccentricity), 2 * (1 - eccentricity * np.cos(anomaly))
    expected = np.sqrt(8 / 1.7) * (anomaly - eccentricity * np.sin(anomaly))
    assert float(time_to_pericentre(r, rp, -1.7 / 2, 1.7)) == pytest.approx(expected, rel=1e-9)
    assert np.all(np.isfinite(slopes(r, rp, -1.7 / 2, 1.7)))


def test_time_beyond_the_apocentre_is_nan():
    assert np.isfinite(time_to_pericentre(3.999, 0.0, -0.5, 1.0))
    assert np.isnan(time_to_pericentre(4.001, 0.0, -0.5, 1.0))


def test_time_is_smooth_across_the_change_of_formula():
    # z = vinf2 (separation - rp) / (2 M) = 0.1 where vinf2 = 0.2
    below, above = (
        float(time_to_pericentre(1.0, 0.0, 0.2 * (1 + e), 1.0)) for e in (-1e-13, 1e-13)
    )
    assert below == pytest.approx(above, rel=5e-13)


@given(
    rp=st.floats(0, 10),
    extra=st.floats(0, 100),
    vinf2=st.floats(0, 2000),
    mass=st.floats(0.1, 200),
)
@settings(max_examples=50)
def test_time_has_finite_gradients(rp, extra, vinf2, mass):
    assert np.all(np.isfinite(slopes(rp + extra, rp, vinf2, mass)))


@pytest.mark.parametrize(
    "arguments",
    [(1.0, 2.0, 0.0, 1.0), (2.0, -1.0, 0.0, 1.0), (2.0, 1.0, -1.0, 1.0), (2.0, 1.0, 0.0, 0.0)],
)
def test_time_out_of_range_is_nan(arguments):
    assert np.isnan(time_to_pericentre(*arguments))


@given(
    rp=st.floats(0.01, 10),
    vinf2=st.floats(0, 100),
    m1=st.floats(0.1, 60),
    m2=st.floats(0.1, 60),
)
@settings(max_examples=50)
def test_elements_of_an_unbound_orbit(rp, vinf2, m1, m2):
    orbit = two_body(*at_pericentre(rp, vinf2, m1 + m2), m1, m2)
    assert float(orbit.pericentre) == pytest.approx(rp, rel=1e-12)
    assert float(orbit.eccentricity) == pytest.approx(1 + rp * vinf2 / (m1 + m2), rel=1e-12)
    mu = m1 * m2 / (m1 + m2)
    scale = m1 * m2 / rp
    assert float(orbit.energy) == pytest.approx(mu * vinf2 / 2, abs=1e-13 * scale, rel=1e-11)
    expected = mu * np.sqrt(rp * (rp * vinf2 + 2 * (m1 + m2)))
    assert np.asarray(orbit.angular_momentum) == pytest.approx([0, 0, expected], rel=1e-12)


def test_elements_of_a_hyperbola():
    orbit = two_body(*at_pericentre(0.5, 4.0, 2.0), 1.5, 0.5)
    assert float(orbit.speed_at_infinity) == pytest.approx(2.0, rel=1e-14)
    assert float(orbit.semimajor_axis) == pytest.approx(-0.5, rel=1e-14)


def test_elements_of_a_circle_and_an_ellipse():
    circle = two_body([0.0, 2.0, 0.0], [1.0, 0.0, 0.0], 1.5, 0.5)
    assert float(circle.semimajor_axis) == pytest.approx(2.0, rel=1e-15)
    assert float(circle.eccentricity) < 1e-15
    assert float(circle.pericentre) == pytest.approx(2.0, rel=1e-15)
    assert float(circle.energy) == pytest.approx(-1.5 * 0.5 / 4, rel=1e-15)
    assert np.isnan(circle.speed_at_infinity)

    ellipse = two_body([2.0, 0.0, 0.0], [0.0, 0.5, 0.0], 1.5, 0.5)  # at apocentre, h = 1
    assert float(ellipse.eccentricity) == pytest.approx(0.75, rel=1e-14)
    assert float(ellipse.pericentre) == pytest.approx(2 / 7, rel=1e-14)
    assert np.asarray(ellipse.to_pericentre) == pytest.approx([-0.75, 0.0, 0.0], abs=1e-15)


def test_elements_of_a_head_on_parabola():
    orbit = two_body([1.0, 0.0, 0.0], [-2.0, 0.0, 0.0], 1.0, 1.0)
    assert float(orbit.pericentre) == 0.0
    assert float(orbit.eccentricity) == 1.0
    assert np.isinf(orbit.semimajor_axis)
    assert float(orbit.speed_at_infinity) == 0.0


def test_elements_of_many_pairs():
    x = jnp.array([[1.0, 0, 0], [0, 2.0, 0]])
    v = jnp.array([[0.0, 3, 0], [1.0, 0, 0]])
    many = jax.vmap(two_body, in_axes=(0, 0, None, None))(x, v, 1.5, 0.5)
    one = two_body(x[1], v[1], 1.5, 0.5)
    assert float(many.semimajor_axis[1]) == float(one.semimajor_axis)


def test_works_at_single_precision_too():
    with jax.enable_x64(False):
        time = time_to_pericentre(4.0, 0.2, 1e-6, 1.7)
        assert time.dtype == np.float32
        single = float(time)
    assert single == pytest.approx(float(time_to_pericentre(4.0, 0.2, 1e-6, 1.7)), rel=1e-6)
