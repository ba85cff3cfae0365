"""Pictures of posteriors: corners, and the ranks of simulation-based calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from surrogate.inference.calibration import histogram, uniformity
from surrogate.reports.style import PAGE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

LOOKS: Final[tuple[tuple[str, Any], ...]] = (("#004488", "-"), ("#DDAA33", "--"), ("#BB5566", ":"))
"""Colour and line of each set of draws: ordered in lightness, safe for the colour-blind."""
LEVELS: Final = (0.39, 0.86)
"""Shares of the draws within the contours: one and two sigma of a Gaussian in the plane."""
BAND: Final = 0.99
"""Share of uniform ranks within the grey band."""


def corner_plot(
    samples: Mapping[str, ArrayLike],
    labels: Sequence[str],
    truth: Sequence[float] | None = None,
    *,
    width: float = PAGE,
    ranges: Sequence[tuple[float, float]] | None = None,
) -> Figure:
    """Marginals of every parameter and every pair of them.

    Args:
        samples: name of a sampler to its draws, (draws, parameters); up to three are laid over each
            other.
        labels: what each parameter is called, units in brackets.
        truth: value of each parameter that is marked.
        width: of the figure [in].
        ranges: of each parameter; that of 99.8 per cent of all draws where None.

    Returns:
        The figure.

    Raises:
        ImportError: `corner` is not installed.
        ValueError: there is nothing to draw, more than three sets, or a shape does not match.
    """
    try:
        from corner import corner
    except ImportError as error:
        raise ImportError("needs corner: pip install 'stellar-surrogate[experiments]'") from error
    draws = {name: np.asarray(x, np.float64) for name, x in samples.items()}
    if not 1 <= len(draws) <= len(LOOKS):
        raise ValueError(f"samples: {len(draws)} sets of draws; allowed are 1 to {len(LOOKS)}")
    for name, x in draws.items():
        if x.ndim != 2 or x.shape[1] != len(labels):
            raise ValueError(f"samples[{name!r}]: shape {x.shape}, needed (draws, {len(labels)})")
    if ranges is None:
        edges = np.quantile(np.concatenate(list(draws.values())), [0.001, 0.999], axis=0)
        ranges = [(float(low), float(high)) for low, high in edges.T]
    figure = plt.figure(figsize=(width, width), layout="none")
    for x, (colour, line) in zip(draws.values(), LOOKS, strict=False):
        corner(
            x,
            fig=figure,
            labels=list(labels),
            range=ranges,
            bins=30,
            levels=LEVELS,
            color=colour,
            smooth=1.0,
            plot_datapoints=False,
            plot_density=False,
            fill_contours=len(draws) == 1,
            no_fill_contours=len(draws) > 1,
            contour_kwargs={"linestyles": line, "linewidths": 1.0},
            hist_kwargs={"density": True, "linestyle": line, "linewidth": 1.0},
            label_kwargs={"fontsize": 8},
            max_n_ticks=3,
            labelpad=0.0,
        )
    _mark(figure, len(labels), truth)
    _name(figure, list(draws), truth is not None)
    return figure


def _mark(figure: Figure, n: int, truth: Sequence[float] | None) -> None:
    """Mark the truth; free the marginals' heights, which each set drawn resets."""
    axes = np.array(figure.axes).reshape(n, n)
    for i in range(n):
        heights = [np.max(p.get_xy()[:, 1]) for p in axes[i, i].patches]
        axes[i, i].set_ylim(0.0, 1.1 * max(heights))
        if truth is None:
            continue
        axes[i, i].axvline(truth[i], color="black", linewidth=0.8)
        for j in range(i):
            axes[i, j].plot(truth[j], truth[i], "k+", markersize=7)


def _name(figure: Figure, names: Sequence[str], marked: bool) -> None:
    lines = [
        Line2D([], [], color=colour, linestyle=line, label=name)
        for name, (colour, line) in zip(names, LOOKS, strict=False)
    ]
    if marked:
        lines.append(Line2D([], [], color="black", marker="+", linestyle="", label="truth"))
    figure.legend(handles=lines, loc="upper right", bbox_to_anchor=(0.98, 0.98), fontsize=8)


def rank_plot(
    ranks: ArrayLike,
    n_draws: int,
    labels: Sequence[str],
    *,
    bins: int = 20,
    width: float = PAGE,
) -> Figure:
    """Histograms of the ranks of simulation-based calibration, and what uniform ones would be.

    Args:
        ranks: rank of each replicate, (replicates, parameters), 0 to `n_draws`.
        n_draws: draws of each posterior.
        labels: what each parameter is called.
        bins: of the histograms.
        width: of the figure [in].

    Returns:
        The figure: counts, and in grey the interval that holds 99 per cent of the counts of
        uniform ranks in each bin.

    Raises:
        ValueError: shapes do not match, a rank is out of range, or there are too many bins.

    Source: Talts et al. (2018), section 4.
    """
    found = np.asarray(ranks)
    if found.ndim != 2 or found.shape[1] != len(labels):
        raise ValueError(f"ranks: shape {found.shape}, needed (replicates, {len(labels)})")
    counts, expected = histogram(found, n_draws, bins)
    p = uniformity(found, n_draws, bins)
    columns = min(len(labels), 4)
    rows = -(-len(labels) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(width, 0.4 + 1.5 * rows), sharey=True, squeeze=False
    )
    for k, ax in enumerate(axes.flat):
        if k >= len(labels):
            ax.axis("off")
            continue
        _ranks(ax, counts[:, k], expected, len(found))
        ax.set_xlabel(f"rank of {labels[k]}")
        ax.set_title(f"p = {p[k]:.2f}", fontsize=8)
    for ax in axes[:, 0]:
        ax.set_ylabel("replicates")
    return figure


def _ranks(axes: Axes, counts: np.ndarray, expected: np.ndarray, replicates: int) -> None:
    from scipy.stats import binom

    edges = np.linspace(0.0, 1.0, len(counts) + 1)
    low, high = (binom.ppf(q, replicates, expected / replicates) for q in _tails())
    axes.stairs(high, edges, baseline=low, fill=True, color="0.85")
    axes.stairs(expected, edges, baseline=None, color="0.5", linewidth=0.8)
    axes.stairs(counts, edges, baseline=None, color=LOOKS[0][0], linewidth=1.0)
    axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.25 * max(counts.max(), high.max())))


def _tails() -> tuple[float, float]:
    return 0.5 * (1.0 - BAND), 0.5 * (1.0 + BAND)
