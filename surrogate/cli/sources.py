"""Grids and splits as the commands ask for them, and where they come from."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surrogate.cli.choices import SplitName

if TYPE_CHECKING:
    from surrogate.collisions.grid import Grid, Split

PUBLIC_SOURCE = "doi:10.5281/zenodo.19615605"
"""The public collision grid (Gonzalez Prieto et al. 2026)."""


def make_split(grid: Grid, name: SplitName, path: Path | None, seed: int) -> Split:
    """Divide the rows of a grid.

    Args:
        grid: the grid.
        name: how.
        path: the published split; see `find_data` where None.
        seed: of the stratified split.

    Raises:
        ValueError: the published split belongs to another grid, or a path is given with a
            stratified split.
    """
    from surrogate.collisions.splits import published_split, stratified_split

    if name is SplitName.PUBLISHED:
        return published_split(grid, path)
    if path is not None:
        raise ValueError("--splits is the file of the published split; leave it out")
    return stratified_split(grid, seed)


def split_record(name: SplitName, split: Split, seed: int) -> dict[str, Any]:
    """What a model card says of a split."""
    chosen = {"seed": seed} if name is SplitName.STRATIFIED else {}
    return {"name": name.value, **chosen, "train": len(split.train), "validation": len(split.val)}


def data_record(path: Path, rows: int) -> dict[str, Any]:
    """What a model card says of a grid file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"file": path.name, "sha256": digest, "rows": rows, "source": find_source(path)}


def find_source(path: Path) -> str:
    """Where the rows of a grid file come from, as far as it tells."""
    from surrogate.collisions.grid import GRID_FILE

    if path.suffix.lower() in {".h5", ".hdf5"}:
        from surrogate.collisions.hdf5 import read_source

        return read_source(path) or "unknown"
    return PUBLIC_SOURCE if path.name == GRID_FILE else "unknown"
