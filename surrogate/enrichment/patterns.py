"""Element patterns that simulations of nucleosynthesis predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surrogate.enrichment.elements import atomic_number

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

Z_MAX = 100
"""Patterns have a column for every Z from 0 to this one; heavier nuclei do not last."""


@dataclass(frozen=True)
class Patterns:
    """Number abundances of n simulations.

    Attributes:
        y: by atomic number [any unit of number; one a row]; column Z is element Z, column 0 free
            neutrons. NaN where the source does not have the element; a net yield may be negative,
            where the star destroys more than it makes.
        process: r, s or i, of each.
        source: the publication.
        model: its name for the simulation.
        group: who computed it with which code. Patterns of one group come from one grid, so a test
            that shares no group with its training set has no neighbours there.
    """

    y: Float[np.ndarray, "n z"]
    process: tuple[str, ...]
    source: tuple[str, ...]
    model: tuple[str, ...]
    group: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.model)

    def log_y(self, element: str) -> Float[np.ndarray, " n"]:
        """log10 of an element's number abundance; NaN where it is not positive or unknown."""
        y = self.y[:, atomic_number(element)]
        return np.log10(np.where(y > 0.0, y, np.nan))

    def of(self, *processes: str) -> Patterns:
        """The patterns of some processes, in order."""
        return self.take(np.array([p in processes for p in self.process], bool))

    def take(self, rows: Shaped[np.ndarray, " m"] | Sequence[int]) -> Patterns:
        """The patterns of some rows, a mask or indices."""
        rows = np.asarray(rows)
        index = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(int)
        fields = ("process", "source", "model", "group")
        texts = {name: tuple(getattr(self, name)[i] for i in index) for name in fields}
        return Patterns(self.y[index], **texts)


class PatternReading(NamedTuple):
    """What was found in a grid of models."""

    patterns: Patterns
    """Those that pass the grid's cut."""
    left_out: tuple[str, ...]
    """Models that the cut removes."""


def collect(
    rows: Sequence[tuple[str, Mapping[int, float]]], *, process: str, source: str, group: str
) -> Patterns:
    """Put the patterns of one publication together.

    Args:
        rows: name of each model, and its number abundances by atomic number.
        process: r, s or i.
        source: the publication.
        group: who computed it.
    """
    y = np.full((len(rows), Z_MAX + 1), np.nan)
    for n, (_, abundances) in enumerate(rows):
        for z, value in abundances.items():
            if 0 <= z <= Z_MAX:
                y[n, z] = value
    n = len(rows)
    models = tuple(model for model, _ in rows)
    return Patterns(y, (process,) * n, (source,) * n, models, (group,) * n)


def concatenate(parts: Sequence[Patterns]) -> Patterns:
    """Patterns of several publications, in order."""
    fields = ("process", "source", "model", "group")
    texts = {name: tuple(v for part in parts for v in getattr(part, name)) for name in fields}
    y = np.concatenate([part.y for part in parts]) if parts else np.zeros((0, Z_MAX + 1))
    return Patterns(y, **texts)
