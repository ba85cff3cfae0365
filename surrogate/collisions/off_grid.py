"""Collisions between the nodes of the public grid, simulated by the package's own code.

How they were made, and how well the models answer them: docs/off-grid.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from surrogate.collisions.hdf5 import read_hdf5
from surrogate.learning.checkpoints import shipped

if TYPE_CHECKING:
    from os import PathLike

    from numpy import bool_
    from numpy.typing import NDArray

    from surrogate.collisions.grid import Grid


class OffGrid(NamedTuple):
    """Collisions, and which of them had come to their end."""

    grid: Grid
    settled: NDArray[bool_]
    """Whether the stopping rule let the simulation end, (n,): else it reached its longest time."""


def off_grid_file() -> Path:
    """The shipped file: inside an installed package, beside it in a clone."""
    return shipped("simulations") / "off_grid.h5"


def load_off_grid(path: str | PathLike[str] | None = None) -> OffGrid:
    """Read a file that `experiments/simulations/off_grid.py` made.

    Args:
        path: the file; the shipped one where None.

    Returns:
        Its collisions.

    Raises:
        ValueError: the file is damaged, or does not tell which simulations had come to their end.
        FileNotFoundError: there is no such file.
    """
    import h5py

    path = off_grid_file() if path is None else Path(path)
    grid = read_hdf5(path)
    with h5py.File(path, "r") as file:
        undecided = file.get("runs/undecided")
        if not isinstance(undecided, h5py.Dataset) or undecided.shape != (len(grid),):
            raise ValueError(f"{path}: dataset runs/undecided is missing, allowed: one of (n,).")
        return OffGrid(grid, undecided[...] == 0)
