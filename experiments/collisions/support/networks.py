"""The published networks, one fit a seed: trained once, then read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from rich.console import Console

from support.measures import fate_measures, mass_measures
from support.recipes import RECIPES, REGISTERED, functional_of
from support.rows import Data, Rows
from surrogate.collisions import published
from surrogate.collisions.predictor import shipped_checkpoints
from surrogate.collisions.splits import published_features
from surrogate.collisions.train import HISTORY_FILE, route, train
from surrogate.learning.checkpoints import load_card, load_model
from surrogate.reports.report import show
from surrogate.reports.run import Run

Array = np.ndarray

QUICK_SEEDS, QUICK_EPOCHS = 2, 3


class Fit(NamedTuple):
    """A trained network."""

    name: str
    seed: int
    arrays: dict[str, Array]
    """Weights and feature scales."""
    card: dict[str, Any]
    history: dict[str, Any]
    """Measures after every epoch; each a list with one list for the seed."""


def trained(run: Run, data: Data, name: str) -> list[Fit]:
    """One network a seed; those that were trained before are read.

    Args:
        run: a quick run trains two seeds for three epochs.
        data: the rows.
        name: one of `RECIPES`.

    Raises:
        ValueError: a fit on disk has other hyperparameters or rows, or none is finished and none
            may be trained.
    """
    seeds = list(range(min(run.seeds, QUICK_SEEDS) if run.quick else run.seeds))
    if run.finished:
        seeds = [seed for seed in seeds if _is_finished(run, name, seed)]
    if not seeds:
        raise ValueError(f"{run.fits / name} holds no finished network; leave out --finished")
    return [_fit(run, data, name, seed) for seed in seeds]


def _folder(run: Run, name: str, seed: int) -> Path:
    return run.fits / name / f"seed-{seed}"


def _is_finished(run: Run, name: str, seed: int) -> bool:
    return (_folder(run, name, seed) / HISTORY_FILE).exists()


def _fit(run: Run, data: Data, name: str, seed: int) -> Fit:
    folder = _folder(run, name, seed)
    recipe = RECIPES[name]
    epochs = QUICK_EPOCHS if run.quick else recipe.config.epochs
    rows = {"train": len(data.train.fate), "validation": len(data.validation.fate)}
    if not _is_finished(run, name, seed):
        Console(stderr=True).print(f"training the {name}, seed {seed} of {run.seeds} seeds")
        snapshots = run.fits / name / f".snapshots-{seed}"
        train(
            REGISTERED[name],
            data.grid,
            data.split,
            seeds=(seed,),
            out=folder,
            epochs=epochs,
            directory=snapshots,
            provenance={"split": rows},
            recipe=recipe,
        )
        shutil.rmtree(snapshots)
    card = load_card(folder)
    found = (card["hyperparameters"]["epochs"], {k: card["split"].get(k) for k in rows})
    if found != (epochs, rows):
        raise ValueError(
            f"{folder}: epochs and rows are {found}, wanted here ({epochs}, {rows}). "
            "Delete it, or choose another --out."
        )
    arrays, _ = load_model(folder)
    return Fit(name, seed, arrays, card, json.loads((folder / HISTORY_FILE).read_text()))


def shipped(name: str) -> Fit:
    """The network of this kind that comes with the package, the best of three seeds."""
    arrays, card = load_model(shipped_checkpoints() / name)
    return Fit(name, card["seed"], arrays, card, {})


def best(fits: list[Fit], measure: Callable[[Fit], float]) -> Fit:
    """The fit with the greatest measure."""
    return max(fits, key=measure)


def say_fates(fit: Fit, rows: Rows) -> Array:
    """Most probable fate of each row, by a classifier or a mixture."""
    if fit.name == "mixture":
        return np.asarray(_mixture(fit, rows).probability.argmax(axis=1))
    return np.asarray(_apply(fit, rows).argmax(axis=1))


def say_fractions(fit: Fit, rows: Rows) -> Array:
    """Mass fractions (n, 3) of each row, by a regressor or a mixture's expert."""
    if fit.name != "mixture":
        return np.asarray(_apply(fit, rows))
    said = _mixture(fit, rows)
    return np.asarray(route(said.fractions, said.probability.argmax(axis=1)))


def _mixture(fit: Fit, rows: Rows) -> published.Published:
    x = jnp.asarray(published_features(rows.grid), jnp.float32)
    return jax.jit(published.mixture)({"mixture": fit.arrays}, x)


def _apply(fit: Fit, rows: Rows) -> Array:
    weights = {
        k.removeprefix("network/"): v for k, v in fit.arrays.items() if k.startswith("network/")
    }
    return jax.jit(functional_of(fit.name).apply)(weights, jnp.asarray(rows.x, jnp.float32))


def judge_fates(fits: list[Fit], data: Data) -> Array:
    """Accuracies [%] of each seed on the judged rows, (seeds, 2)."""
    return np.array([fate_measures(say_fates(fit, data.judged), data.judged) for fit in fits])


def judge_masses(fits: list[Fit], data: Data) -> Array:
    """Errors of each seed on the judged rows, (seeds, 4)."""
    return np.array([mass_measures(say_fractions(fit, data.judged), data.judged) for fit in fits])


def count(fits: list[Fit]) -> str:
    """How many seeds there are, in words."""
    return "1 seed" if len(fits) == 1 else f"{len(fits)} seeds"


def describe(fits: list[Fit], measures: Array) -> dict[str, Any]:
    """What is kept of the seeds behind a row of a table."""
    return {
        "seeds": [fit.seed for fit in fits],
        "best epochs": [fit.card["best_epoch"][0] for fit in fits],
        "measures": measures,
        "mean": measures.mean(axis=0),
    }


def spreads(measures: Array, greater: bool) -> list[str]:
    """Mean and standard deviation over the seeds, and the best, as in the paper's tables."""
    return [_spread(column, greater) for column in measures.T]


def _spread(values: Array, greater: bool) -> str:
    best = float(values.max() if greater else values.min())
    if len(values) == 1:
        return show(best)
    deviation = float(values.std(ddof=1))
    return f"{show(float(values.mean()))} ± {show(deviation)} (best: {show(best)})"
