"""Labels of stars as lines of csv."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from surrogate.enrichment.classifiers.training import PROCESSES
from surrogate.enrichment.features import SETS
from surrogate.learning.text_tables import csv_line

if TYPE_CHECKING:
    from surrogate.enrichment.classes import StarClass
    from surrogate.enrichment.classifiers.label import StarLabel

SHARED: Final = ("Eu", "Ba")
"""Elements whose r share is told."""
COLUMNS: Final = (
    "name",
    "reference",
    "process",
    *(f"p_{p}" for p in PROCESSES),
    "elements",
    "typicality",
    "p_mixed",
    *(f"r_share_{e}{q}" for e in SHARED for q in ("", "_16", "_84")),
    "next_element",
    "next_information",
    "overall",
    "stability",
    *(f"cells_{name}" for name in SETS),
    "class",
    "problem",
)
"""Cells are signs for the columns of the paper's table 1 (`published.COLUMNS`); information is in
bits. New columns go to the end."""
DIGITS: Final = 4
"""Of probabilities and shares."""


def header() -> str:
    """The first line."""
    return ",".join(COLUMNS)


def line_of(label: StarLabel, by_rule: StarClass) -> str:
    """The line of a star.

    Args:
        label: of the classifiers.
        by_rule: class by JINAbase's rules.
    """
    shares = []
    for element in SHARED:
        low, median, high = label.r_share[element]
        shares += [median, low, high]
    cells: Sequence[object] = (
        label.name,
        label.reference,
        label.process,
        *(label.probability.get(p, math.nan) for p in PROCESSES),
        label.elements,
        label.typicality,
        label.mixed,
        *shares,
        label.next_element,
        label.next_elements[0].information if label.next_elements else math.nan,
        label.overall,
        label.stability,
        *(label.cells[name] for name in SETS),
        by_rule.value,
        label.problem,
    )
    return csv_line(cells, DIGITS)
