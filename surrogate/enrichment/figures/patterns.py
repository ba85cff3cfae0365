"""Abundance patterns against atomic number, as the paper's figure 1 has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from surrogate.enrichment.elements import atomic_number, symbol_of
from surrogate.enrichment.features import REFERENCE, SETS
from surrogate.enrichment.figures.looks import (
    LOOKS,
    RATIO_LABEL,
    classes_of,
    groups_of,
    present,
)
from surrogate.reports.pictures import bare_figure
from surrogate.simulations.picture_style import PAGE, styled

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from surrogate.enrichment.patterns import Patterns
    from surrogate.enrichment.stars import Stars

FIRST_Z, LAST_Z = 54, 83
"""Atomic numbers that are shown: those of the main r-process."""
FEATURES: Final = tuple(sorted({e for elements in SETS.values() for e in elements}))
"""Elements that classifiers see."""
SHOWN: Final = 0.98
"""Share of the simulated abundances that the axis holds; a faint pattern would set the scale."""

BEYOND: Final = 0.7
"""How far the axis follows the stars where simulations end [dex]."""


class Curves(NamedTuple):
    """Abundances counted from europium, of n simulations or stars in m elements."""

    z: Int[np.ndarray, " m"]
    """Atomic numbers, ascending."""
    ratio: Float[np.ndarray, "n m"]
    """log10(Y / Y_Eu) [dex]; NaN where not known, everywhere in a row without europium."""


def simulated_curves(patterns: Patterns) -> Curves:
    """Patterns from `FIRST_Z` to `LAST_Z`."""
    z = np.arange(FIRST_Z, LAST_Z + 1)
    values = np.stack([patterns.log_y(symbol_of(int(k))) for k in z], axis=1)
    return Curves(z, values - patterns.log_y(REFERENCE)[:, None])


def observed_curves(stars: Stars) -> Curves:
    """Abundances of stars from `FIRST_Z` to `LAST_Z`; limits count as missing."""
    known = sorted((atomic_number(e), k) for k, e in enumerate(stars.element))
    inside = [(z, k) for z, k in known if FIRST_Z <= z <= LAST_Z]
    columns = np.array([k for _, k in inside], int)
    values = stars.log_eps[:, columns] - stars.of(REFERENCE)[:, None]
    return Curves(np.array([z for z, _ in inside], int), values)


def draw_patterns(
    patterns: Patterns, stars: Stars, *, classes: Sequence[str] | None = None
) -> Figure:
    """Patterns of simulations, a panel for each process, and of stars, in the last panel.

    Args:
        patterns: simulations of one process or more; a thick line is the median of each.
        stars: those without europium cannot be drawn.
        classes: process of each star: r, s, i or "" for none; by JINAbase's rules where None.

    Returns:
        A figure that belongs to no window: log10(Y / Y_Eu) [dex] against Z. Elements that
        classifiers see are named above. Stars beyond the frame are drawn on it.

    Raises:
        ValueError: there are not as many classes as stars.
        ImportError: matplotlib is not installed.
    """
    names = classes_of(stars, classes)
    processes = present(patterns.process)
    with styled():
        figure = bare_figure(PAGE, 1.0 + 1.75 * (len(processes) + 1))
        axes = figure.subplots(len(processes) + 1, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        axes[0].set(xlim=(FIRST_Z - 0.7, LAST_Z + 0.7), ylim=_limits(patterns, stars))
        for ax, process in zip(axes, processes, strict=False):
            mine = patterns.of(process)
            draw_lines(ax, simulated_curves(mine), process)
            ax.set_title(f"{len(mine)} simulations of the {process}-process", loc="left")
        draw_observed(axes[-1], stars, names)
        name_elements(axes[0])
        for ax in axes:
            mark_elements(ax)
            ax.set_ylabel(RATIO_LABEL)
        axes[-1].set_xlabel("atomic number $Z$")
        return figure


def draw_lines(ax: Axes, curves: Curves, process: str, *, median: bool = True) -> None:
    """Patterns of simulations as thin lines, and their median as a thick one."""
    look = LOOKS[process]
    alpha = float(np.clip(40.0 / max(len(curves.ratio), 1), 0.15, 0.8))
    colour = look.tint if median else look.colour
    ax.plot(curves.z, curves.ratio.T, color=colour, lw=0.5, alpha=alpha)
    if median and len(curves.ratio):
        middle = _quantile(curves.ratio, 0.5)
        ax.plot(curves.z, middle, look.line, color=look.colour, lw=1.6)


def draw_observed(ax: Axes, stars: Stars, names: Sequence[str]) -> None:
    """Patterns of stars, marked by class; what is beyond the panel's frame is drawn on it."""
    curves = observed_curves(stars)
    curves = curves._replace(ratio=np.clip(curves.ratio, *ax.get_ylim()))
    shown = np.isfinite(curves.ratio).any(axis=1)
    alpha = float(np.clip(20.0 / max(shown.sum(), 1), 0.05, 0.5))
    for name, rows in groups_of(names).items():
        look = LOOKS[name]
        # Classes stand beside each other, so that none hides another.
        z = curves.z + 0.16 * (list(LOOKS).index(name) - 1)
        ax.plot(*_joined(z, curves.ratio[rows]), color=look.colour, lw=0.4, alpha=alpha)
        x = np.broadcast_to(z, curves.ratio[rows].shape)
        label = f"class {name}" if name else "no class"
        style: dict[str, Any] = {"ms": 3.2, "mew": 0.3, "mfc": look.colour, "mec": "black"}
        ax.plot(x.ravel(), curves.ratio[rows].ravel(), look.marker, label=label, **style)
    ax.set_title(f"{shown.sum()} of {len(stars)} stars", loc="left")
    if len(stars):
        # On the line of the title: patterns take up the panel.
        ax.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=4, borderpad=0.0)


