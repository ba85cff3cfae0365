"""Figure 3: where k-NN, SVC and the network draw the lines between the fates.

Needs: the SPH grid; what Table 2 has fitted, or as long to fit it; then two minutes.

Beyond contact no method is asked: there the library's tides decide between capture, which merges
the stars, and a fly-by. The axis of pericentres is linear in their square root.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from support.methods import Method, classifiers
from support.rows import Data, load_rows
from support.slices import Slab, binding, contact, mesh, parts, pick_rows, same
from surrogate.collisions.encounter import Fate
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import CONTACT_LABEL, FATES, PAGE, PARTS, VINF_LABEL, save, tint

Array = np.ndarray

SLABS = {
    "equal masses": Slab(age=0.001, m1=32.0, m2=32.0),
    "unequal masses": Slab(age=0.001, m1=32.0, m2=4.0),
    "primary at the TAMS": Slab(age=0.006305665, m1=32.0, m2=4.0),
}
INSIDE = np.linspace(0.0, 1.0, 201) ** 2
OUTSIDE = np.linspace(1.0, np.sqrt(2.0), 81) ** 2
"""Pericentres over R1 + R2, evenly spaced on the axis."""
TICKS = (0.0, 0.05, 0.2, 0.5, 1.0, 2.0)
VINF = np.geomspace(6.0, 25_000.0, 201)
"""Velocities at infinity [km/s]."""
CAPTURE_HATCH = "////"
FLYBY_AT, CAPTURE_AT = (1.45, 3000.0), (1.5, 200.0)
"""Where the regions beyond contact are named, in the units of the axes."""
CAPTURED = (1.15, 15.0)
"""A point in the narrower one, which its name does not fit in."""
POINT = {"s": 11, "edgecolors": "black", "linewidths": 0.4, "zorder": 3, "clip_on": False}


def body(run: Run) -> None:
    data = load_rows(run)
    methods = classifiers(run, data)
    save(draw(data, methods), run)
    tell(run, data, methods)


def draw(data: Data, methods: dict[str, Method]) -> Figure:
    """Methods by slices."""
    figure, panels = plt.subplots(
        len(methods), len(SLABS), figsize=(PAGE, 7.0), sharex=True, sharey=True
    )
    for column, (title, slab) in enumerate(SLABS.items()):
        for axes, method in zip(panels[:, column], methods.values(), strict=True):
            draw_regions(axes, data, slab, method)
            draw_beyond_contact(axes, data, slab)
            draw_points(axes, data, slab)
        panels[0, column].set_title(f"{title}\n{slab.label}")
    for axes, name in zip(panels[:, 0], methods, strict=True):
        axes.set_ylabel(f"{name}\n{VINF_LABEL}")
    for axes in panels[-1]:
        axes.set_xlabel(CONTACT_LABEL)
    panels[0, 0].set(yscale="log", xlim=(0.0, OUTSIDE[-1]), ylim=(VINF[0], VINF[-1]))
    for axes in panels.flat:
        # The pericentres of evolved stars crowd near zero: half of their mass is in the core.
        axes.set_xscale("function", functions=(root, np.square))
        axes.set_xticks(TICKS, [f"{x:g}" for x in TICKS])
    draw_legend(figure, data)
    return figure


def root(x: Array) -> Array:
    """Square root; matplotlib also asks what would lie beyond zero."""
    return np.sqrt(np.maximum(x, 0.0))


def draw_regions(axes: Axes, data: Data, slab: Slab, method: Method) -> None:
    """Shade what a method says of collisions."""
    x, v = np.meshgrid(INSIDE, VINF)
    fate = method.say(mesh(data, slab, x * contact(data.grid, slab), v))
    axes.pcolormesh(x, v, shade(fate).reshape(*x.shape, 3), rasterized=True)


def shade(fate: Array) -> Array:
    """Colour of the area of each fate, (n, 3)."""
    return np.array([tint(FATES[k].colour) for k in Fate])[fate]


def draw_beyond_contact(axes: Axes, data: Data, slab: Slab) -> None:
    """Shade what the library says of close passages; hatch where tides capture."""
    x, v = np.meshgrid(OUTSIDE, VINF)
    bound = binding(mesh(data, slab, x * contact(data.grid, slab), v)).reshape(x.shape)
    fate = np.where(bound >= 1.0, int(Fate.MERGER), int(Fate.TWO))
    axes.pcolormesh(x, v, shade(fate), rasterized=True)
    axes.contourf(x, v, bound, [1.0, np.inf], colors="none", hatches=[CAPTURE_HATCH])
    axes.contour(x, v, bound, [1.0], colors="black", linewidths=0.8)
    axes.axvline(1.0, color="black", linestyle="--", linewidth=0.8)
    text = {"ha": "center", "va": "center", "fontsize": 7}
    axes.text(*FLYBY_AT, "fly-by", **text)
    line = {"arrowstyle": "-", "linewidth": 0.6, "shrinkB": 0.0}
    axes.annotate("capture", CAPTURED, CAPTURE_AT, arrowprops=line, **text)


def draw_points(axes: Axes, data: Data, slab: Slab) -> None:
    """The simulated fates, by the part of the split that they are in."""
    for name, rows in parts(data).items():
        chosen = pick_rows(rows, slab)
        colours = [FATES[Fate(fate)].colour for fate in chosen.fate]
        x = chosen.grid.rp / contact(data.grid, slab)
        axes.scatter(x, chosen.grid.vinf, c=colours, marker=PARTS[name], **POINT)


def draw_legend(figure: Figure, data: Data) -> None:
    """Name the fates, the parts of the split and the lines below the panels."""
    areas = [Patch(facecolor=k.colour, edgecolor="black", lw=0.5) for k in FATES.values()]
    markers = [
        Line2D([], [], linestyle="", marker=PARTS[name], mfc="white", mec="black", ms=4, mew=0.6)
        for name in parts(data)
    ]
    lines = [
        Line2D([], [], color="black", linestyle="--", linewidth=0.8),
        Line2D([], [], color="black", linestyle="-", linewidth=0.8),
    ]
    figure.legend(
        [*areas, *markers, *lines],
        [*(k.label for k in FATES.values()), *parts(data), "contact", "capture"],
        loc="outside lower center",
        ncols=len(areas) + len(markers) + len(lines),
        columnspacing=1.2,
        handlelength=1.4,
        handletextpad=0.5,
    )


def tell(run: Run, data: Data, methods: dict[str, Method]) -> None:
    """Write how many of the judged rows of each slice are right."""
    columns = ["slice", "judged rows", *(f"{name}: right" for name in methods)]
    report = Report(run, "Figure 3. Judged rows of three slices", columns)
    for title, slab in SLABS.items():
        here = same(data.judged.grid, slab)
        right = [int((m.judged == data.judged.fate)[here].sum()) for m in methods.values()]
        report.add(f"{title}: {slab.m1:g} + {slab.m2:g} Msun", int(here.sum()), *right)
    report.write()


if __name__ == "__main__":
    start(body, __file__)
