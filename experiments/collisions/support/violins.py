"""Distributions of errors over many decades, as violins."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

from surrogate.reports.style import tint

Array = np.ndarray
Side = Literal["both", "low", "high"]

FLOOR: Final = 1e-10
"""Smaller errors are rounded to this one, as in the paper."""
KERNEL: Final = 0.2
"""Width of the kernel that smooths a distribution, in decades."""
LINES: Final = {"median": "-", "mean": "--"}
HALF_WIDTH: Final = {"both": (-1, 1), "low": (-1, 0), "high": (0, 1)}


def decades(errors: Array) -> Array:
    """Decimal logarithms of errors, those below the floor at the floor."""
    return np.log10(np.maximum(errors, FLOOR))


def summary(errors: Array) -> dict[str, float]:
    """Median and mean; NaN where there are no errors."""
    if not len(errors):
        return dict.fromkeys(LINES, float("nan"))
    return {"median": float(np.median(errors)), "mean": float(np.mean(errors))}


def draw_violin(
    axes: Axes,
    at: float,
    errors: Array,
    colour: str,
    *,
    side: Side = "both",
    hatch: str | None = None,
    width: float = 0.8,
) -> None:
    """Draw the distribution of errors, with its median (solid) and mean (dashed).

    Args:
        axes: where; `label_decades` names its ticks.
        at: place on the axis of methods.
        errors: at least 0, of any unit, (n,).
        colour: of the area.
        side: half of a violin, or both.
        hatch: of the area, where not plain.
        width: of both halves.
    """
    if len(errors) < 2:
        return  # a distribution of one error has no width
    logs = decades(errors)
    # matplotlib counts the width of the kernel in standard deviations of the sample.
    options = {"bw_method": KERNEL / max(float(logs.std(ddof=1)), KERNEL), "points": 400}
    drawn = axes.violinplot(logs, [at], widths=width, showextrema=False, side=side, **options)
    for area in drawn["bodies"]:
        area.set(facecolor=tint(colour), edgecolor=colour, linewidth=0.8, alpha=1.0, hatch=hatch)
    left, right = (at + 0.5 * width * k for k in HALF_WIDTH[side])
    for name, value in summary(errors).items():
        axes.hlines(decades(np.array(value)), left, right, "black", LINES[name], linewidth=1.0)


def label_decades(axes: Axes) -> None:
    """Name every other decade of an axis of logarithms."""
    axes.yaxis.set_major_locator(MultipleLocator(2))
    axes.yaxis.set_minor_locator(MultipleLocator(1))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: rf"$10^{{{x:.0f}}}$"))
