"""What the pictures of runs consist of: a slice, particles, curves, and what explains them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.simulations.density import density_on_plane
from surrogate.simulations.picture_style import COLOURS, HOURS, LOOKS, TAU
from surrogate.simulations.units import DENSITY

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from numpy import ndarray

    from surrogate.simulations.history import History
    from surrogate.simulations.particles import Particles

DECADES: Final = 6.0
"""Range of the densities shown, below the largest."""
LAYERS: Final = 6
"""Every component is drawn in so many, one upon the other by turns."""
PIXELS: Final = 300
"""Points along a side of a slice."""


def reach(particles: Particles, share: float) -> float:
    """Half the side of the square around the origin that holds a share of the mass [Rsun]."""
    x, m = np.asarray(particles.x), np.asarray(particles.m)
    out = np.abs(x[:, :2]).max(axis=1)
    order = np.argsort(out)
    held = np.cumsum(m[order])
    return float(out[order][np.searchsorted(held, share * held[-1])])


def slice_of(particles: Particles, half: float) -> Float[ndarray, "k k"]:
    """Density [code units] in z = 0 at the middles of the pixels of a square around the origin."""
    points = half * (2 * np.arange(PIXELS) + 1 - PIXELS) / PIXELS
    return density_on_plane(particles, points, points)


def draw_slice(
    ax: Axes, rho: Float[ndarray, "k k"], top: float, decades: float = DECADES
) -> AxesImage:
    """Fill a panel with a slice.

    Args:
        ax: the panel.
        rho: of `slice_of`, for all of the panel.
        top: largest density of the colours [code units].
        decades: range of the colours below it; what is thinner has the lowest colour.
    """
    from matplotlib.colors import LogNorm

    norm = LogNorm(top * DENSITY / 10**decades, top * DENSITY)
    shown = np.clip(rho * DENSITY, norm.vmin, norm.vmax)
    extent = (*ax.get_xlim(), *ax.get_ylim())
    return ax.imshow(
        shown, norm=norm, cmap=COLOURS, extent=extent, origin="lower", interpolation="nearest"
    )


def density_bar(figure: Figure, axes: Sequence[Axes]) -> None:
    """Explain the colours of the slices in some panels, which share them."""
    label = r"density in the orbital plane [g cm$^{-3}$]"
    figure.colorbar(axes[0].images[0], ax=axes, label=label, extend="min", aspect=30, pad=0.02)


def draw_particles(ax: Axes, particles: Particles, labels: Int[ndarray, " n"]) -> list[Artist]:
    """Draw particles by component, in layers, so that none hides the others.

    Args:
        ax: the panel.
        particles: n particles.
        labels: 0 unbound, 1, 2: (n,).

    Returns:
        What was drawn, and can be removed.
    """
    x = np.asarray(particles.x)
    size = float(np.clip(60 / np.sqrt(len(x)), 0.7, 2.5))
    layer = np.arange(len(x)) % LAYERS
    drawn: list[Artist] = []
    for k in range(LAYERS):
        for label, look in LOOKS.items():
            chosen = (np.asarray(labels) == label) & (layer == k)
            drawn += ax.plot(
                *x[chosen, :2].T, look.marker, color=look.colour, ms=size, mew=0.5, mfc=look.fill,
                label=look.label if k == 0 else None, rasterized=True,
            )  # fmt: skip
    return drawn


def draw_mass(top: Axes, bottom: Axes, history: History) -> None:
    """Draw bound masses into one panel and the unbound mass into the one below."""
    star1, star2 = history.mass.T
    for label, mass, ax in ((1, star1, top), (2, star2, top), (0, history.unbound, bottom)):
        look = LOOKS[label]
        ax.plot(
            history.t, mass, look.line, color=look.colour, marker=look.marker, ms=3,
            mfc=look.fill, label=look.label,
        )  # fmt: skip
    if np.any(history.merged):
        first = float(history.t[int(np.argmax(history.merged))])
        top.axvline(first, color="0.6", lw=0.8, zorder=0, label="merger")
        bottom.axvline(first, color="0.6", lw=0.8, zorder=0)
    most, lost = float(np.max(history.mass)), float(np.max(history.unbound))
    lost = lost or 0.01 * most  # an axis needs a length
    top.set(ylabel=r"bound mass [$M_\odot$]", ylim=(-0.06 * most, 1.06 * most))
    bottom.set(ylabel=r"unbound [$M_\odot$]", ylim=(-0.12 * lost, 1.12 * lost))
    bottom.set_xlabel(rf"time [$\tau$];  {TAU}")
    hours = top.secondary_xaxis(
        "top", functions=(lambda t: np.multiply(t, HOURS), lambda h: np.divide(h, HOURS))
    )
    hours.set_xlabel("time [h]")


def legend(figure: Figure, axes: Sequence[Axes]) -> None:
    """Explain the markers and lines of some panels above all panels."""
    from matplotlib.lines import Line2D

    found = [ax.get_legend_handles_labels() for ax in axes]
    handles = [handle for some, _ in found for handle in some]
    names = [name for _, some in found for name in some]
    shown = figure.legend(handles, names, loc="outside upper center", ncols=len(names))
    for handle in shown.legend_handles:
        if isinstance(handle, Line2D):
            handle.set_markersize(4)  # markers of many particles are too small to be told apart
            handle.set_markeredgewidth(0.8)
