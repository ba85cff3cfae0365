"""Which stars of a grid are left out, one mass, one age or one TAMS at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surrogate.collisions.splits import (
    Split,
    leave_one_age_out,
    leave_one_mass_out,
    leave_one_tams_out,
    tams_masses,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surrogate.collisions.grid import Grid

KINDS = ("mass", "age", "beyond", "tams")
"""Folds between the masses of the grid, at each of its ages, beyond its heaviest mass, and at the
terminal-age main sequence (TAMS) of each mass that it simulates there as the heavier star."""
SPLIT_SEED = 0
"""Chooses the validation rows of every fold."""
MATCH = 0.01
"""Relative difference at which a mass or an age that is asked for counts as that of the grid."""


class Fold(NamedTuple):
    """What is left out of the training."""

    kind: str
    """One of `KINDS`."""
    value: float
    """Mass [Msun] or age [Gyr]."""

    @property
    def name(self) -> str:
        """Name of the fold's folder."""
        return f"{self.kind}-{self.value:.9g}"

    @property
    def label(self) -> str:
        """What is left out, in words."""
        value = f"{self.value:.4g} {'Gyr' if self.kind == 'age' else 'Msun'}"
        return f"TAMS of {value}" if self.kind == "tams" else value

    def split(self, grid: Grid) -> Split:
        """Rows to train on, rows that choose epochs and calibrate, and the rows left out."""
        special = {"age": leave_one_age_out, "tams": leave_one_tams_out}
        return special.get(self.kind, leave_one_mass_out)(grid, self.value, SPLIT_SEED)


def folds(grid: Grid, kind: str, only: Sequence[float] | None = None) -> list[Fold]:
    """The folds of one kind, by ascending mass or age.

    Args:
        grid: the simulations.
        kind: "mass" leaves out each mass between the least and the greatest; "age" each age;
            "beyond" the greatest mass; "tams" each mass as the heavier star at its TAMS.
        only: masses [Msun] or ages [Gyr] to choose, within 1 per cent; all where None.

    Returns:
        The folds.

    Raises:
        ValueError: no such kind, or `only` has a value without a fold; lists those there are.
    """
    if kind not in KINDS:
        raise ValueError(f"kind = {kind!r}: allowed are {', '.join(KINDS)}")
    masses = np.unique([grid.m1, grid.m2])
    values = {
        "mass": masses[1:-1],
        "age": np.unique(grid.age),
        "beyond": masses[-1:],
        "tams": tams_masses(grid),
    }[kind]
    if only is not None:
        values = np.unique([_nearest(values, asked, kind) for asked in only])
    return [Fold(kind, float(value)) for value in values]


def _nearest(values: np.ndarray, asked: float, kind: str) -> float:
    close = [v for v in values if abs(v - asked) <= MATCH * v]
    if not close:
        listed = ", ".join(f"{v:.9g}" for v in values)
        raise ValueError(f"{asked:g} is no fold of kind {kind!r}, allowed: {listed}")
    return min(close, key=lambda v: abs(v - asked))
