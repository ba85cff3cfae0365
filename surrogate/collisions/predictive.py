"""What an encounter may leave: every outcome with its probability, its masses and their scatter.

`Outcome` gives one answer. A likelihood needs them all: a fate that is only half certain is two
ways to have made the remnants that are seen, and the surrogate's own error is part of each.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp

from surrogate.collisions.encounter import Encounter
from surrogate.collisions.pair import Pair, unswap
from surrogate.collisions.pipeline import Predict, Smoothing, gates, meet
from surrogate.collisions.prediction import Prediction
from surrogate.collisions.tides import Argument, Cutoff

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.collisions.structure import StellarModel


class Way(IntEnum):
    """How an encounter may end."""

    NONE = 0
    """In contact: both stars are destroyed."""
    MERGER = 1
    """In contact: one star, made of both."""
    TWO = 2
    """In contact: both stars survive."""
    FIRST = 3
    """In contact: star 1 survives, stripped; star 2 is destroyed."""
    SECOND = 4
    """In contact: star 2 survives, stripped; star 1 is destroyed."""
    CAPTURE = 5
    """The stars bind by tides and merge without loss."""
    FLYBY = 6
    """The stars pass each other unchanged."""


class Predictive(NamedTuple):
    """All ways in which an encounter may end, along the axis of `Way`."""

    probability: Float[Array, "*batch 7"]
    """Of each `Way`; they sum to one."""
    masses: Float[Array, "*batch 7 3"]
    """Final mass of star 1, of star 2 and unbound [Msun], if it ends so; a merger product stands
    with the heavier star."""
    scale: Float[Array, "*batch 7 3"]
    """Half-width of the interval that holds each of `masses` with 68 per cent probability: the
    surrogate's own error and the scatter of the simulations [Msun]. The masses of a capture and a
    fly-by are taken as certain."""


def predictive(
    predict: Predict,
    stars: StellarModel,
    encounter: Encounter,
    smoothing: Smoothing,
    argument: Argument,
    cutoff: Cutoff,
) -> Predictive:
    """Every way in which encounters may end.

    Args:
        predict: the networks.
        stars: gives radii where the encounter has none, and the ages of the main sequence.
        encounter: fields of one shape; both radii are None or both are arrays.
        smoothing: widths of the gates between collision, capture and fly-by.
        argument: at what the tidal fits are evaluated.
        cutoff: how tidal dissipation ends.

    Returns:
        Probabilities, masses and scales in the caller's order of the stars; NaN where an input is
        invalid.

    Raises:
        ValueError: the networks do not say how sure they are.
    """
    pair, orbital, tides, collision = meet(predict, stars, encounter, smoothing, argument, cutoff)
    if collision.scale is None:
        raise ValueError("this model does not say how sure it is: load 'ensemble' or 'fast'")
    weights = gates(pair, orbital, tides, smoothing)
    probability = jnp.concatenate(
        [weights[..., :1] * collision.probability, weights[..., 1:]], axis=-1
    )
    masses, scale = _masses(collision, pair), _certain(collision.scale * _total(pair))
    # Of two ways in which star 1 alone or star 2 alone survives, each is the other one's mirror.
    first, second = unswap(pair.swapped, probability[..., Way.FIRST], probability[..., Way.SECOND])
    probability = probability.at[..., Way.FIRST].set(first).at[..., Way.SECOND].set(second)
    masses, scale = (_callers(pair, x) for x in (masses, scale))
    nan = jnp.asarray(jnp.nan, masses.dtype)
    valid = pair.valid[..., None]
    return Predictive(
        jnp.where(valid, probability, nan),
        jnp.where(valid[..., None], masses, nan),
        jnp.where(valid[..., None], scale, nan),
    )


def _total(pair: Pair) -> Array:
    return pair.total[..., None, None]


def _masses(collision: Prediction, pair: Pair) -> Float[Array, "*batch 7 3"]:
    none = jnp.zeros_like(pair.total)
    captured = jnp.stack([pair.total, none, none], axis=-1)
    passed = jnp.stack([pair.m1, pair.m2, none], axis=-1)
    outside = jnp.stack([captured, passed], axis=-2)
    return jnp.concatenate([collision.fractions * _total(pair), outside], axis=-2)


def _certain(scale: Float[Array, "*batch 5 3"]) -> Float[Array, "*batch 7 3"]:
    """Scales with those of capture and fly-by, which are zero."""
    return jnp.concatenate([scale, jnp.zeros_like(scale[..., :2, :])], axis=-2)


def _callers(pair: Pair, x: Float[Array, "*batch 7 3"]) -> Float[Array, "*batch 7 3"]:
    """What belongs to star 1 and star 2 in the caller's order, ways and stars alike."""
    swapped = pair.swapped[..., None]
    star1, star2 = unswap(swapped, x[..., 0], x[..., 1])
    x = jnp.stack([star1, star2, x[..., 2]], axis=-1)
    first, second = unswap(swapped, x[..., Way.FIRST, :], x[..., Way.SECOND, :])
    return x.at[..., Way.FIRST, :].set(first).at[..., Way.SECOND, :].set(second)
