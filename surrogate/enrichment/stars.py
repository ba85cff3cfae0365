"""Abundances of stars, however they were published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surrogate.enrichment.solar import SolarTable, bracket, to_x_fe
from surrogate.learning.problems import Problem

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Shaped


class Kind(StrEnum):
    """What is wrong with a row; the last one costs nothing but features."""

    UNREADABLE = "unreadable"
    NOT_A_NUMBER = "not a number"
    UNKNOWN_ELEMENT = "unknown element"
    WRONG_SCALE = "wrong scale"
    NO_METALLICITY = "no [Fe/H]"
    DUPLICATE = "duplicate"
    ALL_LIMITS = "all limits"
    NO_EUROPIUM = "no europium"


@dataclass(frozen=True)
class Stars:
    """Abundances of n stars in e elements.

    Attributes:
        name: of each star, as it was written.
        element: symbols.
        log_eps: [dex, hydrogen = 12]; NaN where not measured, limits included.
        limit: upper limits of log eps [dex]; NaN elsewhere.
        error: standard deviations of log eps [dex]; NaN where unknown.
        fe_h: [Fe/H] [dex]; NaN where unknown.
        reference: key of the publication; "" where unknown.
        labels: further columns of the source by name, such as its own classes; "" where empty.
    """

    name: tuple[str, ...]
    element: tuple[str, ...]
    log_eps: Float[np.ndarray, "n e"]
    limit: Float[np.ndarray, "n e"]
    error: Float[np.ndarray, "n e"]
    fe_h: Float[np.ndarray, " n"]
    reference: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.name)

    @property
    def measured(self) -> Bool[np.ndarray, "n e"]:
        """Where there is a value that is no limit."""
        return np.isfinite(self.log_eps)

    @property
    def is_limit(self) -> Bool[np.ndarray, "n e"]:
        """Where only an upper limit is known."""
        return np.isfinite(self.limit)

    def of(self, element: str, field: str = "log_eps") -> Float[np.ndarray, " n"]:
        """A field's column of an element; NaN throughout where no star has it."""
        if element not in self.element:
            return np.full(len(self), np.nan)
        return getattr(self, field)[:, self.element.index(element)]

    def ratio(
        self, x: str, y: str, solar: str | SolarTable = "asplund2009"
    ) -> Float[np.ndarray, " n"]:
        """[X/Y] [dex]; NaN where either is not measured. `H` and `Fe` as Y take [Fe/H]."""
        if y == "Fe":
            return np.asarray(to_x_fe(self.of(x), self.fe_h, x, solar))
        if y == "H":
            return np.asarray(bracket(self.of(x), 12.0, x, y, solar))
        return np.asarray(bracket(self.of(x), self.of(y), x, y, solar))

    def take(self, rows: Shaped[np.ndarray, " m"] | Sequence[int]) -> Stars:
        """The stars of some rows, a mask or indices."""
        rows = np.asarray(rows)
        index = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(int)
        return Stars(
            name=tuple(self.name[i] for i in index),
            element=self.element,
            log_eps=self.log_eps[index],
            limit=self.limit[index],
            error=self.error[index],
            fe_h=self.fe_h[index],
            reference=tuple(self.reference[i] for i in index),
            labels={key: tuple(value[i] for i in index) for key, value in self.labels.items()},
        )


def join(parts: Sequence[Stars]) -> Stars:
    """Stars of several tables, in order, with the elements and labels of all of them.

    Args:
        parts: one or more.
    """
    if len(parts) == 1:
        return parts[0]
    elements = tuple(dict.fromkeys(e for part in parts for e in part.element))
    names = dict.fromkeys(name for part in parts for name in part.labels)

    def column(field: str) -> np.ndarray:
        return np.concatenate(
            [np.stack([part.of(e, field) for e in elements], axis=1) for part in parts]
        )

    return Stars(
        name=tuple(name for part in parts for name in part.name),
        element=elements,
        log_eps=column("log_eps"),
        limit=column("limit"),
        error=column("error"),
        fe_h=np.concatenate([part.fe_h for part in parts]),
        reference=tuple(key for part in parts for key in part.reference),
        labels={
            name: tuple(v for part in parts for v in part.labels.get(name, ("",) * len(part)))
            for name in names
        },
    )


class Reading(NamedTuple):
    """What was found in a file."""

    stars: Stars
    """In the order of the file."""
    problems: list[Problem]
    """Of cells, rows and columns; a star that is left out is named here."""


def empty_table(stars: int, elements: int) -> Float[np.ndarray, "n e"]:
    """A table in which nothing is known."""
    return np.full((stars, elements), np.nan)
