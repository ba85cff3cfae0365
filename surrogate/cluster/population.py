"""The stars of a cluster: what is known of each, and how to draw them."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.collisions.structure import tams_age

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float, Int

    from surrogate.cluster.cusp import Cusp
    from surrogate.cluster.mass_function import MassFunction

    Ages = ArrayLike | Callable[[Array, tuple[int, ...]], Array]


class Status(IntEnum):
    """What a star is at the moment."""

    MAIN_SEQUENCE = 0
    """It burns hydrogen, and collides."""
    EVOLVED = 1
    """It is past its TAMS: a giant for a short while, then a compact object; none collides here."""
    DESTROYED = 2
    """Nothing is left: it was disrupted, or is part of another star now."""
    UNBORN = 3
    """Its age is negative: it will be born."""


class Stars(NamedTuple):
    """Tracked stars, each of which stands for `weight` real ones."""

    r: Float[Array, " n"]
    """Distance from the centre [pc], in any order."""
    m: Float[Array, " n"]
    """Mass [Msun]; 0 where destroyed."""
    age: Float[Array, " n"]
    """Effective age [Gyr]; negative until the star is born."""
    collisions: Int[Array, " n"]
    """Collisions in contact that the star went through; a product counts those of its slot."""
    weight: Float[Array, ""]
    """Real stars that a tracked one stands for; any number > 0."""


def status(stars: Stars) -> Int[Array, " n"]:
    """What each star is at the moment.

    Args:
        stars: the population.

    Returns:
        A `Status` of each.
    """
    code = jnp.where(stars.age < tams_age(stars.m), Status.MAIN_SEQUENCE, Status.EVOLVED)
    code = jnp.where(stars.age < 0.0, Status.UNBORN, code)
    return jnp.where(stars.m > 0.0, code, Status.DESTROYED).astype(jnp.int32)


def draw_population(
    key: Array, n: int, cusp: Cusp, mass_function: MassFunction, ages: Ages = 0.0
) -> Stars:
    """Draw the stars of a cusp, between its `r_min` and `r_max`.

    Masses, ages and distances are independent of each other (no segregation). The mass density of
    the cusp is that of the stars at birth: stars that have evolved since keep their mass.

    Args:
        key: a random key.
        n: how many stars to track.
        cusp: where they are.
        mass_function: their masses at birth.
        ages: their ages [Gyr], a number, an array of shape (n,), or a function of a key and a shape
            that draws them; negative ages are stars that are yet to be born.

    Returns:
        The stars, by distance. The weight is the number of real stars, from the mass of the
        cusp and the mean mass, over n.

    Raises:
        ValueError: n is not positive.
    """
    if n < 1:
        raise ValueError(f"n = {n}: needed is at least one star")
    for_r, for_m, for_age = jax.random.split(key, 3)
    r = jnp.sort(cusp.sample(for_r, (n,)))
    m = mass_function.sample(for_m, (n,))
    age = ages(for_age, (n,)) if callable(ages) else jnp.broadcast_to(jnp.asarray(ages), (n,))
    weight = cusp.stellar_mass() / mass_function.moment(1.0) / n
    r, m, age = (x.astype(jnp.result_type(float)) for x in (r, m, age))
    return Stars(r, m, age, jnp.zeros(n, jnp.int32), weight)
