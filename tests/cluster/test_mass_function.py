"""Mass functions against quadrature, and their gradients against differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from surrogate.cluster import MassFunction, kroupa, power_law

slopes = st.one_of(st.floats(-1.0, 4.0), st.sampled_from([0.0, 1.0, 1.0 + 1e-6, 2.0]))
GRID = np.geomspace(0.1, 100.0, 20_001)


@given(slope=slopes)
def test_pdf_is_normalised_and_cdf_is_its_integral(slope):
    law = power_law(slope, 0.1, 100.0)
    p = np.asarray(law.pdf(GRID), float) * GRID
    below = np.append(0.0, np.cumsum((p[1:] + p[:-1]) / 2.0) * np.diff(np.log(GRID)))
    assert below[-1] == pytest.approx(1.0, abs=2e-5)
    np.testing.assert_allclose(law.cdf(GRID), below, atol=2e-5)


@given(slope=slopes, u=st.floats(0.0, 0.999))
def test_quantile_inverts_the_cdf(slope, u):
    law = power_law(slope, 0.1, 100.0)
    m = law.quantile(u)
    assert 0.1 * (1 - 1e-5) <= m <= 100.0 * (1 + 1e-5)
    assert float(law.cdf(m)) == pytest.approx(u, abs=2e-5)


@pytest.mark.slow
@pytest.mark.parametrize("power", [-1.0, 0.0, 1.0, 1.3, 2.0])
def test_moments_are_those_of_the_pdf(power):
    law = kroupa()
    expected = np.trapezoid(np.asarray(law.pdf(GRID), float) * GRID ** (power + 1), np.log(GRID))
    assert float(law.moment(power)) == pytest.approx(expected, rel=1e-4)


def test_kroupa_has_its_slopes_and_no_steps():
    law = kroupa(0.01, 100.0)
    for m, slope in ((0.03, 0.3), (0.2, 1.3), (10.0, 2.3)):
        measured = jax.grad(lambda x: jnp.log(law.pdf(jnp.exp(x))))(jnp.log(m))
        assert float(measured) == pytest.approx(-slope, rel=1e-5)
    for edge in (0.08, 0.5):
        below, above = law.pdf(jnp.array([edge * (1 - 1e-5), edge * (1 + 1e-5)]))
        assert float(above / below) == pytest.approx(1.0, abs=1e-4)
    assert kroupa().edges.tolist() == pytest.approx([0.1, 0.5, 100.0])
    assert kroupa(1.0, 2.0).slopes.tolist() == pytest.approx([2.3])
    assert float(law.pdf(200.0)) == 0.0


def test_draws_follow_the_mass_function():
    law = kroupa()
    m = np.asarray(law.sample(jax.random.key(0), (100_000,)))
    assert stats.kstest(m, lambda x: np.asarray(law.cdf(x))).pvalue > 0.01
    assert m.mean() == pytest.approx(float(law.moment(1.0)), rel=0.03)


@pytest.fixture(scope="module")
def smooth():
    """All that depends on a slope, in one vector, and its derivatives forwards and backwards."""

    def vector(slope):
        u = jnp.linspace(0.01, 0.99, 9)
        law, broken = power_law(slope, 0.1, 50.0), kroupa(slopes=jnp.stack([0.3, 1.3, slope]))
        m = 1.0 + 10.0 * u
        moments = jnp.stack([law.moment(1.0), broken.moment(2.0)])
        return jnp.concatenate(
            [law.quantile(u), broken.quantile(u), law.pdf(m), law.cdf(m), moments]
        )

    return tuple(map(jax.jit, (vector, jax.jacfwd(vector), jax.jacrev(vector))))


@pytest.mark.slow
@pytest.mark.parametrize("slope", [0.3, 1.0, 1.0 + 1e-9, 1.0011, 1.004, 2.0, 2.35])
def test_gradients_agree_with_differences(smooth, slope):
    f, forwards, backwards = smooth
    with jax.enable_x64(True):
        h = 1e-5
        expected = (f(slope + h) - f(slope - h)) / (2 * h)
        np.testing.assert_allclose(forwards(slope), expected, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(backwards(slope), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.slow
def test_gradients_are_finite_in_single_precision():
    def total(edges, slopes, u):
        law = MassFunction(edges, slopes)
        return law.quantile(u).sum() + law.moment(1.0)

    edges, slopes = jnp.array([0.1, 0.5, 100.0]), jnp.array([1.0, 2.0])
    for gradient in jax.grad(total, argnums=(0, 1, 2))(edges, slopes, jnp.linspace(0, 1, 1001)):
        assert jnp.isfinite(gradient).all()


def test_masses_out_of_order_are_refused():
    with pytest.raises(ValueError, match="low = 2, high = 1"):
        kroupa(2, 1)
