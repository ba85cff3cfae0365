"""Figure 10: how the mixture of experts is trained: its losses and the scales of its tasks.

Needs: the SPH grid; what Table 6 has trained, or as long to train it; then seconds.

The mixture is the one with the best score of appendix C on the validation rows. Its total loss is
L = sum_k L_k / (2 c_k^2) + ln(1 + c_k^2), with a scale c_k for each task that is trained as well.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from support.chosen import best_mixture
from support.networks import Fit
from support.rows import load_rows
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import PAGE, save

Array = np.ndarray

SMOOTHED = 5
"""Epochs of the moving average of the classification loss, as in the paper."""
COLOURS = {"classification": "#DDAA33", "total": "#228833", "regression": "#004488"}
"""The paper's yellow, green and blue, from light to dark."""
PARTS = {"training": "-", "validation": "--"}
LOSSES = {
    ("training", "classification"): "train_classification",
    ("validation", "classification"): "validation_classification",
    ("training", "total"): "loss",
    ("validation", "total"): "score",
    ("training", "regression"): "train_regression",
    ("validation", "regression"): "validation_regression",
}
"""Part of the rows and task by the name of the history."""
PAPER_EPOCH, PAPER_SCALES = 107, {"classification": 0.36, "regression": 0.26}
"""Best epoch, and the scales there (appendix B)."""


def body(run: Run) -> None:
    fit = best_mixture(run, load_rows(run))
    history = {name: np.array(values[0]) for name, values in fit.history.items() if name != "seeds"}
    best = fit.card["best_epoch"][0]
    save(draw(history, best), run)
    tell(run, fit, history, best)


def draw(history: dict[str, Array], best: int) -> Figure:
    """The losses beside the scales."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 3.0), width_ratios=(3, 2))
    draw_losses(left, history)
    draw_scales(right, history)
    for axes in (left, right):
        axes.axvline(best, color="0.4", linestyle=":", linewidth=1.0)
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    draw_legend(figure, best)
    return figure


def draw_losses(axes: Axes, history: dict[str, Array]) -> None:
    """Every loss on training and validation rows."""
    for (part, task), name in LOSSES.items():
        loss = moving_average(history[name], SMOOTHED if task == "classification" else 1)
        axes.plot(epochs(loss), loss, PARTS[part], color=COLOURS[task])
    axes.set(ylabel="loss", yscale="log")


def draw_scales(axes: Axes, history: dict[str, Array]) -> None:
    """The scale of each task."""
    for task in PAPER_SCALES:
        scale = history[f"{task}_scale"]
        axes.plot(epochs(scale), scale, color=COLOURS[task])
    axes.set_ylabel("scale $c_k$ of the task")
    axes.set_ylim(0.0, 1.05 * axes.dataLim.y1)


def epochs(values: Array) -> Array:
    """Numbers of the epochs, from 1."""
    return np.arange(1, len(values) + 1)


def moving_average(values: Array, width: int) -> Array:
    """Mean over a window around each value; at the ends over what there is of it.

    Args:
        values: (n,).
        width: of the window, odd.
    """
    reach = width // 2
    return np.array([values[max(0, i - reach) : i + reach + 1].mean() for i in range(len(values))])


def draw_legend(figure: Figure, best: int) -> None:
    """Name tasks and parts of the rows."""
    tasks = {task: Line2D([], [], color=colour) for task, colour in COLOURS.items()}
    parts = {part: Line2D([], [], color="black", linestyle=line) for part, line in PARTS.items()}
    dots = {f"best epoch ({best})": Line2D([], [], color="0.4", linestyle=":", linewidth=1.0)}
    lines = tasks | parts | dots
    figure.legend(lines.values(), lines, loc="outside lower center", ncols=len(lines))


def tell(run: Run, fit: Fit, history: dict[str, Array], best: int) -> None:
    """Write the best epoch, and losses and scales there."""
    report = Report(run, "Figure 10. Training of the mixture of experts", ["what", "here", "paper"])
    report.add("best epoch", best, PAPER_EPOCH)
    for task, paper in PAPER_SCALES.items():
        report.add(f"scale of the {task}", float(history[f"{task}_scale"][best - 1]), paper)
    for (part, task), name in LOSSES.items():
        report.add(f"{part} loss, {task}", float(history[name][best - 1]), None)
    report.details |= {"seed": fit.seed, "history": history}
    report.write()


if __name__ == "__main__":
    start(body, __file__)
