"""How processes and stars are drawn, and what a picture's axes are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from surrogate.enrichment.classes import classify
from surrogate.enrichment.classifiers.training import PROCESSES
from surrogate.inference.optional import needs

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from surrogate.enrichment.classifiers.models import Models
    from surrogate.enrichment.stars import Stars

SET_NAMES: Final = {"er": "up to Er", "pb": "with Pb"}
"""The two sets of elements, in a title."""
RATIO_LABEL: Final = r"$\log_{10}(Y\,/\,Y_{\rm Eu})$ [dex]"


MANY: Final = 200
"""Stars, above which their marks are small."""


class Look(NamedTuple):
    """How a process is drawn."""

    colour: str
    tint: str
    """Of its simulations, where stars are before them."""
    marker: str
    line: str


LOOKS: Final = {
    "r": Look("#004488", "#8FB3D9", "o", "-"),
    "s": Look("#BB5566", "#EBB4BC", "^", "--"),
    "i": Look("#C48A00", "#EBCF91", "D", "-."),
    "": Look("#555555", "#BBBBBB", "X", ":"),
}
"""By process, "" where the rules of JINAbase give none: safe for the colour-blind, and told apart
in grey by marker, line and lightness."""


def classes_of(stars: Stars, classes: Sequence[str] | None) -> tuple[str, ...]:
    """The process that each star is drawn as, one of `LOOKS`.

    Args:
        stars: n of them.
        classes: given ones; those of JINAbase's rules where None.

    Raises:
        ValueError: there are not as many as stars, or one is unknown.
    """
    if classes is None:
        return tuple(found.process for found in classify(stars))
    if len(classes) != len(stars):
        raise ValueError(f"classes: {len(classes)}, allowed: {len(stars)}, one for each star")
    if unknown := [name for name in classes if name not in LOOKS]:
        raise ValueError(f"classes: {unknown[0]!r}, allowed: r, s, i or an empty text; correct it")
    return tuple(classes)


def groups_of(classes: Sequence[str]) -> dict[str, Bool[np.ndarray, " n"]]:
    """Rows of each class that there is, in the order of `LOOKS`."""
    names = np.array(classes, str)
    return {name: names == name for name in LOOKS if (names == name).any()}


def check_seed(models: Models, seed: int) -> None:
    """Say so where there is no such network.

    Raises:
        ValueError: the models have fewer seeds.
    """
    if not 0 <= seed < models.seeds:
        raise ValueError(f"seed = {seed}, allowed: 0 to {models.seeds - 1}; correct it")


def draw_simulations(ax: Axes, points: Float[np.ndarray, "n 2"], process: str) -> None:
    """Marks of simulations: small, pale, and behind the stars."""
    look = LOOKS[process]
    x, y = points.T
    ax.plot(x, y, look.marker, ms=2.6, mfc="none", mec=look.tint, mew=0.6, zorder=2.0)


def draw_stars(ax: Axes, points: Float[np.ndarray, "n 2"], process: str) -> None:
    """Marks of stars: filled, with a rim."""
    look = LOOKS[process]
    x, y = points.T
    many = len(points) > MANY
    style: dict[str, Any] = {"ms": 2.5 if many else 4.5, "mew": 0.2 if many else 0.5}
    ax.plot(x, y, look.marker, mfc=look.colour, mec="black", zorder=4.0, **style)


def explain(
    figure: Figure,
    simulations: Iterable[str] = (),
    stars: Iterable[str] = (),
    extra: Iterable[Any] = (),
    columns: int = 4,
) -> None:
    """A legend below the figure.

    Args:
        figure: that has the marks.
        simulations: processes that were drawn.
        stars: classes that were drawn.
        extra: further handles.
        columns: of the legend.
    """
    line = needs("matplotlib.lines", "experiments").Line2D
    handles = []
    for name in simulations:
        pale: dict[str, Any] = {"mfc": "none", "mec": LOOKS[name].tint, "mew": 0.9, "lw": 0.0}
        mark = LOOKS[name].marker
        handles.append(line([], [], marker=mark, ms=4.0, label=f"{name} simulations", **pale))
    for name in stars:
        full: dict[str, Any] = {"mfc": LOOKS[name].colour, "mec": "black", "mew": 0.5, "lw": 0.0}
        label = f"stars of class {name}" if name else "stars of no class"
        handles.append(line([], [], marker=LOOKS[name].marker, ms=4.5, label=label, **full))
    figure.legend(handles=[*handles, *extra], loc="outside lower center", ncols=columns)


def present(processes: Sequence[str]) -> list[str]:
    """Those of r, s and i that occur, in this order."""
    return [p for p in PROCESSES if p in set(processes)]
