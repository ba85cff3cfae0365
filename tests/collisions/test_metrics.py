import warnings

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from surrogate import Fate
from surrogate.collisions.metrics import (
    accuracy,
    balanced_accuracy,
    measure,
    median_relative_error,
    slot_one,
)

labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


@given(labels)
def test_accuracies_are_those_of_scikit_learn(pairs):
    true, predicted = np.array(pairs).T
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = balanced_accuracy_score(true, predicted)
    assert accuracy(predicted, true) == pytest.approx(accuracy_score(true, predicted), abs=1e-6)
    found = balanced_accuracy(jnp.asarray(predicted), jnp.asarray(true), 4)
    assert found == pytest.approx(expected, abs=1e-6)


def test_relative_error_counts_survivors_alone():
    true = jnp.array([0.0, 1.0, 2.0, 4.0])
    predicted = jnp.array([0.5, 1.1, 2.2, 4.8])
    assert median_relative_error(predicted, true) == pytest.approx(0.1, rel=1e-5)


def test_a_single_survivor_stands_in_slot_one():
    fate = jnp.array([Fate.STRIPPED, Fate.MERGER, Fate.TWO, Fate.NONE])
    m1, m2 = slot_one(jnp.array([0.0, 3.0, 1.0, 0.0]), jnp.array([2.0, 0.0, 1.5, 0.0]), fate)
    assert m1.tolist() == [2.0, 3.0, 1.0, 0.0]
    assert m2.tolist() == [0.0, 0.0, 1.5, 0.0]


def test_a_perfect_prediction():
    fate = jnp.array([0, 1, 2, 3])
    m1, m2 = jnp.array([0.0, 1.8, 1.0, 0.0]), jnp.array([0.0, 0.0, 0.8, 0.3])
    assert measure(fate, m1, m2, fate, m1, m2) == (1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
