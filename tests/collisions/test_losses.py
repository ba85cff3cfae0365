import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_class_weight

from surrogate.collisions.losses import (
    class_weights,
    fraction_error,
    uncertainty_weighted,
    weighted_cross_entropy,
)

RNG = np.random.default_rng(0)
FATE = np.concatenate([[0, 1, 2, 3], RNG.integers(0, 4, 96) ** 2 // 3])


def test_class_weights_are_those_of_scikit_learn():
    expected = compute_class_weight("balanced", classes=np.arange(4), y=FATE)
    np.testing.assert_allclose(class_weights(jnp.asarray(FATE), 4), expected, rtol=1e-6)


def test_cross_entropy_is_that_of_scikit_learn():
    logits = RNG.normal(size=(100, 4)).astype(np.float32)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    w = np.array([3.0, 1.0, 0.5, 2.0])
    found = weighted_cross_entropy(jnp.asarray(logits), jnp.asarray(FATE), jnp.asarray(w))
    assert float(found) == pytest.approx(log_loss(FATE, p, sample_weight=w[FATE]), rel=1e-5)


def test_unbound_mass_counts_less():
    true = jnp.array([[0.5, 0.4, 0.1]])
    star, unbound = true + jnp.array([0.1, 0.0, 0.0]), true + jnp.array([0.0, 0.0, 0.1])
    assert fraction_error(star, true, 0.31) == pytest.approx(0.05)
    assert fraction_error(unbound, true, 0.31) == pytest.approx(0.031)
    assert fraction_error(true, true, 0.31) == 0.0


def test_uncertainty_weights_balance_the_tasks():
    # For one task the minimum over c of L / (2 c^2) + ln(1 + c^2) lies where
    # c^4 = L (1 + c^2) / 2.
    loss = jnp.array([0.3])
    c = jnp.linspace(0.05, 3.0, 20_000)
    values = jnp.array([0.5 * loss[0] / c**2 + jnp.log1p(c**2)])[0]
    best = c[jnp.argmin(values)]
    assert best**4 == pytest.approx(float(loss[0] * (1 + best**2) / 2), rel=1e-2)
    assert uncertainty_weighted(loss, best[None]) == pytest.approx(float(values.min()), rel=1e-4)


def test_uncertainty_weighted_loss_by_hand():
    # 0.3 / 0.5 + ln 1.25 and 0.2 / 8 + ln 5
    found = uncertainty_weighted(jnp.array([0.3, 0.2]), jnp.array([0.5, 2.0]))
    assert found == pytest.approx(0.6 + 0.2231436 + 0.025 + 1.6094379, rel=1e-6)


def test_gradients_of_the_uncertainty_weighted_loss_by_hand():
    gradients = jax.grad(uncertainty_weighted, argnums=(0, 1))
    by_loss, by_scale = gradients(jnp.array([0.3, 0.2]), jnp.array([0.5, 2.0]))
    # 1 / (2 c^2), and -L / c^3 + 2 c / (1 + c^2): -2.4 + 0.8 and -0.025 + 0.8
    np.testing.assert_allclose(by_loss, [2.0, 0.125], rtol=1e-6)
    np.testing.assert_allclose(by_scale, [-1.6, 0.775], rtol=1e-6)


@pytest.mark.parametrize(("loss", "c", "least"), [(1.0, 1.0, 1.1931472), (0.1, 0.5, 0.4231436)])
def test_optimal_uncertainty_weights_by_hand(loss, c, least):
    # L / c^3 = 2 c / (1 + c^2), so that c^2 = (L + sqrt(L^2 + 8 L)) / 4
    assert c**2 == pytest.approx((loss + np.sqrt(loss**2 + 8 * loss)) / 4)
    losses, scale = jnp.array([loss]), jnp.array([c])
    assert uncertainty_weighted(losses, scale) == pytest.approx(least, rel=1e-6)
    assert jax.grad(uncertainty_weighted, argnums=1)(losses, scale) == pytest.approx(0.0, abs=1e-6)
    for nearby in (0.9 * scale, 1.1 * scale):
        assert uncertainty_weighted(losses, nearby) > least
