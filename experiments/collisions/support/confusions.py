"""Confusion matrices: which fate a method takes for which."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm

from surrogate.collisions.encounter import Fate
from surrogate.reports.style import FATES, ink

Array = np.ndarray

LIGHT_TO_DARK = plt.get_cmap("Blues")
# Rare mistakes would look like none on a linear scale.
SHARES = PowerNorm(0.5, vmin=0.0, vmax=1.0)
NAMES = [FATES[fate].label for fate in Fate]


def shares(counts: Array) -> Array:
    """What share of each row stands in each cell, (4, 4); NaN where a row is empty."""
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), np.nan)


def draw_confusion(axes: Axes, counts: Array, title: str) -> None:
    """Draw a confusion matrix with percentages and counts in every cell.

    Args:
        axes: where.
        counts: rows by simulated (row) and predicted (column) fate, (4, 4).
        title: of the panel.
    """
    part = shares(counts)
    axes.imshow(np.nan_to_num(part), cmap=LIGHT_TO_DARK, norm=SHARES)
    for (row, column), share in np.ndenumerate(part):
        ground = LIGHT_TO_DARK(SHARES(np.nan_to_num(share)))
        percent = "-" if np.isnan(share) else f"{100 * share:.1f}%"
        text = f"{percent}\n{counts[row, column]}"
        axes.text(column, row, text, ha="center", va="center", color=ink(ground), fontsize=6.5)
    axes.set_xticks(range(len(NAMES)), NAMES)
    totals = [f"{name}\n{n} rows" for name, n in zip(NAMES, counts.sum(axis=1), strict=True)]
    axes.set_yticks(range(len(NAMES)), totals, linespacing=1.4)
    axes.tick_params(length=0)
    axes.set(title=title, xlabel="predicted fate")
    axes.spines[:].set_visible(False)
