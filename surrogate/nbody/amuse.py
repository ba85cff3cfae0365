"""AMUSE: what its particles do when they collide.

    code = CollisionCode(Surrogate(surrogate.load("fast")), age=1 | units.Gyr)
    handler = amuse.couple.collision_handler.CollisionHandler(code, gravity_code=gravity)
    handler.handle_collision(primary, secondary)

`CollisionCode` is a collision code of AMUSE, beside its sticky spheres and hydrodynamics: two
particles with units go in, those that are left come out, none to two. AMUSE's handler adds them to
its codes first and removes the colliders afterwards, so that they have keys of their own; and it
cannot add nothing. `CollisionCode.resolve` changes particles where they are instead: a survivor
keeps its key, a product that of the heavier star, and pairs may be destroyed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from surrogate.nbody.ages import rejuvenated
from surrogate.nbody.amuse_particles import Star, pair, read, remnant, scales
from surrogate.nbody.pair import Meeting, meet

if TYPE_CHECKING:
    from surrogate.collisions.rules import Rule
    from surrogate.nbody.collide import AgesAfter

    Particle = Any
    Particles = Any
    Quantity = Any


class Collision(NamedTuple):
    """What happened to two particles."""

    keys: tuple[int, int]
    """Of the stars."""
    remnants: tuple[int | None, int | None]
    """Keys of what they became; None of a star that is no more."""
    m: tuple[float, float]
    """Masses of the stars [Msun]."""
    meeting: Meeting
    """Orbit, fate, masses of the remnants, and what was lost."""


class CollisionCode:
    """Resolves the collisions of AMUSE's particles.

    Particles need mass, radius, position and velocity, in units of any kind. Their age is that of
    the stellar evolution code where one is handed over, else their own attribute, else `age`.

    Args:
        rule: what is left of an encounter, such as `rules.Surrogate`.
        age: of stars that have none, a quantity.
        converter: of particles in N-body units, such as `nbody_system.nbody_to_si(...)`.
        ages_after: ages of the remnants; `ages.keep_ages` is another choice.
        stellar_evolution_code_required: whether AMUSE's handler hands over its stellar evolution
            code, for the stars' ages.

    Attributes:
        collisions: all of them, in order.

    Raises:
        ValueError: the rule is none, or the age not a quantity.
    """

    gravity_code_required: ClassVar[bool] = False
    stellar_evolution_code_required: bool = False

    def __init__(
        self,
        rule: Rule,
        *,
        age: Quantity | None = None,
        converter: Any | None = None,
        ages_after: AgesAfter = rejuvenated,
        stellar_evolution_code_required: bool = False,
    ) -> None:
        if not callable(rule):
            raise ValueError(
                f"rule = {rule!r}: allowed is a rule of surrogate.collisions.rules, such as "
                "Surrogate(surrogate.load('fast')) or Baseline('sticky')"
            )
        if age is not None and not hasattr(age, "value_in"):
            raise ValueError(f"age = {age!r}: it has no unit; give {age!r} | units.Gyr")
        self.rule, self.age, self.converter = rule, age, converter
        self.ages_after = ages_after
        self.stellar_evolution_code_required = stellar_evolution_code_required
        self.collisions: list[Collision] = []
        self._lost_mass, self._lost_momentum = 0.0, np.zeros(3)
        # Survivors may overlap until they have moved apart: until then they do not collide again.
        # By their keys: where in the log their collision is.
        self._parting: dict[frozenset[int | None], int] = {}

    @property
    def lost_mass(self) -> Quantity:
        """Unbound so far."""
        return scales().mass.new_quantity(self._lost_mass)

    @property
    def lost_momentum(self) -> Quantity:
        """What it carries, (3,)."""
        return (scales().mass * scales().velocity).new_quantity(self._lost_momentum)

    def handle_collision(
        self,
        primary: Particle,
        secondary: Particle,
        stellar_evolution_code: Any | None = None,
        gravity_code: Any | None = None,
    ) -> Particles:
        """What AMUSE's handler calls.

        Args:
            primary: star 1, a particle.
            secondary: star 2.
            stellar_evolution_code: tells ages.
            gravity_code: not used.

        Returns:
            A new set of the particles that are left, with keys of their own: mass, radius,
            position, velocity and age, in units of the stars.

        Raises:
            ValueError: something that a star needs is missing, or has no meaning.
        """
        from amuse.datamodel import Particles

        stars = self._read((primary, secondary), stellar_evolution_code)
        left = self._meet(stars)
        found = self._remnants(stars, left)
        there = [values for values in found if values is not None]
        result = Particles(len(there))
        for name, like in stars[0].quantities.items():
            # AMUSE asks an empty set for attributes too.
            none = np.zeros((len(there), *np.shape(stars[0].values[name])))
            setattr(result, name, like.unit.new_quantity(none))
            for particle, values in zip(result, there, strict=True):
                setattr(particle, name, values[name])
        keys = iter(result.key.tolist())
        self._book(stars, left, [None if values is None else next(keys) for values in found])
        return result

    def resolve(
        self,
        primary: Particle,
        secondary: Particle,
        particles: Particles,
        *others: Particles,
        stellar_evolution_code: Any | None = None,
    ) -> None:
        """Let two particles collide where they are.

        Args:
            primary: star 1, a particle.
            secondary: star 2.
            particles: a set that has both, such as `gravity.particles`; it is changed.
            others: more of them, such as your own.
            stellar_evolution_code: tells ages; it is not changed.

        Raises:
            ValueError: something that a star needs is missing, or has no meaning; or a set does not
                have it.
        """
        stars = self._read((primary, secondary), stellar_evolution_code)
        sets = [
            (each, [_member(star, each) for star in (primary, secondary)])
            for each in (particles, *others)
        ]
        left = self._meet(stars)
        found = self._remnants(stars, left)
        for each, members in sets:
            names = set(stars[0].quantities) - (set() if hasattr(each, "age") else {"age"})
            for member, values in zip(members, found, strict=True):
                if values is None:
                    each.remove_particle(member)
                    continue
                for name in names:
                    setattr(member, name, values[name])
        there = [values is not None for values in found]
        self._book(stars, left, [s.key if t else None for s, t in zip(stars, there, strict=True)])

    def _read(self, particles: tuple[Particle, Particle], evolution: Any | None) -> list[Star]:
        stars = [read(p, self._age(p, evolution), self.converter) for p in particles]
        if stars[0].key == stars[1].key:
            raise ValueError(f"secondary = particle {stars[1].key}: allowed is another one")
        return stars

    def _age(self, particle: Particle, evolution: Any | None) -> Quantity:
        if evolution is not None:
            return _member(particle, evolution.particles).age
        if hasattr(particle, "age"):
            return particle.age
        if self.age is not None:
            return self.age
        raise ValueError(
            f"age of particle {particle.key}: there is none; give CollisionCode(..., age=...), a "
            "stellar evolution code, or particles an attribute age"
        )

    def _meet(self, stars: list[Star]) -> Meeting | None:
        """What the collision does; None where two survivors of one are still on their way out."""
        both = pair(*stars)
        if _keys(stars) in self._parting and not both.approaching:
            return None
        self._parting.pop(_keys(stars), None)
        return meet(self.rule, both, self.ages_after)

    def _remnants(
        self, stars: list[Star], left: Meeting | None
    ) -> list[dict[str, Quantity] | None]:
        if left is None:
            return [star.quantities for star in stars]
        return [remnant(star, left, k, self.converter) for k, star in enumerate(stars)]

    def _book(self, stars: list[Star], left: Meeting | None, keys: list[int | None]) -> None:
        if left is None:
            self._rename(stars, keys)
            return
        if None not in keys:
            self._parting[frozenset(keys)] = len(self.collisions)
        self._lost_mass += left.lost_mass
        self._lost_momentum = self._lost_momentum + left.lost_momentum
        m1, m2 = (float(star.values["mass"]) for star in stars)
        self.collisions.append(
            Collision((stars[0].key, stars[1].key), (keys[0], keys[1]), (m1, m2), left)
        )

    def _rename(self, stars: list[Star], keys: list[int | None]) -> None:
        """The log knows survivors by the keys that they have now."""
        row = self._parting.pop(_keys(stars))
        self._parting[frozenset(keys)] = row
        new: dict[int | None, int | None] = {
            star.key: key for star, key in zip(stars, keys, strict=True)
        }
        first, second = self.collisions[row].remnants
        self.collisions[row] = self.collisions[row]._replace(
            remnants=(new.get(first), new.get(second))
        )


def _keys(stars: list[Star]) -> frozenset[int | None]:
    return frozenset(star.key for star in stars)


def _member(particle: Particle, particles: Particles) -> Particle:
    found = particle.as_particle_in_set(particles)
    if found is None:
        raise ValueError(f"particle {particle.key}: a set or code does not have it; add it")
    return found
