"""Two stars in order: heavier first, so that swapping them swaps the answer bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp

from surrogate.collisions.encounter import Domain, Encounter
from surrogate.collisions.inputs import ALLOWED
from surrogate.collisions.profiles import core_profile, mass_profile
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
TINY_AGE = 1e-6
"""Keeps the comparison of two ages finite at birth [Gyr]."""
RADIUS_TOLERANCE = 2.0
"""Factor by which a user's radius may differ from the structure model's within the domain."""

HARMLESS = (1.0, 1.0, 1.0, 1.0, 10.0, 1.0, 1.0, 1.0, 0.25, 0.25)
"""Fields of an encounter that stands in for an invalid one: no NaN reaches other gradients."""


class Pair(NamedTuple):
    """A valid encounter in order: star 1 is the heavier (the larger, where masses are equal).

    Units and shapes are those of `Encounter`; every field is an array of one shape, profiles have
    a last axis of shells.
    """

    age1: Float[Array, ...]
    age2: Float[Array, ...]
    m1: Float[Array, ...]
    m2: Float[Array, ...]
    rp: Float[Array, ...]
    vinf: Float[Array, ...]
    r1: Float[Array, ...]
    r2: Float[Array, ...]
    profile1: Float[Array, "... 14"]
    """Radii that enclose the `MASS_FRACTIONS` of star 1 [Rsun]."""
    profile2: Float[Array, "... 14"]
    core1: Float[Array, "... 2"]
    """Radii that enclose 10 and 50 per cent of star 1 [Rsun], without the rest of its profile."""
    core2: Float[Array, "... 2"]
    swapped: Bool[Array, ...]
    """Whether star 1 is the caller's star 2."""
    unlikeness: Float[Array, ...]
    """(ln m1/m2)^2 and the same of given radii and ages; 0 where stars cannot be told apart."""
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
    valid = _is_valid(encounter)
    age, m1, m2, rp, vinf, r1, r2, age2, rh1, rh2 = (
        jnp.where(valid, jnp.asarray(harmless if x is None else x), harmless)
        for x, harmless in zip(encounter, HARMLESS, strict=True)
    )
    age2 = age if encounter.age2 is None else age2
    swapped = _second_comes_first((m1, m2), (r1, r2), (rh1, rh2), (age, age2))
    # Stacked in order: the same instructions for the same star, whichever the caller's order.
    ages, masses, given, halves = (
        jnp.stack(unswap(swapped, a, b)) for a, b in ((age, age2), (m1, m2), (r1, r2), (rh1, rh2))
    )
    expected = stars.radius(masses, ages)
    radii = expected if encounter.r1 is None else given
    given_halves = None if encounter.rh1 is None else halves
    # Under `jit` only what the model reads of these is computed.
    profiles = mass_profile(stars, masses, ages, radii, given_halves)
    cores = core_profile(stars, masses, ages, radii, given_halves)
    reason = _domain(ages, masses, vinf, stars)
    unlike = jnp.maximum(radii / expected, expected / radii).max(axis=0) > RADIUS_TOLERANCE
    reason |= jnp.where(unlike, int(Domain.RADIUS), 0)
    return Pair(
        age1=ages[0],
        age2=ages[1],
        m1=masses[0],
        m2=masses[1],
        rp=rp,
        vinf=vinf,
        r1=radii[0],
        r2=radii[1],
        profile1=profiles[0],
        profile2=profiles[1],
        core1=cores[0],
        core2=cores[1],
        swapped=swapped,
        unlikeness=_unlikeness(masses, given, halves, ages + TINY_AGE),
        reason=jnp.where(valid, reason, int(Domain.INVALID)),
    )


def _unlikeness(*properties: Float[Array, "2 ..."]) -> Float[Array, ...]:
    """Sum of the squared logarithms of the ratios of the two stars."""
    # On a graphics card x / x need not be 1, and twins must be exactly alike.
    ratios = [jnp.where(x[0] == x[1], 0.0, jnp.log(x[0] / x[1]) ** 2) for x in properties]
    return sum(ratios[1:], start=ratios[0])


def _second_comes_first(*properties: tuple[Array, Array]) -> Bool[Array, ...]:
    """Whether star 2 has more of the first property in which the two differ."""
    second, equal = jnp.asarray(False), jnp.asarray(True)
    for a, b in properties:
        second |= equal & (b > a)
        equal &= a == b
    return second


def unswap(swapped: Bool[Array, ...], a: Array, b: Array) -> tuple[Array, Array]:
    """Exchange `a` and `b` where `swapped`; its own inverse."""
    return jnp.where(swapped, b, a), jnp.where(swapped, a, b)


def _is_valid(e: Encounter) -> Bool[Array, ...]:
    # Masses beyond those answered are flagged, not refused: a cluster must go on.
    m1, m2 = jnp.asarray(e.m1), jnp.asarray(e.m2)
    low, high = STELLAR_MASS_RANGE
    valid = (m1 >= low) & (m2 >= low) & (m1 <= high) & (m2 <= high)
    for name in ("age", "rp", "vinf", "r1", "r2", "age2", "rh1", "rh2"):
        value = getattr(e, name)
        if value is not None:
            valid &= ALLOWED[name].accepts(value)
    for half, whole in ((e.rh1, e.r1), (e.rh2, e.r2)):
        if half is not None:
            valid &= jnp.asarray(half) < jnp.asarray(whole)
    return valid


def _domain(
    ages: Float[Array, "2 ..."], masses: Float[Array, "2 ..."], vinf: Array, stars: StellarModel
) -> Int[Array, ...]:
    low, high = GRID_MASS_RANGE
    outside = ((masses < low) | (masses > high)).any(axis=0)
    unborn = ((1.0 + AGE_TOLERANCE) * ages < stars.zams_age(masses)).any(axis=0)
    evolved = (ages > TAMS_TOLERANCE * stars.tams_age(masses)).any(axis=0)
    reason = jnp.where(outside, int(Domain.MASS), 0)
    reason |= jnp.where(unborn, int(Domain.PRE_ZAMS), 0)
    reason |= jnp.where(evolved, int(Domain.POST_TAMS), 0)
    return reason | jnp.where(vinf > MAX_SIMULATED_SPEED, int(Domain.VELOCITY), 0)
