"""A light curve as nightly means in the source's frame: what every match is made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.transients.bands import BANDS

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from surrogate.transients.photometry import LightCurve

MODEL_ERROR: Final = 0.1
"""Error of any model, in units of the brightest night of a band: none is right to less."""
DETECTED: Final = 5.0
"""Signal-to-noise ratio from which a night may be the brightest."""


@dataclass(frozen=True)
class Nights:
    """Nightly means of one object, one row a band."""

    bands: tuple[str, ...]
    start: float
    """Of the first night [MJD]."""
    stretch: float
    """Observer's days in a day at the source: 1 + z."""
    cell: Int[np.ndarray, " nights"]
    """Days at the source since `start`, whole."""
    time: Float[np.ndarray, " nights"]
    """The same, not rounded: weighted mean of the night."""
    band: Int[np.ndarray, " nights"]
    """Index into `bands`."""
    flux: Float[np.ndarray, " nights"]
    """[microjansky]"""
    error: Float[np.ndarray, " nights"]
    """With the model's error [microjansky]."""
    measured: Float[np.ndarray, " nights"]
    """Without it."""

    def __len__(self) -> int:
        return len(self.flux)

    @property
    def days(self) -> int:
        """Days at the source from the first night to the last, both included."""
        return int(self.cell[-1]) + 1


def by_night(curve: LightCurve, z: float, model_error: float = MODEL_ERROR) -> Nights:
    """Weighted means of each night and band.

    Args:
        curve: the light curve; its limits count as fluxes of 0 within their errors.
        z: redshift.
        model_error: added in quadrature to the errors, in units of the brightest night of a band.

    Returns:
        The nights, in order of time.
    """
    bands = curve.bands
    time = (curve.mjd - curve.mjd[0]) / (1.0 + z)
    cell = np.floor(time).astype(int)
    band = np.array([bands.index(name) for name in curve.band.tolist()])
    key = cell * len(BANDS) + band
    _, night = np.unique(key, return_inverse=True)
    weight = 1.0 / curve.error**2
    total = np.bincount(night, weight)
    flux = np.bincount(night, weight * curve.flux) / total
    measured = 1.0 / np.sqrt(total)
    night_band = np.empty(len(total), int)
    night_cell = np.empty(len(total), int)
    night_band[night], night_cell[night] = band, cell
    peak = _brightest(flux, measured, night_band, len(bands))
    return Nights(
        bands,
        float(curve.mjd[0]),
        1.0 + z,
        night_cell,
        np.bincount(night, weight * time) / total,
        night_band,
        flux,
        np.hypot(measured, model_error * peak[night_band]),
        measured,
    )


def _brightest(
    flux: Float[np.ndarray, " nights"],
    error: Float[np.ndarray, " nights"],
    band: Int[np.ndarray, " nights"],
    bands: int,
) -> Float[np.ndarray, " bands"]:
    """Flux of each band's brightest night that is seen well, 0 where there is none."""
    seen = np.where(flux > DETECTED * error, flux, 0.0)
    return np.array([np.max(seen, where=band == b, initial=0.0) for b in range(bands)])
