"""The registered models: which networks each consists of, and how they make a prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from surrogate.collisions import published
from surrogate.collisions.ensemble import predict_ensemble
from surrogate.collisions.features import (
    FEATURE_NAMES,
    QUICK_FEATURES,
    STRUCTURE_FEATURES,
    published_features,
)

if TYPE_CHECKING:
    from surrogate.collisions.pair import Pair
    from surrogate.collisions.pipeline import Smoothing
    from surrogate.collisions.prediction import Networks, Prediction


class Model(NamedTuple):
    """A registered model."""

    parts: tuple[str, ...]
    """The networks that it consists of, keys of `NETWORKS`."""
    features: tuple[str, ...]
    """What they read."""
    predict: Callable[[Networks, Pair, Smoothing | None], Prediction]
    """The prediction from the networks' arrays; None is the hard mode."""
    block: int = 1024
    """Encounters that go through the networks at once, so that activations stay in cache."""
    alone: Callable[..., published.Published] | None = None
    """What published networks say by themselves, from the published features."""


def _published(parts: tuple[str, ...], alone: Callable[..., published.Published]) -> Model:
    def predict(networks: Networks, pair: Pair, smoothing: Smoothing | None) -> Prediction:
        # They know one age for both stars: that of the heavier, which is the more evolved.
        x = published_features(pair.age1, pair.m1, pair.m2, pair.rp, pair.vinf)
        width = None if smoothing is None else smoothing.survivor
        return published.consistent(alone(networks, x), width)

    return Model(parts, FEATURE_NAMES, predict, alone=alone)


def _structural(name: str, features: tuple[str, ...], block: int) -> Model:
    def predict(networks: Networks, pair: Pair, smoothing: Smoothing | None) -> Prediction:
        return predict_ensemble(name, networks[name], pair)

    return Model((name,), features, predict, block)


MODELS = {
    "ensemble": _structural("ensemble", STRUCTURE_FEATURES, 1024),
    "fast": _structural("fast", QUICK_FEATURES, 16_384),
    "separate": _published(("classifier", "regressor"), published.separate),
    "mixture": _published(("mixture",), published.mixture),
}
"""Every registered model by its name."""

DEFAULT_MODEL = "ensemble"
"""The ensemble errs least, and says how sure it is."""
