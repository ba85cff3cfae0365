"""The registered models: which networks each consists of, and how they make a prediction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.collisions.features import Standardiser
from surrogate.collisions.networks import network

if TYPE_CHECKING:
    from jaxtyping import Array, Float

Networks = Mapping[str, Mapping[str, "Array"]]
"""Arrays of each network by name: weights and feature scales."""


class Prediction(NamedTuple):
    """What networks say of a collision; star 1 is the heavier."""

    probability: Float[Array, "*batch 4"]
    """Of each fate."""
    fractions: Float[Array, "*batch 4 3"]
    """For each fate, mass in star 1, in star 2 and unbound over m1 + m2."""


class Model(NamedTuple):
    """A registered model."""

    parts: tuple[str, ...]
    """The networks that it consists of, keys of `NETWORKS`."""
    predict: Callable[[Networks, Float[Array, "*batch 5"]], Prediction]
    """The prediction from the networks' arrays and the published features."""


def _separate(networks: Networks, x: Float[Array, "*batch 5"]) -> Prediction:
    logits = _apply("classifier", networks, x)
    fractions = _apply("regressor", networks, x)
    shape = (*logits.shape, fractions.shape[-1])
    return Prediction(jax.nn.softmax(logits), jnp.broadcast_to(fractions[..., None, :], shape))


def _mixture(networks: Networks, x: Float[Array, "*batch 5"]) -> Prediction:
    logits, fractions = _apply("mixture", networks, x)
    return Prediction(jax.nn.softmax(logits), fractions)


def _apply(name: str, networks: Networks, x: Float[Array, "*batch 5"]) -> Any:
    arrays = {k: v.astype(x.dtype) for k, v in networks[name].items()}
    scales = Standardiser(arrays["features/mean"], arrays["features/std"])
    prefix = "network/"
    weights = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
    return network(name).apply(weights, scales(x))


MODELS = {
    "separate": Model(("classifier", "regressor"), _separate),
    "mixture": Model(("mixture",), _mixture),
}
"""Every registered model by its name."""

DEFAULT_MODEL = "separate"
"""The separate networks err less than the mixture of experts (Table 6)."""
