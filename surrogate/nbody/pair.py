"""One pair of stars of another code collides: orbit, encounter, rule and aftermath in one call.

Other codes hand over a pair at a time, in double precision; models compute in single precision. A
star whose mass the rule leaves as it was keeps it, its radius and its age to the last digit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.encounter import Encounter
from surrogate.collisions.structure import radius
from surrogate.nbody.aftermath import Aftermath, aftermath
from surrogate.nbody.ages import keep_ages
from surrogate.nbody.compensated import TwoWords
from surrogate.nbody.handover import Orbits, orbits

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.collisions.baselines import Remnants
    from surrogate.collisions.rules import Rule
    from surrogate.nbody.collide import AgesAfter


class Stars(NamedTuple):
    """Both stars of a pair; a row for each."""

    x: np.ndarray
    """Positions, (2, 3) [Rsun]."""
    v: np.ndarray
    """Velocities, (2, 3) [km/s]."""
    m: np.ndarray
    """Masses, (2,) [Msun]."""
    r: np.ndarray
    """Radii, (2,) [Rsun]."""
    age: np.ndarray
    """Ages, (2,) [Gyr]."""

    @property
    def approaching(self) -> bool:
        """Whether the stars come closer to each other."""
        return bool(np.dot(self.x[1] - self.x[0], self.v[1] - self.v[0]) < 0.0)


class Meeting(NamedTuple):
    """What a collision makes of a pair; where there are rows, one for each star."""

    rp: float
    """Pericentre of the two-body orbit [Rsun]."""
    vinf: float
    """Velocity at infinity [km/s]; 0 for a bound pair."""
    fate: int
    """A `Fate`; -1 where the rule had no answer, and the stars passed each other."""
    m: np.ndarray
    """Masses of the remnants, (2,) [Msun]; 0 of a star that is no more."""
    dx: np.ndarray
    """What is to be added to the stars' positions, (2, 3) [Rsun]."""
    dv: np.ndarray
    """What is to be added to their velocities, (2, 3) [km/s]."""
    r: np.ndarray
    """Radii of the remnants, (2,) [Rsun]; 0 of a star that is no more."""
    age: np.ndarray
    """Ages of the remnants, (2,) [Gyr]."""
    lost_mass: float
    """Mass bound to neither star [Msun]."""
    lost_momentum: np.ndarray
    """What it carries, (3,) [Msun km/s]."""


def meet(rule: Rule, stars: Stars, ages_after: AgesAfter = keep_ages) -> Meeting:
    """Let two stars collide.

    Args:
        rule: what is left of an encounter.
        stars: the pair.
        ages_after: ages of the remnants.

    Returns:
        What becomes of the stars. A star that is larger than the structure model's by a factor
        keeps the factor.
    """
    with jax.enable_x64(True):
        orbit = _orbit(stars.x, stars.v, stars.m)
        encounter = _encounter(orbit, stars)
        remnants = rule(encounter)
        left = jax.tree.map(lambda a: np.asarray(a)[0], _aftermath(orbit, remnants))
        ages = np.array([np.asarray(a)[0] for a in ages_after(encounter, remnants)], np.float64)
    m = np.array([left.m1, left.m2])
    age = np.where(ages == stars.age.astype(np.float32), stars.age, ages)
    lost = np.array([left.lost1, left.lost2])
    return Meeting(
        rp=float(orbit.rp[0]),
        vinf=max(float(orbit.vinf2[0]), 0.0) ** 0.5,
        fate=int(np.asarray(remnants.fate)[0]),
        m=m,
        dx=np.stack([left.x1, left.x2]),
        dv=np.stack([left.v1, left.v2]),
        r=_radii(stars, m, age),
        age=age,
        lost_mass=float(lost.sum()),
        lost_momentum=lost @ (stars.v + np.stack([left.w1, left.w2])),
    )


def _encounter(orbit: Orbits, stars: Stars) -> Encounter:
    vinf = jnp.sqrt(jnp.maximum(orbit.vinf2, 0.0))
    (r1, r2), (age1, age2) = np.split(stars.r, 2), np.split(stars.age, 2)
    values = (age1, orbit.m1, orbit.m2, orbit.rp, vinf, r1, r2, age2)
    return Encounter(*(jnp.asarray(a, jnp.float32) for a in values))


def _radii(stars: Stars, m: np.ndarray, age: np.ndarray) -> np.ndarray:
    there, same = m > 0.0, (m == stars.m) & (age == stars.age)
    if np.all(same | ~there):
        return np.where(there, stars.r, 0.0)
    factor = radius(np.where(there, m, stars.m), age) / radius(stars.m, stars.age)
    return np.where(there, np.where(same, stars.r, stars.r * np.asarray(factor)), 0.0)


@jax.jit
def _orbit(x: Float[Array, "2 3"], v: Float[Array, "2 3"], m: Float[Array, " 2"]) -> Orbits:
    none = jnp.zeros_like(x)
    first, second = jnp.array([0]), jnp.array([1])
    return orbits(TwoWords(x, none), TwoWords(v, none), m, first, second)


@jax.jit
def _aftermath(orbit: Orbits, remnants: Remnants) -> Aftermath:
    def double(final: Array, m: Array) -> Array:
        return jnp.where(final == m.astype(final.dtype), m, final.astype(m.dtype))

    return aftermath(
        orbit,
        remnants._replace(
            m1_final=double(remnants.m1_final, orbit.m1),
            m2_final=double(remnants.m2_final, orbit.m2),
            m_unbound=remnants.m_unbound.astype(orbit.m1.dtype),
        ),
    )
