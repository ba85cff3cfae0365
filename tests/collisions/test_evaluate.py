"""What the shipped checkpoints reach on the published validation rows."""

import numpy as np
import pytest

import surrogate
from surrogate import Encounter, Fate, Regime
from surrogate.collisions.evaluate import (
    ask_pipeline,
    confusion,
    evaluate_networks,
    evaluate_pipeline,
)
from surrogate.collisions.grid import load_grid, published_split
from surrogate.collisions.predictor import shipped_checkpoints
from surrogate.collisions.structure import radius
from surrogate.learning.checkpoints import load_card


@pytest.fixture(scope="module")
def grid(sph_grid_dir):
    return load_grid(sph_grid_dir)


@pytest.fixture(scope="module")
def validation(grid, sph_grid_dir):
    return grid.take(published_split(grid, sph_grid_dir / "data_splits_v1.npz").val)


@pytest.mark.slow
def test_separate_networks(validation):
    measures = evaluate_networks(surrogate.load("separate"), validation)
    assert measures.balanced_accuracy >= 0.975
    assert measures.median_relative_error_1 <= 1.3e-3
    assert measures.median_relative_error_2 <= 2.0e-3


@pytest.mark.slow
def test_mixture_of_experts(validation):
    assert evaluate_networks(surrogate.load("mixture"), validation).balanced_accuracy >= 0.975


@pytest.mark.slow
def test_pipeline_loses_nothing_to_its_radii(validation):
    model = surrogate.load()
    alone, whole = evaluate_networks(model, validation), evaluate_pipeline(model, validation)
    assert whole.balanced_accuracy >= alone.balanced_accuracy - 0.002
    assert whole.median_relative_error_1 <= 1.3e-3
    assert whole.median_relative_error_2 <= 2.0e-3


@pytest.mark.slow
def test_every_simulated_row_is_a_collision_within_the_domain(grid):
    outcome = ask_pipeline(surrogate.load(), grid)
    assert np.all(outcome.regime == Regime.COLLISION)
    assert np.all(outcome.in_domain)


@pytest.mark.slow
def test_the_survivor_of_a_stripping_is_the_right_star(validation):
    outcome = ask_pipeline(surrogate.load(), validation)
    stripped = (validation.fate == Fate.STRIPPED) & (np.asarray(outcome.fate) == Fate.STRIPPED)
    unequal = stripped & (validation.m1 != validation.m2)
    right = (validation.m1_final > 0) == (np.asarray(outcome.m1_final) > 0)
    assert right[unequal].mean() > 0.97


@pytest.mark.parametrize(
    ("network", "measure", "limit"),
    [
        ("classifier", "balanced_accuracy", 0.975),
        ("mixture", "balanced_accuracy", 0.975),
        ("regressor", "median_relative_error_1", 1.3e-3),
        ("regressor", "median_relative_error_2", 2.0e-3),
    ],
)
def test_three_seeds_reach_the_goals_in_the_mean(network, measure, limit):
    card = load_card(shipped_checkpoints() / network)
    values = card["validation"][measure]
    assert len(values) >= 3
    if measure == "balanced_accuracy":
        assert np.mean(values) >= limit
    else:
        assert np.mean(values) <= limit


@pytest.mark.parametrize("network", ["classifier", "regressor", "mixture"])
def test_model_cards_tell_where_the_networks_come_from(network):
    card = load_card(shipped_checkpoints() / network)
    assert len(card["data"]["sha256"]) == 64
    assert card["split"]["name"] == "published"
    assert card["seed"] in card["seeds"]
    assert card["hyperparameters"]["optimiser"] == "AdamW"


def test_confusion_counts_rows():
    counts = confusion([0, 1, 2, 3, 1], [0, 1, 2, 3, 2])
    assert counts.sum() == 5
    assert counts[2, 1] == 1
    assert np.trace(counts) == 4


def test_a_real_slab_is_answered_in_the_callers_order(sph_grid_dir):
    grid = load_grid(sph_grid_dir).take(np.arange(500))
    model = surrogate.load()
    e = Encounter(grid.age, grid.m1, grid.m2, grid.rp, grid.vinf)
    here, there = model(e), model(e._replace(m1=e.m2, m2=e.m1))
    unequal = grid.m1 != grid.m2
    np.testing.assert_array_equal(here.m1_final[unequal], there.m2_final[unequal])
    np.testing.assert_allclose(radius(grid.m1, grid.age), grid.r1, rtol=1e-5)
