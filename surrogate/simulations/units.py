"""The units of the simulations: G = Msun = Rsun = 1, with StarSmasher's values.

The public grid is in these units, too: its solar radius is this one, 0.04 % larger than the IAU's.
"""

from __future__ import annotations

import math
from typing import Final

G: Final = 6.6739e-8
"""Gravitational constant [cm^3 / (g s^2)]."""
MASS: Final = 1.9891e33
"""Msun [g]."""
LENGTH: Final = 6.9599e10
"""Rsun [cm]."""
TIME: Final = math.sqrt(LENGTH**3 / (G * MASS))
"""Unit of time [s]: 1593.6."""
SPEED: Final = LENGTH / TIME / 1e5
"""Unit of speed [km/s]: 436.73."""
DENSITY: Final = MASS / LENGTH**3
"""Unit of density [g / cm^3]."""
PRESSURE: Final = G * MASS**2 / LENGTH**4
"""Unit of pressure and of energy density [erg / cm^3]."""
SPECIFIC_ENERGY: Final = G * MASS / LENGTH
"""Unit of energy per mass [erg / g]."""
