"""Initial conditions: a Plummer sphere, with or without a black hole in its centre."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.constants import G
from surrogate.nbody.compensated import two_words
from surrogate.nbody.energy import totals
from surrogate.nbody.system import System, bodies

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

    Real = Array | float

INNER_MASS: Final = 0.99
"""Stars are drawn from the inner 99 per cent of the sphere: it has no edge."""


def plummer(
    key: Array,
    m: Float[ArrayLike, " n"],
    size: Real,
    *,
    age: ArrayLike = 0.0,
    r: ArrayLike | None = None,
    black_hole: Real | None = None,
) -> System:
    """Stars of a Plummer sphere in virial equilibrium, at rest as a whole.

    Without a black hole velocities follow the sphere's distribution function. With one, a core has
    no isotropic distribution in which all stars are bound; every star then has the speed of the
    circular orbit at its distance, in any direction, which is virial at every distance and mixes
    into a steady state within a few orbits. All speeds are scaled until 2 K + W = 0.

    Args:
        key: of the random numbers.
        m: masses of the stars, (n,) [Msun].
        size: Plummer radius a, the projected half-mass radius [Rsun]; half-mass is 1.3 a.
        age: ages, (n,) or one for all [Gyr].
        r: radii, (n,) [Rsun]; from the structure model where None.
        black_hole: mass of a body in the centre that never collides, in a last slot [Msun]; none
            where None.

    Returns:
        The bodies, n of them, or n + 1.

    Source: Aarseth, Henon & Wielen (1974), appendix, for the sphere alone.
    """
    m = jnp.asarray(m, jnp.promote_types(jnp.result_type(m), jnp.float32))
    where, which = jax.random.split(key)
    n, total = len(m), m.sum()
    place, heading = (_directions(k, n) for k in jax.random.split(where))
    radial, pace = jax.random.split(which)
    s = _radii(radial, n)  # in units of a
    if black_hole is None:
        escape = jnp.sqrt(2.0 * G * total / size) * (1.0 + s**2) ** -0.25
        speed = escape * _share_of_escape(pace, n)
    else:
        within = total * (s / jnp.sqrt(1.0 + s**2)) ** 3
        speed = jnp.sqrt(G * (black_hole + within) / (size * s))
    x, v = size * s[:, None] * place, speed[:, None] * heading
    age = jnp.broadcast_to(jnp.asarray(age, m.dtype), (n,))
    stars = bodies(x, v, m, age, r)
    if black_hole is not None:
        stars = _with_body(stars, jnp.asarray(black_hole, m.dtype))
    return _virial(_at_rest(stars))


def _directions(key: Array, n: int) -> Array:
    normal = jax.random.normal(key, (n, 3))
    return normal / jnp.sqrt(jnp.sum(normal**2, axis=1, keepdims=True))


def _radii(key: Array, n: int) -> Array:
    """Distances in units of a: M(s) = s^3 (1 + s^2)^(-3/2)."""
    share = jax.random.uniform(key, (n,), minval=1e-6, maxval=INNER_MASS)
    return (share ** (-2.0 / 3.0) - 1.0) ** -0.5


def _share_of_escape(key: Array, n: int) -> Array:
    """Speeds in units of the escape speed: g(q) = q^2 (1 - q^2)^(7/2)."""
    q = np.linspace(0.0, 1.0, 2001)
    density = q**2 * (1.0 - q**2) ** 3.5
    below = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    return jnp.interp(jax.random.uniform(key, (n,)), jnp.asarray(below / below[-1]), jnp.asarray(q))


def _with_body(stars: System, m: Array) -> System:
    """A body that never collides, at the origin."""

    def more(values: Array, last: Array | float) -> Array:
        return jnp.concatenate([values, jnp.full((1, *values.shape[1:]), last, values.dtype)])

    return System(
        more(stars.x, 0.0),
        more(stars.v, 0.0),
        more(stars.m, m),
        more(stars.r, 0.0),
        more(stars.age, 0.0),
    )


def _at_rest(stars: System) -> System:
    share = (stars.m / stars.m.sum())[:, None]
    return stars._replace(
        x=stars.x - jnp.sum(share * stars.x, axis=0), v=stars.v - jnp.sum(share * stars.v, axis=0)
    )


def _virial(stars: System) -> System:
    found = totals(two_words(stars.x), two_words(stars.v), stars.m)
    return stars._replace(v=stars.v * jnp.sqrt(-0.5 * found.potential / found.kinetic))
