"""Units of a cluster: distances from the black hole in pc, all else in the library's units."""

from __future__ import annotations

from typing import Final

from surrogate.constants import G

RSUN_PER_PC: Final = 3.0856775814913673e18 / 6.957e10
"""Solar radii in a parsec: IAU 2015 parsec, and the Rsun behind `surrogate.constants.G`."""
G_PC: Final = G / RSUN_PER_PC
"""Gravitational constant [pc (km/s)^2 / Msun]."""
PC_PER_KMS_GYR: Final = 3.15576e16 / 3.0856775814913673e13
"""Distance covered at 1 km/s in 1 Gyr of Julian years [pc]."""
PER_GYR: Final = PC_PER_KMS_GYR / RSUN_PER_PC**2
"""1 Rsun^2 km/s pc^-3 in Gyr^-1: a cross-section times a speed times a density is a rate."""
