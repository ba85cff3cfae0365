"""Made-up observations of flares: a survey's cadence and noise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from surrogate.transients.observer import Spectrum, band_flux
from surrogate.transients.photometry import LightCurve, to_flux

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Float

    Light = Callable[[Float[np.ndarray, " times"]], Float[np.ndarray, " times"]]


@dataclass(frozen=True)
class Survey:
    """When a survey looks, and how deep.

    The defaults are like the public ZTF survey's (Bellm et al. 2019): g and r every other night
    or third, to 20.5 mag, in seasons, with a third of the nights lost.

    Attributes:
        bands: names of the bands; each is looked at by itself.
        every: nights between two looks.
        lost: share of the nights without data.
        season: days of a year in which the object is up.
        years: how long the survey looks.
        depth: magnitude of 5 standard deviations.
        depth_scatter: of that, from moon and weather [mag].
    """

    bands: tuple[str, ...] = ("ztfg", "ztfr")
    every: float = 2.5
    lost: float = 0.35
    season: float = 240.0
    years: float = 3.0
    depth: float = 20.5
    depth_scatter: float = 0.4

    def schedule(self, random: np.random.Generator, name: str = "injected") -> LightCurve:
        """Times, bands and errors of an object that does not flare.

        Args:
            random: draws the nights and the weather.
            name: of the object.

        Returns:
            A light curve of fluxes 0, with the errors of an empty sky.
        """
        parts = []
        for band in self.bands:
            nights = np.arange(random.uniform(0.0, self.every), 365.25 * self.years, self.every)
            up = (nights + random.uniform(0.0, 40.0)) % 365.25 < self.season
            nights = nights[up & (random.uniform(size=len(nights)) > self.lost)]
            mjd = 58_800.0 + np.round(nights) + random.uniform(0.15, 0.5, len(nights))
            depth = self.depth + self.depth_scatter * random.standard_normal(len(nights))
            parts.append((mjd, np.full(len(mjd), band), 10.0 ** (-0.4 * (depth - self.depth))))
        times, bands, noise = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(times)
        error = to_flux(self.depth) / 5.0 * noise[order]
        zeros = np.zeros(len(times))
        return LightCurve(name, times[order], bands[order], zeros, error, zeros > 0.0)


def inject(
    sky: LightCurve,
    light: Light,
    start: float,
    z: float,
    random: np.random.Generator,
    *,
    spectrum: Spectrum | None = None,
    floor: float = 0.02,
) -> tuple[LightCurve, Float[np.ndarray, " n"]]:
    """Observe a flare.

    Args:
        sky: times, bands, errors without the flare, and reddening.
        light: L [1e44 erg/s] at times since the collision [days, rest frame].
        start: of the flare [MJD].
        z: redshift.
        random: draws the noise.
        spectrum: of the flare; a blackbody of 20,000 K where left out.
        floor: error in units of the flux, in quadrature.

    Returns:
        The light curve that is observed, of a redshift that is known, and its fluxes without
        noise [microjansky].
    """
    L = light((sky.mjd - start) / (1.0 + z))
    per_light = {b: float(band_flux(b, z, spectrum, sky.ebv)) for b in sky.bands}
    flux = L * np.array([per_light[b] for b in sky.band.tolist()])
    error = np.hypot(sky.error, floor * flux)
    seen = flux + error * random.standard_normal(len(flux))
    none = np.zeros(len(flux), bool)
    return replace(sky, flux=seen, error=error, limit=none, redshift=z), flux
