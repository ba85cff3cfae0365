"""The ensemble trains, and leaves a model that says how sure it is."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import surrogate
from surrogate.collisions import train_ensemble as module
from surrogate.collisions.features import STRUCTURE_FEATURES, StructureFeatures, structure_features
from surrogate.collisions.grid import Split
from surrogate.collisions.prediction import Survivors
from surrogate.collisions.rows import Rows, fit_scales, prepare, prepare_pairs
from surrogate.collisions.symmetric import Raw
from surrogate.collisions.train_ensemble import (
    fate_nll,
    mass_nll,
    measures,
    seen,
    task,
    train_ensemble,
)
from surrogate.learning.checkpoints import load_model

pytestmark = pytest.mark.slow  # it compiles for minutes

SEEDS = (3, 4)
SPLIT = Split(np.arange(0, 1100), np.arange(1100, 1400), np.array([], int))
NONE, MERGER, TWO, FIRST, SECOND = Survivors


@pytest.fixture(scope="module")
def grid(synthetic_grid):
    return synthetic_grid(1400)


@pytest.fixture(scope="module")
def trained(grid, tmp_path_factory):
    """The folder of an ensemble of two members, and what its trainer tells."""
    out = tmp_path_factory.mktemp("models") / "ensemble"
    provenance = {"data": "rule"}
    card = train_ensemble(
        "ensemble", grid, SPLIT, seeds=SEEDS, out=out, epochs=2, provenance=provenance
    )
    return out, card


def test_the_checkpoint_comes_with_its_card(trained):
    arrays, card = load_model(trained[0])
    assert card["network"] == "ensemble"
    assert card["features"] == list(STRUCTURE_FEATURES)
    assert card["seeds"] == list(SEEDS)
    assert card["data"] == "rule"
    assert all(len(values) == len(SEEDS) for values in card["validation"].values())
    weights = [v for k, v in arrays.items() if k.startswith("network/")]
    assert all(len(w) == len(SEEDS) for w in weights)
    assert card["validation"] == trained[1]["validation"]


def test_training_lowers_the_loss(grid, trained):
    pairs = [prepare_pairs(grid.take(rows)) for rows in (SPLIT.train, SPLIT.val)]
    scales = fit_scales(structure_features(pairs[0]))
    rows = prepare(grid.take(SPLIT.val), pairs[1], scales)
    untrained = task("ensemble")
    start = untrained.evaluate(untrained.init(jax.random.key(0)), rows)
    for name in ("fate_nll", "mass_nll"):
        assert max(trained[1]["validation"][name]) < start[name]
    assert min(trained[1]["validation"]["accuracy"]) > start["accuracy"]


def test_the_trained_model_answers_and_says_how_sure_it_is(trained):
    outcome = surrogate.load("ensemble", path=trained[0].parent)(0.5, 2.0, 1.0, 0.5, 100.0)
    assert outcome.regime == surrogate.Regime.COLLISION
    for mass, bounds in [
        (outcome.m1_final, outcome.m1_bounds),
        (outcome.m2_final, outcome.m2_bounds),
        (outcome.m_unbound, outcome.unbound_bounds),
    ]:
        assert bounds.low95 <= bounds.low68 <= mass <= bounds.high68 <= bounds.high95
    assert 0.0 <= outcome.ood < 2.0


def test_the_same_seeds_give_the_same_checkpoint_in_one_program(
    grid, trained, tmp_path, monkeypatch
):
    trainings = []

    def fit(*args, **options):
        trainings.append(args[4])
        return actual(*args, **options)

    actual = module.fit
    monkeypatch.setattr(module, "fit", fit)
    train_ensemble("ensemble", grid, SPLIT, seeds=SEEDS, out=tmp_path / "again", epochs=2)
    assert trainings == [SEEDS]
    one, two = (load_model(path)[0] for path in (trained[0], tmp_path / "again"))
    jax.tree.map(np.testing.assert_array_equal, one, two)


def test_every_star_was_seen_once(grid):
    some = grid.take(np.arange(20))
    repeated = grid.take(np.tile(np.arange(20), 2))
    found = [seen(prepare_pairs(g)) for g in (some, repeated)]
    assert found[0].stars.shape == (40, 3)
    np.testing.assert_array_equal(found[1].stars, found[0].stars)
    np.testing.assert_allclose(
        np.exp(found[0].speeds), [some.vinf.min(), some.vinf.max()], rtol=1e-5
    )


def rows_of(outcomes, fractions, weight=1.0):
    n = len(outcomes)
    shares = jnp.tile(jnp.array([0.8, 0.2]), (n, 1))
    return Rows(
        x=StructureFeatures(jnp.zeros((n, 1)), jnp.zeros((n, 1)), shares),
        outcome=jnp.array(outcomes, jnp.int32),
        otherwise=jnp.full(n, int(NONE), jnp.int32),
        doubt=jnp.zeros(n),
        fate_weight=jnp.ones(n),
        fractions=jnp.broadcast_to(jnp.array(fractions), (n, 2)),
        weight=jnp.full(n, weight),
    )


def guess(n, scale=0.01):
    """The same answer n times: 0.7 and 0.15 of the mass are left."""
    left = jnp.array([[0, 0], [1, 0], [1, 1], [1, 0], [0, 1]], bool)
    bound = jnp.where(left, jnp.array([0.7, 0.15]), 0.0)
    fractions = jnp.concatenate([bound, 1.0 - bound.sum(axis=1, keepdims=True)], axis=1)
    log_p = jnp.log(jnp.array([0.1, 0.2, 0.4, 0.2, 0.1]))
    log_scale = jnp.where(left, jnp.log(scale), -jnp.inf)
    return Raw(*(jnp.tile(a, (n, *(1,) * a.ndim)) for a in (log_p, fractions, log_scale)))


def test_masses_of_destroyed_stars_play_no_part():
    outcomes = [NONE, MERGER, FIRST, SECOND]
    loss = mass_nll(guess(4), rows_of(outcomes, [0.6, 0.1]))
    assert jnp.isfinite(loss).all()
    assert loss[0] == 0.0
    other1 = mass_nll(guess(4), rows_of(outcomes, [0.5, 0.1]))
    other2 = mass_nll(guess(4), rows_of(outcomes, [0.6, 0.3]))
    assert (other1 != loss).tolist() == [False, True, True, False]
    assert (other2 != loss).tolist() == [False, False, False, True]


def test_gradients_of_the_masses_are_finite_where_stars_are_destroyed():
    rows = rows_of(list(Survivors), [0.6, 0.1])

    def loss(shift):
        raw = guess(5)
        return mass_nll(raw._replace(log_scale=raw.log_scale + shift), rows).sum()

    assert jnp.isfinite(jax.grad(loss)(0.1))


def test_the_scale_that_suits_an_error_is_about_that_error():
    rows = rows_of([FIRST], [0.7 + 0.8 * 0.02, 0.0])
    scales = np.geomspace(1e-3, 1.0, 61)
    losses = [float(mass_nll(guess(1, scale), rows)[0]) for scale in scales]
    assert scales[np.argmin(losses)] == pytest.approx(0.02, rel=0.15)


def test_assumed_rows_count_less():
    full, less = (mass_nll(guess(1), rows_of([TWO], [0.6, 0.1], w)) for w in (1.0, 0.1))
    np.testing.assert_allclose(less, 0.1 * full, rtol=1e-6)


def test_a_doubted_outcome_is_best_guessed_with_its_doubt():
    rows = rows_of([FIRST], [0.6, 0.1])._replace(doubt=jnp.array([0.3]))
    p = np.linspace(0.01, 0.99, 99)
    losses = []
    for first in p:
        log_p = jnp.log(jnp.array([[1.0 - first, 1e-9, 1e-9, first, 1e-9]]))
        losses.append(float(fate_nll(guess(1)._replace(log_probability=log_p), rows)[0]))
    assert p[np.argmin(losses)] == pytest.approx(0.7, abs=0.011)


def test_the_score_is_the_median_error_of_what_is_left():
    rows = rows_of([FIRST, FIRST, NONE], [0.7 + 0.8 * 0.02, 0.5])
    found = measures(guess(3), rows)
    assert found["score"] == pytest.approx(0.02, rel=1e-4)
    assert found["accuracy"] == 0.0
