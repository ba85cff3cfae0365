"""Dispersions against the Jeans integral, and the speeds at which stars meet."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from surrogate.transients.spheroid import SCHWARZSCHILD_PC, Spheroid, relative_speed

holes = st.floats(5.7, 9.0).map(lambda x: 10.0**x)
dispersion = jax.jit(lambda spheroid, *where: spheroid.dispersion(*where))


def jeans(eta, ratio, s):
    """(sigma / circular speed)^2 at r = s r_s, of M_sph = ratio M, by an integral over ln r."""

    def rho(x):
        return x ** (eta - 3.0) * (1.0 + x) ** (-1.0 - eta)

    def pull(k):
        x = s * np.exp(k)
        return rho(x) / rho(s) * (1.0 + ratio * (x / (1.0 + x)) ** eta) * np.exp(-k)

    return quad(pull, 0.0, 60.0, limit=500, points=[1.0, 5.0, max(-np.log(s), 0.0)])[0]


def schwarzschild(spheroid, hole, s):
    """Distance in Schwarzschild radii of s scale radii."""
    return s * float(spheroid.scale(hole)) / (SCHWARZSCHILD_PC * hole)


@given(log_hole=st.floats(5.7, 9.0))
def test_the_spheroid_of_a_black_hole_of_a_billion_suns(log_hole):
    assert float(Spheroid().mass(1e9)) == pytest.approx(1.84e11)
    # Kormendy & Ho (2013): 0.49 % of the bulge at 1e11 Msun.
    assert float(Spheroid().mass(4.9e8)) == pytest.approx(1e11, rel=0.02)
    assert float(Spheroid().scale(1e9)) == pytest.approx(1.2e3, rel=0.05)
    ratio = Spheroid().mass(10.0**log_hole) / 10.0**log_hole
    assert 100.0 < float(ratio) < 700.0


@given(hole=holes)
def test_near_the_black_hole_stars_have_half_the_circular_speed_squared(hole):
    # rho ~ 1 / r: sigma^2 = r int_r dr' G M / r'^3 = G M / (2 r), for a Hernquist model.
    at = dispersion(Spheroid(), hole, 10.0)
    assert float(at) == pytest.approx(np.sqrt(0.5), rel=2e-3)
    # rho ~ r^(eta - 3): sigma^2 = G M / r / (4 - eta).
    for eta in (1.0, 1.5, 2.5):
        at = dispersion(Spheroid(eta=eta), hole, 10.0)
        assert float(at) == pytest.approx((4.0 - eta) ** -0.5, rel=5e-3)


@settings(max_examples=60)
@given(
    eta=st.floats(1.0, 3.0),
    hole=holes,
    log_s=st.floats(-5.0, 4.0),
)
def test_dispersion_solves_the_jeans_equation(eta, hole, log_s):
    spheroid, s = Spheroid(eta=eta), 10.0**log_s
    ratio = float(spheroid.mass(hole)) / hole
    found = dispersion(spheroid, hole, schwarzschild(spheroid, hole, s))
    assert float(found) ** 2 == pytest.approx(jeans(eta, ratio, s), rel=2e-3)


@pytest.mark.parametrize("s", [0.03, 0.3, 1.0, 4.0])
def test_without_a_black_hole_it_is_hernquists(s):
    spheroid, hole = Spheroid(mass_per_1e9=1.84e5), 1e9
    # Hernquist (1990), equation 10, in G M_sph / r_s
    bracket = 25.0 + 52.0 * s + 42.0 * s**2 + 12.0 * s**3
    hernquist = s * (1.0 + s) ** 3 * np.log((1.0 + s) / s) - s / (1.0 + s) / 12.0 * bracket
    with jax.enable_x64(True):
        found = dispersion(spheroid, hole, schwarzschild(spheroid, hole, s)) ** 2
    assert float(found) / s / 1.84e7 == pytest.approx(hernquist, rel=1e-4)


def test_both_precisions_in_one_program():
    single = dispersion(Spheroid(), 1e7, 1e4)
    with jax.enable_x64(True):
        double = Spheroid().dispersion(1e7, 1e4)
    assert single.dtype == jnp.float32
    assert double.dtype == jnp.float64
    assert float(single) == pytest.approx(float(double), rel=1e-6)


def test_gradients_agree_with_differences():
    def of(x):
        return Spheroid(eta=x[0], compactness=x[1]).dispersion(10.0 ** x[2], 10.0 ** x[3])

    with jax.enable_x64(True):
        slope = jax.jit(jax.grad(of))
        for start in ((2.0, 0.1, 6.0, 3.0), (1.3, 0.2, 8.0, 7.0)):
            start = jnp.array(start)
            for k, step in enumerate(1e-6 * jnp.eye(4)):
                difference = float(of(start + step) - of(start - step)) / 2e-6
                assert float(slope(start)[k]) == pytest.approx(difference, rel=1e-5, abs=1e-8)


def test_stars_meet_at_the_mean_of_a_maxwellian():
    # The difference of two velocities has sqrt(2) sigma in each direction.
    mean = float(relative_speed(3.0))
    assert mean == pytest.approx(3.0 * np.sqrt(2.0) * stats.maxwell.mean(), rel=1e-6)
    pairs = np.random.default_rng(0).normal(size=(2, 200_000, 3)) * 3.0
    assert np.linalg.norm(pairs[0] - pairs[1], axis=1).mean() == pytest.approx(mean, rel=0.01)


def test_draws_are_maxwellian():
    v = np.asarray(relative_speed(jnp.full(50_000, 3.0), jax.random.key(0)), float)
    assert stats.kstest(v / 3.0 / np.sqrt(2.0), stats.maxwell.cdf).pvalue > 0.01
    again = relative_speed(jnp.full(50_000, 3.0), jax.random.key(0))
    np.testing.assert_array_equal(v, np.asarray(again, float))
    # Of one key the draw is proportional to sigma.
    sigma = jnp.array(0.7)
    one, two = (relative_speed(x, jax.random.key(1)) for x in (sigma, 2.0 * sigma))
    assert float(two) == pytest.approx(2.0 * float(one), rel=1e-6)
