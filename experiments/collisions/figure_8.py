"""Figure 8: errors of the final masses by fate: the network against the mixture of experts.

Needs: the SPH grid; what Tables 4 and 6 have trained, or as long to train it; then a minute.

Errors below 1e-10 are drawn there; medians and means are of the errors as they are.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from support.chosen import best_mixture, best_regressor
from support.measures import mass_errors
from support.networks import say_fractions
from support.rows import load_rows
from support.violins import LINES, Side, draw_violin, label_decades, summary
from surrogate.collisions.encounter import Fate
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import FATES, METHODS, PAGE, save, tint

Array = np.ndarray

STARS: tuple[tuple[str, Side, str | None], ...] = (
    ("$M_{1,f}$ (left)", "low", None),
    ("$M_{2,f}$ (right)", "high", "////"),
)
"""Label, half of the violin and hatch of each star."""


def body(run: Run) -> None:
    data = load_rows(run)
    fits = {"network": best_regressor(run, data), "mixture": best_mixture(run, data)}
    errors = {
        name: mass_errors(say_fractions(fit, data.judged), data.judged)
        for name, fit in fits.items()
    }
    save(draw(errors, data.judged.fate), run)
    tell(run, errors, data.judged.fate)


def draw(errors: dict[str, Array], true: Array) -> Figure:
    """A panel for each simulated fate, in it a violin for each network."""
    figure, panels = plt.subplots(1, len(Fate), figsize=(PAGE, 3.0), sharey=True)
    for axes, fate in zip(panels, Fate, strict=True):
        draw_fate(axes, errors, true == fate)
        axes.set_title(f"{FATES[fate].label} ({np.count_nonzero(true == fate)} rows)")
    panels[0].set_ylabel(r"$|\Delta M_f|$ [$M_\odot$]")
    label_decades(panels[0])
    draw_legend(figure)
    return figure


def draw_fate(axes: Axes, errors: dict[str, Array], rows: Array) -> None:
    """The errors of some rows: star 1 in the left half of a violin, star 2 in the right."""
    for at, (name, of_both) in enumerate(errors.items()):
        for of_one, (_, side, hatch) in zip(of_both[:, rows], STARS, strict=True):
            draw_violin(axes, at, of_one, METHODS[name].colour, side=side, hatch=hatch)
    axes.set_xticks(range(len(errors)), list(errors))
    axes.set_xlim(-0.6, len(errors) - 0.4)
    axes.grid(axis="y", linewidth=0.3, color="0.8")
    axes.set_axisbelow(True)


def draw_legend(figure: Figure) -> None:
    """Say what halves and bars stand for."""
    style = {"facecolor": tint("black", 0.2), "edgecolor": "black", "linewidth": 0.5}
    halves = [Patch(hatch=hatch, **style) for _, _, hatch in STARS]
    bars = [Line2D([], [], color="black", linestyle=line) for line in LINES.values()]
    names = [*(label for label, _, _ in STARS), *LINES]
    figure.legend([*halves, *bars], names, loc="outside lower center", ncols=len(names))


def tell(run: Run, errors: dict[str, Array], true: Array) -> None:
    """Write medians and means."""
    columns = ["fate", "mass", *(f"{name}: {of} [Msun]" for name in errors for of in LINES)]
    report = Report(run, "Figure 8. Errors of the final masses by fate", columns)
    for fate in Fate:
        for star, mass in enumerate(("M1f", "M2f")):
            of = [summary(both[star, true == fate]).values() for both in errors.values()]
            report.add(FATES[fate].label, mass, *(value for values in of for value in values))
    report.note("The paper draws these distributions, but gives no numbers.")
    report.write()


if __name__ == "__main__":
    start(body, __file__)
