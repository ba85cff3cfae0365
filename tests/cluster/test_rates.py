"""Cross-sections, rates and draws against integrals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from surrogate.cluster.rates import (
    collision_rate,
    cross_section,
    draw_maxwellian,
    draw_orbits,
    draw_pericentre,
    fine_uniform,
    impact_parameter,
    maxwellian,
    mean_rate,
    pericentre,
    pericentre_within,
)
from surrogate.constants import G

N = 100_000
sizes = st.floats(0.1, 20.0)
masses = st.floats(0.1, 100.0)
speeds = st.floats(1.0, 1e4)


@given(d=sizes, M=masses, s=speeds)
def test_mean_rate_is_the_integral_over_a_maxwellian(d, M, s):
    def integrand(x):
        f = np.sqrt(2.0 / np.pi) * x**2 * np.exp(-(x**2) / 2.0)
        return f * np.pi * d**2 * (x * s + 2.0 * G * M / (d * s * x)) if x else 0.0

    assert float(mean_rate(d, M, s)) == pytest.approx(quad(integrand, 0, 12)[0], rel=1e-5)


def test_rate_of_equal_stars_is_that_of_the_textbook():
    n, m, sigma, R = 1e7, 1.0, 100.0, 1.0
    pc = 4.43535e7
    # Binney & Tremaine (2008), Eq. 7.194, in Rsun and s
    d, n_ = 2.0 * R, n / pc**3
    per_rsun = 4 * np.sqrt(np.pi) * n_ * (d**2 * sigma + G * m * d / sigma)
    per_gyr = per_rsun * (3.15576e16 / 6.957e5)
    assert float(collision_rate(n, d, 2 * m, sigma)) == pytest.approx(per_gyr, rel=1e-4)


@given(rp=st.floats(1e-6, 100.0), M=masses, v=st.floats(1e-3, 3e4))
def test_pericentre_and_impact_parameter_are_inverse_in_single_precision(rp, M, v):
    b = impact_parameter(np.float32(rp), np.float32(M), np.float32(v))
    back = pericentre(b, np.float32(M), np.float32(v))
    assert back.dtype == jnp.float32
    assert float(back) == pytest.approx(np.float32(rp), rel=3e-6)


def test_pericentre_of_slow_and_of_head_on_pairs():
    assert pericentre(3.0, 1.0, 0.0) == 0.0
    assert pericentre(0.0, 1.0, 100.0) == 0.0
    gradient = jax.grad(pericentre, argnums=(0, 1, 2))(0.0, 1.0, 0.0)
    assert np.isfinite(gradient).all()


def test_cross_section_is_the_area_of_the_impact_parameters():
    b = impact_parameter(2.0, 3.0, 400.0)
    assert float(cross_section(2.0, 3.0, 400.0)) == pytest.approx(float(np.pi * b**2), rel=1e-6)


def test_maxwellian_is_normalised_with_its_own_mean():
    v = jnp.linspace(0.0, 3000.0, 20_001)
    f = maxwellian(v, 200.0)
    assert float(jnp.trapezoid(f, v)) == pytest.approx(1.0, rel=1e-4)
    assert float(jnp.trapezoid(f * v, v)) == pytest.approx(np.sqrt(8 / np.pi) * 200.0, rel=1e-4)


def test_speeds_are_maxwellian():
    v = np.asarray(draw_maxwellian(jax.random.key(0), 300.0, (N,)))
    assert stats.kstest(v / 300.0, stats.maxwell.cdf).pvalue > 0.01


@pytest.mark.parametrize("v", [0.0, 10.0, 5000.0])
def test_pericentres_have_uniform_impact_parameters_squared(v):
    d, M = 1.5, 2.0
    rp = np.asarray(draw_pericentre(jax.random.key(1), jnp.full(N, d), M, v), float)
    assert (rp <= d).all()
    # b^2 v^2, that is, where v = 0 it is the pericentre itself
    share = rp * (rp * v**2 + 2 * G * M) / (d * (d * v**2 + 2 * G * M))
    assert stats.kstest(share, "uniform").pvalue > 0.01


@pytest.mark.parametrize("s", [20.0, 600.0, 5000.0])
def test_orbits_of_those_that_meet(s):
    d, M = 1.5, 2.0
    rp, v = draw_orbits(jax.random.key(2), jnp.full(N, d), M, s)
    rp, v = np.asarray(rp, float), np.asarray(v, float)
    grid = np.linspace(0.0, 12.0 * s, 40_001)[1:]
    # Maxwellian times speed times cross-section
    weight = grid**3 * np.exp(-(grid**2) / (2 * s**2)) * (1.0 + 2 * G * M / (d * grid**2))
    cdf = np.append(0.0, np.cumsum((weight[1:] + weight[:-1]) / 2))
    assert stats.kstest(v, lambda x: np.interp(x, grid, cdf / cdf[-1])).pvalue > 0.01
    share = rp * (rp * v**2 + 2 * G * M) / (d * (d * v**2 + 2 * G * M))
    assert stats.kstest(share, "uniform").pvalue > 0.01


@pytest.mark.parametrize("u", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("v", [0.0, 300.0])
def test_share_of_the_cross_section_has_finite_gradients(u, v):
    rp = pericentre_within(u, 1.5, 2.0, v)
    b2_v2 = rp * (rp * v**2 + 2 * G * 2.0)
    assert float(b2_v2) == pytest.approx(u * 1.5 * (1.5 * v**2 + 2 * G * 2.0), rel=1e-5)
    assert np.isfinite(jax.grad(pericentre_within, argnums=(0, 1, 2, 3))(u, 1.5, 2.0, v)).all()


def test_fine_uniform_numbers_are_uniform_and_fine():
    u = np.asarray(fine_uniform(jax.random.key(3), (2_000_000,)), float)
    assert stats.kstest(u[:N], "uniform").pvalue > 0.01
    small = u[u < 2.0**-14]
    # Not the multiples of 2^-23 of common uniform numbers
    assert (small * 2**23 % 1 > 0).mean() > 0.9


def test_gradients_agree_with_differences():
    with jax.enable_x64(True):
        start = jnp.array([2.0, 3.0, 200.0])
        for f in (mean_rate, cross_section, pericentre, impact_parameter):
            gradient = jnp.stack(jax.grad(f, argnums=(0, 1, 2))(*start))
            for k in range(3):
                h = 1e-6 * start * (jnp.arange(3) == k)
                expected = (f(*(start + h)) - f(*(start - h))) / (2 * h[k])
                np.testing.assert_allclose(gradient[k], expected, rtol=1e-6)
