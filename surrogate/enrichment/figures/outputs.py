"""Outputs of binary classifiers, as the paper's figure 2 has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from surrogate.enrichment.classifiers.binary import STATES, Binary
from surrogate.enrichment.classifiers.models import LEARNT, SIZES, Models
from surrogate.enrichment.classifiers.training import training_set
from surrogate.enrichment.features import SETS, star_features
from surrogate.enrichment.figures.looks import (
    LOOKS,
    SET_NAMES,
    check_seed,
    classes_of,
    draw_stars,
    explain,
    groups_of,
)
from surrogate.inference.optional import needs
from surrogate.reports.pictures import bare_figure
from surrogate.simulations.picture_style import PAGE, styled

if TYPE_CHECKING:
    from jaxtyping import Float
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from surrogate.enrichment.patterns import Patterns
    from surrogate.enrichment.stars import Stars

STATE_NAMES: Final = {"min": "minimal separation", "max": "maximal separation"}
BINS: Final = 25
HATCHES: Final = {"r": "", "s": "////"}


class Outputs(NamedTuple):
    """What one network makes of simulations and stars, from 0 (r) to 1 (s)."""

    simulations: dict[str, Float[np.ndarray, " m"]]
    """By process."""
    stars: Float[np.ndarray, " n"]
    """NaN where an element is missing."""
    threshold: float
    """Above it is s."""
    epoch: int
    """Of the weights, from 1; 0 where the training never came to the state."""


def outputs_of(net: Binary, patterns: Patterns, stars: Stars, state: str, seed: int = 0) -> Outputs:
    """What is in a panel of `draw_outputs`.

    Args:
        net: the networks of all seeds.
        patterns: simulations; of the r- and the s-process are taken.
        stars: n of them.
        state: min or max separation.
        seed: place of the network.
    """
    training = training_set(patterns, net.elements)
    simulations = {p: net.output(training.of(p).x, state)[seed] for p in LEARNT}
    x = star_features(stars, net.elements).values
    threshold, epoch = float(net.threshold[state][seed]), int(net.epoch[state][seed])
    return Outputs(simulations, net.output(x, state)[seed], threshold, epoch)


def draw_outputs(
    models: Models,
    patterns: Patterns,
    stars: Stars,
    *,
    classes: Sequence[str] | None = None,
    seed: int = 0,
) -> Figure:
    """Histograms of the outputs of simulations, and stars below them.

    Args:
        models: trained.
        patterns: simulations of the r- and the s-process.
        stars: those that lack an element of a network are not in its panels.
        classes: process of each star: r, s, i or "" for none; by JINAbase's rules where None.
        seed: which networks are drawn.

    Returns:
        A figure that belongs to no window: minimal separation above, maximal below; a column for
        each set of elements and size. The upright line is the threshold.

    Raises:
        ValueError: there is no such seed, or not one class for each star.
        ImportError: matplotlib is not installed.
    """
    check_seed(models, seed)
    groups = groups_of(classes_of(stars, classes))
    columns = [(name, size) for name in SETS for size in SIZES]
    with styled():
        figure = bare_figure(PAGE, 4.6)
        grid = figure.subplots(
            4, len(columns), sharex=True, sharey="row", height_ratios=[2.4, 1.0] * 2
        )
        for column, (name, size) in enumerate(columns):
            for row, state in enumerate(STATES):
                top, below = grid[2 * row, column], grid[2 * row + 1, column]
                found = outputs_of(models.binary[name, size], patterns, stars, state, seed)
                _draw_histograms(top, found)
                _draw_marks(below, found, groups)
                epoch = f"epoch {found.epoch:,}" if found.epoch else "never separated"
                head = f"BC-{size}, {SET_NAMES[name]}\n" if row == 0 else ""
                top.set_title(f"{head}{epoch}", fontsize=7)
            grid[-1, column].set(xlabel="output, 0 is r, 1 is s", xticks=[0.0, 0.5, 1.0])
        for row, state in enumerate(STATES):
            # Once all are drawn: it ends the search for the highest bar of the row.
            grid[2 * row, 0].set_ylim(bottom=0.6)
            grid[2 * row, 0].set_ylabel(f"{STATE_NAMES[state]}\nsimulations")
            grid[2 * row + 1, 0].set_ylabel("stars")
        _explain(figure, list(groups))
        return figure


def _draw_histograms(ax: Axes, found: Outputs) -> None:
    edges = np.linspace(0.0, 1.0, BINS + 1).tolist()
    for process, values in found.simulations.items():
        look = LOOKS[process]
        style: dict[str, Any] = {"hatch": HATCHES[process], "fc": look.tint, "ec": look.colour}
        ax.hist(values, edges, histtype="stepfilled", lw=0.8, alpha=0.8, **style)
    ax.axvline(found.threshold, color="black", lw=0.9)
    ax.set_yscale("log")
    ax.set(xlim=(-0.05, 1.05))


def _draw_marks(ax: Axes, found: Outputs, groups: dict[str, np.ndarray]) -> None:
    """Stars at their outputs, a line for each class."""
    for height, (name, rows) in enumerate(groups.items()):
        values = found.stars[rows]
        values = values[np.isfinite(values)]
        draw_stars(ax, np.column_stack([values, np.full(len(values), -height)]), name)
    ax.axvline(found.threshold, color="black", lw=0.9)
    names = [name or "none" for name in groups]
    ax.set_yticks(-np.arange(float(len(names))), names)
    ax.set(ylim=(-len(names) + 0.4, 0.6))


def _explain(figure: Figure, stars: list[str]) -> None:
    patch = needs("matplotlib.patches", "experiments").Patch
    line = needs("matplotlib.lines", "experiments").Line2D
    boxes = [
        patch(fc=LOOKS[p].tint, ec=LOOKS[p].colour, hatch=HATCHES[p], label=f"{p} simulations")
        for p in LEARNT
    ]
    boxes.append(line([], [], color="black", lw=0.9, label="threshold"))
    explain(figure, stars=stars, extra=boxes, columns=4)
