import numpy as np
import pytest

from surrogate.enrichment.classifiers.training import (
    prepare_patterns,
    random_split,
    source_folds,
    training_set,
)
from surrogate.enrichment.features import PB_SET


def of_process(patterns, process):
    return patterns.take(np.array([p == process for p in patterns.process]))


def test_features_are_counted_from_europium(patterns):
    training = training_set(patterns, PB_SET)
    assert training.elements == PB_SET
    assert (training.x[:, PB_SET.index("Eu")] == 0.0).all()
    lead = patterns.log_y("Pb") - patterns.log_y("Eu")
    np.testing.assert_allclose(training.x[:, -1], lead, rtol=1e-6)
    assert [("r", "s")[k] for k in training.label] == list(patterns.process)


def test_patterns_without_an_element_are_left_out(patterns):
    y = patterns.y.copy()
    y[3, 82] = -1.0
    training = training_set(type(patterns)(y, *_texts(patterns)), PB_SET)
    assert len(training) == len(patterns) - 1
    assert patterns.model[3] not in training.model


def test_balanced(patterns):
    uneven = patterns.take(np.arange(len(patterns)) >= 15)
    even = prepare_patterns(uneven)
    assert even.process.count("r") == even.process.count("s") == 25
    loose = prepare_patterns(uneven, balanced=False)
    assert (loose.process.count("r"), loose.process.count("s")) == (25, 40)


def test_lists_of_patterns_in_any_order(patterns):
    r, s = of_process(patterns, "r"), of_process(patterns, "s")
    one, other = prepare_patterns([r, s]), prepare_patterns([s, r])
    assert one.model == other.model


def test_a_process_without_patterns(patterns):
    with pytest.raises(ValueError, match="none of process s"):
        prepare_patterns([of_process(patterns, "r")])


def test_no_group_on_both_sides(training):
    folds = source_folds(training)
    groups = np.array(training.group)
    assert len(folds) == 4
    for fold in folds:
        assert not set(groups[fold.rest]) & set(groups[fold.test])
        assert set(training.label[fold.test]) == set(training.label[fold.rest]) == {0, 1}
        assert sorted([*fold.rest, *fold.test]) == list(range(len(training)))


def test_one_group_cannot_be_held_back(training):
    lone = training.take(np.array([g != "Bo" for g in training.group]))
    with pytest.raises(ValueError, match="process r: 1 group"):
        source_folds(lone)


def test_the_random_split():
    split = random_split(100, [4, 5])
    assert split.train.shape == (2, 60)
    assert split.validation.shape == split.test.shape == (2, 20)
    for parts in zip(*split, strict=True):
        assert sorted(np.concatenate(parts)) == list(range(100))
    assert (split.train[0] != split.train[1]).any()
    np.testing.assert_array_equal(random_split(100, [5]).train[0], split.train[1])


def test_a_split_of_some_rows_without_a_test_set():
    rows = np.arange(50, 90)
    split = random_split(rows, [0], test=False)
    assert (split.train.shape[1], split.validation.shape[1], split.test.shape[1]) == (30, 10, 0)
    assert set(split.train[0]) | set(split.validation[0]) == set(rows)


def _texts(patterns):
    return patterns.process, patterns.source, patterns.model, patterns.group
