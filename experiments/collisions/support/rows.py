"""The rows that every method learns from and is judged on: the published split."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from surrogate.collisions.features import Standardiser
from surrogate.collisions.grid import GRID_FILE, Grid, find_data, load_grid
from surrogate.collisions.splits import (
    SPLITS_FILE,
    Split,
    published_features,
    published_split,
)
from surrogate.reports.run import Run

Array = np.ndarray

QUICK_ROWS = {"train": 2000, "val": 800, "test": 800}
"""Rows of each part of the split in a quick run."""


class Rows(NamedTuple):
    """Rows of the grid as a learner sees them."""

    x: Array
    """Standardised features (paper, Eqs. 1 and 2), (n, 5)."""
    fate: Array
    """(n,)."""
    fractions: Array
    """Final mass in star 1, in star 2 and unbound over m1 + m2 (paper, Eq. 3), (n, 3).

    Unlike in the paper the survivor of a stripping keeps its own slot (39 rows of the grid).
    """
    grid: Grid
    """The same rows in physical units."""


class Data(NamedTuple):
    """The split of a run."""

    grid: Grid
    split: Split
    scales: Standardiser
    train: Rows
    validation: Rows
    judged: Rows
    """The rows that the tables and pictures judge."""

    @property
    def tested(self) -> bool:
        """Whether the judged rows are the test rows, as in the paper."""
        return self.judged is not self.validation


def load_rows(run: Run) -> Data:
    """Read the grid and its published split; a quick run takes a share of each fate.

    Raises:
        ValueError: the data is not there, or has no test rows where those are asked for.
    """
    grid = load_grid(find_data(GRID_FILE, run.data))
    split = published_split(grid, find_data(SPLITS_FILE, run.data))
    if run.quick:
        split = Split(*(_share(grid, getattr(split, k), n) for k, n in QUICK_ROWS.items()))
    scales = Standardiser.fit(published_features(grid.take(split.train)))
    train, validation, test = (_rows(grid.take(part), scales) for part in split)
    if run.rows == "test" and not len(test.fate):
        raise ValueError(
            "rows = test: the data has no test rows; choose validation, or fetch the public files"
        )
    return Data(grid, split, scales, train, validation, test if run.rows == "test" else validation)


def features(data: Data, grid: Grid) -> Array:
    """Standardised features of any collisions, (n, 5)."""
    return np.asarray(data.scales(published_features(grid)))


def _rows(grid: Grid, scales: Standardiser) -> Rows:
    x = scales(published_features(grid)) if len(grid) else np.zeros((0, 5))
    return Rows(np.asarray(x), grid.fate, grid.fractions, grid)


def _share(grid: Grid, rows: Array, n: int) -> Array:
    """About n of the rows, every fate in its proportion."""
    order = rows[np.argsort(grid.fate[rows], kind="stable")]
    return np.sort(order[:: max(1, len(order) // n)])
