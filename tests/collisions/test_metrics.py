import warnings

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from surrogate import Fate
from surrogate.collisions.metrics import (
    Confidence,
    accuracy,
    as_json,
    balanced_accuracy,
    coverage,
    expected_calibration_error,
    measure,
    median_relative_error,
    slot_one,
    survivor_accuracy,
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


def draw_fates(rows, sharpness, seed=0):
    """Probabilities of four fates, and fates that come true with these probabilities."""
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.full(4, sharpness), rows)
    return p, (p.cumsum(axis=1) < random.uniform(size=(rows, 1))).sum(axis=1).clip(0, 3)


def sharpened(p, temperature):
    p = p ** (1.0 / temperature)
    return jnp.asarray(p / p.sum(axis=1, keepdims=True), jnp.float32)


@pytest.mark.parametrize("sharpness", [0.1, 1.0, 5.0])
def test_calibrated_probabilities_have_no_calibration_error(sharpness):
    p, true = draw_fates(40_000, sharpness)
    calibrated = expected_calibration_error(jnp.asarray(p), jnp.asarray(true))
    assert calibrated < 0.01
    for temperature in (0.5, 2.0):  # overconfident, then underconfident
        assert expected_calibration_error(sharpened(p, temperature), true) > 3 * calibrated


def test_calibration_error_of_one_that_is_always_certain():
    p = jnp.array([[1.0, 0.0, 0.0, 0.0]] * 10)
    true = jnp.array([0] * 7 + [2] * 3)
    assert expected_calibration_error(p, true) == pytest.approx(0.3)
    assert expected_calibration_error(p, jnp.zeros(10, int)) == 0.0


def test_calibration_errors_cancel_within_a_bin_but_not_between_bins():
    p = jnp.array([[0.6, 0.4], [0.6, 0.4], [0.9, 0.1], [0.9, 0.1]])
    true = jnp.array([0, 0, 1, 0])
    # Two bins off by 0.4 each; as one bin, 0.75 probable and 0.75 right.
    assert expected_calibration_error(p, true) == pytest.approx(0.4)
    assert expected_calibration_error(p, true, bins=1) == pytest.approx(0.0, abs=1e-6)


@given(st.sampled_from([1, 7, 40]), st.sampled_from([1, 4, 15]), st.integers(0, 2**31))
def test_calibration_error_is_a_share(rows, bins, seed):
    p, _ = draw_fates(rows, 1.0, seed)
    true = np.random.default_rng(seed).integers(0, 4, rows)
    found = float(expected_calibration_error(jnp.asarray(p), jnp.asarray(true), bins))
    right, top = np.mean(p.argmax(axis=1) == true), p.max(axis=1).mean()
    # Finer bins cannot hide more than one for all.
    assert abs(right - top) - 1e-5 <= found <= 1.0 + 1e-5


def test_survivors_count_where_both_are_stripped_and_differ():
    stripped, two = int(Fate.STRIPPED), int(Fate.TWO)
    fate = jnp.array([stripped, stripped, stripped, two, stripped])
    true = jnp.array([stripped, stripped, stripped, stripped, two])
    m1, m2 = jnp.array([1.0, 0.0, 1.0, 1.0, 0.0]), jnp.array([0.0, 0.3, 0.0, 0.9, 1.0])
    true_m1, true_m2 = jnp.array([0.9, 0.8, 0.0, 0.0, 1.0]), jnp.array([0, 0, 0.4, 1.0, 1.0])
    everyone = jnp.ones(5, bool)
    found = survivor_accuracy(fate, m1, m2, true, true_m1, true_m2, everyone)
    assert found == pytest.approx(1 / 3)
    only_first = jnp.array([True, False, False, True, True])
    assert survivor_accuracy(fate, m1, m2, true, true_m1, true_m2, only_first) == 1.0
    nobody = survivor_accuracy(fate, m1, m2, true, true_m1, true_m2, ~everyone)
    assert np.isnan(nobody)


def test_coverage_counts_survivors_alone():
    low, high = jnp.array([1.0, 1.0, 1.0, 0.0]), jnp.array([2.0, 2.0, 2.0, 0.0])
    true = jnp.array([1.5, 2.5, 2.0, 0.0])
    assert coverage(low, high, true, true > 0) == pytest.approx(2 / 3)
    assert np.isnan(coverage(low, high, true, jnp.zeros(4, bool)))
    unknown = jnp.full(4, jnp.nan)
    assert np.isnan(coverage(unknown, unknown, true, true > 0))


@given(st.floats(1e-3, 100.0), st.integers(-7, 7))
def test_coverage_forgives_rounding_alone(mass, ulps):
    edge = np.float32(mass)
    bound = jnp.asarray([edge])
    off = jnp.asarray([edge * np.float32(1 + ulps * 1e-7)])
    yes = jnp.ones(1, bool)
    assert coverage(bound, bound, off, yes) == 1.0
    assert coverage(bound, bound, bound * 1.00001, yes) == 0.0
    assert coverage(bound, bound, bound * 0.99999, yes) == 0.0


def test_coverage_of_a_known_law():
    random = np.random.default_rng(0)
    true = jnp.asarray(10.0 + random.normal(size=20_000))
    for share, width in ((0.68, 0.9945), (0.95, 1.95996)):
        edges = jnp.full(20_000, 10.0 - width), jnp.full(20_000, 10.0 + width)
        assert coverage(*edges, true, true > 0) == pytest.approx(share, abs=0.01)


def test_json_has_no_nan():
    values = as_json(Confidence(*map(jnp.asarray, (0.5, 1.0, np.nan, np.nan, 0.25, np.inf))))
    assert list(values.values()) == [0.5, 1.0, None, None, 0.25, None]
