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
pericentre; those go on unharmed, and so do particles without mass, which are no stars.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from surrogate.constants import G
from surrogate.nbody.ages import keep_ages, rejuvenated
from surrogate.nbody.pair import Meeting, Stars, meet

if TYPE_CHECKING:
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
        if not all(p.m > 0.0 for p in particles):
            return 0
        stars = self._read(particles, collision.gb)
        # REBOUND lists a pair once for either star: the second time it has collided already.
        if not stars.approaching:
            return 0
        before = sim.energy() if sim.track_energy_offset else 0.0
        left = meet(self.rule, stars, keep_ages if self.set_age is None else rejuvenated)
        for k, particle in enumerate(particles):
            self._write(particle, stars, left, k)
        self._book(sim.t, stars, left)
        if sim.track_energy_offset:
            sim.energy_offset += before - sim.energy()
        return int(left.m[0] <= 0.0) + 2 * int(left.m[1] <= 0.0)

    def _read(self, particles: list[Any], ghost: Any) -> Stars:
        u = self.units
        x = np.array([[p.x, p.y, p.z] for p in particles])
        v = np.array([[p.vx, p.vy, p.vz] for p in particles])
        # Particle 1 may be seen through a boundary.
        x[0] += (ghost.x, ghost.y, ghost.z)
        v[0] += (ghost.vx, ghost.vy, ghost.vz)
        return Stars(
            x=x * u.length,
            v=v * u.speed,
            m=np.array([p.m for p in particles]) * u.mass,
            r=np.array([p.r for p in particles]) * u.length,
            age=np.array(
                [self.age(p) if callable(self.age) else self.age for p in particles], float
            ),
        )

    def _write(self, particle: Any, stars: Stars, left: Meeting, k: int) -> None:
        u, final = self.units, float(left.m[k])
        changed = final != stars.m[k]
        if changed:
            particle.m = final / u.mass
        if final <= 0.0:
            return
        for axis, a, b in zip("xyz", left.dx[k], left.dv[k], strict=True):
            setattr(particle, axis, getattr(particle, axis) + float(a) / u.length)
            name = f"v{axis}"
            setattr(particle, name, getattr(particle, name) + float(b) / u.speed)
        if changed:
            particle.r = float(left.r[k]) / u.length
            if self.set_age is not None:
                self.set_age(particle, float(left.age[k]))

    def _book(self, time: float, stars: Stars, left: Meeting) -> None:
        u = self.units
        self.lost_mass += left.lost_mass / u.mass
        self.lost_momentum = self.lost_momentum + left.lost_momentum / (u.mass * u.speed)
        orbit = (*stars.m.tolist(), left.rp, left.vinf)
        after = (left.fate, *left.m.tolist())
        self.collisions.append(Collision(time, *orbit, *after, *stars.age.tolist()))
