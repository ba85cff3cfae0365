"""All pictures of one run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from surrogate.simulations.pictures import (
    animate,
    bound_mass,
    density_slices,
    label_all,
    particle_plot,
    save,
)
from surrogate.simulations.starsmasher.inputs import START1
from surrogate.simulations.starsmasher.snapshots import find_snapshots, read_snapshot

PANELS = 8
"""Moments that the still pictures show."""


def draw_run(
    folder: Path, out: Path, name: str, tell: Callable[[str], None] = lambda what: None
) -> list[Path]:
    """Draw a run: density and particles through time, bound masses, and an animation.

    Args:
        folder: of the run; it may still be going on.
        out: where pictures go; made where it is missing.
        name: the pictures' names begin with it.
        tell: hears what is drawn next.

    Returns:
        The files.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: the run has no snapshot yet.
    """
    snapshots = [read_snapshot(path) for path in find_snapshots(folder)]
    if not snapshots:
        raise ValueError(f"{folder} has no snapshot yet; the run must begin first")
    tell("bound masses")
    history, labels = label_all(snapshots, read_snapshot(folder / START1).header.ntot)
    shown = np.unique(np.linspace(0, len(snapshots) - 1, PANELS).round().astype(int))
    moments = [snapshots[k] for k in shown]
    files = {
        "mass": lambda path: save(bound_mass(history), path),
        "density": lambda path: save(density_slices(moments), path),
        "particles": lambda path: save(particle_plot(moments, [labels[k] for k in shown]), path),
    }
    paths = []
    for what, draw in files.items():
        tell(what)
        paths.append(out / f"{name}_{what}.png")
        draw(paths[-1])
    tell("animation")
    paths.append(out / f"{name}.gif")
    animate(snapshots, paths[-1])
    return paths
