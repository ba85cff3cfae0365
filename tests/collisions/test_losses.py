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
