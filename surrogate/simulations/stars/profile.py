"""The profile of a star, from which its particles are made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jax
import numpy as np

from surrogate.simulations import eos
from surrogate.simulations.stars.composition import SPECIES, mean_molecular_mass
from surrogate.simulations.units import LENGTH, MASS, G

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

SUM_TOLERANCE = 1e-8
"""By how much the mass fractions of a row may miss 1; StarSmasher stops beyond it."""


@dataclass(frozen=True, eq=False)
class Profile:
    """A star in hydrostatic equilibrium, in cgs, row by row from its centre to its surface.

    Temperature and internal energy follow from pressure and density by the equation of state of
    the simulations (`surrogate.simulations.eos`), as in StarSmasher. So hydrostatic equilibrium
    is kept, whatever equation of state the star was computed with.
    """

    m: Float[np.ndarray, " k"]
    """Enclosed mass [g]."""
    r: Float[np.ndarray, " k"]
    """Radius [cm]; the first is near the centre, but not 0."""
    P: Float[np.ndarray, " k"]
    """Pressure [erg / cm^3]."""
    rho: Float[np.ndarray, " k"]
    """Density [g / cm^3]."""
    composition: Float[np.ndarray, "k 9"]
    """Mass fractions of `surrogate.simulations.stars.composition.SPECIES`."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.m)

    @property
    def mass(self) -> float:
        """Mass of the star in code units [Msun]."""
        return float(self.m[-1]) / MASS

    @property
    def radius(self) -> float:
        """Radius of the star in code units [Rsun]."""
        return float(self.r[-1]) / LENGTH

    @property
    def dynamical_time(self) -> float:
        """(R^3 / M)^(1/2) of the star in code units."""
        return math.sqrt(self.radius**3 / self.mass)

    @property
    def mu(self) -> Float[np.ndarray, " k"]:
        """Mean mass of a particle [g], (k,)."""
        return mean_molecular_mass(self.composition)

    @property
    def temperature(self) -> Float[np.ndarray, " k"]:
        """Temperature [K], (k,), from pressure and density."""
        with jax.enable_x64(True):
            return np.asarray(eos.temperature_from_pressure(self.rho, self.P, self.mu))

    @property
    def internal_energy(self) -> Float[np.ndarray, " k"]:
        """Internal energy per mass [erg / g], (k,), from pressure and density."""
        T = self.temperature
        with jax.enable_x64(True):
            return np.asarray(eos.internal_energy(self.rho, T, self.mu))


def check(profile: Profile) -> None:
    """Check that a profile is one of a star.

    Args:
        profile: of at least two rows.

    Raises:
        ValueError: the arrays differ in length; a value is not finite; r is not positive and
            increasing; m is negative or decreases; P or rho is not positive; a mass fraction is
            negative, or those of a row do not sum to 1 within 1e-8. The message names row (from
            0, the centre), value, and what is allowed.
    """
    _check_shapes(profile)
    for name in ("m", "r", "P", "rho"):
        values = getattr(profile, name)
        _raise_at(~np.isfinite(values), values, name, "a finite number")
    for name in ("r", "P", "rho"):
        values = getattr(profile, name)
        _raise_at(values <= 0, values, name, "above 0")
    _raise_at(profile.m < 0, profile.m, "m", "at least 0")
    falls = np.concatenate([[False], np.diff(profile.r) <= 0])
    _raise_at(falls, profile.r, "r", "above that of the row before")
    falls = np.concatenate([[False], np.diff(profile.m) < 0])
    _raise_at(falls, profile.m, "m", "at least that of the row before")
    for name, fraction in zip(SPECIES, profile.composition.T, strict=True):
        _raise_at(~(fraction >= 0), fraction, f"mass fraction of {name}", "at least 0")
    total = profile.composition.sum(axis=1)
    off = ~(np.abs(total - 1) <= SUM_TOLERANCE)
    _raise_at(off, total, "sum of the mass fractions", f"1 within {SUM_TOLERANCE:g}")


def hydrostatic_residual(profile: Profile) -> Float[np.ndarray, " k-1"]:
    """By how much the pressure misses hydrostatic equilibrium dP/dr = -G m rho / r^2.

    Args:
        profile: of k rows.

    Returns:
        The difference in pressure between each two rows over the weight of the layer between
        them (by the trapezoid rule), less 1: 0 in equilibrium, dimensionless, (k - 1,).
    """
    pull = G * profile.m * profile.rho / profile.r**2
    weight = 0.5 * (pull[1:] + pull[:-1]) * np.diff(profile.r)
    return -np.diff(profile.P) / weight - 1


def _check_shapes(profile: Profile) -> None:
    k = len(profile.m)
    if k < 2:
        raise ValueError(f"the profile has {k} rows, allowed: at least 2.")
    for name in ("m", "r", "P", "rho"):
        shape = getattr(profile, name).shape
        if shape != (k,):
            raise ValueError(f"{name} has shape {shape}, allowed: ({k},), as many as m.")
    if profile.composition.shape != (k, len(SPECIES)):
        raise ValueError(
            f"composition has shape {profile.composition.shape}, allowed: ({k}, {len(SPECIES)})."
        )


def _raise_at(
    bad: Bool[np.ndarray, " k"], values: Float[np.ndarray, " k"], name: str, allowed: str
) -> None:
    if np.any(bad):
        row = int(np.argmax(bad))
        raise ValueError(f"row {row}: {name} = {values[row]!s}, allowed: {allowed}.")
