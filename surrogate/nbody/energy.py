"""Energy, momentum and mass of the bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.constants import G
from surrogate.nbody.compensated import TwoWords

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    Real = Array | float


class Totals(NamedTuple):
    """Sums over the bodies; energies are in Msun km^2/s^2."""

    kinetic: Float[Array, ""]
    """Kinetic energy."""
    potential: Float[Array, ""]
    """Potential energy of all pairs, softened as the forces are."""
    momentum: Float[Array, " 3"]
    """Momentum [Msun km/s]."""
    mass: Float[Array, ""]
    """Mass [Msun]."""


def totals(
    x: TwoWords, v: TwoWords, m: Float[Array, " n"], softening: Real = 0.0, block: int = 1024
) -> Totals:
    """Energy, momentum and mass of n bodies.

    Args:
        x: positions, (n, 3) [Rsun].
        v: velocities, (n, 3) [km/s].
        m: masses [Msun]; 0 where there is no body.
        softening: Plummer softening [Rsun].
        block: rows that are computed at a time.

    Returns:
        The totals.
    """
    rows = jnp.arange(len(m))

    def one(row: Array) -> Array:
        others = m.at[row].set(0.0)
        return m[row] * potentials(x.at(row[None]), x, others, softening).sum()

    halves = jax.lax.map(one, rows, batch_size=min(block, len(m)))
    velocity = v.value
    return Totals(
        kinetic=0.5 * jnp.sum(m * jnp.sum(velocity**2, axis=1)),
        potential=0.5 * halves.sum(),
        momentum=jnp.sum(m[:, None] * velocity, axis=0),
        mass=m.sum(),
    )


def potentials(
    x: TwoWords, everyone: TwoWords, m: Float[Array, " n"], softening: Real
) -> Float[Array, "b n"]:
    """What every mass adds to the potential at some points.

    Args:
        x: the points, (b, 3) [Rsun].
        everyone: positions of the masses, (n, 3) [Rsun].
        m: the masses [Msun]; that of a body at a point itself must be 0.
        softening: Plummer softening [Rsun].

    Returns:
        -G m / r [km^2/s^2]; 0 where m is 0.
    """
    d2 = jnp.zeros((len(x.high), len(m)), x.high.dtype) + softening**2
    for k in range(3):
        d = everyone.high[:, k] - x.high[:, k, None] + (everyone.low[:, k] - x.low[:, k, None])
        d2 += d**2
    counts = (m > 0.0) & (d2 > 0.0)
    return jnp.where(counts, -G * m / jnp.sqrt(jnp.where(counts, d2, 1.0)), 0.0)
