"""Train the published networks: their data, hyperparameters and model cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.features import FEATURE_NAMES, Standardiser
from surrogate.collisions.losses import (
    class_weights,
    fraction_error,
    uncertainty_weighted,
    weighted_cross_entropy,
)
from surrogate.collisions.metrics import accuracy, balanced_accuracy, median_relative_error
from surrogate.collisions.networks import N_FATES, PURPOSES, network
from surrogate.collisions.splits import published_features
from surrogate.learning.checkpoints import save_model, versions
from surrogate.learning.files import write_json
from surrogate.learning.fit import FitConfig, FitState, Task, fit

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

    from surrogate.collisions.grid import Grid, Split
    from surrogate.learning.functional import Functional

HISTORY_FILE = "history.json"
"""Measures after every epoch of every seed, beside the trained model."""


class Rows(NamedTuple):
    """What the networks learn from."""

    x: Float[Array, "rows 5"]
    """Standardised features."""
    fate: Int[Array, " rows"]
    fractions: Float[Array, "rows 3"]
    """Final mass in star 1, in star 2, and unbound, over the initial mass (paper, Eq. 3).

    Unlike the published targets they keep the survivor of a stripping in its own slot.
    """


@dataclass(frozen=True)
class Recipe:
    """How one of the networks is trained.

    Attributes:
        task: makes the task from the network's constructor, class weights and aux weight.
        config: hyperparameters.
        aux_weight: weight of the unbound fraction in the regression loss.
    """

    task: Callable[..., Task]
    config: FitConfig
    aux_weight: float | None = None


def classifier_task(weights: Array, aux_weight: float | None) -> Task:
    """Weighted cross-entropy; the best epoch has the highest balanced accuracy (3.3)."""
    net = network("classifier")

    def loss(params: Any, rows: Rows) -> Array:
        return weighted_cross_entropy(net.apply(params, rows.x), rows.fate, weights)

    def evaluate(params: Any, rows: Rows) -> dict[str, Array]:
        measures = _fate_measures(net.apply(params, rows.x), rows)
        return {**measures, "score": -measures["balanced_accuracy"]}

    return Task(net.init, loss, evaluate)


def regressor_task(weights: Array, aux_weight: float, net: Functional | None = None) -> Task:
    """Weighted mean absolute error; the best epoch has the least median error of star 1 (4.3).

    The paper chooses models by that median but epochs by the validation loss. That is a mean,
    which the few rows with a mistaken fate rule: it is least at two thirds of the training, when
    the medians are still 14 to 25 per cent above those of the last epochs. Another network than
    the registered one may be given.
    """
    net = net or network("regressor")

    def loss(params: Any, rows: Rows) -> Array:
        return fraction_error(net.apply(params, rows.x), rows.fractions, aux_weight)

    def evaluate(params: Any, rows: Rows) -> dict[str, Array]:
        fractions = net.apply(params, rows.x)
        measures = _mass_measures(fractions, rows)
        error = fraction_error(fractions, rows.fractions, aux_weight)
        score = measures["median_relative_error_1"]
        return {**measures, "validation_loss": error, "score": score}

    return Task(net.init, loss, evaluate)


def mixture_task(weights: Array, aux_weight: float) -> Task:
    """Uncertainty-weighted sum of both losses; each expert sees its own class alone (5)."""
    net = network("mixture")

    def losses(params: Any, rows: Rows) -> tuple[Array, Array]:
        logits, experts = net.apply(params, rows.x)
        fractions = route(experts, rows.fate)
        return (
            weighted_cross_entropy(logits, rows.fate, weights),
            fraction_error(fractions, rows.fractions, aux_weight),
        )

    def loss(params: Any, rows: Rows) -> Array:
        return uncertainty_weighted(jnp.stack(losses(params, rows)), params["task_weights"])

    def parts(params: Any, rows: Rows) -> dict[str, Array]:
        classification, regression = losses(params, rows)
        return {"train_classification": classification, "train_regression": regression}

    def evaluate(params: Any, rows: Rows) -> dict[str, Array]:
        logits, experts = net.apply(params, rows.x)
        routed = route(experts, jnp.argmax(logits, axis=1))
        classification, regression = losses(params, rows)
        classification_scale, regression_scale = params["task_weights"]
        return {
            **_fate_measures(logits, rows),
            **_mass_measures(routed, rows),
            "validation_classification": classification,
            "validation_regression": regression,
            "classification_scale": classification_scale,
            "regression_scale": regression_scale,
            "score": loss(params, rows),
        }

    return Task(net.init, loss, evaluate, parts)


def route(experts: Float[Array, "rows 4 3"], fate: Int[Array, " rows"]) -> Float[Array, "rows 3"]:
    """What the expert of each row's fate says of its mass fractions."""
    return jnp.take_along_axis(experts, fate[:, None, None], axis=1)[:, 0]


