"""Gravity of every body on every other, and what the pairs tell on the way.

One pass over the pairs gives accelerations, jerks, the neighbour that each star is about to hit,
and the shortest time scale of all other pairs. Large systems go through it in blocks of rows.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.constants import G
from surrogate.nbody.compensated import TwoWords

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

    Real = Array | float

ALMOST: Final = 1.0 - 1e-6
"""Share of the fastest rate that counts as the fastest."""


class Bodies(NamedTuple):
    """What the pass reads, one row a body."""

    x: TwoWords
    """Positions, (n, 3) [Rsun]."""
    v: Float[Array, "n 3"]
    """Velocities [km/s]."""
    m: Float[Array, " n"]
    """Masses [Msun]; 0 where there is no body."""
    reach: Float[Array, " n"]
    """Radii within which a pericentre is a collision [Rsun]; 0 for bodies that never collide."""
    met: Int[Array, " n"]
    """The body that this one is receding from since they collided, -1 for none."""


class Field(NamedTuple):
    """What the pass finds, one row a body."""

    a: Float[Array, "n 3"]
    """Accelerations [km/s per unit of time]."""
    j: Float[Array, "n 3"]
    """Their derivatives in time."""
    partner: Int[Array, " n"]
    """The body that this one would collide with first, -1 for none."""
    rate2: Float[Array, " n"]
    """Square of the fastest rate, max(v^2 / r^2, G m / r^3), of the pairs that do not collide."""


def usual_block() -> int:
    """Rows of the table of pairs that are best computed at a time on this kind of machine."""
    return 64 if jax.default_backend() == "cpu" else 1024


def field(bodies: Bodies, softening: Real, block: int) -> Field:
    """Accelerations, jerks, impending collisions and time scales.

    A pair is to collide where its two-body orbit reaches the sum of the radii and the bodies
    approach, or touch without having met yet.

    Args:
        bodies: n bodies.
        softening: Plummer softening of the forces [Rsun].
        block: rows that are computed at a time: memory goes as n times that.

    Returns:
        The field; zero accelerations where there is no body.

    Source: Makino & Aarseth (1992), Eqs. 1-2.
    """
    n = len(bodies.m)
    rows = jnp.arange(n, dtype=jnp.int32)
    if n <= block:
        return _rows(bodies, softening, (bodies, rows))
    blocks = -(-n // block)
    padding = blocks * block - n
    cut = jax.tree.map(
        lambda x: jnp.pad(x, ((0, padding), *((0, 0),) * (x.ndim - 1))).reshape(
            blocks, block, *x.shape[1:]
        ),
        (bodies, rows),
    )
    found = jax.lax.map(partial(_rows, bodies, softening), cut)
    return jax.tree.map(lambda x: x.reshape(blocks * block, *x.shape[2:])[:n], found)


def _rows(every: Bodies, softening: Real, some: tuple[Bodies, Int[Array, " b"]]) -> Field:
    one, rows = some
    columns = jnp.arange(len(every.m), dtype=jnp.int32)
    dx = [_subtract(every.x.high[:, k], one.x.high[:, k]) for k in range(3)]
    dx = [d + _subtract(every.x.low[:, k], one.x.low[:, k]) for k, d in enumerate(dx)]
    dv = [_subtract(every.v[:, k], one.v[:, k]) for k in range(3)]
    pair = (rows[:, None] != columns) & (one.m[:, None] > 0.0) & (every.m > 0.0)

    r2 = jnp.where(pair, _dot(dx, dx), 1.0)
    v2, rv = _dot(dv, dv), _dot(dx, dv)
    soft2 = r2 + softening**2
    w = jnp.where(pair, G * every.m / (soft2 * jnp.sqrt(soft2)), 0.0)
    alpha = 3.0 * rv / soft2
    a = jnp.stack([jnp.sum(w * d, axis=1) for d in dx], axis=1)
    j = jnp.stack([jnp.sum(w * (u - alpha * d), axis=1) for d, u in zip(dx, dv, strict=True)], 1)

    r = jnp.sqrt(r2)
    mu = G * (one.m[:, None] + every.m)
    rate2 = jnp.where(pair, jnp.maximum(v2, mu / r) / r2, 0.0)
    collides = pair & _collides(dx, dv, (r, v2, rv, mu), one, every)
    soonest = jnp.max(jnp.where(collides, rate2, 0.0), axis=1)
    # Not ==: compiled twice, the same expression may be rounded in two ways.
    first = collides & (rate2 >= ALMOST * soonest[:, None])
    partner = jnp.max(jnp.where(first, columns, -1), axis=1)
    return Field(a, j, partner, jnp.max(jnp.where(collides, 0.0, rate2), axis=1))


def _collides(
    dx: list[Array],
    dv: list[Array],
    scalars: tuple[Array, Array, Array, Array],
    one: Bodies,
    every: Bodies,
) -> Array:
    """Whether each pair is on its way to a collision."""
    r, v2, rv, mu = scalars
    h2 = sum(
        (dx[p] * dv[q] - dx[q] * dv[p]) ** 2 for p, q in ((0, 1), (1, 2), (2, 0))
    )  # a difference of r^2 v^2 and rv^2 would lose the digits of a distant pair
    s = jnp.where((one.reach[:, None] > 0.0) & (every.reach > 0.0), 1.0, 0.0)
    s = s * (one.reach[:, None] + every.reach)
    # The radial speed at the distance s is real: s^2 v^2 + 2 mu s (1 - s/r) >= h^2.
    reaches = s * (s * v2 + 2.0 * mu * (1.0 - s / r)) >= h2
    touches = r <= s
    columns = jnp.arange(len(every.m), dtype=jnp.int32)
    return (s > 0.0) & (
        ((rv < 0.0) & (reaches | touches)) | (touches & (one.met[:, None] != columns))
    )


def _subtract(every: Array, one: Array) -> Array:
    return every[None, :] - one[:, None]


def _dot(a: list[Array], b: list[Array]) -> Array:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
