"""One pair of stars of another code collides: orbit, encounter, rule and aftermath in one call.

Other codes hand over a pair at a time, in double precision; rules are asked in single precision. A
star whose mass the rule leaves as it was keeps it, its radius and its age to the last digit, and
masses that it only adds up have no rounding.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.encounter import Encounter, Fate
from surrogate.collisions.structure import radius
from surrogate.nbody.aftermath import Aftermath, aftermath
from surrogate.nbody.ages import keep_ages
from surrogate.nbody.collide import radii
from surrogate.nbody.compensated import TwoWords
from surrogate.nbody.handover import Orbits, orbits

if TYPE_CHECKING:
    from jaxtyping import Array

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
        ages_after: ages of the remnants; traceable, as for `run`.

    Returns:
        What becomes of the stars. A star that is larger than the structure model's by a factor
        keeps the factor.
    """
    with jax.enable_x64(True):
        orbit, encounter = _orbit(stars)
        asked = jax.tree.map(lambda a: a.astype(jnp.float32), encounter)
        remnants = rule(asked)
        left, age, r = _after(orbit, encounter, _exact(remnants, asked, encounter), ages_after)
    left = jax.tree.map(lambda a: np.asarray(a)[0], left)
    lost = np.array([left.lost1, left.lost2])
    return Meeting(
        rp=float(orbit.rp[0]),
        vinf=float(encounter.vinf[0]),
        fate=int(np.asarray(remnants.fate)[0]),
        m=np.array([left.m1, left.m2]),
        dx=np.stack([left.x1, left.x2]),
        dv=np.stack([left.v1, left.v2]),
        r=np.asarray(r),
        age=np.asarray(age),
        lost_mass=float(lost.sum()),
        lost_momentum=lost @ (stars.v + np.stack([left.w1, left.w2])),
    )


@jax.jit
def _orbit(stars: Stars) -> tuple[Orbits, Encounter]:
    x, v, m = (jnp.asarray(a) for a in (stars.x, stars.v, stars.m))
    none = jnp.zeros_like(x)
    first, second = jnp.array([0]), jnp.array([1])
    orbit = orbits(TwoWords(x, none), TwoWords(v, none), m, first, second)
    vinf = jnp.sqrt(jnp.maximum(orbit.vinf2, 0.0))
    (r1, r2), (age1, age2) = jnp.split(stars.r, 2), jnp.split(stars.age, 2)
    return orbit, Encounter(age1, orbit.m1, orbit.m2, orbit.rp, vinf, r1, r2, age2)


@jax.jit
def _exact(remnants: Remnants, asked: Encounter, exact: Encounter) -> Remnants:
    """Remnants in double precision; masses that a rule only adds up or leaves have no rounding."""
    product = jnp.asarray(exact.m1) + exact.m2 - remnants.m_unbound

    def of(final: Array, mass: Any, double: Any) -> Array:
        product_here = (remnants.fate == Fate.MERGER) & (final > 0.0)
        changed = jnp.where(product_here, product, final)
        return jnp.where(final == mass, double, changed)

    return remnants._replace(
        m1_final=of(remnants.m1_final, asked.m1, exact.m1),
        m2_final=of(remnants.m2_final, asked.m2, exact.m2),
    )


@partial(jax.jit, static_argnames="ages_after")
def _after(
    orbit: Orbits, encounter: Encounter, remnants: Remnants, ages_after: AgesAfter
) -> tuple[Aftermath, Array, Array]:
    """What becomes of the stars; ages and radii of both remnants."""
    left = aftermath(orbit, remnants)
    age = jnp.concatenate(ages_after(encounter, remnants))
    return left, age, radii(encounter, left, age, radius)
