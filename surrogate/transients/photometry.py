"""A light curve, however it was measured, and what may be wrong with its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.learning.problems import Problem
from surrogate.transients.bands import BANDS, find_band

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Shaped

AB_ZERO: Final = 3631e6
"""Flux density of magnitude 0 [microjansky]."""
LIMIT_SIGMA: Final = 5.0
"""Upper limits are given at so many standard deviations (ZTF's, Masci et al. 2019)."""
FEWEST: Final = 3
"""Fewer points than this tell nothing of a shape whose start and amplitude are free."""


class Kind(StrEnum):
    """What is wrong; the first kinds cost the row or the object, the last ones nothing."""

    NOT_A_NUMBER = "not a number"
    BAD_ERROR = "error not positive"
    UNKNOWN_BAND = "unknown band"
    TOO_FEW = "too few points"
    UNREADABLE = "unreadable"
    UNSORTED = "times not sorted"
    SINGLE_BAND = "single band"


NOTES: Final = frozenset({Kind.UNSORTED, Kind.SINGLE_BAND})
"""Kinds that are mended or lived with: every row counts."""


@dataclass(frozen=True)
class LightCurve:
    """Difference fluxes of one object, in order of time.

    Attributes:
        name: of the object.
        mjd: times [modified Julian days], in order.
        band: a key of `bands.BANDS` each.
        flux: [microjansky], not corrected for extinction; may be negative.
        error: its standard deviation [microjansky], positive.
        limit: where nothing was found: the flux is 0, the error a fifth of the limit.
        redshift: None where unknown.
        ebv: reddening E(B-V) by Galactic dust [mag].
    """

    name: str
    mjd: Float[np.ndarray, " n"]
    band: Shaped[np.ndarray, " n"]
    flux: Float[np.ndarray, " n"]
    error: Float[np.ndarray, " n"]
    limit: Bool[np.ndarray, " n"]
    redshift: float | None = None
    ebv: float = 0.0

    def __len__(self) -> int:
        return len(self.mjd)

    @property
    def bands(self) -> tuple[str, ...]:
        """The bands it was seen in, from blue to red."""
        return tuple(name for name in BANDS if name in set(self.band.tolist()))

    def take(self, rows: Shaped[np.ndarray, " m"]) -> LightCurve:
        """The light curve of some rows, a mask or ascending indices."""
        fields = ("mjd", "band", "flux", "error", "limit")
        return replace(self, **{field: getattr(self, field)[rows] for field in fields})


class Row(NamedTuple):
    """A row as a reader found it: nothing is checked."""

    number: int
    mjd: object
    band: object
    flux: object
    """[microjansky]; a limit's is the limit itself."""
    error: object
    """[microjansky]; None for a limit."""


def to_flux(mag: float) -> float:
    """AB magnitude to flux density [microjansky]."""
    return AB_ZERO * 10.0 ** (-0.4 * mag)


def to_magnitude(flux: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Flux density [microjansky] to AB magnitude; NaN where it is not positive."""
    flux = np.asarray(flux, float)
    return -2.5 * np.log10(np.where(flux > 0.0, flux, np.nan) / AB_ZERO)


def assemble(
    name: str,
    rows: Sequence[Row],
    *,
    redshift: float | None = None,
    ebv: float = 0.0,
) -> tuple[LightCurve | None, list[Problem]]:
    """Check the rows of an object and put the good ones in order of time.

    Args:
        name: of the object.
        rows: as read, in any order.
        redshift: None where unknown; so is one that is not a positive number.
        ebv: reddening by Galactic dust [mag].

    Returns:
        The light curve, None where fewer than `FEWEST` rows are good, and what was wrong.
    """
    problems: list[Problem] = []
    good: list[tuple[float, str, float, float, bool]] = []
    for row in rows:
        checked = _check(name, row)
        if isinstance(checked, Problem):
            problems.append(checked)
        else:
            good.append(checked)
    if len(good) < FEWEST:
        message = f"{len(good)} good rows, needed: at least {FEWEST}; the object is left out"
        return None, [*problems, Problem(Kind.TOO_FEW, name, message)]
    mjd = np.array([g[0] for g in good])
    if np.any(np.diff(mjd) < 0.0):
        first = int(np.argmax(np.diff(mjd) < 0.0))
        message = f"mjd = {mjd[first + 1]:.5f} follows {mjd[first]:.5f}; the rows were sorted"
        problems.append(Problem(Kind.UNSORTED, name, message))
    order = np.argsort(mjd, kind="stable")
    band = np.array([g[1] for g in good])
    if len(set(band.tolist())) == 1:
        message = f"band = {band[0]} only; its colour tells nothing"
        problems.append(Problem(Kind.SINGLE_BAND, name, message))
    flux, error = (np.array([g[i] for g in good]) for i in (2, 3))
    limit = np.array([g[4] for g in good])
    known = redshift is not None and np.isfinite(redshift) and redshift > 0.0
    curve = LightCurve(
        name, mjd, band, flux, error, limit, redshift=redshift if known else None, ebv=ebv
    )
    return curve.take(order), problems


def _check(name: str, row: Row) -> Problem | tuple[float, str, float, float, bool]:
    try:
        band = find_band(row.band)
    except ValueError as error:
        return Problem(Kind.UNKNOWN_BAND, name, f"{error}; the row is left out", row.number)
    is_limit = row.error is None
    values = {"mjd": row.mjd, "flux": row.flux} | ({} if is_limit else {"error": row.error})
    numbers = {field: _number(value) for field, value in values.items()}
    for field, number in numbers.items():
        if not np.isfinite(number):
            message = f"{field} = {values[field]}, allowed: a finite number; the row is left out"
            return Problem(Kind.NOT_A_NUMBER, name, message, row.number)
    width = numbers["flux"] / LIMIT_SIGMA if is_limit else numbers["error"]
    if not width > 0.0:
        field, value = ("limit", row.flux) if is_limit else ("error", row.error)
        message = f"{field} = {value}, allowed: above 0; the row is left out"
        return Problem(Kind.BAD_ERROR, name, message, row.number)
    flux = 0.0 if is_limit else numbers["flux"]
    return numbers["mjd"], band, flux, width, is_limit


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
