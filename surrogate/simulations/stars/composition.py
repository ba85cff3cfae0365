"""What stars are made of: mass fractions of nine species, and the mean mass of a particle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

SPECIES: Final = ("H", "He4", "C12", "N14", "O16", "Ne20", "Mg24", "Si28", "Fe56")
"""The species, in the order of every composition."""
MASS_NUMBERS: Final = (1, 4, 12, 14, 16, 20, 24, 28, 56)
"""Nucleons of each species."""
CHARGES: Final = (1, 2, 6, 7, 8, 10, 12, 14, 26)
"""Protons of each species."""
NUCLEON_MASS: Final = 1.67262158e-24
"""Mass per nucleon [g]: the proton's, which StarSmasher uses."""

Z_SUN: Final = 0.0142
"""Proto-solar metallicity (Asplund et al. 2009)."""
Y_SUN: Final = 0.2703
"""Proto-solar helium (Asplund et al. 2009)."""
Y_PRIMORDIAL: Final = 0.249
"""Primordial helium (Planck Collaboration et al. 2016)."""
METALLICITY: Final = 0.01 * Z_SUN
"""Metallicity of the simulated stars (Gonzalez Prieto et al. 2026, section 2.2)."""

# Photospheric log10(n / n_H) + 12 of C, N, O, Ne, Mg, Si and Fe (Asplund et al. 2009, table 1),
# and the atomic weights.
_LOG_ABUNDANCES: Final = (8.43, 7.83, 8.69, 7.93, 7.60, 7.51, 7.50)
_WEIGHTS: Final = (12.011, 14.007, 15.999, 20.180, 24.305, 28.085, 55.845)


def solar_metals() -> Float[np.ndarray, " 7"]:
    """Shares of the seven metals in the mass of all metals, in the solar mixture.

    Returns:
        Shares of C12, N14, O16, Ne20, Mg24, Si28 and Fe56, with sum 1. The other elements, a
        twentieth of the solar metals by mass, are shared out in proportion.

    Source: Asplund et al. (2009), table 1, photosphere.
    """
    masses = 10.0 ** np.array(_LOG_ABUNDANCES) * np.array(_WEIGHTS)
    return masses / masses.sum()


def helium_fraction(Z: float) -> float:
    """Initial helium of stars of metallicity Z.

    Args:
        Z: mass fraction of metals.

    Returns:
        Y = Y_p + (Y_sun - Y_p) Z / Z_sun: 0.2492 at Z = 0.01 Z_sun.

    Source: Choi et al. (2016), equation 2, with the values of Gonzalez Prieto et al. 2026,
    section 2.2.
    """
    return Y_PRIMORDIAL + (Y_SUN - Y_PRIMORDIAL) * Z / Z_SUN


def scaled_solar(Z: float = METALLICITY, Y: float | None = None) -> Float[np.ndarray, " 9"]:
    """Mass fractions of a star as it forms: hydrogen, helium, and metals in the solar mixture.

    Args:
        Z: mass fraction of metals; that of the simulated stars by default.
        Y: mass fraction of helium; `helium_fraction(Z)` where None.

    Returns:
        Fractions of `SPECIES`, with sum 1.

    Raises:
        ValueError: a fraction is negative.
    """
    if Y is None:
        Y = helium_fraction(Z)
    if not (Z >= 0 and Y >= 0 and Y + Z <= 1):
        raise ValueError(f"Z = {Z} and Y = {Y}, allowed: both at least 0, their sum at most 1.")
    return np.concatenate([[1 - Y - Z, Y], Z * solar_metals()])


def mean_molecular_mass(composition: Float[np.ndarray, "... 9"]) -> Float[np.ndarray, " ..."]:
    """Mean mass of a particle of fully ionised matter, electrons counted.

    Args:
        composition: mass fractions of `SPECIES`.

    Returns:
        mu = m_p / sum_i X_i (1 + Z_i) / A_i [g], as StarSmasher computes it.
    """
    particles = (1 + np.array(CHARGES)) / np.array(MASS_NUMBERS)
    return NUCLEON_MASS / (np.asarray(composition) @ particles)
