"""The numbers of a candidate's picture: which nights, which days, and the best flare with its band.

Days are the observer's, since the start of the best flare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.transients.verdict import predicted

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

    from surrogate.transients.templates import BankTemplates
    from surrogate.transients.verdict import Match

DETECTED: Final = 3.0
"""Signal-to-noise ratio of a night that is drawn as a point; others are limits."""
BEFORE: Final = 30.0
"""Days shown before the first detection or the flare."""
AFTER: Final = 60.0
"""Days shown after the last detection."""
AVERAGED: Final = 10.0
"""Width of the moving average [days], the paper's."""
_COMPANY: Final = 15.0
"""A detection without another one within so many days is taken for noise: of a thousand nights
without a flare one is above three standard deviations."""
_POINTS: Final = 1500
_95: Final = 1.96


class Points(NamedTuple):
    """Nightly means of one band."""

    days: Float[np.ndarray, " nights"]
    flux: Float[np.ndarray, " nights"]
    """[microjansky]"""
    error: Float[np.ndarray, " nights"]
    """As measured, without the model's [microjansky]."""
    detected: Bool[np.ndarray, " nights"]


class Curve(NamedTuple):
    """The best flare in one band; fluxes in microjansky."""

    days: Float[np.ndarray, " times"]
    flux: Float[np.ndarray, " times"]
    average: Float[np.ndarray, " times"]
    """Mean over the days from 5 before to 5 after."""
    low: Float[np.ndarray, " times"]
    """95 per cent lie above: normal errors of the ejecta's mass and of the model."""
    high: Float[np.ndarray, " times"]
    """95 per cent of the time below, together with `low`; both NaN before the start."""


def points(match: Match) -> dict[str, Points]:
    """The nights of each band, from blue to red."""
    nights = match.nights
    days = nights.start + nights.time * nights.stretch - match.fit.start
    found = {}
    for index, band in enumerate(nights.bands):
        rows = nights.band == index
        flux, error = nights.flux[rows], nights.measured[rows]
        found[band] = Points(days[rows], flux, error, flux > DETECTED * error)
    return found


def detections(match: Match) -> Float[np.ndarray, " detections"]:
    """Days of nights with a detection that is not alone, in order; empty where there is none."""
    days = np.sort(np.concatenate([p.days[p.detected] for p in points(match).values()]))
    gaps = np.diff(days, prepend=-np.inf, append=np.inf)
    return days[np.minimum(gaps[1:], gaps[:-1]) <= _COMPANY]


def window(match: Match, templates: BankTemplates) -> tuple[float, float]:
    """First and last day to show: where the flare is, not years of empty sky.

    Args:
        match: of the object.
        templates: of the bank that it was matched with.

    Returns:
        From 30 days before the first detection, or before the first night from which the flare
        should be seen, to 60 days after the last detection; all nights where nothing is detected.
    """
    days = np.concatenate([p.days for p in points(match).values()])
    seen = detections(match)
    if len(seen) == 0:
        return float(days.min() - BEFORE), float(days.max() + BEFORE)
    first, last = float(seen[0]), float(seen[-1])
    for band, nights in points(match).items():
        flux = predicted(match, templates, nights.days + match.fit.start, band)
        visible = nights.days[(flux > DETECTED * nights.error) & (nights.days < first)]
        first = min([first, *visible.tolist()])
    return max(first - BEFORE, float(days.min()) - BEFORE), last + AFTER


def model_error(match: Match) -> dict[str, float]:
    """Error of any model in each band [microjansky]: what the errors of the match have more."""
    nights = match.nights
    extra = np.sqrt(np.maximum(nights.error**2 - nights.measured**2, 0.0))
    return {
        band: float(np.median(extra[nights.band == index]))
        for index, band in enumerate(nights.bands)
    }


def best_flare(
    match: Match, templates: BankTemplates, band: str, first: float, last: float
) -> Curve:
    """The best flare in one band, its moving average and its 95 per cent band.

    Args:
        match: of the object.
        templates: of the bank that it was matched with.
        band: a key of `bands.BANDS` that the object was seen in.
        first: day to begin with.
        last: day to end with.
    """
    half = AVERAGED / 2.0
    fine = np.linspace(first - half, last + half, _POINTS)
    # The rise may take hours, the rest years.
    rise = np.geomspace(1e-2, max(last + half, 1.0), _POINTS // 3)
    t = np.unique(np.concatenate([fine, [0.0], rise[(rise > fine[0]) & (rise < fine[-1])]]))
    flux = predicted(match, templates, t + match.fit.start, band)
    until = np.append(0.0, np.cumsum(np.diff(t) * (flux[1:] + flux[:-1]) / 2.0))
    average = (np.interp(t + half, t, until) - np.interp(t - half, t, until)) / AVERAGED
    own = np.where(flux > 0.0, flux, np.nan) * match.fit.amplitude_error / match.fit.amplitude
    error = _95 * np.hypot(own, model_error(match)[band])
    shown = (t >= first) & (t <= last)
    return Curve(*(x[shown] for x in (t, flux, average, flux - error, flux + error)))
