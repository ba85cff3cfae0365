"""Figure 5: how the errors of k-NN, SVR and the network are distributed.

Needs: the SPH grid; what Table 4 has fitted, or as long to fit it; then a minute.

Relative errors are of the stars that survive. Errors below 1e-10 are drawn there; medians and
means are of the errors as they are.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from support.measures import mass_errors
from support.methods import regressors
from support.rows import Rows, load_rows
from support.violins import LINES, draw_violin, label_decades, summary
from surrogate.collisions.metrics import SURVIVES
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import METHODS, PAGE, save

Array = np.ndarray
Errors = dict[str, Array]
"""Errors of a method by panel."""

PANELS = {
    "M1f, absolute [Msun]": r"$|\Delta M_{1,f}|$ [$M_\odot$]",
    "M2f, absolute [Msun]": r"$|\Delta M_{2,f}|$ [$M_\odot$]",
    "M1f, relative": r"$|\Delta M_{1,f}|\,/\,M_{1,f}$",
    "M2f, relative": r"$|\Delta M_{2,f}|\,/\,M_{2,f}$",
}
PAPER_MEDIANS = {
    "k-NN": (0.021, 1e-5, 0.0037, 0.011),
    "SVR": (0.028, 0.021, 0.0045, 0.015),
    "network": (4.41e-3, 3.7e-7, 1.05e-3, 1.51e-3),
}
"""Table 4, of the best network; the means are given in no text."""


def body(run: Run) -> None:
    data = load_rows(run)
    errors = {
        name: find_errors(method.judged, data.judged)
        for name, method in regressors(run, data).items()
    }
    save(draw(errors), run)
    tell(run, errors)


def find_errors(fractions: Array, rows: Rows) -> Errors:
    """Absolute and relative errors of both final masses, by panel."""
    absolute = mass_errors(fractions, rows)
    true = (rows.fractions[:, :2] * (rows.grid.m1 + rows.grid.m2)[:, None]).T
    lives = true > SURVIVES
    relative = [
        error[alive] / mass[alive] for error, mass, alive in zip(absolute, true, lives, strict=True)
    ]
    return dict(zip(PANELS, [*absolute, *relative], strict=True))


def draw(errors: dict[str, Errors]) -> Figure:
    """A panel for each kind of error, in it a violin for each method."""
    figure, panels = plt.subplots(1, len(PANELS), figsize=(PAGE, 2.9), sharey=True)
    for axes, (kind, label) in zip(panels, PANELS.items(), strict=True):
        for at, (name, found) in enumerate(errors.items()):
            draw_violin(axes, at, found[kind], METHODS[name].colour)
        axes.set_xticks(range(len(errors)), list(errors))
        axes.set_title(label)
        axes.grid(axis="y", linewidth=0.3, color="0.8")
        axes.set_axisbelow(True)
    panels[0].set_ylabel("error")
    label_decades(panels[0])
    draw_legend(figure)
    return figure


def draw_legend(figure: Figure) -> None:
    """Say what the bars stand for."""
    bars = [Line2D([], [], color="black", linestyle=line) for line in LINES.values()]
    figure.legend(bars, list(LINES), loc="outside lower center", ncols=len(bars))


def tell(run: Run, errors: dict[str, Errors]) -> None:
    """Write medians and means."""
    columns = ["method", "error", "median", "paper: median", "mean"]
    report = Report(run, "Figure 5. Errors of the final masses", columns)
    for name, found in errors.items():
        for (kind, error), paper in zip(found.items(), PAPER_MEDIANS[name], strict=True):
            of = summary(error)
            report.add(name, kind, of["median"], paper, of["mean"])
    report.write()


if __name__ == "__main__":
    start(body, __file__)
