"""Where the remnants of a collision are, and how fast.

The simulations that the rules were learned from tell masses, not velocities. What follows here is
geometry and momentum alone:

- A merger product is at the pair's centre of mass, with its velocity, and so is what it lost.
- Otherwise the stars follow their two-body orbit to its outgoing leg: position and velocity are
  mirrored at the line through the pericentre. Two survivors are as far apart as they were and keep
  their specific orbital energy, hence the velocity at infinity, with their new masses. Of a pair
  that leaves one star or none, each moves along the asymptote with the velocity at infinity (of a
  bound pair, with the centre of mass): nobody is left to slow it down.
- What a star loses leaves with that star's outgoing velocity; what a star gains from the other
  brings that one's momentum along. Hence momentum is conserved, and a star that is hardly touched
  is hardly deflected, whatever becomes of the other.

Remnants stand on the outgoing leg at once: twice the time to pericentre too early.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp

from surrogate.collisions.encounter import Fate
from surrogate.constants import G

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.collisions.baselines import Remnants
    from surrogate.nbody.handover import Orbits


class Aftermath(NamedTuple):
    """What a collision makes of each star, seen from that star; fields of shape (k,) or (k, 3).

    A heavy star hardly moves in its own frame: rounding is that of small numbers.
    """

    m1: Float[Array, " k"]
    """Final mass of star 1 [Msun]."""
    m2: Float[Array, " k"]
    """Final mass of star 2 [Msun]."""
    x1: Float[Array, "k 3"]
    """Position of remnant 1, relative to star 1 [Rsun]."""
    x2: Float[Array, "k 3"]
    """Position of remnant 2, relative to star 2 [Rsun]."""
    v1: Float[Array, "k 3"]
    """Velocity of remnant 1, relative to that of star 1 [km/s]."""
    v2: Float[Array, "k 3"]
    """Velocity of remnant 2, relative to that of star 2 [km/s]."""
    lost1: Float[Array, " k"]
    """Unbound mass that was star 1's [Msun]."""
    lost2: Float[Array, " k"]
    """Unbound mass that was star 2's [Msun]."""
    w1: Float[Array, "k 3"]
    """Velocity of the unbound mass that was star 1's, relative to that of star 1 [km/s]."""
    w2: Float[Array, "k 3"]
    """Velocity of the unbound mass that was star 2's, relative to that of star 2 [km/s]."""


def aftermath(orbits: Orbits, remnants: Remnants) -> Aftermath:
    """Masses, positions and velocities after collisions; see the module.

    Args:
        orbits: two-body orbits of k pairs.
        remnants: what the rule leaves of them; where it has no answer (a fate of -1), the stars
            pass each other unharmed.

    Returns:
        The changes.
    """
    unknown = remnants.fate < 0
    m1 = jnp.where(unknown, orbits.m1, remnants.m1_final)
    m2 = jnp.where(unknown, orbits.m2, remnants.m2_final)
    merged = remnants.fate == Fate.MERGER
    both = unknown | (remnants.fate == Fate.TWO)

    share1, share2 = _shares(orbits)
    gain1 = jnp.maximum(m1 - orbits.m1, 0.0)
    gain2 = jnp.maximum(m2 - orbits.m2, 0.0)
    # What remnant 1 is pulled along by what it gained, in units of the outgoing velocity.
    drag1, drag2 = _ratio(gain1, m1), _ratio(gain2, m2)

    x_out, direction = _mirrored(orbits)
    separation = _length(orbits.x)
    speed = _root(orbits.vinf2 + 2.0 * G * (m1 + m2) / separation) / (1.0 - drag1 - drag2)
    u_out = jnp.where(
        both[:, None],
        speed[:, None] * direction,
        _root(orbits.vinf2)[:, None] * _asymptote(orbits, direction),
    )
    here = merged[:, None]
    x_out, u_out = jnp.where(here, 0.0, x_out), jnp.where(here, 0.0, u_out)
    dx, du = x_out - orbits.x, u_out - orbits.u  # shared so that the centre of mass stays
    w1, w2 = -share2 * du, share1 * du
    return Aftermath(
        m1=m1,
        m2=m2,
        x1=-share2 * dx,
        x2=share1 * dx,
        v1=w1 + jnp.where(merged, 0.0, drag1)[:, None] * u_out,
        v2=w2 - jnp.where(merged, 0.0, drag2)[:, None] * u_out,
        # Not held at 0: the rounding of a sum of masses is then booked, and mass conserved.
        lost1=(orbits.m1 - jnp.minimum(m1, orbits.m1)) - gain2,
        lost2=(orbits.m2 - jnp.minimum(m2, orbits.m2)) - gain1,
        w1=w1,
        w2=w2,
    )


def _shares(orbits: Orbits) -> tuple[Array, Array]:
    """Shares of the stars in the mass of the pair, (k, 1)."""
    total = orbits.m1 + orbits.m2
    return (orbits.m1 / total)[:, None], (orbits.m2 / total)[:, None]


def _mirrored(orbits: Orbits) -> tuple[Array, Array]:
    """Position on the outgoing leg at the same distance, and the direction of motion there."""
    e = _length(orbits.e)
    # A circle has its pericentre everywhere.
    apse = jnp.where((e > 0.0)[:, None], orbits.e, orbits.x)
    apse = apse / _length(apse)[:, None]
    x = 2.0 * jnp.sum(orbits.x * apse, axis=1, keepdims=True) * apse - orbits.x
    u = orbits.u - 2.0 * jnp.sum(orbits.u * apse, axis=1, keepdims=True) * apse
    incoming = orbits.approaching[:, None]
    x, u = jnp.where(incoming, x, orbits.x), jnp.where(incoming, u, orbits.u)
    speed = _length(u)[:, None]
    return x, jnp.where(speed > 0.0, u / jnp.where(speed > 0.0, speed, 1.0), 0.0)


def _asymptote(orbits: Orbits, otherwise: Array) -> Array:
    """Direction in which the stars of a hyperbola leave; some direction for a bound pair."""
    e2 = jnp.sum(orbits.e**2, axis=1, keepdims=True)
    h = jnp.cross(orbits.x, orbits.u)
    across = jnp.cross(h, orbits.e)
    size = _length(across)[:, None]
    across = jnp.where(size > 0.0, across / jnp.where(size > 0.0, size, 1.0), 0.0)
    open_ = e2 >= 1.0
    e2 = jnp.where(open_, e2, 1.0)
    # cos f = -1/e
    found = -orbits.e / e2 + jnp.sqrt(1.0 - 1.0 / e2) * across
    size = _length(found)[:, None]
    return jnp.where(open_ & (size > 0.0), found / jnp.where(size > 0.0, size, 1.0), otherwise)


def _ratio(part: Array, whole: Array) -> Array:
    return jnp.where(whole > 0.0, part / jnp.where(whole > 0.0, whole, 1.0), 0.0)


def _root(x: Array) -> Array:
    """Square root, 0 for negative values, with a finite slope."""
    positive = x > 0.0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, x, 1.0)), 0.0)


def _length(x: Array) -> Array:
    return _root(jnp.sum(x**2, axis=-1))
