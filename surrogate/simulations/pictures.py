"""Pictures of a run: density slices, particles, bound mass against time, and an animation."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from surrogate.learning.files import write_bytes
from surrogate.simulations.film import check_film, write_film
from surrogate.simulations.picture_parts import (
    DECADES,
    density_bar,
    draw_mass,
    draw_particles,
    draw_slice,
    legend,
    reach,
    slice_of,
)
from surrogate.simulations.picture_style import COLUMN, panels, styled, tell_time

if TYPE_CHECKING:
    from os import PathLike

    from jaxtyping import Int
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from numpy import ndarray

    from surrogate.simulations.history import History
    from surrogate.simulations.particles import Particles

SHARE: Final = 0.95
"""Share of the mass that a picture which chooses its own frame must hold."""
MARGIN: Final = 1.2
"""How much larger than that it is."""
NOTHING: Final = "there is no snapshot to draw, allowed: one or more"


class Moment(Protocol):
    """What a picture asks of a snapshot. StarSmasher's fulfil it, and are read when needed."""

    @property
    def time(self) -> float:
        """Time [code units]."""
        ...

    def particles(self) -> Particles:
        """The particles at that time."""
        ...


def label_all(snapshots: Sequence[Moment], n1: int) -> tuple[History, list[Int[ndarray, " n"]]]:
    """Follow a run, and keep the component of every particle in every snapshot.

    Args:
        snapshots: one or more, in the order of time.
        n1: number of particles of star 1, which stand first.

    Returns:
        The history, and the labels of each snapshot: 0 unbound, 1, 2.

    Raises:
        ValueError: as `history.follow` does, or there is no snapshot.
    """
    from surrogate.simulations.history import follow

    labels, history = [], None
    for snapshot in snapshots:
        history = follow([(snapshot.time, snapshot.particles())], n1, history)
        labels.append(history.labels)
    if history is None:
        raise ValueError(NOTHING)
    return history, labels


def frame_of(snapshots: Sequence[Moment], share: float = SHARE) -> float:
    """Half the side of a square around the origin that holds most of the mass at all times.

    Args:
        snapshots: one or more.
        share: which share of the mass, at the time when it is spread the most.

    Returns:
        Half the side [Rsun].

    Raises:
        ValueError: there is no snapshot.
    """
    if not snapshots:
        raise ValueError(NOTHING)
    return MARGIN * max(reach(snapshot.particles(), share) for snapshot in snapshots)


def density_slices(
    snapshots: Sequence[Moment], half: float | None = None, decades: float = DECADES
) -> Figure:
    """Draw the density in the orbital plane z = 0, one panel a snapshot, with one colour scale.

    Args:
        snapshots: those to draw, in the order of time.
        half: half the side of a panel [Rsun]; `frame_of` where None.
        decades: range of the colours, below the largest density.

    Returns:
        The figure; `save` writes it.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: there is no snapshot.
    """
    half = frame_of(snapshots) if half is None else half
    top = _densest(snapshots)
    with styled():
        figure, axes = panels(len(snapshots), half, beside=0.7)
        for ax, snapshot in zip(axes, snapshots, strict=True):
            draw_slice(ax, slice_of(snapshot.particles(), half), top, decades)
            tell_time(ax, snapshot.time)
        density_bar(figure, axes)
    return figure


def particle_plot(
    snapshots: Sequence[Moment], labels: Sequence[Int[ndarray, " n"]], half: float | None = None
) -> Figure:
    """Draw the particles, seen along z, by the component that they belong to.

    Args:
        snapshots: those to draw, in the order of time.
        labels: of the particles of each snapshot: 0 unbound, 1, 2; see `label_all`. A merger
            product has the label of the heavier star.
        half: half the side of a panel [Rsun]; `frame_of` where None.

    Returns:
        The figure; `save` writes it.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: there is no snapshot, or the labels are not theirs.
    """
    _check_labels(snapshots, labels)
    half = frame_of(snapshots) if half is None else half
    with styled():
        figure, axes = panels(len(snapshots), half, above=0.25)
        for ax, snapshot, label in zip(axes, snapshots, labels, strict=True):
            draw_particles(ax, snapshot.particles(), label)
            tell_time(ax, snapshot.time)
        legend(figure, axes[:1])
    return figure


