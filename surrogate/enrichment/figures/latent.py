"""Latent planes of one-class classifiers, as the paper's figure 3 has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.enrichment.classifiers.models import LEARNT, Models
from surrogate.enrichment.classifiers.one_class import OneClass
from surrogate.enrichment.classifiers.svm import Boundary
from surrogate.enrichment.classifiers.training import training_set
from surrogate.enrichment.features import SETS, star_features
from surrogate.enrichment.figures.looks import (
    LOOKS,
    SET_NAMES,
    check_seed,
    classes_of,
    draw_simulations,
    draw_stars,
    explain,
    groups_of,
    present,
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

STEPS: Final = (81, 161)
"""Along an axis, of the grid that finds the boundary and of the one that follows it."""
REACH: Final = 4.0
"""How far beyond the training points it is looked for, in standard deviations of theirs."""
WIDEST: Final = 3.0
"""A plane is no wider than this many times what the class and its boundary take up."""


class Plane(NamedTuple):
    """Latent points of one network."""

    simulations: dict[str, Float[np.ndarray, "m 2"]]
    """By process."""
    stars: Float[np.ndarray, "n 2"]
    """NaN where an element is missing."""
    boundary: Boundary


def plane_of(net: OneClass, patterns: Patterns | None, stars: Stars, seed: int = 0) -> Plane:
    """What is in a panel of `draw_latent`.

    Args:
        net: the networks of all seeds.
        patterns: simulations; where None the points that the boundary was drawn around stand for
            those of the class.
        stars: n of them.
        seed: place of the network.
    """
    boundary = Boundary(*(np.asarray(a)[seed] for a in net.boundary))
    if patterns is None:
        points = {net.process: boundary.point * boundary.scale + boundary.centre}
    else:
        training = training_set(patterns, net.elements)
        processes = present(patterns.process)
        points = {p: net.latent(training.of(p).x)[seed] for p in processes}
    return Plane(points, net.latent(star_features(stars, net.elements).values)[seed], boundary)


def boundary_lines(boundary: Boundary) -> list[Float[np.ndarray, "m 2"]]:
    """Where the decision function is 0, as lines in the latent plane.

    Args:
        boundary: of one network.

    Raises:
        ImportError: matplotlib, whose contours these are, is not installed.
    """
    contours = needs("contourpy", "experiments").contour_generator
    low, high = boundary.point.min(axis=0) - REACH, boundary.point.max(axis=0) + REACH
    for steps in STEPS:
        x, y, value = _grid(boundary, low, high, steps)
        held = np.argwhere(value >= 0.0)
        if not len(held):
            return []
        step = np.array([x[1] - x[0], y[1] - y[0]])
        low = np.array([x[held[:, 1].min()], y[held[:, 0].min()]]) - step
        high = np.array([x[held[:, 1].max()], y[held[:, 0].max()]]) + step
    lines = contours(x, y, value).lines(0.0)
    return [np.asarray(line) * boundary.scale + boundary.centre for line in lines]


def draw_latent(
    models: Models,
    patterns: Patterns | None,
    stars: Stars,
    *,
    classes: Sequence[str] | None = None,
    size: str = "L",
    seed: int = 0,
) -> Figure:
    """Latent planes with simulations, stars and the boundary of the class.

    Args:
        models: trained.
        patterns: simulations of r and s, perhaps of i; where None, those that each boundary was
            drawn around.
        stars: those that lack an element of a network are not in its panel.
        classes: process of each star: r, s, i or "" for none; by JINAbase's rules where None.
        size: L or S.
        seed: which networks are drawn.

    Returns:
        A figure that belongs to no window: trained on r above, on s below; a column for each set of
        elements. What is beyond a panel's frame is drawn on it.

    Raises:
        ValueError: there is no such seed, or not one class for each star.
        ImportError: matplotlib is not installed.
    """
    names = classes_of(stars, classes)
    with styled():
        figure = bare_figure(PAGE, 6.2)
        grid = figure.subplots(len(LEARNT), len(SETS))
        draw_planes(figure, grid, models, patterns, stars, names, size=size, seed=seed)
        return figure


def draw_planes(
    figure: Figure,
    grid: np.ndarray,
    models: Models,
    patterns: Patterns | None,
    stars: Stars,
    names: Sequence[str],
    *,
    size: str = "L",
    seed: int = 0,
) -> None:
    """Draw every plane into its panel, a row for each process that is learnt, and the legend."""
    check_seed(models, seed)
    for row, process in zip(grid, LEARNT, strict=True):
        for ax, name in zip(row, SETS, strict=True):
            net = models.one_class[name, process, size]
            _draw_plane(ax, plane_of(net, patterns, stars, seed), process, names)
            ax.set_title(f"OCC-{size} trained on {process}, {SET_NAMES[name]}")
            ax.set(xlabel="latent coordinate 1", ylabel="latent coordinate 2")
    line = needs("matplotlib.lines", "experiments").Line2D
    boundary = line([], [], color="black", label="boundary of the class")
    shown = LEARNT if patterns is None else present(patterns.process)
    explain(figure, shown, list(groups_of(names)), [boundary], columns=4)


def _draw_plane(ax: Axes, plane: Plane, process: str, names: Sequence[str]) -> None:
    lines = boundary_lines(plane.boundary)
    low, high = _frame(plane, process, lines)
    margin = 0.02 * (high - low)
    if lines:
        _fill(ax, lines, LOOKS[process].tint)
    for line in lines:
        ax.plot(*line.T, color="black", lw=1.0, zorder=3.0)
    for other, points in plane.simulations.items():
        draw_simulations(ax, np.clip(points, low + margin, high - margin), other)
    for name, rows in groups_of(names).items():
        points = np.clip(plane.stars[rows], low + margin, high - margin)
        draw_stars(ax, points[np.isfinite(points).all(axis=1)], name)
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))


def _fill(ax: Axes, lines: Sequence[np.ndarray], colour: str) -> None:
    """Shade what is inside; a line within another, which runs the other way, is a hole."""
    path = needs("matplotlib.path", "experiments").Path
    patch = needs("matplotlib.patches", "experiments").PathPatch
    whole = path.make_compound_path(*(path(line, closed=True) for line in lines))
    ax.add_patch(patch(whole, fc=colour, alpha=0.25, lw=0.0, zorder=1.0))


def _frame(
    plane: Plane, process: str, lines: Sequence[np.ndarray]
) -> tuple[Float[np.ndarray, " 2"], Float[np.ndarray, " 2"]]:
    """Corners of a panel: the class, its boundary, and what is not too far from them."""
    core = np.concatenate([plane.simulations.get(process, np.zeros((0, 2))), *lines])
    if not len(core):
        core = plane.boundary.point * plane.boundary.scale + plane.boundary.centre
    low, high = core.min(axis=0), core.max(axis=0)
    room = 0.5 * (WIDEST - 1.0) * (high - low)
    everything = np.concatenate([*plane.simulations.values(), plane.stars, core])
    everything = everything[np.isfinite(everything).all(axis=1)]
    low = np.maximum(everything.min(axis=0), low - room)
    high = np.minimum(everything.max(axis=0), high + room)
    return low - 0.06 * (high - low), high + 0.06 * (high - low)


def _grid(
    boundary: Boundary, low: np.ndarray, high: np.ndarray, steps: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The decision function on a grid of the scaled plane; rows are of one second coordinate."""
    x, y = (np.linspace(a, b, steps) for a, b in zip(low, high, strict=True))
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    value = boundary.decide(points * boundary.scale + boundary.centre)
    return x, y, value.reshape(steps, steps)
