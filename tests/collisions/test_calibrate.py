"""What is measured on rows that networks have not learned from holds for fresh ones."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.collisions.calibrate import fit_law, fit_temperature, fit_tilt, residuals
from surrogate.collisions.ensemble import Opinion
from surrogate.collisions.prediction import Survivors
from surrogate.collisions.uncertainty import LEVELS, Calibration, mass_bounds

N = 4000
NONE, MERGER, TWO, FIRST, SECOND = Survivors
SCATTERS = {
    "laplace": lambda rng, shape: rng.laplace(size=shape),
    "gauss": lambda rng, shape: rng.normal(size=shape),
}
LEFT = np.array([[0, 0], [1, 0], [1, 1], [1, 0], [0, 1]], bool)
"""Whether star 1 and star 2 are left, by outcome."""


def opinions(outcome, scatter, rng, misjudged=1.0):
    """Opinions on outcomes that are sure, and true masses that scatter about them.

    `misjudged` is the scatter in units of what the networks expect.
    """
    n = len(outcome)
    bound = np.where(LEFT, 0.4, 0.0) * np.ones((n, 1, 1))
    fractions = np.concatenate([bound, 1.0 - bound.sum(axis=2, keepdims=True)], axis=2)
    own = np.where(LEFT, 10 ** rng.uniform(-3.5, -2.3, (n, 1, 1)), 0.0)
    scale = np.concatenate([own, own.sum(axis=2, keepdims=True)], axis=2)
    p = np.log(np.where(np.arange(5) == outcome[:, None], 1.0, 1e-20))
    rows = np.arange(n)
    star = fractions[rows, outcome, :2] + misjudged * scale[rows, outcome, :2] * scatter(
        rng, (n, 2)
    )
    true = np.concatenate([star, 1.0 - star.sum(axis=1, keepdims=True)], axis=1)
    return Opinion(p, fractions, scale), true


@pytest.mark.parametrize("misjudged", [0.3, 2.0])
@pytest.mark.parametrize("scatter", SCATTERS)
def test_bounds_cover_what_they_promise(scatter, misjudged):
    rng = np.random.default_rng(0)
    seen, fresh = (np.repeat(np.arange(5), N) for _ in range(2))
    law = fit_law(residuals(*opinions(seen, SCATTERS[scatter], rng, misjudged), seen), seen)
    opinion, true = opinions(fresh, SCATTERS[scatter], rng, misjudged)
    calibration = Calibration(1.0, law, 0.0, np.zeros((5, 3)))
    found = jax.jit(mass_bounds)(
        np.exp(opinion.log_probability),
        opinion.fractions,
        opinion.scale,
        np.full((len(fresh), 2), 0.5),
        calibration,
        np.zeros(len(fresh)),
    )
    low68, high68, low95, high95 = np.moveaxis(np.asarray(found), -1, 0)
    inside68 = (low68 <= true) & (true <= high68)
    inside95 = (low95 <= true) & (true <= high95)
    for outcome in (MERGER, TWO, FIRST, SECOND):
        for place in np.flatnonzero([*LEFT[outcome], True]):
            rows = fresh == outcome
            assert inside68[rows, place].mean() == pytest.approx(0.68, abs=0.03)
            assert inside95[rows, place].mean() == pytest.approx(0.95, abs=0.03)


def test_a_law_rises_with_its_level():
    rng = np.random.default_rng(1)
    outcome = rng.integers(0, 5, N)
    law = fit_law(residuals(*opinions(outcome, SCATTERS["laplace"], rng), outcome), outcome)
    assert law.shape == (5, 3, len(LEVELS))
    assert np.all(law[..., 0] == 0.0)
    assert np.all(np.diff(law, axis=-1) >= 0.0)


def test_a_law_of_few_rows_is_that_of_all():
    rng = np.random.default_rng(1)
    outcome = np.where(np.arange(N) < 5, FIRST, TWO)
    law = fit_law(residuals(*opinions(outcome, SCATTERS["gauss"], rng), outcome), outcome)
    level = LEVELS.index(0.68)
    np.testing.assert_allclose(law[MERGER, 0], law[FIRST, 0])
    assert law[FIRST, 0, level] == pytest.approx(1.0, rel=0.15)


def test_destroyed_stars_have_no_residual():
    outcome = np.repeat(np.arange(5), 10)
    found = residuals(*opinions(outcome, SCATTERS["gauss"], np.random.default_rng(0)), outcome)
    np.testing.assert_array_equal(np.isfinite(found[:, :2]), LEFT[outcome])


@pytest.mark.parametrize("tilt", [-0.5, 0.0, 0.8])
def test_a_known_tilt_is_found(tilt):
    rng = np.random.default_rng(1)
    outcome = rng.integers(0, 5, 5 * N)
    heavier = rng.uniform(0.5, 0.98, 5 * N)
    shares = np.stack([heavier, 1.0 - heavier], axis=1)
    residual = np.abs(rng.laplace(size=(5 * N, 3)))
    residual[:, :2] *= (2.0 * shares) ** tilt
    assert fit_tilt(residual, outcome, shares) == pytest.approx(tilt, abs=0.06)


def test_few_survivors_have_no_tilt():
    outcome = np.where(np.arange(100) < 10, TWO, MERGER)
    shares = np.tile([0.8, 0.2], (100, 1))
    residual = np.stack([np.full(100, 9.0), np.ones(100), np.ones(100)], axis=1)
    assert fit_tilt(residual, outcome, shares) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [0.6, 1.0, 1.7, 3.0])
def test_a_known_temperature_is_found(temperature):
    logits = 4.0 * jax.random.normal(jax.random.key(0), (20_000, 5))
    outcome = jax.random.categorical(jax.random.key(1), logits / temperature)
    found = fit_temperature(np.asarray(jax.nn.log_softmax(logits)), np.asarray(outcome))
    assert found == pytest.approx(temperature, rel=0.05)


def test_probabilities_that_are_right_by_far_stay_in_range():
    sure = np.log(np.where(np.eye(5) > 0, 1.0, 1e-9))
    assert 0.1 < fit_temperature(jnp.asarray(sure), np.arange(5)) < 10.0
