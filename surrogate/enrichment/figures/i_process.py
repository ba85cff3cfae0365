"""The i-process beside r and s, as the paper's figure 4 has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogate.enrichment.classifiers.models import LEARNT, Models
from surrogate.enrichment.features import SETS
from surrogate.enrichment.figures.latent import draw_planes
from surrogate.enrichment.figures.looks import (
    LOOKS,
    RATIO_LABEL,
    classes_of,
    groups_of,
    present,
)
from surrogate.enrichment.figures.patterns import (
    FIRST_Z,
    LAST_Z,
    band,
    draw_lines,
    mark_elements,
    name_elements,
    observed_curves,
    simulated_curves,
)
from surrogate.reports.pictures import bare_figure
from surrogate.simulations.picture_style import PAGE, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from surrogate.enrichment.patterns import Patterns
    from surrogate.enrichment.stars import Stars


def draw_i_process(
    models: Models,
    patterns: Patterns,
    stars: Stars,
    *,
    classes: Sequence[str] | None = None,
    size: str = "L",
    seed: int = 0,
) -> Figure:
    """Patterns of the i-process against those of r and s, and latent planes with them.

    Args:
        models: trained.
        patterns: simulations of r, s and i.
        stars: such as those of class i.
        classes: process of each star: r, s, i or "" for none; by JINAbase's rules where None.
        size: L or S.
        seed: which networks are drawn.

    Returns:
        A figure that belongs to no window. Above, lines of i-process patterns and marks of stars
        over bands that hold the middle 90 per cent of r and of s patterns; below, the planes of
        `latent.draw_latent`. Stars beyond a frame are drawn on it.

    Raises:
        ValueError: there are no simulations of the i-process, no such seed, or not one class for
            each star.
        ImportError: matplotlib is not installed.
    """
    if "i" not in patterns.process:
        raise ValueError("patterns: none of process i, allowed: one and more; give some")
    names = classes_of(stars, classes)
    with styled():
        figure = bare_figure(PAGE, 8.8)
        rows = figure.subplot_mosaic([["top", "top"], ["a", "b"], ["c", "d"]])
        _draw_patterns(rows["top"], patterns, stars, names)
        grid = np.array([[rows[k] for k in pair] for pair in ("ab", "cd")], object)
        grid = grid.reshape(len(LEARNT), len(SETS))
        draw_planes(figure, grid, models, patterns, stars, names, size=size, seed=seed)
        return figure


def _draw_patterns(ax: Axes, patterns: Patterns, stars: Stars, names: Sequence[str]) -> None:
    each = {p: simulated_curves(patterns.of(p)) for p in present(patterns.process)}
    edges = []
    for process in (p for p in LEARNT if p in each):
        look, curves = LOOKS[process], each[process]
        low, high = band(curves)
        style: dict[str, Any] = {"color": look.tint, "alpha": 0.6, "lw": 0.0}
        ax.fill_between(curves.z, low, high, label=f"{process}, 90 %", **style)
        for edge in (low, high):
            ax.plot(curves.z, edge, look.line, color=look.colour, lw=0.7)
        edges += [low, high]
    draw_lines(ax, each["i"], "i", median=False)
    ax.plot([], [], color=LOOKS["i"].colour, lw=0.8, label="i, each")
    curves = observed_curves(stars)
    edges += [*each["i"].ratio, *np.clip(curves.ratio, np.nanmin(edges), np.nanmax(edges))]
    values = np.concatenate(edges)
    low, high = np.quantile(values[np.isfinite(values)], [0.005, 0.995])
    ax.set(xlim=(FIRST_Z - 0.7, LAST_Z + 0.7), ylim=(low - 0.4, high + 0.5))
    for name, rows in groups_of(names).items():
        look = LOOKS[name]
        x = np.broadcast_to(curves.z, curves.ratio[rows].shape).ravel()
        full: dict[str, Any] = {"mfc": look.colour, "mec": "black", "mew": 0.4, "ms": 4.0}
        y = np.clip(curves.ratio[rows], *ax.get_ylim()).ravel()
        ax.plot(x, y, look.marker, zorder=4.0, **full)
    ax.set(xlabel="atomic number $Z$", ylabel=RATIO_LABEL)
    name_elements(ax)
    mark_elements(ax)
    ax.legend(loc="upper left", ncols=3)
