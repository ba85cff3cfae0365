"""Every network that can be trained, and how: the published ones, the ensemble, the fast one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from surrogate.collisions import distill, train, train_ensemble
from surrogate.learning.fit import FitConfig

PUBLISHED_SEEDS = (0, 1, 2)
"""The best of these is kept of a published network."""


class Trainer(NamedTuple):
    """How one network is trained."""

    train: Callable[..., dict[str, Any]]
    """Trains it and returns its model card; takes what `train.train` takes after the name."""
    config: FitConfig
    """Its hyperparameters."""
    seeds: tuple[int, ...]
    """Its seeds where none are given."""
    leave_out_epochs: int
    """Passes over the rows where many folds are to be trained."""
    keeps_best: bool
    """Whether the best seed is kept, or every one is a member."""


TRAINERS = {
    **{
        name: Trainer(
            partial(train.train, name), recipe.config, PUBLISHED_SEEDS, recipe.config.epochs, True
        )
        for name, recipe in train.RECIPES.items()
    },
    "ensemble": Trainer(
        partial(train_ensemble.train_ensemble, "ensemble"),
        train_ensemble.CONFIG,
        train_ensemble.SEEDS,
        train_ensemble.LEAVE_OUT_EPOCHS,
        False,
    ),
    # After its teacher.
    "fast": Trainer(distill.train_fast, distill.CONFIG, distill.SEEDS, 20, True),
}
"""How each network is trained, by its name."""
