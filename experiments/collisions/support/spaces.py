"""The hyperparameters that the paper searched (its Tables 1, 3 and 5)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, Protocol

from surrogate.collisions.train import RECIPES
from surrogate.learning.fit import OPTIMISERS, Plateau, SearchConfig

SCHEDULES: Final = ("CA-LR", "RLRP")
"""A rate that falls along a cosine, or whenever the score is on a plateau."""

LABELS: Final = {
    "batch_size": "batch size",
    "epochs": "epochs",
    "optimiser": "optimiser",
    "schedule": "schedule",
    "learning_rate": "learning rate",
    "patience": "patience [epochs]",
    "factor": "factor",
    "aux_weight": "weight of unbound mass",
}
"""What tables and pictures call them."""
EXPONENT: Final = "log2_batch_size"
"""What is drawn instead of the batch size: its powers of two are equally likely."""


class Space(NamedTuple):
    """Least and greatest values."""

    batch_size: tuple[int, int]
    """Powers of two."""
    patience: tuple[int, int]
    factor: tuple[float, float]
    aux_weight: tuple[float, float] | None = None
    epochs: tuple[int, int] = (500, 2000)
    learning_rate: tuple[float, float] = (1e-5, 0.1)

    def ranges(self) -> dict[str, str]:
        """What each hyperparameter may be, as people read it."""
        said = {"optimiser": ", ".join(OPTIMISERS), "schedule": ", ".join(SCHEDULES)}
        for name, span in self._asdict().items():
            if span is not None:
                said[name] = f"{span[0]:g} to {span[1]:g}"
        return {name: said[name] for name in LABELS if name in said}


SPACES: Final = {
    "classifier": Space(batch_size=(64, 256), patience=(10, 60), factor=(0.3, 0.5)),
    "regressor": Space((64, 512), patience=(10, 120), factor=(0.2, 0.8), aux_weight=(0.05, 1.0)),
    "mixture": Space((64, 512), patience=(5, 80), factor=(0.2, 0.8), aux_weight=(0.05, 1.0)),
}
"""By the name of the network."""


def optimum(name: str) -> dict[str, Any]:
    """What the paper found best, with which the library trains its published networks."""
    recipe = RECIPES[name]
    found = {k: getattr(recipe.config, k) for k in LABELS if hasattr(recipe.config, k)}
    weight = {} if recipe.aux_weight is None else {"aux_weight": recipe.aux_weight}
    return {**found, "schedule": "CA-LR", **weight}


class Draws(Protocol):
    """Something that draws values, as Optuna's trials do."""

    def suggest_int(self, name: str, low: int, high: int) -> int:
        """Draw a whole number."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Draw a number, or its logarithm."""

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """Draw one of these."""


def suggest(trial: Draws, space: Space) -> dict[str, Any]:
    """The hyperparameters of a trial; those of a plateau only where the schedule has one."""
    smallest, largest = (size.bit_length() - 1 for size in space.batch_size)
    settings: dict[str, Any] = {
        "batch_size": 2 ** trial.suggest_int(EXPONENT, smallest, largest),
        "epochs": trial.suggest_int("epochs", *space.epochs),
        "optimiser": trial.suggest_categorical("optimiser", tuple(OPTIMISERS)),
        "schedule": trial.suggest_categorical("schedule", SCHEDULES),
        "learning_rate": trial.suggest_float("learning_rate", *space.learning_rate, log=True),
    }
    if settings["schedule"] == "RLRP":
        settings["patience"] = trial.suggest_int("patience", *space.patience)
        settings["factor"] = trial.suggest_float("factor", *space.factor)
    if space.aux_weight is not None:
        settings["aux_weight"] = trial.suggest_float("aux_weight", *space.aux_weight)
    return settings


def config(settings: dict[str, Any]) -> SearchConfig:
    """How to train with these hyperparameters."""
    plateau = None
    if settings["schedule"] == "RLRP":
        plateau = Plateau(settings["patience"], settings["factor"])
    return SearchConfig(
        settings["epochs"],
        settings["batch_size"],
        settings["learning_rate"],
        optimiser=settings["optimiser"],
        plateau=plateau,
    )
