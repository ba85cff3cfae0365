"""Slices of the grid: one age and two masses, over pericentre and velocity."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from support.rows import Data, Rows, features
from surrogate.collisions.grid import Grid
from surrogate.collisions.tides import capture_energy

Array = np.ndarray

MATCH = 1e-4
"""Relative difference of the same age; the grid rounds those of the TAMS."""
UNKNOWN = -1
"""The fate of a collision that was not simulated."""


class Slab(NamedTuple):
    """Age and masses of a slice."""

    age: float
    """[Gyr]."""
    m1: float
    """[Msun]."""
    m2: float
    """[Msun]."""

    @property
    def label(self) -> str:
        """What a picture calls it."""
        age = f"{1e3 * self.age:.3g} Myr" if self.age < 1.0 else f"{self.age:.3g} Gyr"
        return rf"{self.m1:g} + {self.m2:g} $M_\odot$, {age}"


def same(grid: Grid, slab: Slab) -> Array:
    """Which rows belong to a slice, (n,)."""
    close = [
        np.isclose(getattr(grid, name), value, rtol=MATCH, atol=0.0)
        for name, value in slab._asdict().items()
    ]
    return np.logical_and.reduce(close)


def pick(grid: Grid, slab: Slab) -> Grid:
    """The rows of a slice; there may be none."""
    return grid.take(same(grid, slab))


def pick_rows(rows: Rows, slab: Slab) -> Rows:
    """The same, as a learner sees them."""
    chosen = same(rows.grid, slab)
    columns = (rows.x[chosen], rows.fate[chosen], rows.fractions[chosen])
    return Rows(*columns, rows.grid.take(chosen))


def parts(data: Data) -> dict[str, Rows]:
    """The public parts of the split by name; test rows where there are any to judge."""
    found = {"training": data.train, "validation": data.validation}
    return found | ({"test": data.judged} if data.tested else {})


def contact(grid: Grid, slab: Slab) -> float:
    """R1 + R2 of a slice [Rsun], as simulated.

    Raises:
        ValueError: the grid has no such slice.
    """
    row = _first(grid, slab)
    return float(row.r1[0] + row.r2[0])


def mesh(data: Data, slab: Slab, rp: Array, vinf: Array) -> Rows:
    """Collisions that were not simulated, with the age and the stars of a slice.

    Args:
        data: the rows; its grid has the slice.
        slab: which slice.
        rp: pericentres [Rsun], any shape.
        vinf: velocities at infinity [km/s], of the same shape.

    Returns:
        One row each in the order of the flattened arrays; their fates are `UNKNOWN` and their
        masses NaN.

    Raises:
        ValueError: the grid has no such slice.
    """
    n = rp.size
    grid = replace(
        _first(data.grid, slab).take(np.zeros(n, int)),
        rp=rp.ravel(),
        vinf=vinf.ravel(),
        fate=np.full(n, UNKNOWN),
        m1_final=np.full(n, np.nan),
        m2_final=np.full(n, np.nan),
    )
    return Rows(features(data, grid), grid.fate, grid.fractions, grid)


def binding(rows: Rows) -> Array:
    """Orbital energy that tides dissipate over what there is of it at infinity, (n,).

    The library counts stars that pass each other as captured where this is 1 and more.
    """
    grid = rows.grid
    columns = (grid.m1, grid.m2, grid.r1, grid.r2, grid.rp, grid.vinf)
    orbital, tides = capture_energy(*map(jnp.asarray, columns))
    return np.asarray(tides / orbital)


def _first(grid: Grid, slab: Slab) -> Grid:
    rows = pick(grid, slab)
    if not len(rows):
        raise ValueError(f"the grid has no rows of {slab}")
    return rows.take([0])
