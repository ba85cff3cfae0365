"""Effective ages of the remnants of a collision: what `run` takes for `ages_after`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp

from surrogate.cluster.rejuvenation import merged_age, survivor_age
from surrogate.collisions.encounter import Encounter, Fate
from surrogate.collisions.structure import tams_age

if TYPE_CHECKING:
    from jaxtyping import Array

    from surrogate.collisions.baselines import Remnants


def rejuvenated(encounter: Encounter, remnants: Remnants) -> tuple[Array, Array]:
    """Ages by the rejuvenation of Hurley, Tout & Pols (2002); see `surrogate.cluster.rejuvenation`.

    A star that the collision has not changed keeps its age to the last digit.

    Args:
        encounter: k pairs, with both ages.
        remnants: what is left of them.

    Returns:
        Ages of both remnants [Gyr], each (k,); of a destroyed star, the age that it had.
    """
    age1, age2 = jnp.asarray(encounter.age), jnp.asarray(encounter.age2)
    m1, m2 = jnp.asarray(encounter.m1), jnp.asarray(encounter.m2)
    s1, s2 = age1 / tams_age(m1), age2 / tams_age(m2)
    merged = remnants.fate == Fate.MERGER

    def after(age: Array, m: Array, s: Array, left: Array) -> Array:
        there = left > 0.0
        final = jnp.where(there, left, m)
        t_ms = tams_age(final)
        survivor = jnp.where(final == m, age, survivor_age(m, s, final, t_ms))
        product = merged_age(m1, m2, s1, s2, final, t_ms)
        return jnp.where(there & merged, product, survivor)

    return after(age1, m1, s1, remnants.m1_final), after(age2, m2, s2, remnants.m2_final)


def keep_ages(encounter: Encounter, remnants: Remnants) -> tuple[Array, Array]:
    """Every body keeps its age; a merger product has that of the heavier star.

    Args:
        encounter: k pairs, with both ages.
        remnants: what is left of them.

    Returns:
        Ages of both remnants [Gyr], each (k,).
    """
    return jnp.asarray(encounter.age), jnp.asarray(encounter.age2)
