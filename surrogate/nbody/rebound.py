"""REBOUND: what its particles do when they collide.

    sim = rebound.Simulation()
    sim.G = surrogate.constants.G          # Rsun, km/s, Msun
    sim.collision = "direct"
    collider = Collider(Surrogate(surrogate.load("fast")), age=1.0)
    collider.attach(sim)

REBOUND finds particles that touch. Their two-body orbit is the encounter; masses come from a rule,
positions and velocities from `aftermath`: two survivors stand on the outgoing leg, a product at the
centre of mass, a star that is destroyed is removed. What is lost is booked with its momentum.

Collision searches by lines, `"line"` and `"linetree"`, also list pairs that have passed their
pericentre; those go on unharmed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.encounter import Encounter, Fate
from surrogate.collisions.structure import radius
from surrogate.constants import G
from surrogate.nbody.aftermath import Aftermath, aftermath
from surrogate.nbody.ages import rejuvenated
from surrogate.nbody.compensated import TwoWords
from surrogate.nbody.handover import Orbits, orbits

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.collisions.baselines import Remnants
    from surrogate.collisions.rules import Rule

AgeOf = Callable[[Any], float]
"""Age of a particle [Gyr]."""
SetAge = Callable[[Any, float], None]
"""Takes a particle's new age [Gyr]."""
TOLERANCE: Final = 1e-3
"""Relative error that the gravitational constant of a simulation may have."""


@dataclass(frozen=True)
class Units:
    """What a simulation counts in.

    Attributes:
        length: [Rsun].
        speed: [km/s].
        mass: [Msun].
    """

    length: float = 1.0
    speed: float = 1.0
    mass: float = 1.0

    @property
    def gravity(self) -> float:
        """The gravitational constant in these units."""
        return G * self.mass / (self.length * self.speed**2)


class Collision(NamedTuple):
    """What happened, in Msun, Rsun and km/s."""

    time: float
    """Of the simulation, in its unit."""
    m1: float
    m2: float
    rp: float
    """Pericentre."""
    vinf: float
    """Velocity at infinity; 0 for a bound pair."""
    fate: int
    """A `Fate`; -1 where the rule had no answer, and the stars passed each other."""
    m1_final: float
    m2_final: float
    age1: float
    """Before [Gyr]."""
    age2: float


