"""All pictures of one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from surrogate.simulations.particles import Particles
from surrogate.simulations.pictures import (
    animate,
    bound_mass,
    density_slices,
    frame_of,
    label_all,
    particle_plot,
    save,
)
from surrogate.simulations.starsmasher.inputs import START1
from surrogate.simulations.starsmasher.snapshots import Snapshot, find_snapshots, read_snapshot

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
    n1 = read_snapshot(folder / START1).header.ntot
    history, labels = label_all(snapshots, n1)
    shown = _moments(snapshots, n1)
    moments = [snapshots[k] for k in shown]
    # Debris flies far; what the stars do is seen where they were at first, and a little beyond.
    half = min(frame_of(snapshots), 2 * frame_of(snapshots[:1]))
    files = {
        "mass": lambda path: save(bound_mass(history), path),
        "density": lambda path: save(density_slices(moments, half), path),
        "particles": lambda path: save(
            particle_plot(moments, [labels[k] for k in shown], half), path
        ),
    }
    paths = []
    for what, draw in files.items():
        tell(what)
        paths.append(out / f"{name}_{what}.png")
        draw(paths[-1])
    tell("animation")
    paths.append(out / f"{name}.gif")
    animate(snapshots, paths[-1], half=half)
    return paths


def _moments(snapshots: Sequence[Snapshot], n1: int) -> list[int]:
    """Which snapshots to show: evenly until the stars are closest, then ever more rarely."""
    apart = [_distance(snapshot.particles(), n1) for snapshot in snapshots]
    closest, last = int(np.argmin(apart)), len(snapshots) - 1
    before = np.linspace(0, closest, PANELS // 2)
    after = closest + np.geomspace(1, max(last - closest, 1), PANELS - PANELS // 2)
    chosen = np.concatenate([before, after]).round().astype(int)
    return sorted(set(np.minimum(chosen, last).tolist()))


def _distance(particles: Particles, n1: int) -> float:
    """Between the centres of mass of what was each star."""
    m, x = np.asarray(particles.m), np.asarray(particles.x)
    one, two = (m[part] @ x[part] / m[part].sum() for part in (slice(n1), slice(n1, None)))
    return float(np.linalg.norm(one - two))
