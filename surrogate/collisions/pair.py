"""Two stars in order: heavier first, so that swapping them swaps the answer bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp

from surrogate.collisions.encounter import Domain, Encounter
from surrogate.collisions.inputs import ALLOWED
from surrogate.collisions.structure import GRID_MASS_RANGE, StellarModel

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float, Int

STELLAR_MASS_RANGE = (1e-3, 1e4)
"""Beyond these masses [Msun] there is no star, and an encounter is invalid."""
MAX_SIMULATED_SPEED = 16_000.0
"""Highest velocity at infinity of the grid [km/s]."""
AGE_TOLERANCE = 1e-3
"""Rounding that a ZAMS age may carry, relative."""
TAMS_TOLERANCE = 1.1
"""A star may be older than its TAMS by 10 per cent (paper, section 6)."""
RADIUS_TOLERANCE = 2.0
"""Factor by which a user's radius may differ from the structure model's within the domain."""

HARMLESS = (1.0, 1.0, 1.0, 1.0, 10.0, 1.0, 1.0)
"""Fields of an encounter that stands in for an invalid one: no NaN reaches other gradients."""


class Pair(NamedTuple):
    """A valid encounter in order: star 1 is the heavier (the larger, where masses are equal).

    Units and shapes are those of `Encounter`; every field is an array of one shape.
    """

    age: Float[Array, ...]
    m1: Float[Array, ...]
    m2: Float[Array, ...]
    rp: Float[Array, ...]
    vinf: Float[Array, ...]
    r1: Float[Array, ...]
    r2: Float[Array, ...]
    swapped: Bool[Array, ...]
    """Whether star 1 is the caller's star 2."""
    unlikeness: Float[Array, ...]
    """(ln m1/m2)^2 + (ln r1/r2)^2 of given radii; 0 where the stars cannot be told apart."""
    reason: Int[Array, ...]
    """A `Domain`."""

    @property
    def valid(self) -> Bool[Array, ...]:
        """Whether the caller's numbers have a meaning; where not, the fields are harmless."""
        return (self.reason & int(Domain.INVALID)) == 0

    @property
    def total(self) -> Float[Array, ...]:
        """Mass of both stars [Msun]."""
        return self.m1 + self.m2


def arrange(encounter: Encounter, stars: StellarModel) -> Pair:
    """Put the stars in order, with their radii and what is to be said of the domain.

    Args:
        encounter: fields of one shape and float type; both radii are None or both are arrays.
        stars: gives radii where the encounter has none, and the ages of the main sequence.

    Returns:
        The pair.
    """
    given = encounter.r1 is not None
    valid = _is_valid(encounter)
    age, m1, m2, rp, vinf, r1, r2 = (
        jnp.where(valid, harmless if x is None else x, harmless)
        for x, harmless in zip(encounter, HARMLESS, strict=True)
    )
    swapped = (m2 > m1) | ((m1 == m2) & (r2 > r1))
    m1, m2 = unswap(swapped, m1, m2)
    r1, r2 = unswap(swapped, r1, r2)
    unlikeness = jnp.log(m1 / m2) ** 2 + jnp.log(r1 / r2) ** 2
    # Computed from the ordered masses: the same instructions for the same star, in either order.
    masses = jnp.stack([m1, m2])
    expected = stars.radius(masses, age)
    radii = jnp.stack([r1, r2]) if given else expected
    reason = _domain(age, masses, vinf, stars)
    unlike = jnp.maximum(radii / expected, expected / radii).max(axis=0) > RADIUS_TOLERANCE
    reason |= jnp.where(unlike, int(Domain.RADIUS), 0)
    reason = jnp.where(valid, reason, int(Domain.INVALID))
    return Pair(age, m1, m2, rp, vinf, radii[0], radii[1], swapped, unlikeness, reason)


def unswap(swapped: Bool[Array, ...], a: Array, b: Array) -> tuple[Array, Array]:
    """Exchange `a` and `b` where `swapped`; its own inverse."""
    return jnp.where(swapped, b, a), jnp.where(swapped, a, b)


def _is_valid(e: Encounter) -> Bool[Array, ...]:
    # Masses beyond those answered are flagged, not refused: a cluster must go on.
    m1, m2 = jnp.asarray(e.m1), jnp.asarray(e.m2)
    low, high = STELLAR_MASS_RANGE
    valid = (m1 >= low) & (m2 >= low) & (m1 <= high) & (m2 <= high)
    for name in ("age", "rp", "vinf", "r1", "r2"):
        value = getattr(e, name)
        if value is not None:
            valid &= ALLOWED[name].accepts(value)
    return valid


def _domain(
    age: Array, masses: Float[Array, "2 ..."], vinf: Array, stars: StellarModel
) -> Int[Array, ...]:
    low, high = GRID_MASS_RANGE
    outside = ((masses < low) | (masses > high)).any(axis=0)
    zams, tams = stars.zams_age(masses).max(axis=0), stars.tams_age(masses).min(axis=0)
    reason = jnp.where(outside, int(Domain.MASS), 0)
    reason |= jnp.where((1.0 + AGE_TOLERANCE) * age < zams, int(Domain.PRE_ZAMS), 0)
    reason |= jnp.where(age > TAMS_TOLERANCE * tams, int(Domain.POST_TAMS), 0)
    return reason | jnp.where(vinf > MAX_SIMULATED_SPEED, int(Domain.VELOCITY), 0)
