"""How answers are judged, and what the shipped checkpoints reach on the validation rows."""

import numpy as np
import pytest

import surrogate
from surrogate import Encounter, Fate, Regime
from surrogate.collisions.encounter import Bounds, Outcome
from surrogate.collisions.evaluate import (
    ask_pipeline,
    confidence,
    confusion,
    evaluate_networks,
    evaluate_pipeline,
)
from surrogate.collisions.grid import Grid, load_grid, published_split
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
    model = surrogate.load("separate")
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
@pytest.mark.parametrize(("name", "limit"), [("ensemble", 0.97), ("separate", 0.97)])
def test_the_survivor_of_a_stripping_is_the_right_star(validation, name, limit):
    outcome = ask_pipeline(surrogate.load(name), validation)
    assert confidence(outcome, validation).survivor_accuracy > limit


@pytest.mark.slow
def test_the_ensemble_is_as_sure_as_it_should_be(validation):
    found = confidence(ask_pipeline(surrogate.load("ensemble"), validation), validation)
    assert found.ece < 0.02
    for star in (1, 2):
        assert 0.63 < getattr(found, f"coverage68_{star}") < 0.78
        assert 0.92 < getattr(found, f"coverage95_{star}") < 0.99


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


@pytest.mark.slow
def test_a_real_slab_is_answered_in_the_callers_order(sph_grid_dir):
    grid = load_grid(sph_grid_dir).take(np.arange(500))
    model = surrogate.load()
    e = Encounter(grid.age, grid.m1, grid.m2, grid.rp, grid.vinf)
    here, there = model(e), model(e._replace(m1=e.m2, m2=e.m1))
    unequal = grid.m1 != grid.m2
    np.testing.assert_array_equal(here.m1_final[unequal], there.m2_final[unequal])
    np.testing.assert_allclose(radius(grid.m1, grid.age), grid.r1, rtol=1e-5)


STRIPPED, TWO, MERGER, NONE = Fate.STRIPPED, Fate.TWO, Fate.MERGER, Fate.NONE


def made_up(fate, m1_final, m2_final, m1, m2):
    """A grid of collisions of which only fates and masses matter."""
    n = len(fate)
    one = np.ones(n)
    return Grid(
        *(one, one, one, np.array(m1, float), np.array(m2, float), one, one),
        fate=np.array(fate, int),
        m1_final=np.array(m1_final, float),
        m2_final=np.array(m2_final, float),
        sigma=np.ones(n, int),
        metallicity=one,
    )


def answered(grid, p, bounds1, bounds2, **changes):
    """An outcome with the grid's own fates and masses; bounds are (low, high) for both levels."""
    zero = np.zeros(len(grid))

    def interval(edges):
        low, high = np.array(edges, float).T
        return Bounds(low, high, low - 0.1, high + 0.1)

    fields = dict(zip(("p_none", "p_merger", "p_two", "p_stripped"), np.array(p).T, strict=True))
    outcome = Outcome(
        regime=np.zeros(len(grid), int),
        fate=grid.fate,
        **fields,
        p_survivor1=zero,
        p_survivor2=zero,
        m1_final=grid.m1_final,
        m2_final=grid.m2_final,
        m_unbound=zero,
        m1_bounds=interval(bounds1),
        m2_bounds=interval(bounds2),
        unbound_bounds=interval(bounds1),
        ood=zero,
        in_domain=zero == 0,
        reason=zero.astype(int),
    )
    return outcome._replace(**changes)


def test_bounds_follow_the_star_that_truly_survives():
    fates = [STRIPPED, STRIPPED, TWO, MERGER, NONE]
    grid = made_up(fates, [0, 0.7, 1, 2.9, 0], [0.5, 0, 0.8, 0, 0], [2] * 5, [1] * 5)
    p = np.eye(4)[fates]
    nothing = (0, 0)
    first = [nothing, (0.6, 0.65), (0.9, 1.1), (2.85, 2.95), nothing]
    second = [(0.4, 0.6), nothing, (0.5, 0.6), nothing, nothing]
    found = confidence(answered(grid, p, first, second), grid)
    # Slot 1: stripped star 2 in, stripped star 1 out (but within 95 per cent), two in, merger in.
    assert found.coverage68_1 == pytest.approx(0.75)
    assert found.coverage95_1 == pytest.approx(1.0)
    # Slot 2: only where two survive.
    assert found.coverage68_2 == 0.0
    assert found.coverage95_2 == 0.0
    assert found.ece == 0.0
    assert found.survivor_accuracy == 1.0


def test_identical_stars_have_no_wrong_survivor():
    grid = made_up([STRIPPED] * 3, [0.5] * 3, [0] * 3, [1, 1, 2], [1, 1, 1])
    p = np.eye(4)[grid.fate]
    edges = [(0, 1)] * 3
    wrong = answered(grid, p, edges, edges, m1_final=grid.m2_final, m2_final=grid.m1_final)
    right = answered(grid, p, edges, edges)
    mixed = right._replace(m1_final=np.array([0, 0, 0.5]), m2_final=np.array([0.5, 0.5, 0]))
    assert confidence(wrong, grid).survivor_accuracy == 0.0
    assert confidence(mixed, grid).survivor_accuracy == 1.0


def test_a_model_without_bounds_has_no_coverage():
    grid = made_up([TWO, MERGER], [1, 2], [1, 0], [1.5, 2], [1, 1])
    edges = [(np.nan, np.nan)] * 2
    found = confidence(answered(grid, [[0, 0.2, 0.8, 0], [0, 0.8, 0.2, 0]], edges, edges), grid)
    assert np.isnan(found[2:]).all()
    assert found.ece == pytest.approx(0.2)
    assert np.isnan(found.survivor_accuracy)


@pytest.mark.slow
def test_the_grids_own_radii_decide_on_contact():
    grid = made_up([TWO, TWO], [1, 1], [1, 1], [1, 1], [1, 1])
    grid = Grid(**{**grid.columns(), "rp": np.full(2, 2.5), "r1": np.array([1.0, 2.0])})
    model = surrogate.load("separate")
    assert ask_pipeline(model, grid, own_radii=True).regime[1] == Regime.COLLISION
    assert np.all(ask_pipeline(model, grid).regime != Regime.COLLISION)