class Collider:
    """Resolves the collisions of a REBOUND simulation.

    Args:
        rule: what is left of an encounter, such as `rules.Surrogate`.
        age: of all stars [Gyr], or a function that tells it of a particle.
        set_age: is told the new age of a star that a collision has changed: effective ages by
            `ages.rejuvenated`. Where None, stars keep their ages.
        units: of the simulation.

    Attributes:
        lost_mass: unbound so far, in units of the simulation.
        lost_momentum: what it carries, (3,).
        collisions: all of them, in order.
    """

    def __init__(
        self,
        rule: Rule,
        *,
        age: float | AgeOf,
        set_age: SetAge | None = None,
        units: Units | None = None,
    ) -> None:
        self.rule, self.age, self.set_age = rule, age, set_age
        self.units = units or Units()
        self.lost_mass = 0.0
        self.lost_momentum = np.zeros(3)
        self.collisions: list[Collision] = []
        self._error: Exception | None = None

    def attach(self, sim: Any) -> None:
        """Resolve the collisions of a simulation from now on.

        Args:
            sim: a `rebound.Simulation`; it must have a collision search and radii.

        Raises:
            ValueError: its gravitational constant does not belong to the units.
        """
        if abs(sim.G / self.units.gravity - 1.0) > TOLERANCE:
            raise ValueError(
                f"sim.G = {sim.G:g}, allowed: {self.units.gravity:g} for these units; set either"
            )
        sim.collision_resolve = self

    def check(self) -> None:
        """Raise what went wrong in a collision, after which the simulation was stopped."""
        if self._error is not None:
            raise self._error

    def __call__(self, pointer: Any, collision: Any) -> int:
        """What REBOUND calls: 0 keeps both particles, 1 and 2 remove one of them, 3 both."""
        sim = pointer.contents
        try:
            return self._resolve(sim, collision)
        except Exception as error:  # C would drop it
            self._error = error
            sim.stop()
            return 0

    def _resolve(self, sim: Any, collision: Any) -> int:
        particles = [sim.particles[collision.p1], sim.particles[collision.p2]]
        x, v, m, r = self._read(particles, collision.gb)
        # REBOUND lists a pair once for either star: the second time it has collided already. A test
        # particle is no star.
        if not np.dot(x[1] - x[0], v[1] - v[0]) < 0.0 or not (m > 0.0).all():
            return 0
        ages = np.array([self.age(p) if callable(self.age) else self.age for p in particles])
        before = sim.energy() if sim.track_energy_offset else 0.0
        with jax.enable_x64(True):
            orbit = _orbit(x, v, m)
            encounter = _encounter(orbit, ages, r)
            single = jax.tree.map(lambda a: a.astype(jnp.float32), encounter)
            remnants = _exact(self.rule(single), single, encounter)
            later = ages if self.set_age is None else np.ravel(_rejuvenated(encounter, remnants))
            left = jax.tree.map(lambda a: np.asarray(a)[0], _aftermath(orbit, remnants))
        self._write(particles, left)
        self._grow(particles, m, [float(left.m1), float(left.m2)], ages, later)
        self._book(v, left)
        self._log(sim.t, encounter, remnants, left)
        if sim.track_energy_offset:
            sim.energy_offset += before - sim.energy()
        return int(left.m1 <= 0.0) + 2 * int(left.m2 <= 0.0)

    def _read(self, particles: list[Any], ghost: Any) -> tuple[np.ndarray, ...]:
        u = self.units
        x = np.array([[p.x, p.y, p.z] for p in particles])
        v = np.array([[p.vx, p.vy, p.vz] for p in particles])
        # Particle 1 may be seen through a boundary.
        x[0] += (ghost.x, ghost.y, ghost.z)
        v[0] += (ghost.vx, ghost.vy, ghost.vz)
        m = np.array([p.m for p in particles]) * u.mass
        return x * u.length, v * u.speed, m, np.array([p.r for p in particles]) * u.length

    def _write(self, particles: list[Any], left: Aftermath) -> None:
        u = self.units
        changes = ((left.m1, left.x1, left.v1), (left.m2, left.x2, left.v2))
        for particle, (final, dx, dv) in zip(particles, changes, strict=True):
            particle.m = float(final) / u.mass
            if final <= 0.0:
                continue
            for axis, a, b in zip("xyz", dx, dv, strict=True):
                setattr(particle, axis, getattr(particle, axis) + float(a) / u.length)
                name = f"v{axis}"
                setattr(particle, name, getattr(particle, name) + float(b) / u.speed)

    def _grow(
        self,
        particles: list[Any],
        m: np.ndarray,
        final: list[float],
        ages: np.ndarray,
        later: np.ndarray,
    ) -> None:
        """Radii and ages of stars whose mass has changed."""
        for k, particle in enumerate(particles):
            if final[k] <= 0.0 or final[k] == m[k]:
                continue
            particle.r *= float(radius(final[k], later[k]) / radius(m[k], ages[k]))
            if self.set_age is not None:
                self.set_age(particle, float(later[k]))

    def _book(self, v: np.ndarray, left: Aftermath) -> None:
        u = self.units
        lost = np.array([left.lost1, left.lost2])
        self.lost_mass += float(lost.sum()) / u.mass
        carried = lost @ (v + np.stack([left.w1, left.w2]))
        self.lost_momentum = self.lost_momentum + carried / (u.mass * u.speed)

    def _log(self, time: float, e: Encounter, remnants: Remnants, left: Aftermath) -> None:
        m1, m2, rp, vinf, age1, age2 = (
            float(np.asarray(a)[0]) for a in (e.m1, e.m2, e.rp, e.vinf, e.age, e.age2)
        )
        fate = int(np.asarray(remnants.fate)[0])
        final = (float(left.m1), float(left.m2))
        self.collisions.append(Collision(time, m1, m2, rp, vinf, fate, *final, age1, age2))


@jax.jit
def _orbit(x: Float[Array, "2 3"], v: Float[Array, "2 3"], m: Float[Array, " 2"]) -> Orbits:
    none = jnp.zeros_like(x)
    first, second = jnp.array([0]), jnp.array([1])
    return orbits(TwoWords(x, none), TwoWords(v, none), m, first, second)


@jax.jit
def _encounter(orbit: Orbits, age: Float[Array, " 2"], r: Float[Array, " 2"]) -> Encounter:
    vinf = jnp.sqrt(jnp.maximum(orbit.vinf2, 0.0))
    return Encounter(
        *(age[:1], orbit.m1, orbit.m2, orbit.rp, vinf), r1=r[:1], r2=r[1:], age2=age[1:]
    )


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


_rejuvenated = jax.jit(rejuvenated)
_aftermath = jax.jit(aftermath)
