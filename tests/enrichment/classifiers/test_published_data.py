"""What the classifiers must reach on the published simulations and stars."""

import numpy as np
import pytest

from surrogate.enrichment.bank import shipped_patterns
from surrogate.enrichment.classifiers.evaluate import agreement, auc_by_source, one_class_rates
from surrogate.enrichment.classifiers.generative import fit_generative, observe, probabilities
from surrogate.enrichment.classifiers.label import label_stars
from surrogate.enrichment.classifiers.sets import published_sets
from surrogate.enrichment.classifiers.shipped import load_shipped
from surrogate.enrichment.classifiers.training import PROCESSES, prepare_patterns, training_set
from surrogate.enrichment.features import SETS
from surrogate.enrichment.jinabase import read_jinabase
from surrogate.enrichment.published import TABLE_1
from surrogate.enrichment.references import find

SEEDS = tuple(range(4))
EPOCHS = 3000
"""The losses hardly fall after these, and boundaries stay where they are."""


@pytest.fixture(scope="module")
def whole(data):
    """The library's own patterns of r and i, and published ones of r and s."""
    return [shipped_patterns(), *published_sets(data)]


@pytest.fixture(scope="module")
def r_and_s(whole):
    return prepare_patterns(whole, balanced=False).of("r", "s")


@pytest.fixture(scope="module")
def stars(data):
    whole = read_jinabase(data / "jinabase").stars
    return whole.take([find(whole, row.name, row.reference) for row in TABLE_1])


def test_the_training_set_is_balanced(whole):
    even = prepare_patterns(whole)
    assert even.process.count("r") == even.process.count("s") >= 140


@pytest.mark.slow
def test_probabilities_agree_with_jinabase(r_and_s, stars):
    model = fit_generative(r_and_s)
    p = probabilities(model, observe(stars, model.elements))
    found = [PROCESSES[k] for k in p.argmax(axis=1)]
    assert sum(a == row.jinabase for a, row in zip(found, TABLE_1, strict=True)) >= 36


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("size", ["L", "S"])
def test_unseen_sources_are_told_apart(whole, name, size):
    training = training_set(prepare_patterns(whole), SETS[name])
    for result in auc_by_source(training, SEEDS, size=size, epochs=EPOCHS):
        if result.state == "max":
            assert np.median(result.auc) >= 0.995, result


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("process", ["r", "s"])
@pytest.mark.parametrize("size", ["L", "S"])
def test_boundaries_keep_their_class_and_no_other(r_and_s, name, process, size):
    training = training_set(r_and_s, SETS[name])
    rates = one_class_rates(training, process, SEEDS, size=size, epochs=EPOCHS)
    assert rates.kept.mean() >= 0.9
    assert np.median(rates.other) <= 0.05


@pytest.mark.slow
def test_shipped_labels_agree_with_jinabase_and_the_paper(stars):
    result = agreement(label_stars(stars, load_shipped()), TABLE_1)
    assert result.stars == 38
    assert result.overall_jinabase >= 33
    assert result.overall_paper >= 34
