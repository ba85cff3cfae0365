"""Pictures of the report: a candidate's light curve with its best flare, and a calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from surrogate.inference.optional import needs
from surrogate.reports.pictures import WIDTH, bare_figure
from surrogate.simulations.picture_style import styled
from surrogate.transients.photometry import LIMIT_SIGMA, to_magnitude
from surrogate.transients.report.view import (
    DETECTED,
    Curve,
    Points,
    best_flare,
    points,
    window,
)
from surrogate.transients.report.words import band_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from surrogate.transients.templates import BankTemplates
    from surrogate.transients.verdict import Match

MOST_LIMITS: Final = 0.98
"""The faintest limits but for these need not be on the picture."""
SAME: Final = 0.03
"""Two lines that are nearer to each other than this are one [mag]."""
FEW: Final = 3
"""Detections, below which the limits set the scale."""


class BandLook(NamedTuple):
    """How a band is drawn."""

    colour: str
    marker: str
    line: Any


BANDS: Final = {
    "u": BandLook("#332288", "v", (0, (1, 1))),
    "g": BandLook("#004488", "o", "-"),
    "r": BandLook("#BB5566", "s", "--"),
    "i": BandLook("#DDAA33", "D", "-."),
    "z": BandLook("#AA4499", "P", ":"),
    "y": BandLook("#666633", "X", (0, (5, 1, 1, 1, 1, 1))),
}
"""By the last letter of a band's name: safe for the colour-blind, and told apart in grey by
marker, line and lightness."""


def draw_candidate(match: Match, templates: BankTemplates) -> Figure:
    """The light curve of an object and the best flare of the bank.

    Args:
        match: of the object.
        templates: of the bank that it was matched with.

    Returns:
        A figure that belongs to no window: AB magnitudes, bright ones above, against days since
        the start of the flare in the observer's frame.

    Raises:
        ImportError: matplotlib is not installed.
    """
    with styled():
        figure, (ax,) = make_figure(1, 3.7)
        first, last = window(match, templates)
        seen = {
            band: Points(*(column[_inside(p, first, last)] for column in p))
            for band, p in points(match).items()
        }
        curves = {band: best_flare(match, templates, band, first, last) for band in seen}
        for band in seen:
            _draw_flare(ax, curves[band], BANDS[band[-1]])
        for band in seen:
            _draw_nights(ax, seen[band], BANDS[band[-1]])
        dagger = "\N{DAGGER}" if match.z_assumed else ""
        # A dollar sign in a name is no formula.
        ax.set_title(f"{match.name[:60]}, z = {match.z:.3g}{dagger}", parse_math=False)
        ax.set(
            xlim=(first, last),
            ylim=_limits([*seen.values()], [*curves.values()]),
            xlabel="days since the start of the best flare (observer's frame)",
            ylabel="apparent magnitude [AB mag]",
        )
        _explain(figure, [*seen])
        return figure


def caption() -> str:
    """What is in a candidate's picture."""
    return (
        "Nightly means with their errors; triangles: upper limits of "
        f"{LIMIT_SIGMA:g} standard deviations on nights below {DETECTED:g}. Lines: the best flare "
        "of the bank in each band, and, thin where it is another line, the mean of its flux over "
        "10 days. Shaded: 95 % of "
        "what two errors allow this flare, that of the ejecta's mass and that of any model, which "
        "is a share of the brightest night of the band; it ends where they are greater than the "
        "flare. Other flares of the bank are not in it."
    )


def make_figure(columns: int, height: float) -> tuple[Figure, list[Axes]]:
    """A figure that belongs to no window, of panels side by side, of so many inches' height."""
    figure = bare_figure(WIDTH, height)
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])


def _inside(p: Points, first: float, last: float) -> Any:
    return (p.days >= first) & (p.days <= last)


def _draw_flare(ax: Axes, curve: Curve, look: BandLook) -> None:
    # Where the error is greater than the flare, the shade would fill the picture and say nothing.
    told = curve.low > 0.0
    ax.fill_between(
        curve.days,
        to_magnitude(curve.high),
        to_magnitude(curve.low),
        where=told.tolist(),
        color=look.colour,
        alpha=0.15,
        lw=0.0,
        zorder=1.0,
    )
    flux, average = to_magnitude(curve.flux), to_magnitude(curve.average)
    style: dict[str, Any] = {"color": look.colour, "linestyle": look.line}
    ax.plot(curve.days, flux, lw=1.1, zorder=4.0, **style)
    # Seen where it is not the flare itself, whose line has gaps.
    average[np.abs(average - flux) < SAME] = np.nan
    ax.plot(curve.days, average, color=look.colour, lw=0.6, zorder=4.0)


def _draw_nights(ax: Axes, p: Points, look: BandLook) -> None:
    yes = p.detected
    flux, error = p.flux[yes], p.error[yes]
    magnitude = to_magnitude(flux)
    bars = [magnitude - to_magnitude(flux + error), to_magnitude(flux - error) - magnitude]
    ax.errorbar(
        p.days[yes],
        magnitude,
        yerr=np.abs(bars),
        fmt=look.marker,
        color=look.colour,
        mec="white",
        mew=0.3,
        ms=3.6,
        lw=0.0,
        elinewidth=0.6,
        zorder=3.0,
    )
    limit = to_magnitude(LIMIT_SIGMA * p.error[~yes])
    style: dict[str, Any] = {"mfc": "none", "mec": look.colour, "mew": 0.5, "alpha": 0.5}
    ax.plot(p.days[~yes], limit, "v", ms=3.0, zorder=2.5, **style)


def _limits(seen: list[Points], curves: list[Curve]) -> tuple[float, float]:
    """Faintest and brightest magnitude to show: all detections, and the flare near them."""
    limits = np.concatenate([to_magnitude(LIMIT_SIGMA * p.error[~p.detected]) for p in seen])
    top = np.concatenate([to_magnitude((p.flux + p.error)[p.detected]) for p in seen])
    flare = np.concatenate([to_magnitude(c.flux) for c in curves])
    flare = flare[np.isfinite(flare)]
    shown = top if len(top) >= FEW else np.concatenate([top, limits])
    bright = float(shown.min())
    if len(flare):
        bright = min(bright, max(float(flare.min()), bright - 1.0))
    points = np.concatenate([to_magnitude(p.flux[p.detected]) for p in seen])
    faint = np.append(points, np.quantile(limits, MOST_LIMITS) if len(limits) else bright)
    return float(faint.max()) + 0.3, bright - 0.3


def _explain(figure: Figure, bands: list[str]) -> None:
    line = needs("matplotlib.lines", "experiments").Line2D
    patch = needs("matplotlib.patches", "experiments").Patch
    handles: list[Any] = []
    for band in bands:
        colour, marker, style = BANDS[band[-1]]
        label = f"{band_name(band)}: nights, flare"
        known: dict[str, Any] = {"color": colour, "marker": marker, "linestyle": style}
        handles.append(line([], [], ms=4.0, mec="white", mew=0.3, label=label, **known))
    grey: dict[str, Any] = {"marker": "v", "mfc": "none", "mec": "0.4", "lw": 0.0}
    handles.append(line([], [], ms=3.5, label="upper limit", **grey))
    handles.append(line([], [], lw=0.6, color="0.3", label="10-day mean of the flare"))
    handles.append(patch(facecolor="0.5", alpha=0.3, lw=0.0, label="95 % of the flare"))
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
