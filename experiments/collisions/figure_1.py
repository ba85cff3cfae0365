"""Figure 1: the grid of simulations: masses, ages, pericentres and velocities.

Needs: the SPH grid; a few seconds.

The public files hold the rows that train and choose a model; the paper's 4,158 test rows are
missing, and are marked in the inset.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from support.rows import load_rows
from support.slices import Slab, contact, pick
from surrogate.collisions.encounter import Fate
from surrogate.collisions.grid import Grid
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import CONTACT_LABEL, FATES, PAGE, VINF_LABEL, save

Array = np.ndarray

EXAMPLE = Slab(age=0.001, m1=32.0, m2=4.0)
"""The inset; all four fates occur."""
BASE_AGES = np.array([*10.0 ** np.arange(-3.0, 1.1, 0.5), 13.7])
"""Ages of the base grid [Gyr] (section 2.1); all others are of the ZAMS or the TAMS of a star."""
BARS = {"ZAMS": (0.1, 0.33), "base grid": (0.39, 0.61), "TAMS": (0.67, 0.9)}
"""From where to where the bar of an age runs in its square."""
# Yellow bars would not show on white.
AGE_COLOURS = ListedColormap(plt.get_cmap("viridis")(np.linspace(0.0, 0.88, 256)))

INSET = (6.2, 1.0, 3.7, 3.2)
"""Left, bottom, width and height in squares: there are no pairs there."""

PER_SLAB = 9 * 14
"""Velocities times pericentres at one age and two masses (section 2.1)."""
PAPER_ROWS = 27_720
PAPER_SHARES = {Fate.NONE: 8.1, Fate.STRIPPED: 4.8}
"""Of the training rows [%] (section 3)."""


def body(run: Run) -> None:
    grid = load_rows(run).grid
    save(draw(grid), run)
    tell(run, grid)


def draw(grid: Grid) -> Figure:
    """The masses and ages, and one slab of them."""
    figure, axes = plt.subplots(figsize=(PAGE, 7.3))
    norm = LogNorm(grid.age.min(), grid.age.max())
    draw_squares(axes, grid, norm)
    draw_example(axes.inset_axes(INSET, transform=axes.transData), grid)
    colours = ScalarMappable(norm, AGE_COLOURS)
    bar = figure.colorbar(colours, ax=axes, location="bottom", aspect=70, pad=0.01, shrink=0.9)
    bar.set_label(
        "age [Gyr]; in a square from left to right, "
        "ages of the ZAMS below, of the base grid in the middle, of the TAMS above"
    )
    return figure


def draw_squares(axes: Axes, grid: Grid, norm: LogNorm) -> None:
    """A square for each pair of masses, in it a bar for each age."""
    masses = np.unique(grid.m1)
    for row, m1 in enumerate(masses):
        for column, m2 in enumerate(masses[: row + 1]):
            ages = np.unique(grid.age[(grid.m1 == m1) & (grid.m2 == m2)])
            draw_square(axes, (column, row), filled=len(ages) > 0)
            draw_ages(axes, (column, row), ages, norm)
    n, names = len(masses), [f"{mass:g}" for mass in masses]
    axes.set(xlim=(0, n), ylim=(0, n), aspect="equal")
    axes.set_xticks(np.arange(n) + 0.5, names)
    axes.set_yticks(np.arange(n) + 0.5, names)
    axes.xaxis.set(ticks_position="top", label_position="top")
    axes.set(xlabel=r"secondary mass $M_2$ [$M_\odot$]", ylabel=r"primary mass $M_1$ [$M_\odot$]")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def draw_square(axes: Axes, corner: tuple[int, int], filled: bool) -> None:
    """The frame of a pair; dotted where no age has both stars on the main sequence."""
    edge = {"edgecolor": "0.3"} if filled else {"edgecolor": "0.6", "linestyle": ":"}
    at = (corner[0] + 0.04, corner[1] + 0.04)
    axes.add_patch(Rectangle(at, 0.92, 0.92, fill=False, linewidth=0.6, **edge))


def draw_ages(axes: Axes, corner: tuple[int, int], ages: Array, norm: LogNorm) -> None:
    """Bars from the least age of the grid on the left to the greatest on the right."""
    lines = []
    for age in ages:
        x = corner[0] + 0.12 + 0.76 * float(norm(age))
        lines.append([(x, corner[1] + y) for y in BARS[kind(age)]])
    bars = LineCollection(lines, linewidths=1.5, cmap=AGE_COLOURS, norm=norm, capstyle="butt")
    bars.set_array(ages)
    axes.add_collection(bars)


def kind(age: float) -> str:
    """Why the grid has this age [Gyr]."""
    if np.isclose(age, BASE_AGES, rtol=1e-3).any():
        return "base grid"
    return "ZAMS" if age < BASE_AGES[0] else "TAMS"


def draw_example(axes: Axes, grid: Grid) -> None:
    """Pericentres and velocities of one slab, by what became of the stars."""
    slab = pick(grid, EXAMPLE)
    sum_of_radii = contact(grid, EXAMPLE)
    rp, v = np.meshgrid(np.unique(slab.rp), np.unique(slab.vinf))
    for fate, look in FATES.items():
        rows = slab.take(slab.fate == fate)
        style = {"s": 15, "edgecolors": "black", "linewidths": 0.4, "zorder": 3}
        x = rows.rp / sum_of_radii
        axes.scatter(x, rows.vinf, c=look.colour, marker=look.marker, label=look.label, **style)
    cross = {"s": 8, "color": "0.5", "marker": "+", "linewidths": 0.5, "label": "not public"}
    axes.scatter(rp / sum_of_radii, v, zorder=1, **cross)
    axes.set(yscale="log", xlabel=CONTACT_LABEL, ylabel=VINF_LABEL)
    axes.legend(
        title=f"survivors of {EXAMPLE.label}",
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=5,
        columnspacing=0.5,
        handletextpad=-0.2,
        borderpad=0.1,
        borderaxespad=0.2,
    )
    axes.tick_params(pad=2)


def tell(run: Run, grid: Grid) -> None:
    """Write how much there is of everything."""
    report = Report(run, "Figure 1. The grid", ["what", "here", "paper"])
    slabs, rows = np.unique(np.stack([grid.age, grid.m1, grid.m2]), axis=1, return_counts=True)
    report.add("simulations", len(grid), PAPER_ROWS)
    report.add("slabs of one age and two masses", len(rows), PAPER_ROWS // PER_SLAB)
    report.add("simulations of the fullest slab", int(rows.max()), PER_SLAB)
    report.add("ages", len(np.unique(slabs[0])), None)
    report.add("pairs of masses", np.unique(slabs[1:], axis=1).shape[1], None)
    for fate, look in FATES.items():
        share = 100 * float((grid.fate == fate).mean())
        report.add(f"fate {look.label} [%]", share, PAPER_SHARES.get(fate))
    report.write()


if __name__ == "__main__":
    start(body, __file__)
