"""The picture of one star: its abundances, and the nearest simulation of each process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogate.enrichment.elements import atomic_number
from surrogate.enrichment.figures.looks import LOOKS
from surrogate.reports.pictures import WIDTH, bare_figure
from surrogate.simulations.picture_style import styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from surrogate.enrichment.report.nearest import Nearest
    from surrogate.enrichment.stars import Stars


def draw_star(
    stars: Stars, row: int, elements: Sequence[str], nearest: Mapping[str, Nearest]
) -> Figure:
    """Abundances of a star against atomic number, over the nearest simulations.

    Args:
        stars: among them the star.
        row: of the star.
        elements: of the simulations.
        nearest: simulations by process, shifted to the star; may be empty.

    Returns:
        A figure that belongs to no window: log eps [dex]. Triangles are upper limits; elements that
        were not measured are between the lines alone.

    Raises:
        ImportError: matplotlib is not installed.
    """
    with styled():
        figure = bare_figure(WIDTH, 2.9)
        ax = figure.subplots()
        order = np.argsort([atomic_number(e) for e in elements])
        z = np.array([atomic_number(e) for e in elements])[order]
        for process, simulation in nearest.items():
            look = LOOKS[process]
            label = f"nearest {process} simulation, {simulation.deviation:.2f} dex off"
            line: dict[str, Any] = {"color": look.colour, "linestyle": look.line}
            ax.plot(z, simulation.log_eps[order], lw=1.2, label=label, **line)
        _draw_abundances(ax, stars, row, z)
        ax.set_xlabel("atomic number $Z$")
        ax.set_ylabel(r"$\log\varepsilon$ [dex]")
        ax.set_xlim(z.min() - 1.0, z.max() + 1.0)
        top = ax.secondary_xaxis("top")
        # Neighbours would run into each other: every other symbol is a step higher.
        names = [elements[k] + "\n" * (j % 2) for j, k in enumerate(order)]
        top.set_xticks(z, names, fontsize=6)
        top.tick_params(length=0.0, pad=1.0)
        # A dollar sign in a name is no formula.
        ax.set_title(stars.name[row][:60], parse_math=False)
        figure.legend(loc="outside lower center", ncols=2)
        return figure


def _draw_abundances(ax: Axes, stars: Stars, row: int, z: np.ndarray) -> None:
    numbers = np.array([atomic_number(e) for e in stars.element])
    shown = (numbers >= z.min() - 0.5) & (numbers <= z.max() + 0.5)
    value, error, limit = (
        getattr(stars, field)[row, shown] for field in ("log_eps", "error", "limit")
    )
    x = numbers[shown]
    known = np.isfinite(value)
    bars = np.nan_to_num(error[known])
    style: dict[str, Any] = {"ms": 4.0, "zorder": 4.0}
    if bars.any():
        label = "measured, 1 standard deviation"
        ax.errorbar(x[known], value[known], bars, fmt="none", color="black", elinewidth=0.8)
    else:
        label = "measured"
    ax.plot(x[known], value[known], "o", mfc="white", color="black", label=label, **style)
    bound = np.isfinite(limit)
    if bound.any():
        ax.plot(x[bound], limit[bound], "v", ms=4.0, mfc="none", mec="0.4", label="upper limit")
