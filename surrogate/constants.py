"""Physical constants in the library's units: Msun, Rsun, km/s, Gyr."""

from typing import Final

# G = 6.674e-8, Msun = 1.989e33, Rsun = 6.957e10 (cgs): the rounded values of the published tool,
# kept so that regimes agree with it. The IAU 2015 nominal values give 1.90761e5, 0.03 % less.
G: Final = 1.90809e5
"""Gravitational constant [Rsun (km/s)^2 / Msun]."""
