"""Train the symmetric networks: their rows, their loss, their calibration and their card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.calibrate import calibrate
from surrogate.collisions.ensemble import Scales, Seen, write_tuple
from surrogate.collisions.features import (
    QUICK_FEATURES,
    STRUCTURE_FEATURES,
    structure_features,
)
from surrogate.collisions.metrics import accuracy
from surrogate.collisions.networks import PURPOSES, network
from surrogate.collisions.novelty import star_coordinates
from surrogate.collisions.pair import Pair
from surrogate.collisions.prediction import Survivors
from surrogate.collisions.rows import (
    ASSUMED_WEIGHT,
    Rows,
    fit_scales,
    prepare,
    prepare_pairs,
)
from surrogate.collisions.symmetric import Raw, apply_to_learn
from surrogate.learning.checkpoints import save_model, versions
from surrogate.learning.fit import FitConfig, FitState, Task, fit

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.collisions.grid import Grid, Split

CONFIG = FitConfig(400, 256, 1e-3, final_learning_rate=1e-6, weight_decay=1e-3)
"""How an ensemble is trained."""
LEAVE_OUT_EPOCHS = 80
"""Passes over the rows where many folds are to be trained: the medians are a third higher."""
FATE_WEIGHT = 5.0
"""Weight of the outcomes' likelihood against that of the masses."""
SEEDS = (1, 2, 3)
"""Members of the ensemble: of six, those that together give the validation rows most likelihood."""
ROUNDING = 3e-4
"""Errors below this, about the repeatability of the simulations, count quadratically."""
LEAST_SCALE = 1e-4
"""Smallest scatter that a row may be believed to have."""


def task(name: str) -> Task:
    """Likelihood of the outcomes and, given each row's outcome, of its masses.

    Masses scatter by a Laplace law of learned scale, so that rows which no two simulations agree
    on, such as remnants of few particles, count less than those that repeat to 1e-4. The best
    epoch has the least median error of a mass.
    """
    net = network(name)

    def loss(params: Any, rows: Rows) -> Array:
        raw = apply_to_learn(net.apply, params, rows.x)
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
    """Errors of the masses that a row's own outcome leaves, and their log-scales.

    Relative to the star's own mass, of a merger's product to both; the log-scale is -inf where a
    star is destroyed.
    """
    own = rows.outcome[:, None, None]
    predicted = jnp.take_along_axis(raw.fractions, own, axis=1)[:, 0, :2]
    log_scale = jnp.take_along_axis(raw.log_scale, own, axis=1)[:, 0]
    whole = jnp.where((rows.outcome == Survivors.MERGER)[:, None], 1.0, rows.x.shares)
    return (predicted - rows.fractions) / whole, log_scale


def mass_nll(raw: Raw, rows: Rows) -> Float[Array, " rows"]:
    """Negative log-likelihood of the masses, the mean over the stars that are left.

    |error| / scale + ln scale, with the error rounded at `ROUNDING`.
    """
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
    scales = fit_scales(structure_features(pairs[0]))
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
        {"fate_weight": FATE_WEIGHT, "assumed_weight": ASSUMED_WEIGHT, **(provenance or {})},
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
        "purpose": PURPOSES[name],
        "features": list(STRUCTURE_FEATURES if name == "ensemble" else QUICK_FEATURES),
        "hyperparameters": {
            **asdict(config),
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
