"""How the pictures of runs look: sizes, colours and markers, and panels that share their axes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from surrogate.simulations.units import TIME

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HOURS: Final = TIME / 3600
"""Unit of time [h]: 0.443."""
TAU: Final = rf"$\tau = (R_\odot^3 / G M_\odot)^{{1/2}}$ = {HOURS:.3f} h"
"""What the unit of time is."""
PAGE: Final = 7.1
"""Width of both columns of a printed page [in]."""
COLUMN: Final = 3.5
"""Width of one column [in]."""

STYLE: Final[dict[Any, Any]] = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "savefig.dpi": 160,
    "pdf.fonttype": 42,  # letters stay letters, which can be searched and edited
}


class Look(NamedTuple):
    """How a component is drawn."""

    label: str
    colour: str
    marker: str
    line: str
    fill: str
    """Of the marker."""


LOOKS: Final = {
    0: Look("unbound", "#DDAA33", "x", ":", "none"),
    1: Look("star 1", "#004488", "o", "-", "#004488"),
    2: Look("star 2", "#BB5566", "^", "--", "white"),
}
"""By label, in the order of drawing: safe for the colour-blind, and told apart in grey, too, by
lightness, marker and line."""


COLOURS: Final = "inferno"
"""Of densities. Lightness grows with density all the way, so that grey shows the same."""


@contextmanager
def styled() -> Iterator[None]:
    """Have matplotlib at hand, in the style of the package inside the block only.

    Raises:
        ImportError: matplotlib is not installed; the message says how to install it.
    """
    try:
        from matplotlib import rc_context
    except ImportError as error:
        raise ImportError(
            "pictures need matplotlib: pip install 'stellar-surrogate[experiments]'"
        ) from error
    with rc_context(STYLE):
        yield


def panels(
    count: int, half: float, above: float = 0.0, beside: float = 0.0
) -> tuple[Figure, list[Axes]]:
    """A figure of square panels of the orbital plane, with shared axes in solar radii.

    Args:
        count: how many, 1 or more.
        half: half their side [Rsun]; the origin is in the middle.
        above: height to leave for a legend [in].
        beside: width to leave for a colour bar [in].

    Returns:
        The figure and its panels, row by row.
    """
    from matplotlib.figure import Figure

    columns = min(count, 2 if count == 4 else 3 if count in (5, 6, 9) else 4)
    rows = math.ceil(count / columns)
    width = COLUMN + beside if count == 1 else PAGE
    side = (width - beside - 0.6) / columns
    size = (width, rows * (side + 0.2) + 0.45 + above)
    figure = Figure(figsize=size, layout="compressed")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    grid[0, 0].set(xlim=(-half, half), ylim=(-half, half))
    for k, ax in enumerate(grid.flat):
        ax.set_aspect("equal")
        if k >= count:
            ax.set_axis_off()
        if k // columns == rows - 1:
            ax.set_xlabel(r"$x$ [$R_\odot$]")
        if k % columns == 0:
            ax.set_ylabel(r"$y$ [$R_\odot$]")
    return figure, list(grid.flat[:count])


def tell_time(ax: Axes, t: float) -> None:
    """Write the time above a panel, in hours and in code units."""
    ax.set_title(f"$t$ = {t * HOURS:.2f} h = {t:.2f} $\\tau$", fontsize=7, pad=3)
