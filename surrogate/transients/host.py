"""The mass of the black hole in a galaxy's centre, from the galaxy's colour and brightness."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import jax.numpy as jnp

from surrogate.transients.bands import BANDS, RV, extinction
from surrogate.transients.cosmology import luminosity_distance

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

M_R_SUN: Final = 4.67
"""Absolute magnitude of the Sun in r."""
DEFAULT_Z: Final = 0.10
"""Redshift that the paper assumes where none is known."""
SCATTER: Final = 0.55
"""Scatter of black-hole masses about either relation [dex]: Reines & Volonteri (2015), sec. 4."""


class Relation(StrEnum):
    """Which galaxies the relation between stellar mass and black-hole mass was fitted to."""

    AGN = "agn"
    """Local galaxies with an active nucleus."""
    ELLIPTICAL = "elliptical"
    """Ellipticals and classical bulges, largely quiescent."""


class _Line(NamedTuple):
    alpha: float
    alpha_error: float
    beta: float
    beta_error: float


LINES: Final = {
    Relation.AGN: _Line(7.45, 0.08, 1.05, 0.11),
    Relation.ELLIPTICAL: _Line(8.95, 0.09, 1.40, 0.21),
}
"""Reines & Volonteri (2015), equations 4 and 5."""


class HostMasses(NamedTuple):
    """Stellar and black-hole mass of a galaxy."""

    log_stellar: Float[Array, ...]
    """log10 of the stellar mass [Msun]."""
    log_stellar_error: Float[Array, ...]
    """From the magnitudes [dex]."""
    log_black_hole: Float[Array, ...]
    """log10 of the black hole's mass [Msun]."""
    log_black_hole_error: Float[Array, ...]
    """From the magnitudes and the relation's coefficients [dex]; `SCATTER` is not in it."""


def black_hole_mass(
    g: ArrayLike,
    r: ArrayLike,
    z: ArrayLike = DEFAULT_Z,
    *,
    relation: Relation = Relation.AGN,
    g_error: ArrayLike = 0.0,
    r_error: ArrayLike = 0.0,
    k_g: ArrayLike = 0.0,
    k_r: ArrayLike = 0.0,
    ebv: ArrayLike = 0.0,
) -> HostMasses:
    """Mass of the central black hole from the host's g and r magnitudes.

    The defaults, without K-correction and extinction, are the paper's. All arguments have shapes
    that broadcast.

    Args:
        g: apparent magnitude of the host in g [AB mag]; the colour is calibrated for
            0.3 < g - r < 1.
        r: the same in r.
        z: redshift, above 0.
        relation: the galaxies that the relation was fitted to.
        g_error: standard deviation [mag].
        r_error: the same in r.
        k_g: K-correction in g [mag], subtracted, of the user's own fit or table.
        k_r: the same in r.
        ebv: reddening E(B-V) by Galactic dust [mag], taken off both magnitudes.

    Returns:
        Masses and their errors.

    Source: Hu & Loeb (2025), appendix B: Bell et al. (2003), Reines & Volonteri (2015).
    """
    line = LINES[relation]
    g, r = (
        jnp.asarray(m) - k - ebv * RV * extinction(BANDS[band].wavelength)
        for m, k, band in ((g, k_g, "lsstg"), (r, k_r, "lsstr"))
    )
    M_r = r - 5.0 * jnp.log10(luminosity_distance(z) * 1e5)
    log_L_r = -0.4 * (M_r - M_R_SUN)  # (3)
    log_M_star = log_L_r - 0.306 + 1.097 * (g - r)  # (4)
    log_M = line.alpha + line.beta * (log_M_star - 11.0)  # (5)
    # d log M* / dg = 1.097, d log M* / dr = -0.4 - 1.097
    star_error = jnp.hypot(1.097 * jnp.asarray(g_error), 1.497 * jnp.asarray(r_error))
    line_error = jnp.hypot(line.alpha_error, line.beta_error * (log_M_star - 11.0))
    error = jnp.hypot(line_error, line.beta * star_error)
    return HostMasses(log_M_star, jnp.broadcast_to(star_error, log_M.shape), log_M, error)
