"""Profiles of main-sequence stars, from the structure model."""

from __future__ import annotations

import numpy as np

from surrogate.collisions.structure import (
    MASS_FRACTIONS,
    MASS_RANGE,
    enclosed_radii,
    tams_age,
    zams_age,
)
from surrogate.simulations.stars.composition import scaled_solar
from surrogate.simulations.stars.profile import Profile
from surrogate.simulations.stars.reconstruction import reconstruct
from surrogate.simulations.stars.scaling import to_profile

AGE_TOLERANCE = 1e-4
"""By how much, relatively, an age may pass ZAMS or TAMS: tables of ages are rounded."""


def main_sequence_star(mass: float, age: float, points: int = 1000) -> Profile:
    """Profile of a main-sequence star at Z = 0.01 Zsun.

    The radii that enclose 0, 0.1 ... 0.9, 0.95, 0.97, 0.99 and 1 of the mass are those of
    `surrogate.collisions.structure`, and density and pressure those of the smoothest star in
    hydrostatic equilibrium that has them (`reconstruct`). The composition is that of the star's
    birth throughout: that of the evolved core is not in the structure model. It matters to
    temperatures; pressure, density and, but for the share of radiation, energy do not depend on it.

    Args:
        mass: 0.1 to 100 [Msun of `surrogate.simulations.units`]; outside the grid's 0.2 to 64 the
            structure model follows PARSEC tracks.
        age: between ZAMS and TAMS [Gyr].
        points: rows of the profile, at least 100.

    Returns:
        The profile. The structure model's solar radius is taken for that of the simulations
        (`surrogate.simulations.units.LENGTH`), as in the public grid.

    Raises:
        ValueError: an argument is outside its range.

    Source: Gonzalez Prieto et al. 2026, section 2.2, whose MESA models the radii are fitted to.
    """
    low, high = MASS_RANGE
    if not low <= mass <= high:
        raise ValueError(f"mass = {mass} Msun, allowed: {low} to {high} Msun.")
    zams, tams = float(zams_age(mass)), float(tams_age(mass))
    if not zams * (1 - AGE_TOLERANCE) <= age <= tams * (1 + AGE_TOLERANCE):
        raise ValueError(
            f"age = {age} Gyr, allowed for a star of {mass} Msun: {zams:.6g} to {tams:.6g} Gyr, "
            "its main sequence."
        )
    if points < 100:
        raise ValueError(f"points = {points}, allowed: at least 100.")
    radii = np.asarray(enclosed_radii(mass, age), np.float64)
    structure = reconstruct(np.array(MASS_FRACTIONS), radii / radii[-1], points)
    return to_profile(structure, mass, float(radii[-1]), scaled_solar())
