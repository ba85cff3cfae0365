from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from surrogate.enrichment.classifiers.binary import STATES, auc, fit_binary, roc_threshold
from surrogate.enrichment.classifiers.training import Split, random_split

SEEDS = (0, 3, 8)
EPOCHS = 400


@pytest.fixture(scope="module")
def split(training):
    return random_split(len(training), SEEDS)


@pytest.fixture(scope="module")
def net(training, split):
    return fit_binary(training, split, SEEDS, epochs=EPOCHS, learning_rate=3e-3)


def test_it_tells_unseen_patterns_apart(training, split, net):
    for state in STATES:
        votes = net.votes(training.x, state)
        for k, rows in enumerate(split.test):
            assert (votes[k, rows] == training.label[rows]).mean() >= 0.9


def test_minimal_separation_follows_the_last_overlap(net):
    for k in range(len(SEEDS)):
        overlapping = np.flatnonzero(net.history["auc"][k] < 1.0)
        # Epochs count from 1, so that the index of the last overlap is one less than its epoch.
        assert net.epoch["min"][k] == (overlapping[-1] + 2 if len(overlapping) else 1)


def test_at_minimal_separation_classes_are_just_apart(training, split, net):
    output = net.output(training.x, "min")
    for k, rows in enumerate(split.train):
        mine, label = output[k, rows], training.label[rows]
        assert mine[label == 0].max() < net.threshold["min"][k] < mine[label == 1].min()


def test_maximal_separation_is_the_least_validation_loss(net):
    best = net.history["validation"].argmin(axis=1) + 1
    np.testing.assert_array_equal(net.epoch["max"], best)


def test_a_seed_alone_is_the_seed_among_others(training, split, net):
    alone = Split(*(part[1:2] for part in split))
    one = fit_binary(training, alone, SEEDS[1:2], epochs=EPOCHS, learning_rate=3e-3)
    for state in STATES:
        np.testing.assert_allclose(
            one.output(training.x, state)[0], net.output(training.x, state)[1], atol=2e-3
        )


def test_the_same_seeds_give_the_same_networks(training, split, net):
    again = fit_binary(training, split, SEEDS, epochs=EPOCHS, learning_rate=3e-3)
    for state in STATES:
        np.testing.assert_array_equal(again.output(training.x), net.output(training.x))
        np.testing.assert_array_equal(again.threshold[state], net.threshold[state])


def test_the_order_of_patterns_does_not_matter(training, split, net):
    order = np.random.default_rng(0).permutation(len(training))
    place = np.argsort(order)
    moved = Split(*(place[part] for part in split))
    other = fit_binary(training.take(order), moved, SEEDS, epochs=EPOCHS, learning_rate=3e-3)
    np.testing.assert_allclose(other.output(training.x), net.output(training.x), atol=2e-3)


def test_no_answer_without_an_element(training, net):
    x = training.x[:2].copy()
    x[0, 3] = np.nan
    assert (net.votes(x)[:, 0] == -1).all()
    assert (net.votes(x)[:, 1] >= 0).all()


def test_no_answer_from_a_training_that_never_came_so_far(training, net):
    never = replace(net, epoch={**net.epoch, "min": np.array([0, 5, 5])})
    votes = never.votes(training.x, "min")
    assert (votes[0] == -1).all()
    assert (votes[1:] >= 0).all()


def test_the_i_process_is_refused(training, split):
    with pytest.raises(ValueError, match="i-process"):
        fit_binary(replace(training, label=training.label * 2), split, SEEDS, epochs=1)


def test_area_under_the_curve():
    random = np.random.default_rng(5)
    label = random.integers(0, 2, 80)
    output = np.round(random.normal(size=80) + label, 1)
    expected = roc_auc_score(label, output)
    assert float(auc(jnp.asarray(output), jnp.asarray(label))) == pytest.approx(expected, abs=1e-6)


def test_threshold_after_perfect_separation_is_in_the_middle():
    output, label = np.array([0.1, 0.2, 0.6, 0.9]), np.array([0, 0, 1, 1])
    assert roc_threshold(output, label) == pytest.approx(0.4)


def test_threshold_before_it_is_nearest_to_the_corner():
    output = np.array([0.1, 0.2, 0.3, 0.7, 0.5, 0.8, 0.85, 0.9])
    label = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    # Losing one s pattern costs as much as letting one r pattern in: the lowest is taken.
    assert roc_threshold(output, label) == pytest.approx(0.4)
