"""How well a model answers simulated collisions: its networks alone, and the whole pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.encounter import Bounds, Encounter, Fate, Outcome
from surrogate.collisions.features import published_features
from surrogate.collisions.metrics import (
    SURVIVES,
    Confidence,
    Measures,
    coverage,
    expected_calibration_error,
    measure,
    second_alone,
    slot_one,
    survivor_accuracy,
)
from surrogate.collisions.models import MODELS
from surrogate.collisions.pair import Pair, arrange, unswap
from surrogate.collisions.prediction import most_probable
from surrogate.collisions.predictor import CollisionModel

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int
    from numpy.typing import ArrayLike, NDArray

    from surrogate.collisions.grid import Grid


class Answer(NamedTuple):
    """Fate and final masses [Msun] of every row."""

    fate: Int[Array, " rows"]
    m1_final: Float[Array, " rows"]
    m2_final: Float[Array, " rows"]


class Said(Protocol):
    """Whatever names a fate and final masses [Msun]: an outcome, or what a rival leaves."""

    @property
    def fate(self) -> Int[Array, " rows"]:
        """A `Fate` of each row."""

    @property
    def m1_final(self) -> Float[Array, " rows"]:
        """Final mass of star 1 [Msun]."""

    @property
    def m2_final(self) -> Float[Array, " rows"]:
        """Final mass of star 2 [Msun]."""


def ask_networks(model: CollisionModel, grid: Grid) -> Answer:
    """What the networks say of every row as it is, with the grid's own radii.

    There are no regimes, and the masses of the published networks need not be consistent.

    Args:
        model: the model.
        grid: the simulations, n rows.

    Returns:
        The most probable fate, and its mass fractions times m1 + m2, in the grid's order of stars.
    """
    columns = (grid.age, grid.m1, grid.m2, grid.rp, grid.vinf, grid.r1, grid.r2)
    encounter = Encounter(*(jnp.asarray(c, jnp.float32) for c in columns))
    return _ask(model, encounter)


@jax.jit
def _ask(model: CollisionModel, encounter: Encounter) -> Answer:
    def one(encounter: Encounter) -> Answer:
        pair = arrange(encounter, model.stars)
        fate, fractions = _alone(model, pair)
        m1, m2 = unswap(pair.swapped, fractions[0] * pair.total, fractions[1] * pair.total)
        return Answer(fate, m1, m2)

    return jax.lax.map(one, encounter, batch_size=MODELS[model.kind].block)


def _alone(model: CollisionModel, pair: Pair) -> tuple[Int[Array, ""], Float[Array, " 3"]]:
    alone = MODELS[model.kind].alone
    if alone is not None:
        x = published_features(pair.age1, pair.m1, pair.m2, pair.rp, pair.vinf)
        published = alone(model.networks, x)
        fate = jnp.argmax(published.probability)
        return fate, published.fractions[fate]
    prediction = MODELS[model.kind].predict(model.networks, pair, None)
    outcome = most_probable(prediction.probability)
    return jnp.minimum(outcome, int(Fate.STRIPPED)), prediction.fractions[outcome]


def ask_pipeline(model: CollisionModel, grid: Grid, *, own_radii: bool = False) -> Outcome:
    """What the model says of every row, tides and all.

    Args:
        model: the model.
        grid: the simulations, n rows.
        own_radii: take the grid's radii, not those of the structure model.

    Returns:
        The outcome, each field of n rows.

    Raises:
        ValueError: a row lies outside the ranges of an encounter.
    """
    radii = (grid.r1, grid.r2) if own_radii else ()
    return model(grid.age, grid.m1, grid.m2, grid.rp, grid.vinf, *radii)


def evaluate_networks(model: CollisionModel, grid: Grid) -> Measures:
    """The paper's measures of the networks alone (its Tables 2, 4 and 6)."""
    return compare(ask_networks(model, grid), grid)


def evaluate_pipeline(model: CollisionModel, grid: Grid) -> Measures:
    """The paper's measures of the whole pipeline (its Table 7)."""
    return compare(ask_pipeline(model, grid), grid)


def compare(answer: Said, grid: Grid) -> Measures:
    """The paper's measures of answers against the simulations.

    Raises:
        ValueError: the grid has no rows.
    """
    return jax.jit(measure)(answer.fate, answer.m1_final, answer.m2_final, *_truth(grid))


def confidence(outcome: Outcome, grid: Grid) -> Confidence:
    """How far what the model says of its own errors is true of the simulations.

    A single survivor counts as star 1, as in the paper; its bounds are those of the star that
    truly survives.

    Args:
        outcome: what the whole pipeline says.
        grid: the simulations, the same rows.

    Returns:
        The measures; coverages are NaN for a model without bounds.

    Raises:
        ValueError: the grid has no rows.
    """
    return _confidence(outcome, *_truth(grid), jnp.asarray(grid.m1 != grid.m2))


@jax.jit
def _confidence(outcome: Outcome, fate: Array, m1: Array, m2: Array, unequal: Array) -> Confidence:
    """The same from the simulated fates and final masses."""
    probability = (outcome.p_none, outcome.p_merger, outcome.p_two, outcome.p_stripped)
    second = second_alone(m1, m2, fate)
    both = zip(outcome.m1_bounds, outcome.m2_bounds, strict=True)
    bounds = Bounds(*(jnp.where(second, b, a) for a, b in both))
    slots = slot_one(m1, m2, fate)
    predicted = (outcome.fate, outcome.m1_final, outcome.m2_final)
    return Confidence(
        expected_calibration_error(jnp.stack(probability, axis=1), fate),
        survivor_accuracy(*predicted, fate, m1, m2, unequal),
        *_coverages(bounds, slots[0]),
        *_coverages(outcome.m2_bounds, slots[1]),
    )


def _coverages(bounds: Bounds, true: Float[Array, " rows"]) -> tuple[Array, Array]:
    """Coverage of the 68 and the 95 per cent interval."""
    survives = true > SURVIVES
    return (
        coverage(bounds.low68, bounds.high68, true, survives),
        coverage(bounds.low95, bounds.high95, true, survives),
    )


def _truth(grid: Grid) -> tuple[Array, Array, Array]:
    """Simulated fates and final masses [Msun]."""
    if not len(grid):
        raise ValueError("the grid has no rows to compare with")
    return jnp.asarray(grid.fate), jnp.asarray(grid.m1_final), jnp.asarray(grid.m2_final)


def confusion(predicted: ArrayLike, true: ArrayLike) -> NDArray[np.int64]:
    """Count rows by simulated fate (row) and predicted fate (column): (4, 4).

    Args:
        predicted: a `Fate` of each row, (n,).
        true: the simulated one, (n,).
    """
    counts = np.zeros((len(Fate), len(Fate)), np.int64)
    np.add.at(counts, (np.asarray(true), np.asarray(predicted)), 1)
    return counts
