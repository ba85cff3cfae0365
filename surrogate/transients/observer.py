"""From the light of a flare to what a survey measures of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp

from surrogate.transients.bands import BANDS, transmission
from surrogate.transients.cosmology import gauss_legendre, luminosity_distance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

    Real = Array | float

_H_OVER_K: Final = 4.7992431e4
"""h / k [K / PHz]: frequencies are in 1e15 Hz, as their cubes would overflow a float32 in Hz."""
_LIGHT: Final = 2.99792458e3
"""Speed of light [Angstrom PHz]."""
_DILUTION: Final = 1e44 * 1e29 / 1e15 / 1.1964952e50
"""1e44 erg/s over the sphere of 1 Mpc [microjansky PHz]."""
_NODES: Final = 5


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Spectrum:
    """How the bolometric light is spread over frequency: a blackbody, or one correction for all.

    Attributes:
        temperature: of the blackbody [K]; 20,000 K is that of optical tidal disruption flares
            (Gezari 2021).
        correction: L / (nu L_nu) in every band instead, where it is given.
    """

    temperature: Real = 2.0e4
    correction: Real | None = None

    def density(self, nu: Float[Array, ...]) -> Float[Array, ...]:
        """L_nu / L [1/PHz] at rest-frame frequencies [PHz], any shape."""
        if self.correction is not None:
            return 1.0 / (self.correction * nu)
        scale = _H_OVER_K / jnp.asarray(self.temperature)
        x = nu * scale
        return scale * 15.0 / jnp.pi**4 * x**3 / jnp.expm1(x)


def band_flux(
    band: str, z: ArrayLike, spectrum: Spectrum | None = None, ebv: ArrayLike = 0.0
) -> Float[Array, ...]:
    """Flux in a band of a source of 1e44 erg/s.

    Args:
        band: a key of `bands.BANDS`.
        z: redshift, above 0; shapes broadcast.
        spectrum: of the source; a blackbody of 20,000 K where left out.
        ebv: reddening E(B-V) by Galactic dust [mag].

    Returns:
        Mean flux density over the band, weighted by photons [microjansky].
    """
    spectrum = spectrum or Spectrum()
    centre, width = BANDS[band].wavelength, BANDS[band].width
    z = jnp.asarray(z)
    total, norm = jnp.zeros_like(z * jnp.asarray(ebv)), 0.0
    for x, weight in zip(*gauss_legendre(_NODES), strict=True):
        wavelength = centre + (x - 0.5) * width
        dust = transmission(wavelength, jnp.asarray(ebv))
        share = weight / wavelength  # dnu / nu
        total += share * dust * spectrum.density((1.0 + z) * _LIGHT / wavelength)
        norm += share
    return (1.0 + z) * _DILUTION / luminosity_distance(z) ** 2 * total / norm


def colours(
    bands: Sequence[str], z: ArrayLike, spectrum: Spectrum | None = None, ebv: ArrayLike = 0.0
) -> Float[Array, " bands"]:
    """`band_flux` of several bands."""
    return jnp.stack([band_flux(band, z, spectrum, ebv) for band in bands])
