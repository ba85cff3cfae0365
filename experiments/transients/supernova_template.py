"""The median type Ia supernova in g, r and i, from every second one of ZTF's.

Needs: the known events, `sne_ia/` (in SURROGATE_DATA or --data).

Each supernova is aligned by its best time and brightness, first of a smooth curve and then of the
median of all; the medians of the aligned fluxes make the template. `sn_ia.json` among the results
is what the package ships. The other half of the supernovae is left to judge it.
"""

from __future__ import annotations

from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from surrogate.learning.files import write_json
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import COLUMN, save
from surrogate.transients.known_events import load_known_events
from surrogate.transients.matching import scan
from surrogate.transients.nights import Nights, by_night
from surrogate.transients.nulls import bazin
from surrogate.transients.templates import Kind, Templates

Array = np.ndarray

BANDS = ("ztfg", "ztfr", "ztfi")
LOOKS = {"ztfg": ("#117733", "-"), "ztfr": ("#882255", "--"), "ztfi": ("#332288", ":")}
PHASE = np.arange(-20.0, 121.0, 2.0)
"""Days at the source from the peak in g."""
TAIL = (60.0, 0.0138)
"""From this phase the light falls by so many e-folds a day: 0.015 mag, of cobalt."""
NEAR = 2.5
"""Fluxes within so many days of a phase count there."""
ROUNDS = 4
BRIGHT = 10.0
"""Signal-to-noise ratio of the brightest night that a supernova must have."""


class Aligned(NamedTuple):
    """A supernova in units of its own peak in g."""

    phase: Array
    band: Array
    flux: Array
    peak: float


def body(run: Run) -> None:
    events = load_known_events(run.data).supernovae
    half = [by_night(curve, curve.redshift, 0.05) for curve in events[::2] if curve.redshift]
    half = [
        n for n in half if np.max(n.flux / n.measured) > BRIGHT and set(n.bands) >= set(BANDS[:2])
    ]
    if run.quick:
        half = half[::3]
    aligned = [a for a in map(align_smooth, half) if a is not None]
    for _ in range(ROUNDS):
        template = median(aligned)
        aligned = [a for a in (align(n, template) for n in half) if a is not None]
    template = median(aligned)
    report = Report(run, "The median type Ia supernova", ("phase [d]", *BANDS))
    for i in range(0, len(PHASE), 5):
        report.add(float(PHASE[i]), *(float(template[b, i]) for b in range(len(BANDS))))
    report.details |= {"supernovae": len(aligned), "decline": decline(template)}
    report.note(f"{len(aligned)} supernovae; g fades by {decline(template):.2f} mag in 15 days.")
    report.write()
    flux = {band: np.round(template[b], 5) for b, band in enumerate(BANDS)}
    write_json(run.folder / "sn_ia.json", {"phase": PHASE, "flux": flux})
    draw(run, template, aligned)


def align_smooth(nights: Nights) -> Aligned | None:
    """By the best of the smooth curves."""
    curves = bazin()
    found = scan(nights, curves)
    shape = int(found.gain[0].argmax())
    peak_day = found.start[0, shape] + int(curves.shapes[shape].argmax())
    near = (nights.band == nights.bands.index("ztfg")) & (np.abs(nights.time - peak_day) < NEAR)
    return _scaled(nights, peak_day, float(np.median(nights.flux[near]))) if near.any() else None


def align(nights: Nights, template: Array) -> Aligned | None:
    """By the best of the template."""
    days = np.arange(PHASE[0] + 0.5, PHASE[-1])
    shapes = np.array([[np.interp(days, PHASE, flux)] for flux in template])
    bands = tuple(b for b in BANDS if b in nights.bands)
    shapes = shapes[[BANDS.index(b) for b in bands]]
    found = scan(nights, Templates("median", shapes, np.ones(1), (1e4, 1e12), Kind.BANDED, bands))
    rows = nights.flux / nights.error > 5.0
    day = float(found.start[0, 0]) - PHASE[0]
    model = np.empty(len(nights))
    for b, band in enumerate(nights.bands):
        here = nights.band == b
        model[here] = np.interp(nights.time[here] - day, PHASE, template[BANDS.index(band)])
    if rows.sum() < 5 or not np.any(model[rows] > 0.3):
        return None
    weight = 1.0 / nights.error**2
    peak = np.sum(weight * nights.flux * model) / np.sum(weight * model**2)
    return _scaled(nights, day, float(peak))


def _scaled(nights: Nights, peak_day: float, peak: float) -> Aligned | None:
    if not peak > 0.0:
        return None
    band = np.array([BANDS.index(nights.bands[b]) for b in nights.band])
    return Aligned(nights.time - peak_day, band, nights.flux / peak, peak)


def median(aligned: list[Aligned]) -> Array:
    """Median flux at each phase and band, 1 at the peak in g, and no light long before it."""
    phase, band, flux = (
        np.concatenate([getattr(a, f) for a in aligned]) for f in ("phase", "band", "flux")
    )
    template = np.zeros((len(BANDS), len(PHASE)))
    for b in range(len(BANDS)):
        for i, p in enumerate(PHASE):
            near = (band == b) & (np.abs(phase - p) < NEAR)
            template[b, i] = np.median(flux[near]) if near.sum() >= 3 else np.nan
        known = np.isfinite(template[b])
        template[b] = np.interp(PHASE, PHASE[known], template[b, known])
        late = TAIL[0] < PHASE
        anchor = np.interp(TAIL[0], PHASE, template[b])
        template[b, late] = anchor * np.exp(-TAIL[1] * (PHASE[late] - TAIL[0]))
    template = np.maximum(template - template[:, :1], 0.0)
    return template / template[0].max()


def decline(template: Array) -> float:
    """Magnitudes that g fades by in the 15 days after its peak."""
    peak = int(template[0].argmax())
    later = np.interp(PHASE[peak] + 15.0, PHASE, template[0])
    return float(-2.5 * np.log10(later / template[0, peak]))


def draw(run: Run, template: Array, aligned: list[Aligned]) -> None:
    figure, axes = plt.subplots(figsize=(COLUMN, 0.75 * COLUMN))
    for b, band in enumerate(BANDS):
        colour, line = LOOKS[band]
        for a in aligned:
            axes.plot(a.phase[a.band == b], a.flux[a.band == b], ".", ms=1, color=colour, alpha=0.3)
        axes.plot(PHASE, template[b], line, color=colour, label=band)
    axes.set(
        xlim=(-25, 100),
        ylim=(-0.2, 1.6),
        xlabel="days at the source from the peak in g",
        ylabel="flux / peak in g",
    )
    axes.legend()
    save(figure, run)


if __name__ == "__main__":
    start(body, __file__)
