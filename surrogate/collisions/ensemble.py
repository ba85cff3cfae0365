"""Several symmetric networks that answer as one, and how far they may be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp

from surrogate.collisions.features import StructureFeatures, quick_features, structure_features
from surrogate.collisions.networks import network
from surrogate.collisions.novelty import ood_score
from surrogate.collisions.prediction import Prediction
from surrogate.collisions.symmetric import Raw
from surrogate.collisions.uncertainty import (
    LEVELS,
    SIGMA,
    Calibration,
    mass_bounds,
    tempered,
    widened,
)

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.collisions.pair import Pair

Arrays = Mapping[str, "Array"]
Kind = TypeVar("Kind")

FEATURES = {"ensemble": structure_features, "fast": quick_features}
"""What each kind of symmetric network reads."""
RESOLUTION = 3e-5
"""No mass is known better than this, relative to the star's own: a third of a particle."""
_SMALL = 1e-7
"""Keeps the gradient of a standard deviation finite where members agree."""


class Scales(NamedTuple):
    """Standardises structure features; odd ones keep their zero."""

    mean: Float[Array, " even"]
    std: Float[Array, " even"]
    odd_std: Float[Array, " odd"]

    def __call__(self, x: StructureFeatures) -> StructureFeatures:
        """Even features with zero mean and unit variance, odd ones with unit variance."""
        return x._replace(even=(x.even - self.mean) / self.std, odd=x.odd / self.odd_std)


class Seen(NamedTuple):
    """What a model has learned from, for the out-of-domain score."""

    stars: Float[Array, "stars 3"]
    """Their coordinates, see `novelty.star_coordinates`."""
    speeds: Float[Array, " 2"]
    """Least and greatest ln(vinf) [km/s]."""


class Opinion(NamedTuple):
    """What the members say together, before calibration."""

    log_probability: Float[Array, "*batch 5"]
    """Logarithm of the mean probability of each of `Survivors`."""
    fractions: Float[Array, "*batch 5 3"]
    """Mean mass in star 1, in star 2 and unbound over m1 + m2, for each."""
    scale: Float[Array, "*batch 5 3"]
    """Expected error of each: what the members expect, and how far they disagree."""


def consult(name: str, arrays: Arrays, pair: Pair) -> Opinion:
    """What the members of an ensemble say of a collision.

    Args:
        name: "ensemble" or "fast".
        arrays: weights with a leading axis of members, and feature scales.
        pair: the encounter.

    Returns:
        Their mean answer and its scatter.
    """
    x, raw = ask_members(name, arrays, pair)
    bound = raw.fractions[..., :2].mean(axis=0)
    unbound = 1.0 - bound[..., :1] - bound[..., 1:]
    fractions = jnp.concatenate([bound, unbound], axis=-1)
    learned = in_units_of_total(raw.log_scale, x.shares).mean(axis=0)
    spread = jnp.sqrt(jnp.mean((raw.fractions - fractions) ** 2, axis=0) + _SMALL**2) - _SMALL
    members = raw.log_probability.shape[0]
    log_probability = jax.nn.logsumexp(raw.log_probability, axis=0) - jnp.log(1.0 * members)
    return Opinion(log_probability, fractions, learned + spread)


def ask_members(name: str, arrays: Arrays, pair: Pair) -> tuple[StructureFeatures, Raw]:
    """What each member of an ensemble says of a collision by itself, before calibration.

    Args:
        name: "ensemble" or "fast".
        arrays: weights with a leading axis of members, and feature scales.
        pair: the encounter.

    Returns:
        The standardised features that all of them read, and their answers along a new first axis.
    """
    dtype = pair.total.dtype
    weights = {
        k.removeprefix("network/"): v.astype(dtype)
        for k, v in arrays.items()
        if k.startswith("network/")
    }
    x = read_tuple(Scales, arrays, "features", dtype)(FEATURES[name](pair))
    apply = network(name).apply
    if weights["first/bias"].shape[0] > 1:
        return x, jax.vmap(apply, in_axes=(0, None))(weights, x)
    # Plain matrix products are faster than a batch of one.
    raw = apply({k: v[0] for k, v in weights.items()}, x)
    return x, jax.tree.map(lambda a: a[None], raw)


def predict_ensemble(name: str, arrays: Arrays, pair: Pair) -> Prediction:
    """The calibrated prediction of an ensemble.

    Args:
        name: "ensemble" or "fast", which spares itself the bounds.
        arrays: its checkpoint.
        pair: the encounter.

    Returns:
        Outcomes, masses, their bounds and scales, and the out-of-domain score.
    """
    dtype = pair.total.dtype
    opinion = consult(name, arrays, pair)
    calibration = read_tuple(Calibration, arrays, "calibration", dtype)
    seen = read_tuple(Seen, arrays, "seen", dtype)
    ood = ood_score(pair, seen.stars, seen.speeds)
    p = jnp.exp(tempered(opinion.log_probability, calibration.temperature))
    shares = jnp.stack([pair.m1, pair.m2], axis=-1) / pair.total[..., None]
    wide = widened(opinion.scale, shares, calibration, ood)
    sigma = wide * calibration.law[..., LEVELS.index(SIGMA)]
    bounds = None
    if name != "fast":
        bounds = mass_bounds(p, opinion.fractions, opinion.scale, shares, calibration, ood)
    return Prediction(p, opinion.fractions, bounds, sigma, ood)


def read_tuple(kind: type[Kind], arrays: Arrays, prefix: str, dtype: Any) -> Kind:
    """A named tuple of the arrays "prefix/field"."""
    fields: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
    return kind(*(jnp.asarray(arrays[f"{prefix}/{k}"]).astype(dtype) for k in fields))


def write_tuple(values: Any, prefix: str) -> dict[str, Array]:
    """The fields of a named tuple as arrays "prefix/field"; inverse of `read_tuple`."""
    return {f"{prefix}/{k}": v for k, v in values._asdict().items()}


def in_units_of_total(
    log_scale: Float[Array, "*members batch 5 2"], shares: Float[Array, "batch 2"]
) -> Float[Array, "*members batch 5 3"]:
    """Scales of star 1, star 2 and the unbound mass over m1 + m2; 0 where a star is destroyed.

    Args:
        log_scale: ln of the scales relative to what the stars were, see `Raw`.
        shares: initial mass of each star over m1 + m2.
    """
    left = jnp.isfinite(log_scale)
    # At most the whole star.
    scale = jnp.exp(jnp.where(left, jnp.minimum(log_scale, 0.0), 0.0)) + RESOLUTION
    whole = jnp.ones_like(shares[..., 0])
    # Of a merger the scale is that of both stars' mass.
    first = jnp.stack([shares[..., 0], whole, *(shares[..., 0],) * 3], axis=-1)
    second = jnp.broadcast_to(shares[..., 1:], first.shape)
    own = jnp.where(left, scale, 0.0) * jnp.stack([first, second], axis=-1)
    return jnp.concatenate([own, own.sum(axis=-1, keepdims=True)], axis=-1)
