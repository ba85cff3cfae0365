"""Simulated collisions as the symmetric networks learn from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.encounter import Encounter, Fate
from surrogate.collisions.ensemble import Scales
from surrogate.collisions.features import StructureFeatures, structure_features
from surrogate.collisions.pair import Pair, arrange
from surrogate.collisions.prediction import Survivors
from surrogate.collisions.structure import main_sequence

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int
    from numpy.typing import NDArray

    from surrogate.collisions.grid import Grid
    from surrogate.collisions.structure import StellarModel

ASSUMED_WEIGHT = 0.1
"""Weight of the masses of rows that are an assumption and no simulation (Sigma = 2): they are off
by 0.9 per cent of m1 + m2, 8.7 times the error of a good surrogate (`label_noise.py`)."""
PARTICLES = 10_000
"""Particles of each star in the simulations."""
FRAGILE = 250
"""Remnants of so few particles are chance: below 300, half of the repeated simulations disagree on
the fate, at 300 to 1,000 one in fifteen, above 1,000 none (`label_noise.py`)."""


class Rows(NamedTuple):
    """What the symmetric networks learn from."""

    x: StructureFeatures
    outcome: Int[Array, " rows"]
    """One of `Survivors`."""
    otherwise: Int[Array, " rows"]
    """The outcome if the smallest remnant had been destroyed."""
    doubt: Float[Array, " rows"]
    """Probability that a repeated simulation would have destroyed it."""
    fate_weight: Float[Array, " rows"]
    """Of the outcome, so that rare fates are not lost among the others."""
    fractions: Float[Array, "rows 2"]
    """Final mass of star 1 (the heavier) and star 2 over m1 + m2."""
    weight: Float[Array, " rows"]
    """Of the masses."""


def prepare_pairs(grid: Grid, stars: StellarModel | None = None) -> Pair:
    """The grid's encounters in order, with the structure of their stars.

    Args:
        grid: the simulations; its own radii are used.
        stars: another structure model than the shipped one.
    """
    columns = (grid.age, grid.m1, grid.m2, grid.rp, grid.vinf, grid.r1, grid.r2)
    encounter = Encounter(*(jnp.asarray(c, jnp.float32) for c in columns))
    return jax.jit(arrange)(encounter, stars or main_sequence())


def prepare(
    grid: Grid,
    pair: Pair,
    scales: Scales,
    features: Callable[[Pair], StructureFeatures] = structure_features,
) -> Rows:
    """Rows of the grid for training; `pair` holds the same rows."""
    first, second = own_slots(grid, np.asarray(pair.swapped))
    lighter = (grid.fate == Fate.STRIPPED) & (second > 0)
    outcome = np.where(lighter, int(Survivors.SECOND), grid.fate)
    heavy, light = np.maximum(grid.m1, grid.m2), np.minimum(grid.m1, grid.m2)
    otherwise, doubt = doubts(outcome, first / heavy, second / light)
    rarity = (np.bincount(grid.fate, minlength=len(Fate)).clip(1) / len(grid)) ** -0.5
    weight = rarity[grid.fate]
    return Rows(
        x=scales(features(pair)),
        outcome=jnp.asarray(outcome, jnp.int32),
        otherwise=jnp.asarray(otherwise, jnp.int32),
        doubt=jnp.asarray(doubt, jnp.float32),
        fate_weight=jnp.asarray(weight / weight.mean(), jnp.float32),
        fractions=jnp.asarray(np.stack([first, second], 1) / (grid.m1 + grid.m2)[:, None], "f4"),
        weight=jnp.asarray(np.where(grid.sigma == 1, 1.0, ASSUMED_WEIGHT), jnp.float32),
    )


def own_slots(grid: Grid, swapped: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Final masses [Msun] of the heavier and the lighter star; a product is the heavier's."""
    m1, m2 = grid.m1_final, grid.m2_final
    first, second = np.where(swapped, m2, m1), np.where(swapped, m1, m2)
    merged = grid.fate == Fate.MERGER
    return np.where(merged, m1 + m2, first), np.where(merged, 0.0, second)


def doubts(
    outcome: NDArray[Any], left1: NDArray[Any], left2: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """What an outcome would be without its smallest remnant, and the probability of that.

    Args:
        outcome: of each row, one of `Survivors`.
        left1: final over initial mass of the heavier star.
        left2: the same of the lighter one.

    Returns:
        The other outcome, and half of exp(-n / 250) for a remnant of n particles.
    """
    left = np.stack([left1, left2])
    smaller = np.where(left > 0, left, np.inf).argmin(axis=0)
    rest = np.where(smaller == 0, int(Survivors.SECOND), int(Survivors.FIRST))
    otherwise = np.where(outcome == Survivors.TWO, rest, int(Survivors.NONE))
    n = PARTICLES * left[smaller, np.arange(len(outcome))]
    fragile = np.isin(outcome, (Survivors.TWO, Survivors.FIRST, Survivors.SECOND))
    return np.where(fragile, otherwise, outcome), np.where(fragile, 0.5 * np.exp(-n / FRAGILE), 0.0)


def fit_scales(x: StructureFeatures) -> Scales:
    """Standardise these features; in NumPy's double precision, the same on any machine."""
    x = jax.tree.map(lambda a: np.asarray(a, np.float64), x)
    return Scales(*(v.astype(np.float32) for v in (x.even.mean(0), x.even.std(0), x.odd.std(0))))
