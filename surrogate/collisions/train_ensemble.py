"""Train the symmetric networks: their rows, their loss, their calibration and their card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.calibrate import calibrate
from surrogate.collisions.encounter import Encounter, Fate
from surrogate.collisions.ensemble import Scales, Seen, write_tuple
from surrogate.collisions.features import (
    QUICK_FEATURES,
    STRUCTURE_FEATURES,
    StructureFeatures,
    structure_features,
)
from surrogate.collisions.metrics import accuracy
from surrogate.collisions.networks import network
from surrogate.collisions.novelty import star_coordinates
from surrogate.collisions.pair import Pair, arrange
from surrogate.collisions.prediction import Survivors
from surrogate.collisions.structure import main_sequence
from surrogate.collisions.symmetric import Raw
from surrogate.learning.checkpoints import save_model, versions
from surrogate.learning.fit import FitConfig, FitState, Task, fit

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int
    from numpy.typing import NDArray

    from surrogate.collisions.grid import Grid, Split
    from surrogate.collisions.structure import StellarModel

CONFIG = FitConfig(400, 256, 1e-3, final_learning_rate=1e-6, weight_decay=1e-3)
"""How an ensemble is trained."""
FATE_WEIGHT = 5.0
"""Weight of the outcomes' likelihood against that of the masses."""
ASSUMED_WEIGHT = 0.1
"""Weight of the masses of rows that are an assumption and no simulation (Sigma = 2): they are off
by 0.9 per cent of m1 + m2, 8.7 times the error of a good surrogate (`label_noise.py`)."""
PARTICLES = 10_000
"""Particles of each star in the simulations."""
FRAGILE = 250
"""Remnants of so few particles are chance: below 300, half of the repeated simulations disagree on
the fate, at 300 to 1,000 one in fifteen, above 1,000 none (`label_noise.py`)."""
SEEDS = (0, 1, 2, 3, 4, 5)
"""Members of the ensemble."""
ROUNDING = 3e-4
"""Errors below this, about the repeatability of the simulations, count quadratically."""
LEAST_SCALE = 1e-4
"""Smallest scatter that a row may be believed to have."""


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


def fit_scales(pair: Pair) -> Scales:
    """Standardise the features of these rows, in double precision."""
    x = jax.tree.map(lambda a: np.asarray(a, np.float64), structure_features(pair))
    return Scales(*(v.astype(np.float32) for v in (x.even.mean(0), x.even.std(0), x.odd.std(0))))


def task(name: str) -> Task:
    """Likelihood of the outcomes and, given each row's outcome, of its masses.

    Masses scatter by a Laplace law of learned scale, so that rows which no two simulations agree
    on, such as remnants of few particles, count less than those that repeat to 1e-4. The best
    epoch has the least median error of a mass.
    """
    net = network(name)

    def loss(params: Any, rows: Rows) -> Array:
        raw = net.apply(params, rows.x)
        return jnp.mean(FATE_WEIGHT * fate_nll(raw, rows) + mass_nll(raw, rows))

    def evaluate(params: Any, rows: Rows) -> dict[str, Array]:
        return measures(net.apply(params, rows.x), rows)

    return Task(net.init, loss, evaluate)


def measures(raw: Raw, rows: Rows) -> dict[str, Array]:
    """Measures of a network on rows; the score is the median error of a mass."""
    error, log_scale = mass_error(raw, rows)
    return {
        "accuracy": accuracy(jnp.argmax(raw.log_probability, axis=1), rows.outcome),
        "fate_nll": fate_nll(raw, rows).mean(),
        "mass_nll": mass_nll(raw, rows).mean(),
        "score": jnp.nanmedian(jnp.where(jnp.isfinite(log_scale), jnp.abs(error), jnp.nan)),
    }


def fate_nll(raw: Raw, rows: Rows) -> Float[Array, " rows"]:
    """Negative log-likelihood of the outcomes, with the doubt that is due to each."""
    nll, other = (
        -jnp.take_along_axis(raw.log_probability, outcome[:, None], axis=1)[:, 0]
        for outcome in (rows.outcome, rows.otherwise)
    )
    return rows.fate_weight * ((1.0 - rows.doubt) * nll + rows.doubt * other)


def mass_error(raw: Raw, rows: Rows) -> tuple[Float[Array, "rows 2"], Float[Array, "rows 2"]]:
    """Error of each star's mass given the outcome, over its own mass (of a merger, over both
    stars'), and the logarithm of its scale, -inf where the star is destroyed."""
    own = rows.outcome[:, None, None]
    predicted = jnp.take_along_axis(raw.fractions, own, axis=1)[:, 0, :2]
    log_scale = jnp.take_along_axis(raw.log_scale, own, axis=1)[:, 0]
    whole = jnp.where((rows.outcome == Survivors.MERGER)[:, None], 1.0, rows.x.shares)
    return (predicted - rows.fractions) / whole, log_scale