def bound_mass(history: History) -> Figure:
    """Draw the masses bound to the stars, and the unbound mass on a scale of its own, over time.

    Args:
        history: of a run.

    Returns:
        The figure; `save` writes it.

    Raises:
        ImportError: matplotlib is not installed.
    """
    with styled():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(COLUMN, 3.6), layout="constrained")
        top, bottom = figure.subplots(2, sharex=True, height_ratios=(2, 1))
        draw_mass(top, bottom, history)
        legend(figure, [top, bottom])
    return figure


def save(figure: Figure, path: str | PathLike[str]) -> None:
    """Write a figure, whole or not at all.

    Args:
        figure: what a function of this module returned.
        path: the file; its ending says which format: .png, .pdf, .svg.

    Raises:
        ValueError: there is no such format.
    """
    path = Path(path)
    whole = io.BytesIO()
    with styled():
        kind = path.suffix.lstrip(".").lower() or "png"
        figure.savefig(whole, format=kind, bbox_inches="tight", pad_inches=0.04)
    write_bytes(path, [whole.getvalue()])


def animate(
    snapshots: Sequence[Moment],
    path: str | PathLike[str],
    labels: Sequence[Int[ndarray, " n"]] | None = None,
    half: float | None = None,
    fps: int = 8,
    tell: Callable[[int], object] = lambda done: None,
) -> None:
    """Write a film of a run, whole or not at all: one picture a snapshot, in one frame and scale.

    Args:
        snapshots: those to draw, in the order of time.
        path: a .gif; or an .mp4, where ffmpeg is installed.
        labels: to draw particles by component, as `particle_plot` does; density where None.
        half: half the side of the picture [Rsun]; `frame_of` where None.
        fps: pictures a second.
        tell: called after every picture with the number of those that are done.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: there is no snapshot, the labels are not theirs, the ending is another one, or
            ffmpeg is not installed.
    """
    path = Path(path)
    if labels is not None:
        _check_labels(snapshots, labels)
    half = frame_of(snapshots) if half is None else half
    top = _densest(snapshots)
    with styled():
        check_film(path)
        room = {"beside": 0.7} if labels is None else {"above": 0.25}
        figure, (ax,) = panels(1, half, **room)

        def draw(k: int) -> list[Artist]:
            tell_time(ax, snapshots[k].time)
            particles = snapshots[k].particles()
            if labels is not None:
                return draw_particles(ax, particles, labels[k])
            return [draw_slice(ax, slice_of(particles, half), top)]

        def pictures() -> Iterator[None]:
            for k in range(len(snapshots)):
                drawn = draw(k)
                if k == 0:
                    density_bar(figure, [ax]) if labels is None else legend(figure, [ax])
                    figure.draw_without_rendering()
                    figure.set_layout_engine("none")  # nothing moves from here on
                yield
                for artist in drawn:
                    artist.remove()
                tell(k + 1)

        write_film(path, figure, pictures(), fps)


def _densest(snapshots: Sequence[Moment]) -> float:
    """The largest density of any particle at any time [code units]: the top of all colours."""
    return max(float(np.max(snapshot.particles().rho)) for snapshot in snapshots)


def _check_labels(snapshots: Sequence[Moment], labels: Sequence[Int[ndarray, " n"]]) -> None:
    sizes = [len(snapshot.particles().m) for snapshot in snapshots]
    if (found := [len(label) for label in labels]) != sizes:
        raise ValueError(f"labels of {found} particles, allowed: {sizes}, those of the snapshots")
