"""From dimensionless stars to profiles in cgs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from surrogate.simulations.stars.profile import Profile
from surrogate.simulations.units import DENSITY, LENGTH, MASS, PRESSURE

if TYPE_CHECKING:
    from jaxtyping import Float

    from surrogate.simulations.stars.reconstruction import Structure


def to_profile(
    structure: Structure, mass: float, radius: float, composition: Float[np.ndarray, " 9"]
) -> Profile:
    """Scale a dimensionless star.

    Args:
        structure: of mass 1 and radius 1, in units with G = 1.
        mass: [Msun of `surrogate.simulations.units`].
        radius: [Rsun of `surrogate.simulations.units`].
        composition: mass fractions of nine species, the same throughout: (9,).

    Returns:
        The profile in cgs.

    Raises:
        ValueError: mass or radius is not positive and finite.
    """
    for name, value in (("mass", mass), ("radius", radius)):
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{name} = {value}, allowed: above 0 and finite.")
    return Profile(
        m=structure.m * (mass * MASS),
        r=structure.r * (radius * LENGTH),
        P=structure.P * (mass**2 / radius**4 * PRESSURE),
        rho=structure.rho * (mass / radius**3 * DENSITY),
        composition=np.tile(composition, (len(structure.r), 1)),
    )