def _fate_measures(logits: Array, rows: Rows) -> dict[str, Array]:
    fate = jnp.argmax(logits, axis=1)
    return {
        "accuracy": accuracy(fate, rows.fate),
        "balanced_accuracy": balanced_accuracy(fate, rows.fate, N_FATES),
    }


def _mass_measures(fractions: Array, rows: Rows) -> dict[str, Array]:
    # A relative error of a fraction is that of the mass.
    return {
        f"median_relative_error_{star + 1}": median_relative_error(
            fractions[:, star], rows.fractions[:, star]
        )
        for star in (0, 1)
    }


RECIPES = {
    # Paper, Table 1.
    "classifier": Recipe(classifier_task, FitConfig(500, 64, 2e-4)),
    # Paper, Table 3.
    "regressor": Recipe(regressor_task, FitConfig(2000, 64, 2e-4), aux_weight=0.31),
    # Paper, Table 5.
    "mixture": Recipe(mixture_task, FitConfig(500, 128, 4e-4), aux_weight=0.77),
}
"""How each registered network is trained, with the paper's hyperparameters."""


def prepare(grid: Grid, rows: np.ndarray, scales: Standardiser) -> Rows:
    """Rows of the grid as float32 arrays for training."""
    part = grid.take(rows)
    return Rows(
        x=jnp.asarray(scales(published_features(part)), jnp.float32),
        fate=jnp.asarray(part.fate, jnp.int32),
        fractions=jnp.asarray(part.fractions, jnp.float32),
    )


def train(
    name: str,
    grid: Grid,
    split: Split,
    *,
    seeds: Sequence[int],
    out: Path,
    epochs: int | None = None,
    directory: Path | None = None,
    provenance: dict[str, Any] | None = None,
    recipe: Recipe | None = None,
) -> dict[str, Any]:
    """Train one of the published networks and write the best seed's model.

    Args:
        name: "classifier", "regressor" or "mixture".
        grid: the simulations.
        split: rows to train on and rows that choose the best epoch and the best seed.
        seeds: one network each, all in one program.
        out: folder that the model goes to, with the history of its training.
        epochs: passes over the training rows, where not the paper's.
        directory: where snapshots go, so that a killed run resumes.
        provenance: what to record in the model card about data and split.
        recipe: another way to train it than the paper's.

    Returns:
        The model card.

    Raises:
        ValueError: no such network.
    """
    if name not in RECIPES:
        raise ValueError(f"model = {name!r}: allowed are {', '.join(RECIPES)}")
    recipe = recipe or RECIPES[name]
    config = recipe.config if epochs is None else replace(recipe.config, epochs=epochs)
    # In NumPy's double precision: the same to the last bit on any number of cores.
    scales = Standardiser.fit(published_features(grid.take(split.train)))
    rows, validation = (prepare(grid, part, scales) for part in (split.train, split.val))
    task = recipe.task(class_weights(rows.fate, N_FATES), recipe.aux_weight)

    state = fit(task, rows, validation, config, seeds, directory=directory, label=name)

    best = int(np.argmin(state.best_score))
    card = _card(name, recipe, config, seeds, state, best) | (provenance or {})
    card["validation"] = seed_measures(task, state, validation)
    arrays = jax.tree.map(lambda a: a[best], state.best_params)
    save_model(out, {f"network/{k}": v for k, v in arrays.items()} | _scale_arrays(scales), card)
    write_json(out / HISTORY_FILE, {"seeds": seeds, **state.history})
    return card


def _scale_arrays(scales: Standardiser) -> dict[str, np.ndarray]:
    return {f"features/{k}": np.asarray(v, np.float32) for k, v in scales._asdict().items()}


def seed_measures(task: Task, state: FitState, validation: Rows) -> dict[str, list[float]]:
    """Each measure of each seed's best epoch on the validation rows."""
    measures = jax.jit(jax.vmap(lambda p: task.evaluate(p, validation)))(state.best_params)
    return {k: [float(v) for v in values] for k, values in measures.items()}


def _card(
    name: str,
    recipe: Recipe,
    config: FitConfig,
    seeds: Sequence[int],
    state: FitState,
    best: int,
) -> dict[str, Any]:
    return {
        "network": name,
        "purpose": PURPOSES[name],
        "features": list(FEATURE_NAMES),
        "hyperparameters": {
            **asdict(config),
            "aux_weight": recipe.aux_weight,
            "optimiser": "AdamW",
            "schedule": "cosine",
        },
        "seeds": list(seeds),
        "seed": seeds[best],
        "best_epoch": [int(e) for e in state.best_epoch],
        "versions": versions(),
    }
