"""Particles of AMUSE as numbers in Msun, Rsun, km/s and Gyr, and back in their own units.

AMUSE is imported only where a particle is read.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from surrogate.constants import G
from surrogate.nbody.pair import Stars

if TYPE_CHECKING:
    from surrogate.nbody.pair import Meeting

    Particle = Any
    Quantity = Any
    Unit = Any

POSITIVE: Final = ("mass", "radius")
"""What a star cannot have none of."""


class Scales(NamedTuple):
    """Units of AMUSE in which a star's values are read."""

    mass: Unit
    radius: Unit
    position: Unit
    velocity: Unit
    age: Unit


@cache
def scales() -> Scales:
    """The units of the models.

    Values of the constant of gravity and of the Sun's radius differ from code to code in the fourth
    digit. The length is such that the orbit of two stars is the one that AMUSE computes.
    """
    from amuse.units import constants, units

    gravity = (constants.G * (1.0 | units.MSun) / (1.0 | units.RSun)).value_in(units.kms**2)
    length = units.named("Rsun", "Rsun", units.RSun * (gravity / G))
    return Scales(units.MSun, length, length, units.kms, units.Gyr)


class Star(NamedTuple):
    """A particle: its values, and the quantities that they were read from; fields of `Scales`."""

    key: int
    values: dict[str, np.ndarray]
    quantities: dict[str, Quantity]


def read(particle: Particle, age: Quantity, converter: Any | None) -> Star:
    """Read a particle.

    Args:
        particle: of AMUSE.
        age: of the star, a quantity.
        converter: of N-body units, None where there are none.

    Returns:
        The star.

    Raises:
        ValueError: a value is missing, has no unit or an N-body unit without a converter, or has no
            meaning for a star.
    """
    units, key = scales(), int(particle.key)
    quantities = {name: _attribute(particle, name) for name in Scales._fields[:-1]} | {"age": age}
    values = {}
    for name, quantity in quantities.items():
        values[name] = value = _value(quantity, getattr(units, name), converter, f"{name} of {key}")
        low = "> 0" if name in POSITIVE else ">= 0" if name == "age" else "finite"
        bad = value <= 0.0 if name in POSITIVE else value < 0.0 if name == "age" else False
        if np.any(bad) or not np.all(np.isfinite(value)):
            raise ValueError(f"{name} of particle {key} = {quantity}: allowed is {low}; correct it")
    return Star(key, values, quantities)


def pair(first: Star, second: Star) -> Stars:
    """Both stars as rows."""
    x, v, m, r, age = (
        np.stack([first.values[name], second.values[name]])
        for name in ("position", "velocity", "mass", "radius", "age")
    )
    return Stars(x, v, m, r, age)


def remnant(star: Star, left: Meeting, k: int, converter: Any | None) -> dict[str, Quantity] | None:
    """What a star became.

    Args:
        star: as it was.
        left: what the collision made of the pair.
        k: 0 for star 1 of the pair, 1 for star 2.
        converter: of N-body units.

    Returns:
        Quantities in the star's units, by name; None where it is no more.
    """
    if left.m[k] <= 0.0:
        return None

    def to(name: str, value: np.ndarray) -> Quantity:
        quantity = getattr(scales(), name).new_quantity(value)
        return _as(quantity, star.quantities[name].unit, converter)

    def scalar(name: str, value: np.ndarray) -> Quantity:
        # What has not changed is not rounded.
        same = value == star.values[name]
        return star.quantities[name] if same else to(name, value)

    return {
        "mass": scalar("mass", left.m[k]),
        "radius": scalar("radius", left.r[k]),
        "position": star.quantities["position"] + to("position", left.dx[k]),
        "velocity": star.quantities["velocity"] + to("velocity", left.dv[k]),
        "age": scalar("age", left.age[k]),
    }


def _attribute(particle: Particle, name: str) -> Quantity:
    try:
        return getattr(particle, name)
    except AttributeError:
        raise ValueError(
            f"{name} of particle {particle.key}: there is none; set it, with a unit"
        ) from None


def _value(quantity: Quantity, unit: Unit, converter: Any | None, what: str) -> np.ndarray:
    from amuse.units.core import IncompatibleUnitsException

    if not hasattr(quantity, "value_in"):
        raise ValueError(f"{what} = {quantity!r}: it has no unit; allowed are those of {unit}")
    try:
        if converter is not None:
            quantity = converter.to_si(quantity)
        return np.asarray(quantity.value_in(unit), np.float64)
    except IncompatibleUnitsException:
        raise ValueError(
            f"{what} = {quantity}: allowed are units like {unit}; for N-body units give a converter"
        ) from None


def _as(quantity: Quantity, unit: Unit, converter: Any | None) -> Quantity:
    from amuse.units import nbody_system

    if converter is not None and nbody_system.is_nbody_unit(unit):
        quantity = converter.to_nbody(quantity)
    return quantity.as_quantity_in(unit)
