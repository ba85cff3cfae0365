"""REBOUND: what its particles do when they collide.

    sim = rebound.Simulation()
    sim.G = surrogate.constants.G          # Rsun, km/s, Msun
    sim.collision = "direct"
    collider = Collider(Surrogate(surrogate.load("fast")), age=1.0)
    collider.attach(sim)

REBOUND finds particles that touch. Their two-body orbit is the encounter; masses come from a rule,
positions and velocities from `aftermath`: two survivors stand on the outgoing leg, a product at the
centre of mass, a star that is destroyed is removed. What is lost is booked with its momentum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from surrogate.constants import G
from surrogate.nbody.pair import Meeting, Stars, meet

if TYPE_CHECKING:
    from surrogate.collisions.rules import Rule

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


class Collider:
    """Resolves the collisions of a REBOUND simulation.

    Args:
        rule: what is left of an encounter, such as `rules.Surrogate`.
        age: of all stars [Gyr].
        units: of the simulation.

    Attributes:
        lost_mass: unbound so far, in units of the simulation.
        lost_momentum: what it carries, (3,).
        collisions: all of them, in order.
    """

    def __init__(self, rule: Rule, *, age: float, units: Units | None = None) -> None:
        self.rule, self.age, self.units = rule, age, units or Units()
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
            return self._resolve(sim, collision.p1, collision.p2)
        except Exception as error:  # C would drop it
            self._error = error
            sim.stop()
            return 0

    def _resolve(self, sim: Any, first: int, second: int) -> int:
        particles = [sim.particles[first], sim.particles[second]]
        stars = self._read(particles)
        # REBOUND lists a pair once for either star: the second time it has collided already.
        if not stars.approaching:
            return 0
        before = sim.energy() if sim.track_energy_offset else 0.0
        left = meet(self.rule, stars)
        self._write(particles, stars, left)
        self._book(sim.t, stars, left)
        if sim.track_energy_offset:
            sim.energy_offset += before - sim.energy()
        return int(left.m[0] <= 0.0) + 2 * int(left.m[1] <= 0.0)

    def _read(self, particles: list[Any]) -> Stars:
        u = self.units
        return Stars(
            x=np.array([[p.x, p.y, p.z] for p in particles]) * u.length,
            v=np.array([[p.vx, p.vy, p.vz] for p in particles]) * u.speed,
            m=np.array([p.m for p in particles]) * u.mass,
            r=np.array([p.r for p in particles]) * u.length,
            age=np.full(2, float(self.age)),
        )

    def _write(self, particles: list[Any], stars: Stars, left: Meeting) -> None:
        u = self.units
        for k, particle in enumerate(particles):
            particle.m = float(left.m[k]) / u.mass
            if left.m[k] <= 0.0:
                continue
            if left.r[k] != stars.r[k]:
                particle.r = float(left.r[k]) / u.length
            for axis, a, b in zip("xyz", left.dx[k], left.dv[k], strict=True):
                setattr(particle, axis, getattr(particle, axis) + float(a) / u.length)
                name = f"v{axis}"
                setattr(particle, name, getattr(particle, name) + float(b) / u.speed)

    def _book(self, time: float, stars: Stars, left: Meeting) -> None:
        u = self.units
        self.lost_mass += left.lost_mass / u.mass
        self.lost_momentum = self.lost_momentum + left.lost_momentum / (u.mass * u.speed)
        (m1, m2), final = stars.m.tolist(), left.m.tolist()
        self.collisions.append(Collision(time, m1, m2, left.rp, left.vinf, left.fate, *final))
