"""What a survey of a cluster sees of its collisions, and how probable that is.

Merger products and stripped stars are counted by radius, and of some the mass is measured. The
counts are Poisson; a measured mass comes from any of the collisions that may have made it, so its
density is a mixture over them, each as wide as the measurement and the surrogate's own error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.collisions.predictive import Predictive, Way
from surrogate.inference.population import Collisions

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

KINDS = ((Way.MERGER, Way.CAPTURE), (Way.FIRST, Way.SECOND))
"""Ways that make a merger product, and those that make a stripped star."""
LN_SQRT_2PI = 0.9189385332046727
FAINT = 1e-15
"""Sources of fewer objects than this are none: the slopes of their logarithms overflow."""
NEVER = -1e30
"""Stands for ln 0: its gradient is 0, not NaN."""


class Survey(NamedTuple):
    """What a survey does to what it sees; every field a number."""

    mass_scale: Array | float = 1.0
    """Measured over true mass, on average."""
    found_merged: Array | float = 1.0
    """Share of the merger products that are recognised."""
    found_stripped: Array | float = 1.0
    """Share of the stripped stars that are recognised."""
    error_scale: Array | float = 1.0
    """True over stated error of a mass."""
    interlopers: Array | float = 0.0
    """Ordinary stars taken for products of collisions, in each bin and of each kind."""


class Observed(NamedTuple):
    """What was seen. Kind 0 is a merger product, kind 1 a stripped star."""

    counts: Float[Array, "2 bins"]
    """Of each kind in each radial bin."""
    mass: Float[Array, " n"]
    """Measured masses of some of them [Msun]."""
    error: Float[Array, " n"]
    """Their stated errors [Msun]."""
    kind: Int[Array, " n"]
    """What each is taken for."""
    bin: Int[Array, " n"]
    """Radial bin of each."""


class Sources(NamedTuple):
    """All that may have made an object of a kind in a bin: collisions and interlopers."""

    number: Float[Array, "2 bins m"]
    """How many objects each accounts for, on average."""
    mass: Float[Array, "2 bins m"]
    """Mean of the measured mass [Msun]."""
    scale: Float[Array, "2 bins m"]
    """Scatter of the true mass about it: the surrogate's own error [Msun]."""


def sources(found: Collisions, predictive: Predictive, survey: Survey) -> Sources:
    """All that a survey may take for a product of a collision.

    Args:
        found: collisions at points, (bins, n).
        predictive: how each may end.
        survey: what the survey does to them.

    Returns:
        Sources of each kind in each bin: two for each point, and an interloper.
    """
    bins, n = found.number.shape
    # Of either kind one star is left; the other mass is zero.
    mass, scale = (x[..., 0] + x[..., 1] for x in (predictive.masses, predictive.scale))
    shares = (survey.found_merged, survey.found_stripped)
    each = [
        (
            share * found.number[..., None] * predictive.probability[..., ways],
            mass[..., ways],
            scale[..., ways],
        )
        for share, ways in zip(shares, (jnp.array(KINDS[0]), jnp.array(KINDS[1])), strict=True)
    ]
    number, mass, scale = (jnp.stack(x).reshape(2, bins, -1) for x in zip(*each, strict=True))
    # Interlopers are stars of the field, as star 1 is where the points are weighed evenly.
    field = jnp.broadcast_to(found.encounter.m1, (2, bins, n))
    weight = jnp.broadcast_to(found.stars * survey.interlopers, (2, bins, n))
    return Sources(
        jnp.concatenate([number, weight], axis=-1),
        jnp.concatenate([mass, field], axis=-1) * survey.mass_scale,
        jnp.concatenate([scale, jnp.zeros_like(field)], axis=-1) * survey.mass_scale,
    )


def log_likelihood(made: Sources, survey: Survey, observed: Observed) -> Float[Array, ""]:
    """How probable it is to see this.

    Args:
        made: all that there is to be seen.
        survey: what the survey does to it.
        observed: what was seen.

    Returns:
        Logarithm of the probability of the counts and of the density of the masses.
    """
    expected = made.number.sum(axis=-1)
    log_expected = jnp.log(expected)
    counts = jnp.sum(observed.counts * log_expected - expected)
    some = made.number > FAINT
    log_number = jnp.where(some, jnp.log(jnp.where(some, made.number, 1.0)), NEVER)
    own = (observed.kind, observed.bin)
    off = observed.mass[:, None] - made.mass[own]
    variance = made.scale[own] ** 2 + (survey.error_scale * observed.error)[:, None] ** 2
    each = log_number[own] - 0.5 * (off * off / variance + jnp.log(variance))
    density = jax.nn.logsumexp(each, axis=-1) - LN_SQRT_2PI
    return counts + jnp.sum(density - log_expected[own])


def observe(key: Array, made: Sources, survey: Survey, n: int, error: float) -> Observed:
    """Draw what a survey sees.

    Args:
        key: a random key.
        made: all that there is to be seen.
        survey: what the survey does to it.
        n: how many masses of each kind are measured.
        error: stated error of every mass [Msun].

    Returns:
        Counts, and the masses of `n` objects of each kind, whichever their bin.
    """
    key_counts, key_choice, key_true, key_error = jax.random.split(key, 4)
    counts = jax.random.poisson(key_counts, made.number.sum(axis=-1)).astype(jnp.float32)
    m = made.number.shape[-1]
    flat = jax.tree.map(lambda x: x.reshape(2, -1), made)
    log_number = jnp.log(jnp.maximum(flat.number, jnp.finfo(jnp.float32).tiny))
    chosen = jax.random.categorical(key_choice, log_number, shape=(n, 2)).T
    mass, scale = (jnp.take_along_axis(x, chosen, axis=1) for x in (flat.mass, flat.scale))
    true = mass + scale * jax.random.normal(key_true, mass.shape)
    # One error for all: one that grew with the mass would tell of it, unknown to the likelihood.
    stated = jnp.full_like(mass, error)
    seen = true + survey.error_scale * stated * jax.random.normal(key_error, mass.shape)
    kind = jnp.repeat(jnp.arange(2), n)
    return Observed(counts, seen.ravel(), stated.ravel(), kind, (chosen // m).ravel())
