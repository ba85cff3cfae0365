"""The paper's choice among models, by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.collisions.scoring import NEGLIGIBLE, min_max, model_scores

shares = st.floats(0.0, 1.0, width=32)
errors = st.floats(0.0, 1.0, width=32)


def scores(*models, **weights):
    """Of models given as (balanced accuracy, error of star 1, error of star 2)."""
    return np.asarray(model_scores(*np.float32(models).T, **weights))


def test_all_four_cases():
    found = scores(
        (0.95, 0.004, 0.003),  # both small: 1.0 x 0.05
        (0.90, 0.024, 0.004),  # star 2 small: 0.8 x 0.1 + 0.2 x (0.024 - 0.004) / 0.04
        (0.80, 0.004, 0.013),  # star 1 small: 0.8 x 0.2 + 0.2 x (0.013 - 0.003) / 0.02
        (0.70, 0.044, 0.023),  # neither: 0.8 x 0.3 + 0.1 x 1 + 0.1 x 1
    )
    np.testing.assert_allclose(found, [0.05, 0.18, 0.26, 0.44], rtol=1e-5)


def test_an_error_at_the_threshold_is_not_small():
    # 0.8 x 0.1 + 0.1 x 0 + 0.1 x 1, and the worse one 0.8 x 0.1 + 0.1 x 1 + 0.1 x 0
    found = scores((0.9, NEGLIGIBLE, 0.02), (0.9, 0.01, NEGLIGIBLE))
    np.testing.assert_allclose(found, [0.18, 0.18], rtol=1e-5)
    # Just below: 0.8 x 0.1 + 0.2 x 1 for either
    below = np.nextafter(np.float32(NEGLIGIBLE), np.float32(0))
    found = scores((0.9, below, 0.02), (0.9, 0.01, below))
    np.testing.assert_allclose(found, [0.28, 0.28], rtol=1e-5)


@pytest.mark.parametrize("error", [0.0, 0.001, 0.3])
def test_one_model_or_equal_errors_leave_the_fates(error):
    weight = 1.0 if error < NEGLIGIBLE else 0.8
    np.testing.assert_allclose(scores((0.9, error, error)), [0.1 * weight], rtol=1e-5)
    found = scores((0.9, error, error), (0.5, error, error))
    np.testing.assert_allclose(found, [0.1 * weight, 0.5 * weight], rtol=1e-5)


def test_other_weights():
    # 0.5 x 0.1 + 0.2 x 0 + 0.3 x 1 and 0.5 x 0.2 + 0.2 x 1 + 0.3 x 0
    found = scores((0.9, 0.01, 0.03), (0.8, 0.02, 0.01), alpha=0.5, beta=0.2, eta=0.3)
    np.testing.assert_allclose(found, [0.35, 0.30], rtol=1e-5)


def test_places_between_the_least_and_the_largest():
    np.testing.assert_allclose(min_max(jnp.array([3.0, 1.0, 2.0])), [1.0, 0.0, 0.5])
    np.testing.assert_array_equal(min_max(jnp.array([2.0, 2.0])), [0.0, 0.0])


@given(st.lists(st.tuples(shares, errors, errors), min_size=1, max_size=8))
def test_scores_lie_between_none_and_one(models):
    found = scores(*models)
    assert np.all((found >= 0.0) & (found <= 1.0 + 1e-6))


def test_the_best_in_everything_scores_lowest():
    assert np.argmin(scores((0.9, 0.02, 0.03), (0.95, 0.01, 0.01), (0.8, 0.012, 0.02))) == 1


def test_gradients_are_finite_where_all_errors_are_equal():
    equal = jnp.full(3, 0.1)
    gradient = jax.grad(lambda x: jax.jit(model_scores)(equal, x, x).sum())
    assert jnp.isfinite(gradient(equal)).all()
