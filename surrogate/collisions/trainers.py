"""Every network that can be trained, and how: the published ones and the ensemble."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from surrogate.collisions import train, train_ensemble
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
    published: bool
    """Whether it is one of the paper's, of which the best seed is kept."""


TRAINERS = {
    **{
        name: Trainer(partial(train.train, name), recipe.config, PUBLISHED_SEEDS, published=True)
        for name, recipe in train.RECIPES.items()
    },
    "ensemble": Trainer(
        partial(train_ensemble.train_ensemble, "ensemble"),
        train_ensemble.CONFIG,
        train_ensemble.SEEDS,
        published=False,
    ),
}
"""How each network is trained, by its name."""
