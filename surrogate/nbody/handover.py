"""Which pairs collide now, and the encounter that each of them is to the rule.

A pair is handed over before its pericentre, which the step of the integrator need not resolve:
pericentre and velocity at infinity are those of the two-body orbit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.collisions.encounter import Encounter
from surrogate.constants import G
from surrogate.nbody.compensated import TwoWords, difference
from surrogate.orbits import time_to_pericentre, two_body

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float, Int

    from surrogate.nbody.system import System

    Real = Array | float


class Orbits(NamedTuple):
    """Two-body orbits of pairs, star 2 seen from star 1; fields of shape (k,) or (k, 3)."""

    x: Float[Array, "k 3"]
    """Position [Rsun]."""
    u: Float[Array, "k 3"]
    """Velocity [km/s]."""
    m1: Float[Array, " k"]
    """Mass of star 1 [Msun]."""
    m2: Float[Array, " k"]
    """Mass of star 2 [Msun]."""
    rp: Float[Array, " k"]
    """Pericentre [Rsun]."""
    vinf2: Float[Array, " k"]
    """Twice the specific orbital energy [km^2/s^2]: the square of the velocity at infinity, or
    negative where the pair is bound."""
    e: Float[Array, "k 3"]
    """Laplace-Runge-Lenz vector: as long as the eccentricity, towards the pericentre of x."""
    time: Float[Array, " k"]
    """Time to, or since, the pericentre [Rsun / (km/s)]."""
    approaching: Bool[Array, " k"]
    """Whether the pericentre is still to come."""


class Handover(NamedTuple):
    """The pairs that collide in this step, in a table of fixed size."""

    i: Int[Array, " k"]
    """Slot of star 1, the smaller one; a slot that does not exist in an empty row."""
    j: Int[Array, " k"]
    """Slot of star 2."""
    real: Bool[Array, " k"]
    """Whether there is such a pair."""
    orbits: Orbits
    """Their orbits; harmless ones in empty rows."""


def orbits(x: TwoWords, v: TwoWords, m: Float[Array, " n"], i: Array, j: Array) -> Orbits:
    """Two-body orbits of bodies i and j.

    Args:
        x: positions of all bodies, (n, 3) [Rsun].
        v: velocities of all bodies, (n, 3) [km/s].
        m: their masses [Msun].
        i: slots of stars 1, (k,).
        j: slots of stars 2, (k,); where it is i, the orbit is a harmless one.

    Returns:
        The orbits.
    """
    real = (i != j)[:, None]
    d = jnp.where(real, difference(x.at(j), x.at(i)), jnp.asarray([1.0, 0.0, 0.0]))
    u = jnp.where(real, difference(v.at(j), v.at(i)), jnp.asarray([0.0, 1.0, 0.0]))
    m1, m2 = (jnp.where(real[:, 0] & (m[k] > 0.0), m[k], 1.0) for k in (i, j))
    # Units of G = 1.
    kepler = jax.vmap(two_body)(d, u / G**0.5, m1, m2)
    separation = jnp.sqrt(jnp.sum(d**2, axis=1))
    rp = jnp.minimum(kepler.pericentre, separation)
    vinf2 = 2.0 * kepler.energy * (m1 + m2) / (m1 * m2)
    time = time_to_pericentre(separation, rp, vinf2, m1 + m2) / G**0.5
    approaching = jnp.sum(d * u, axis=1) < 0.0
    return Orbits(d, u, m1, m2, rp, vinf2 * G, kepler.to_pericentre, time, approaching)


def due(
    x: TwoWords, v: TwoWords, m: Float[Array, " n"], partner: Int[Array, " n"], within: Real
) -> Float[Array, " n"]:
    """When each body collides.

    Args:
        x: positions, (n, 3) [Rsun].
        v: velocities, (n, 3) [km/s].
        m: masses [Msun].
        partner: the body that each would collide with first, -1 for none.
        within: collisions later than this wait [Rsun / (km/s)].

    Returns:
        Time to the pericentre, 0 where it has passed; infinite where the body is not to collide
        now, where its partner prefers another, and for the second body of a pair.
    """
    rows = jnp.arange(len(m), dtype=jnp.int32)
    mutual = (partner > rows) & (partner[partner] == rows)
    found = orbits(x, v, m, rows, jnp.where(mutual, partner, rows))
    time = jnp.where(found.approaching, found.time, 0.0)
    return jnp.where(mutual & (time <= within), time, jnp.inf)


def hand_over(
    x: TwoWords,
    v: TwoWords,
    m: Float[Array, " n"],
    partner: Int[Array, " n"],
    times: Float[Array, " n"],
    pairs: int,
) -> Handover:
    """The pairs that collide first.

    Args:
        x: positions, (n, 3) [Rsun].
        v: velocities, (n, 3) [km/s].
        m: masses [Msun].
        partner: the body that each would collide with first.
        times: as `due` tells.
        pairs: how many are handed over at most; others wait for the next step.

    Returns:
        The pairs, the most urgent first.
    """
    urgency, i = jax.lax.top_k(-times, pairs)
    real = jnp.isfinite(urgency)
    j = jnp.where(real, partner[i], i)
    found = orbits(x, v, m, i, j)
    nowhere = len(m)
    return Handover(
        jnp.where(real, i, nowhere).astype(jnp.int32),
        jnp.where(real, j, nowhere).astype(jnp.int32),
        real,
        found,
    )


def encounters(handed: Handover, system: System) -> Encounter:
    """What the rule is told of the pairs.

    Args:
        handed: k pairs.
        system: the bodies.

    Returns:
        Encounters, each field (k,); bound pairs have a velocity at infinity of 0. Empty rows meet
        harmlessly.
    """

    def of(values: Array, slots: Array, harmless: float) -> Array:
        return jnp.where(handed.real, values.at[slots].get(mode="clip"), harmless)

    i, j, o = handed.i, handed.j, handed.orbits
    bound = o.vinf2 <= 0.0
    vinf = jnp.where(bound, 0.0, jnp.sqrt(jnp.where(bound, 1.0, o.vinf2)))
    return Encounter(
        age=of(system.age, i, 1.0),
        m1=o.m1,
        m2=o.m2,
        rp=o.rp,
        vinf=jnp.where(handed.real, vinf, 0.0),
        r1=of(system.r, i, 1.0),
        r2=of(system.r, j, 1.0),
        age2=of(system.age, j, 1.0),
    )
