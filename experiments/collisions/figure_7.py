"""Figure 7: which fates the mixture of experts mistakes for which.

Needs: the SPH grid; what Table 6 has trained, or as long to train it; then a minute.

The mixture is the one with the best score of appendix C on the validation rows.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from support.chosen import best_mixture
from support.confusions import NAMES, draw_confusion, shares
from support.networks import say_fates
from support.rows import load_rows
from surrogate.collisions.evaluate import confusion
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import COLUMN, save

Array = np.ndarray

PAPER = (98.5, 99.6, 97.6, 98.5)
"""Accuracy of each fate [%]: the diagonal of the paper's matrix."""


def body(run: Run) -> None:
    data = load_rows(run)
    fit = best_mixture(run, data)
    counts = confusion(say_fates(fit, data.judged), data.judged.fate)
    save(draw(counts), run)
    tell(run, counts, fit.seed)


def draw(counts: Array) -> Figure:
    """The matrix."""
    figure, axes = plt.subplots(figsize=(COLUMN, 3.2))
    draw_confusion(axes, counts, "mixture of experts")
    axes.set_ylabel("simulated fate")
    return figure


def tell(run: Run, counts: Array, seed: int) -> None:
    """Write how much of each fate is found."""
    columns = ["fate", "rows", "accuracy [%]", "paper: accuracy [%]"]
    report = Report(run, "Figure 7. Accuracy of each fate, mixture of experts", columns)
    found = 100 * np.diag(shares(counts))
    for name, n, share, paper in zip(NAMES, counts.sum(axis=1), found, PAPER, strict=True):
        report.add(name, int(n), float(share), paper)
    report.add("balanced", int(counts.sum()), float(np.nanmean(found)), float(np.mean(PAPER)))
    report.details |= {"confusion": counts, "seed": seed}
    report.write()


if __name__ == "__main__":
    start(body, __file__)
