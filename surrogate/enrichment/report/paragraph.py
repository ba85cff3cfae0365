"""What there is to say of a star, in plain sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.enrichment.classes import StarClass
from surrogate.enrichment.classifiers.label import BINARY_CELLS, MISSING, OUTSIDE, UNDECIDED, WORTH
from surrogate.enrichment.features import SETS
from surrogate.enrichment.report.table import COLUMNS, SURE, percent, probability
from surrogate.reports.words import count, listed

if TYPE_CHECKING:
    from surrogate.enrichment.classifiers.label import StarLabel
    from surrogate.enrichment.stars import Stars

ODD: Final = 0.02
"""Typicality, below which a star is like none of the simulations of its process."""
NEXT: Final = 3
"""Elements that are proposed."""
_SET_WORDS: Final = {"er": "the elements up to Er", "pb": "Pb in place of Er"}


def describe(stars: Stars, row: int, label: StarLabel, found: StarClass) -> str:
    """Sentences on a star.

    Args:
        stars: among them the star.
        row: of the star.
        label: of the star.
        found: its class by the rules of JINAbase.

    Returns:
        Plain text: what was measured, what networks, probabilities and mixtures say, what to
        measure next, and what the rules say.
    """
    parts = (
        _measured(stars, row, label),
        _networks(label),
        _probabilities(label),
        _mixture(label),
        _next(label),
        _rules(found),
    )
    return " ".join(part for part in parts if part)


def warnings(label: StarLabel, found: StarClass) -> list[str]:
    """What speaks against trusting a label; none where nothing does."""
    said = [f"{label.problem[0].upper()}{label.problem[1:]}."] if label.problem else []
    if label.typicality < ODD:
        said.append(
            f"Of stars that simulations of its likeliest process would make, "
            f"{percent(label.typicality)} are as unlikely as this one or more: it is like none "
            "of them."
        )
    if disagrees(label, found):
        answers = {
            "networks": label.overall,
            "probabilities": label.process,
            "rules": found.process,
        }
        words = [f"{who} say {what}" for who, what in answers.items() if what in ("r", "s", "i")]
        said.append(f"The answers differ: {listed(words)}.")
    if label.stability < SURE:
        said.append("Networks of other seeds often give it another label.")
    return said


def disagrees(label: StarLabel, found: StarClass) -> bool:
    """Whether networks, probabilities and rules have different answers, of those they give.

    Networks know nothing of the i-process: they do not count where the others say i.
    """
    answers = {label.process, found.process} & {"r", "s", "i"}
    if "i" not in answers:
        answers |= {label.overall} & {"r", "s"}
    return len(answers) > 1


def _measured(stars: Stars, row: int, label: StarLabel) -> str:
    wanted = list(dict.fromkeys(e for elements in SETS.values() for e in elements))
    lacking = [e for e in wanted if not np.isfinite(stars.of(e)[row])]
    fe_h = stars.fe_h[row]
    iron = f"[Fe/H] is {fe_h:.2f}. " if np.isfinite(fe_h) else ""
    missing = f"; {listed(lacking)} of the networks' are missing" if lacking else ""
    return f"{iron}{count(label.elements, 'element')} with a value{missing}."


def _networks(label: StarLabel) -> str:
    if label.overall == MISSING:
        return ""
    said = [
        f"with {_SET_WORDS[name]}, {_answers(text)}"
        for name, text in label.cells.items()
        if set(text) != {MISSING}
    ]
    verdict = (
        "the votes are even" if label.overall == UNDECIDED else f"the votes make it {label.overall}"
    )
    return (
        f"Networks: {'; '.join(said)}. All in all {verdict}; {percent(label.stability)} of the "
        "seeds say the same."
    )


def _answers(text: str) -> str:
    """What the cells of one set of elements say."""
    binary = [cell for cell in text[:BINARY_CELLS] if cell != MISSING]
    s = sum(cell == "s" for cell in binary)
    inside = [
        COLUMNS[k]
        for k, cell in enumerate(text)
        if k >= BINARY_CELLS and cell not in (MISSING, OUTSIDE)
    ]
    held = f"inside of {listed(inside)}" if inside else "outside of all classes"
    return f"{s} of {len(binary)} binary answers are s, and it is {held}"


def _probabilities(label: StarLabel) -> str:
    if label.process == UNDECIDED:
        return ""
    each = [f"{p} {probability(value)}" for p, value in label.probability.items()]
    return f"Probabilities, if all processes are as common: {listed(each)}."


def _mixture(label: StarLabel) -> str:
    shares = {e: s for e, s in label.r_share.items() if all(map(math.isfinite, s))}
    if not shares or not math.isfinite(label.mixed):
        return ""
    each = [
        f"{percent(median)} of {element} ({percent(low)} to {percent(high)})"
        for element, (low, median, high) in shares.items()
    ]
    return (
        f"That r and s both had a part has a probability of {probability(label.mixed)} against one "
        f"of them alone; if so, the r-process made {listed(each)}."
    )


def _next(label: StarLabel) -> str:
    worth = [gain for gain in label.next_elements if gain.information >= WORTH][:NEXT]
    if not worth:
        return ""
    each = [
        f"{gain.element} ({gain.information:.2g} bit, the likeliest process changes with a "
        f"probability of {gain.change:.2g})"
        for gain in worth
    ]
    return f"To measure next: {listed(each)}."


def _rules(found: StarClass) -> str:
    if found is StarClass.NONE:
        return "No rule of JINAbase holds."
    if found is StarClass.UNDECIDED:
        return "By the rules of JINAbase it depends on ratios that were not measured."
    return f"By the rules of JINAbase it is of class {found.value}."


def worst_first(labels: Sequence[StarLabel], found: Sequence[StarClass], most: int) -> list[int]:
    """Rows to describe, in their order: those whose answers differ before all others.

    Args:
        labels: of n stars.
        found: their classes.
        most: how many at most.
    """
    differ = [disagrees(label, kind) for label, kind in zip(labels, found, strict=True)]
    order = sorted(range(len(labels)), key=lambda i: not differ[i])
    return sorted(order[:most])
