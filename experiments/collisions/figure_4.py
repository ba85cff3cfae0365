"""Figure 4: final masses that k-NN, SVR and the network predict for two stars of 32 Msun.

Needs: the SPH grid; what Table 4 has fitted, or as long to fit it; then three minutes.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from support.measures import mass_errors
from support.methods import Method, regressors
from support.rows import Data, load_rows
from support.slices import Slab, contact, mesh, parts, pick_rows, same
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import CONTACT_LABEL, PAGE, PARTS, VINF_LABEL, save

Array = np.ndarray

SLAB = Slab(age=0.001, m1=32.0, m2=32.0)
PERICENTRE = np.linspace(0.0, 1.04, 157)
"""Over R1 + R2."""
VINF = np.geomspace(7.0, 22_000.0, 157)
"""[km/s]."""
MASSES = "cividis"
ERRORS, ERROR_COLOURS = LogNorm(1e-4, 10.0, clip=True), "cividis_r"
"""[Msun]; dark where a method is far off."""
STARS = (r"final mass of star 1, $M_{1,f}$", r"final mass of star 2, $M_{2,f}$")
POINT = {"s": 11, "linewidths": 0.5, "clip_on": False, "zorder": 3}
# Points that are right have the colour of their ground, which may be light or dark.
RIM = {"edgecolors": "white", "path_effects": [withStroke(linewidth=1.5, foreground="black")]}


def body(run: Run) -> None:
    data = load_rows(run)
    methods = regressors(run, data)
    save(draw(data, methods), run)
    tell(run, data, methods)


def draw(data: Data, methods: dict[str, Method]) -> Figure:
    """Methods by final masses and their errors."""
    figure, panels = plt.subplots(len(methods), 3, figsize=(PAGE, 7.0), sharex=True, sharey=True)
    norms = mass_norms(data)
    for row, (name, method) in zip(panels, methods.items(), strict=True):
        draw_maps(row[:2], data, method, norms)
        draw_errors(row[2], data, method)
        row[0].set_ylabel(f"{name}\n{VINF_LABEL}")
    for axes in panels[-1]:
        axes.set_xlabel(CONTACT_LABEL)
    limits = {"xlim": (0.0, PERICENTRE[-1]), "ylim": (VINF[0], VINF[-1])}
    panels[0, 0].set(yscale="log", **limits)
    for axes, norm, title in zip(panels[0], norms, STARS, strict=False):
        add_bar(figure, axes, ScalarMappable(norm, MASSES), rf"{title} [$M_\odot$]")
    colours = ScalarMappable(ERRORS, ERROR_COLOURS)
    add_bar(figure, panels[0, 2], colours, r"larger |error| of both [$M_\odot$]", extend="both")
    draw_legend(figure, data)
    return figure


def mass_norms(data: Data) -> list[Normalize]:
    """From nothing to the greatest final mass of each star that was simulated [Msun]."""
    here = data.grid.take(same(data.grid, SLAB))
    return [Normalize(0.0, masses.max(), clip=True) for masses in (here.m1_final, here.m2_final)]


def draw_maps(panels: Array, data: Data, method: Method, norms: list[Normalize]) -> None:
    """What a method says of both final masses, and what was simulated."""
    x, v = np.meshgrid(PERICENTRE, VINF)
    sum_of_radii = contact(data.grid, SLAB)
    fractions = method.say(mesh(data, SLAB, x * sum_of_radii, v))
    for star, (axes, norm) in enumerate(zip(panels, norms, strict=True)):
        colours = {"cmap": MASSES, "norm": norm}
        predicted = (SLAB.m1 + SLAB.m2) * fractions[:, star].reshape(x.shape)
        axes.pcolormesh(x, v, predicted, rasterized=True, **colours)
        for name, rows in parts(data).items():
            if name == "test":
                continue  # their errors stand in the third column
            here = pick_rows(rows, SLAB).grid
            simulated = (here.m1_final, here.m2_final)[star]
            style = {"marker": PARTS[name], **RIM, **POINT}
            axes.scatter(here.rp / sum_of_radii, here.vinf, c=simulated, **colours, **style)


def draw_errors(axes: Axes, data: Data, method: Method) -> None:
    """How far a method is off on the judged rows; training rows are shown as dots."""
    known = pick_rows(data.train, SLAB).grid
    sum_of_radii = contact(data.grid, SLAB)
    axes.plot(known.rp / sum_of_radii, known.vinf, ".", color="0.6", markersize=1.5)
    rows = pick_rows(data.judged, SLAB).grid
    axes.scatter(
        rows.rp / sum_of_radii,
        rows.vinf,
        c=errors(data, method),
        cmap=ERROR_COLOURS,
        norm=ERRORS,
        marker=PARTS["test" if data.tested else "validation"],
        edgecolors="black",
        **POINT,
    )


def errors(data: Data, method: Method) -> Array:
    """The larger error of both final masses of each judged row of the slice [Msun], (n,)."""
    return mass_errors(method.judged, data.judged).max(axis=0)[same(data.judged.grid, SLAB)]


def add_bar(
    figure: Figure, axes: Axes, colours: ScalarMappable, label: str, extend: str = "neither"
) -> None:
    """A colour bar above a column."""
    bar = figure.colorbar(colours, ax=axes, location="top", aspect=25, pad=0.02, extend=extend)
    bar.set_label(label)


def draw_legend(figure: Figure, data: Data) -> None:
    """Name the markers of the parts of the split."""
    names = list(parts(data))
    style = {"linestyle": "", "markerfacecolor": "white", "markeredgecolor": "black"}
    markers = [Line2D([], [], marker=PARTS[name], markersize=4, **style) for name in names]
    dot = Line2D([], [], marker=".", color="0.6", linestyle="", markersize=2)
    figure.legend(
        [*markers, dot],
        [*names, "training (errors not shown)"],
        loc="outside lower center",
        ncols=len(names) + 1,
    )


def tell(run: Run, data: Data, methods: dict[str, Method]) -> None:
    """Write the errors of the slice."""
    columns = ["method", "judged rows", "median [Msun]", "mean [Msun]", "greatest [Msun]"]
    title = f"Figure 4. Larger error of both final masses: {SLAB.m1:g} + {SLAB.m2:g} Msun, 1 Myr"
    report = Report(run, title, columns)
    for name, method in methods.items():
        found = errors(data, method)
        report.add(name, len(found), *(float(f(found)) for f in (np.median, np.mean, np.max)))
    report.write()


if __name__ == "__main__":
    start(body, __file__)
