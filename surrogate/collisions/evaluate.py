"""How well a model answers simulated collisions: its networks alone, and the whole pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.encounter import Fate, Outcome
from surrogate.collisions.features import published_features
from surrogate.collisions.metrics import Measures, measure
from surrogate.collisions.models import MODELS
from surrogate.collisions.predictor import BLOCK, CollisionModel

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int
    from numpy.typing import ArrayLike, NDArray

    from surrogate.collisions.grid import Grid


class Answer(NamedTuple):
    """Fate and final masses [Msun] of every row."""

    fate: Int[Array, " rows"]
    m1_final: Float[Array, " rows"]
    m2_final: Float[Array, " rows"]


def ask_networks(model: CollisionModel, grid: Grid) -> Answer:
    """What the networks say of every row as it is: no regimes, no consistency of the masses.

    Args:
        model: the model.
        grid: the simulations, n rows.

    Returns:
        The most probable fate, and its mass fractions times m1 + m2, in the grid's order of stars.
    """
    # Networks know the heavier star as star 1.
    swapped = grid.m2 > grid.m1
    heavy, light = np.maximum(grid.m1, grid.m2), np.minimum(grid.m1, grid.m2)
    x = published_features(grid.age, heavy, light, grid.rp, grid.vinf)
    fate, fractions = _ask(model, x)
    masses = fractions * (heavy + light)[:, None]
    m1, m2 = masses[:, 0], masses[:, 1]
    return Answer(fate, jnp.where(swapped, m2, m1), jnp.where(swapped, m1, m2))


@jax.jit
def _ask(
    model: CollisionModel, features: Float[Array, "rows 5"]
) -> tuple[Int[Array, " rows"], Float[Array, "rows 3"]]:
    def one(x: Float[Array, " 5"]) -> tuple[Array, Array]:
        probability, fractions = MODELS[model.kind].predict(model.networks, x)
        fate = jnp.argmax(probability)
        return fate, fractions[fate]

    return jax.lax.map(one, features, batch_size=BLOCK)


def ask_pipeline(model: CollisionModel, grid: Grid) -> Outcome:
    """What the model says of every row: radii from its structure model, tides and all.

    Raises:
        ValueError: a row lies outside the ranges of an encounter.
    """
    return model(grid.age, grid.m1, grid.m2, grid.rp, grid.vinf)


def evaluate_networks(model: CollisionModel, grid: Grid) -> Measures:
    """The paper's measures of the networks alone (its Tables 2, 4 and 6)."""
    return compare(ask_networks(model, grid), grid)


def evaluate_pipeline(model: CollisionModel, grid: Grid) -> Measures:
    """The paper's measures of the whole pipeline (its Table 7)."""
    return compare(ask_pipeline(model, grid), grid)


def compare(answer: Answer | Outcome, grid: Grid) -> Measures:
    """The paper's measures of answers against the simulations.

    Raises:
        ValueError: the grid has no rows.
    """
    if not len(grid):
        raise ValueError("the grid has no rows to compare with")
    true = (jnp.asarray(column) for column in (grid.fate, grid.m1_final, grid.m2_final))
    return measure(answer.fate, answer.m1_final, answer.m2_final, *true)


def confusion(predicted: ArrayLike, true: ArrayLike) -> NDArray[np.int64]:
    """Count rows by simulated fate (row) and predicted fate (column): (4, 4).

    Args:
        predicted: a `Fate` of each row, (n,).
        true: the simulated one, (n,).
    """
    counts = np.zeros((len(Fate), len(Fate)), np.int64)
    np.add.at(counts, (np.asarray(true), np.asarray(predicted)), 1)
    return counts
