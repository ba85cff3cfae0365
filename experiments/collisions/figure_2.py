"""Figure 2: which fates k-NN, SVC and the network mistake for which.

Needs: the SPH grid; what Table 2 has fitted, or as long to fit it; then a minute.

The network is the one with the highest balanced accuracy on the validation rows.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from support.confusions import NAMES, draw_confusion, shares
from support.methods import classifiers
from support.rows import load_rows
from surrogate.collisions.evaluate import confusion
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import PAGE, save

Array = np.ndarray

PAPER_BALANCED = {"k-NN": 91.7, "SVC": 97.7, "network": 98.4}
"""Balanced accuracies [%] of the same three (Table 2); single fates are given in no text."""


def body(run: Run) -> None:
    data = load_rows(run)
    counts = {
        name: confusion(method.judged, data.judged.fate)
        for name, method in classifiers(run, data).items()
    }
    save(draw(counts), run)
    tell(run, counts)


def draw(counts: dict[str, Array]) -> Figure:
    """One matrix a method."""
    figure, panels = plt.subplots(1, len(counts), figsize=(PAGE, 2.65), sharey=True)
    for axes, (name, count) in zip(panels, counts.items(), strict=True):
        draw_confusion(axes, count, name)
    panels[0].set_ylabel("simulated fate")
    return figure


def tell(run: Run, counts: dict[str, Array]) -> None:
    """Write how much of each fate is found."""
    columns = ["method", *(f"{name} [%]" for name in NAMES), "balanced [%]", "paper: balanced [%]"]
    report = Report(run, "Figure 2. Accuracy of each fate", columns)
    for name, count in counts.items():
        found = 100 * np.diag(shares(count))
        report.add(name, *map(float, found), float(np.nanmean(found)), PAPER_BALANCED[name])
    report.details["confusion"] = counts
    report.write()


if __name__ == "__main__":
    start(body, __file__)
