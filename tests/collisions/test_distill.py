"""The fast network learns what the ensemble knows."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import surrogate
from surrogate import Domain
from surrogate.collisions import distill
from surrogate.collisions.distill import (
    ask,
    sample_encounters,
    sample_lessons,
    sample_stars,
    task,
    train_fast,
)
from surrogate.collisions.features import QUICK_FEATURES, quick_features
from surrogate.collisions.grid import Split
from surrogate.collisions.prediction import Survivors
from surrogate.collisions.predictor import shipped_checkpoints
from surrogate.collisions.rows import fit_scales
from surrogate.learning.checkpoints import load_model

pytestmark = pytest.mark.slow  # it compiles for minutes

N = 2000
SPLIT = Split(np.arange(0, 300), np.arange(300, 400), np.array([], int))
TEACHER = shipped_checkpoints() / "ensemble"


@pytest.fixture(scope="module")
def teacher():
    return {k: jnp.asarray(v) for k, v in load_model(TEACHER)[0].items()}


@pytest.fixture(scope="module")
def encounters():
    return sample_encounters(jax.random.key(1), *sample_stars(jax.random.key(0), N))


@pytest.fixture(scope="module")
def lessons(teacher, encounters):
    """The ensemble's answers, in two blocks and a bit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distill, "BLOCK", 900)
        return ask(teacher, encounters)


@pytest.fixture(scope="module")
def trained(synthetic_grid, tmp_path_factory):
    """The folder of a fast network, and what its trainer tells."""
    out = tmp_path_factory.mktemp("models") / "fast"
    options = {"epochs": 1, "n_lessons": N, "teacher": TEACHER, "provenance": {"data": "rule"}}
    return out, train_fast(synthetic_grid(400), SPLIT, seeds=[5], out=out, **options)


def test_the_ensemble_is_asked_about_collisions_of_its_domain(encounters, arranged):
    pair = arranged(encounters)
    not_to_be = Domain.INVALID | Domain.MASS | Domain.POST_TAMS | Domain.VELOCITY | Domain.RADIUS
    assert not np.any(pair.reason & int(not_to_be))
    depth = np.asarray(pair.rp / (pair.r1 + pair.r2))
    assert np.all((depth >= 0.0) & (depth <= 1.0))
    assert depth.min() < 0.02
    assert depth.max() > 0.98
    assert 0.4 < np.asarray(pair.swapped).mean() < 0.6


def test_a_key_decides_what_is_asked(encounters):
    same, other = (sample_stars(jax.random.key(k), N) for k in (0, 1))
    np.testing.assert_array_equal(same[1], encounters.m1)
    assert np.all(other[1] != encounters.m1)


def test_half_the_questions_are_about_simulated_stars_and_the_simulations_come_last(
    synthetic_grid,
):
    grid = synthetic_grid(30)
    asked = sample_lessons(jax.random.key(0), 20, grid)
    assert len(asked.m1) == 20 + len(grid)
    known = set(zip(*np.float32([grid.age, grid.m1, grid.m2]).tolist(), strict=True))
    stars = list(zip(*(np.asarray(x).tolist() for x in asked[:3]), strict=True))
    assert [pair in known for pair in stars] == [False] * 10 + [True] * 40
    np.testing.assert_array_equal(asked.rp[20:], np.float32(grid.rp))
    assert not np.isin(asked.rp[:20], np.float32(grid.rp)).any()


def test_lessons_tell_probabilities_and_the_masses_of_every_outcome(lessons):
    assert lessons.probability.shape == (N, len(Survivors))
    np.testing.assert_allclose(lessons.probability.sum(axis=1), 1.0, atol=1e-5)
    # Certain of most collisions, and of two minds about some.
    sure = np.asarray(lessons.probability.max(axis=1))
    assert (sure > 0.9).mean() > 0.7
    assert (sure < 0.7).any()
    np.testing.assert_array_equal(lessons.scale > 0, lessons.fractions > 0)


def test_lessons_stand_with_their_encounters(lessons, encounters, arranged):
    expected = quick_features(arranged(encounters))
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4), lessons.x, expected
    )
    slow = np.asarray(encounters.vinf < 20.0)
    assert slow.sum() > 100
    assert np.mean(lessons.probability[slow, Survivors.MERGER] > 0.9) > 0.9


def test_training_brings_the_network_nearer_to_the_ensemble(trained, lessons):
    arrays, _ = load_model(trained[0])
    scales = fit_scales(lessons.x)
    rows = lessons._replace(x=scales(lessons.x))
    loss = jax.jit(task().loss)
    weights = {
        k.removeprefix("network/"): v[0] for k, v in arrays.items() if k.startswith("network/")
    }
    assert loss(weights, rows) < loss(task().init(jax.random.key(0)), rows)


def test_the_checkpoint_comes_with_its_card(trained):
    _, card = load_model(trained[0])
    assert card["network"] == "fast"
    assert card["features"] == list(QUICK_FEATURES)
    assert card["lessons"] == N + len(SPLIT.train)
    assert card["seed"] == 5
    assert card["teacher"]["network"] == "ensemble"
    assert card["data"] == "rule"


def test_the_trained_model_answers(trained):
    outcome = surrogate.load("fast", path=trained[0].parent)(0.5, 2.0, 1.0, 0.5, 100.0)
    total = outcome.m1_final + outcome.m2_final + outcome.m_unbound
    assert float(total) == pytest.approx(3.0, rel=1e-6)
    assert 0.0 <= outcome.ood < 1.0


def test_there_is_nothing_to_learn_without_an_ensemble(synthetic_grid, tmp_path):
    with pytest.raises(ValueError, match="train that first"):
        train_fast(synthetic_grid(400), SPLIT, seeds=[0], out=tmp_path / "fast")
