"""The published models: what their networks say, and how it is read as five outcomes.

Source: Gonzalez Prieto et al. (2026), sections 3 to 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.collisions.encounter import Fate
from surrogate.collisions.features import Standardiser
from surrogate.collisions.networks import network
from surrogate.collisions.prediction import Prediction

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.collisions.prediction import Networks

NOTHING = 1e-12
"""A mass fraction too small to matter; keeps logarithms and their gradients finite."""


class Published(NamedTuple):
    """What published networks say of a collision; star 1 is the heavier."""

    probability: Float[Array, "*batch 4"]
    """Of each fate."""
    fractions: Float[Array, "*batch 4 3"]
    """For each fate, mass in star 1, in star 2 and unbound over m1 + m2."""


def separate(networks: Networks, x: Float[Array, "*batch 5"]) -> Published:
    """Classifier and regressor from the published features."""
    logits = _apply("classifier", networks, x)
    fractions = _apply("regressor", networks, x)
    shape = (*logits.shape, fractions.shape[-1])
    return Published(jax.nn.softmax(logits), jnp.broadcast_to(fractions[..., None, :], shape))


def mixture(networks: Networks, x: Float[Array, "*batch 5"]) -> Published:
    """Mixture of experts from the published features."""
    logits, fractions = _apply("mixture", networks, x)
    return Published(jax.nn.softmax(logits), fractions)


def consistent(published: Published, survivor: Array | float | None) -> Prediction:
    """Make masses agree with fates (section 6): of one survivor only the larger mass counts.

    Args:
        published: what the networks say.
        survivor: width in ln(f1 / f2) of the choice of who survives a stripping; None is a step.

    Returns:
        The five outcomes; such a model does not say how sure it is.
    """
    p, f = published
    s1, s2 = f[..., Fate.STRIPPED, 0], f[..., Fate.STRIPPED, 1]
    heavier = _heavier_survives(s1, s2, survivor)
    stripped = p[..., Fate.STRIPPED]
    probability = jnp.stack(
        [*(p[..., k] for k in range(3)), heavier * stripped, (1.0 - heavier) * stripped], axis=-1
    )
    none = jnp.zeros_like(s1)
    merged, two = f[..., Fate.MERGER, 0], f[..., Fate.TWO, :]
    bound1 = jnp.stack([none, merged, two[..., 0], s1, none], axis=-1)
    bound2 = jnp.stack([none, none, two[..., 1], none, s2], axis=-1)
    fractions = jnp.stack([bound1, bound2, 1.0 - bound1 - bound2], axis=-1)
    return Prediction(probability, fractions)


def _heavier_survives(s1: Array, s2: Array, width: Array | float | None) -> Array:
    if width is None:
        return jnp.where(s1 >= s2, 1.0, 0.0).astype(s1.dtype)
    return jax.nn.sigmoid((jnp.log(s1 + NOTHING) - jnp.log(s2 + NOTHING)) / width)


def _apply(name: str, networks: Mapping[str, Any], x: Float[Array, "*batch 5"]) -> Any:
    arrays = {k: v.astype(x.dtype) for k, v in networks[name].items()}
    scales = Standardiser(arrays["features/mean"], arrays["features/std"])
    prefix = "network/"
    weights = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
    return network(name).apply(weights, scales(x))
