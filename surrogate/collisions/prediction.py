"""What every model says of a collision: five outcomes, and the masses that each leaves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp

from surrogate.collisions.encounter import Fate

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

Networks = Mapping[str, Mapping[str, "Array"]]
"""Arrays of each network by name: weights, feature scales, and what else its model needs."""


class Survivors(IntEnum):
    """The five outcomes of a collision; star 1 is the heavier."""

    NONE = 0
    MERGER = 1
    TWO = 2
    FIRST = 3
    SECOND = 4


class Prediction(NamedTuple):
    """The five outcomes of a collision; star 1 is the heavier."""

    probability: Float[Array, "*batch 5"]
    """Of each of `Survivors`."""
    fractions: Float[Array, "*batch 5 3"]
    """For each, mass in star 1, in star 2 and unbound over m1 + m2."""
    bounds: Float[Array, "*batch 3 4"] | None = None
    """Of the mass in star 1, in star 2 and unbound over m1 + m2: where 68 per cent of it lies
    (low, high), then 95 per cent; None from a model that does not say how sure it is."""
    scale: Float[Array, "*batch 5 3"] | None = None
    """Half-width of the interval that holds each of `fractions` with 68 per cent probability, given
    the outcome; None from a model that does not say how sure it is."""
    ood: Float[Array, "*batch"] | None = None
    """Distance of the encounter from those that the model has seen."""


def fates(probability: Float[Array, "*batch 5"]) -> Float[Array, "*batch 4"]:
    """Probabilities of the four published fates: a stripping leaves either star."""
    stripped = probability[..., Survivors.FIRST] + probability[..., Survivors.SECOND]
    return jnp.stack([*(probability[..., k] for k in range(3)), stripped], axis=-1)


def most_probable(probability: Float[Array, "*batch 5"]) -> Int[Array, "*batch"]:
    """The outcome of the most probable fate, one of `Survivors`."""
    fate = jnp.argmax(fates(probability), axis=-1)
    second = probability[..., Survivors.SECOND] > probability[..., Survivors.FIRST]
    return jnp.where((fate == Fate.STRIPPED) & second, int(Survivors.SECOND), fate)
