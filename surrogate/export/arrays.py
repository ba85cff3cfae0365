"""A model as a function from arrays to arrays: what is written as StableHLO and as ONNX."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp

from surrogate.collisions import pipeline
from surrogate.collisions.encounter import Encounter, Outcome
from surrogate.collisions.models import MODELS
from surrogate.collisions.pair import Pair
from surrogate.collisions.prediction import Prediction

if TYPE_CHECKING:
    from jax import Array

    from surrogate.collisions.predictor import CollisionModel

BOUNDS: Final = ("m1_bounds", "m2_bounds", "unbound_bounds")
ARGUMENTS: Final = ("age", "m1", "m2", "rp", "vinf")
"""What the function takes, in order; all of one shape, both stars of one age."""
FIELDS: Final = tuple(name for name in Outcome._fields if name not in BOUNDS)
"""Results, in order; masses and probabilities are floating, codes int32, `in_domain` bool."""


def answer(model: CollisionModel, networks: Any = None) -> Callable[..., tuple[Array, ...]]:
    """The hard mode of a model.

    Args:
        model: any; its structure and tides are kept.
        networks: the type in which the networks and what they read is computed; that of the
            arguments where None.

    Returns:
        The function from `ARGUMENTS` to `FIELDS`.
    """

    def predict(pair: Pair) -> Prediction:
        read = _cast(pair, networks or pair.total.dtype)
        said = MODELS[model.kind].predict(model.networks, read, None)
        return _cast(said, pair.total.dtype)

    def function(*columns: Array) -> tuple[Array, ...]:
        encounter = Encounter(*columns)
        found = pipeline.run(predict, model.stars, encounter, None, model.argument, model.cutoff)
        return tuple(getattr(found, name) for name in FIELDS)

    return function


def _cast(values: Any, dtype: Any) -> Any:
    """Whatever is floating, in one type."""

    def cast(x: Array) -> Array:
        return x.astype(dtype) if jnp.issubdtype(x.dtype, jnp.floating) else x

    return jax.tree.map(cast, values)