def mass_nll(raw: Raw, rows: Rows) -> Float[Array, " rows"]:
    """Negative log-likelihood of the masses: |error| / scale + ln scale, the mean over the stars
    that are left, with the error rounded at `ROUNDING`."""
    error, log_scale = mass_error(raw, rows)
    left = jnp.isfinite(log_scale)
    error = jnp.sqrt(error**2 + ROUNDING**2) - ROUNDING
    s = _floor(jnp.where(left, log_scale, 0.0))
    nll = jnp.where(left, error * jnp.exp(-s) + s, 0.0)
    return rows.weight * nll.sum(axis=1) / jnp.maximum(left.sum(axis=1), 1)


def _floor(log_scale: Array) -> Array:
    """No row may be believed to scatter less than `LEAST_SCALE`, or it would rule all others."""
    least = float(np.log(LEAST_SCALE))
    # A little slope is left, so that a scale that fell below finds its way back.
    return jnp.maximum(log_scale, least) + 0.01 * jnp.minimum(log_scale - least, 0.0)


def train_ensemble(
    name: str,
    grid: Grid,
    split: Split,
    *,
    seeds: Sequence[int],
    out: Path,
    epochs: int | None = None,
    directory: Path | None = None,
    provenance: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Train the members of an ensemble in one program, calibrate it, and write it.

    Args:
        name: "ensemble".
        grid: the simulations.
        split: rows to train on, and rows that choose each member's epoch and calibrate.
        seeds: one member each.
        out: folder that the model goes to.
        epochs: passes over the training rows, where not those of `CONFIG`.
        directory: where snapshots go, so that a killed run resumes.
        provenance: what to record in the model card about data and split.

    Returns:
        The model card.
    """
    config = CONFIG if epochs is None else replace(CONFIG, epochs=epochs)
    parts = [grid.take(rows) for rows in (split.train, split.val)]
    pairs = [prepare_pairs(part) for part in parts]
    scales = fit_scales(pairs[0])
    rows, validation = (prepare(g, p, scales) for g, p in zip(parts, pairs, strict=True))

    state = fit(task(name), rows, validation, config, seeds, directory=directory, label=name)

    return write_ensemble(
        name,
        out,
        state,
        config,
        seeds,
        scales,
        write_tuple(seen(pairs[0]), "seen"),
        pairs[1],
        validation,
        {"assumed_weight": ASSUMED_WEIGHT, **(provenance or {})},
    )


def write_ensemble(
    name: str,
    out: Path,
    state: FitState,
    config: FitConfig,
    seeds: Sequence[int],
    scales: Scales,
    seen_arrays: dict[str, Array],
    pair: Pair,
    validation: Rows,
    record: dict[str, Any],
) -> dict[str, Any]:
    """Calibrate trained members on the validation rows, and write them with their card.

    Args:
        name: "ensemble" or "fast".
        out: folder that the model goes to.
        state: the trained members.
        config: how they were trained.
        seeds: of the members.
        scales: of their features.
        seen_arrays: what they have learned from, for the out-of-domain score.
        pair: validation encounters.
        validation: what became of them.
        record: what else the card tells.

    Returns:
        The card.
    """
    arrays = {f"network/{k}": v for k, v in state.best_params.items()}
    arrays |= write_tuple(scales, "features") | seen_arrays
    arrays |= write_tuple(calibrate(name, arrays, pair, validation), "calibration")
    net = network(name)
    found = jax.jit(jax.vmap(lambda p: measures(net.apply(p, validation.x), validation)))(
        state.best_params
    )
    card = {
        "network": name,
        "features": list(STRUCTURE_FEATURES if name == "ensemble" else QUICK_FEATURES),
        "hyperparameters": {
            **asdict(config),
            "fate_weight": FATE_WEIGHT,
            "optimiser": "AdamW",
            "schedule": "cosine",
        },
        "seeds": list(seeds),
        "best_epoch": [int(e) for e in state.best_epoch],
        "versions": versions(),
        **record,
        "validation": {k: [float(v) for v in values] for k, values in found.items()},
    }
    save_model(out, arrays, card)
    return card


def seen(pair: Pair) -> Seen:
    """The stars and speeds of these rows, each star once."""
    stars = np.asarray(star_coordinates(pair)).reshape(-1, 3)
    _, first = np.unique(np.round(stars, 4), axis=0, return_index=True)
    speeds = np.log(np.asarray(pair.vinf))
    return Seen(jnp.asarray(stars[first]), jnp.array([speeds.min(), speeds.max()]))
