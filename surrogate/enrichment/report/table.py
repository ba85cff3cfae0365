"""Rows of the report's table, one a star: the cells of the paper's table 1, and what is beyond."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from surrogate.enrichment.classes import StarClass
from surrogate.enrichment.classifiers.label import MISSING
from surrogate.enrichment.classifiers.training import PROCESSES
from surrogate.reports.words import NONE, number

if TYPE_CHECKING:
    from surrogate.enrichment.classifiers.label import StarLabel

COLUMNS: Final = (
    "BC-L min",
    "BC-S min",
    "BC-L max",
    "BC-S max",
    "OCC-L r",
    "OCC-S r",
    "OCC-L s",
    "OCC-S s",
)
"""Short names of `published.COLUMNS`."""
HEADS: Final = (
    "star",
    "reference",
    *COLUMNS,
    "networks",
    "seeds that agree",
    *(f"p({process})" for process in PROCESSES),
    "likeliest",
    "typical",
    "r and s",
    "r share of Eu (68 %)",
    "r share of Ba (68 %)",
    "measure next",
    "class",
)
"""Heads of the columns of `cells`."""
WORDS: Final = frozenset(
    {"star", "reference", *COLUMNS, "networks", "likeliest", "measure next", "class"}
)
"""Columns of words; all others are of numbers."""
SURE: Final = 0.75
"""Share of the seeds, below which a cell is marked."""
MARK: Final = "~"


def cells(label: StarLabel, found: StarClass) -> tuple[str, ...]:
    """A row as text, in the order of `HEADS`.

    Args:
        label: of the star.
        found: its class by the rules of JINAbase.
    """
    return (
        label.name,
        label.reference or NONE,
        *(_pair(label, column) for column in range(len(COLUMNS))),
        _plain(label.overall),
        percent(label.stability),
        *(probability(label.probability.get(process, math.nan)) for process in PROCESSES),
        _plain(label.process),
        percent(label.typicality),
        percent(label.mixed),
        *(interval(label.r_share.get(element)) for element in ("Eu", "Ba")),
        label.next_element or NONE,
        found.value,
    )


def _pair(label: StarLabel, column: int) -> str:
    """Answers with Er and with Pb, as in the paper; marked where the seeds are at odds."""
    if all(text[column] == MISSING for text in label.cells.values()):
        return NONE
    return ",".join(
        text[column] + (MARK if label.agreement[name][column] < SURE else "")
        for name, text in label.cells.items()
    )


def _plain(word: str) -> str:
    return NONE if word == MISSING else word


def probability(value: float) -> str:
    """A probability, which is never rounded to certainty."""
    if not math.isfinite(value):
        return NONE
    if value < 0.001:
        return "<0.001"
    return ">0.999" if value > 0.999 else f"{value:.3f}"


def percent(share: float) -> str:
    """A share in per cent; one that was counted as none may still be a small one."""
    if not math.isfinite(share):
        return NONE
    return "<1 %" if share < 0.005 else f"{number(100.0 * share, 0)} %"


def interval(share: Sequence[float] | None) -> str:
    """Median and 68 per cent of a share, in per cent."""
    if share is None or not all(map(math.isfinite, share)):
        return NONE
    low, median, high = (number(100.0 * value, 0) for value in share)
    return f"{median} % ({low} to {high})"