def _joined(
    z: Float[np.ndarray, " m"], ratio: Float[np.ndarray, "n m"]
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """One line through the known elements of every star, with gaps between stars only."""
    parts = [np.stack([z, row])[:, np.isfinite(row)] for row in ratio]
    gap = np.full((2, 1), np.nan)
    x, y = np.concatenate([piece for part in parts for piece in (part, gap)], axis=1)
    return x, y


def mark_elements(ax: Axes) -> None:
    """Fine lines at the elements that classifiers see."""
    for element in FEATURES:
        ax.axvline(atomic_number(element), color="0.85", lw=0.5, zorder=0.5)


def name_elements(ax: Axes) -> None:
    """Symbols of the elements that classifiers see, above a panel."""
    top = ax.secondary_xaxis("top")
    top.set_xticks([atomic_number(e) for e in FEATURES], FEATURES)
    top.tick_params(length=0.0, pad=1.0)
    ax.set_title(ax.get_title(loc="left"), loc="left", pad=14.0)


def band(curves: Curves, share: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper edge of the middle share of patterns, at each Z [dex]."""
    return _quantile(curves.ratio, 0.5 - 0.5 * share), _quantile(curves.ratio, 0.5 + 0.5 * share)


def _quantile(values: Float[np.ndarray, "n m"], q: float) -> Float[np.ndarray, " m"]:
    known = np.isfinite(values).any(axis=0)
    result = np.full(values.shape[1], np.nan)
    result[known] = np.nanquantile(values[:, known], q, axis=0)
    return result


def _limits(patterns: Patterns, stars: Stars) -> tuple[float, float]:
    """Lowest and highest ratio to show: nearly all simulations, and the stars near them."""
    each = simulated_curves(patterns).ratio
    seen = observed_curves(stars).ratio
    edge = 0.5 * (1.0 - SHOWN)
    finite = each[np.isfinite(each)]
    ends = [*np.quantile(finite, [edge, 1.0 - edge])] if len(finite) else [-1.0, 1.0]
    near = np.clip(seen[np.isfinite(seen)], ends[0] - BEYOND, ends[1] + BEYOND)
    points = np.append(near, ends)
    return float(points.min()) - 0.3, float(points.max()) + 0.3
