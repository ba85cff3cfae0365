"""Sections of the report, as pieces of HTML in which every text is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from surrogate.enrichment.classes import StarClass
from surrogate.enrichment.classifiers.label import MISSING, UNDECIDED
from surrogate.enrichment.published import COLUMNS as FULL_NAMES
from surrogate.enrichment.report.paragraph import ODD, describe, disagrees, warnings
from surrogate.enrichment.report.star_picture import draw_star
from surrogate.enrichment.report.table import (
    COLUMNS,
    HEADS,
    MARK,
    SURE,
    WORDS,
    cells,
    percent,
)
from surrogate.reports.pages import image, link_table
from surrogate.reports.pictures import to_png
from surrogate.reports.words import count, listed

if TYPE_CHECKING:
    from surrogate.enrichment.classifiers.label import StarLabel
    from surrogate.enrichment.classifiers.models import Models
    from surrogate.enrichment.report.nearest import Nearest
    from surrogate.enrichment.stars import Stars
    from surrogate.learning.problems import Problem

_WORDS_OF: Final = {UNDECIDED: "undecided", MISSING: "without an answer", "none": "of no class"}


def summary(
    labels: Sequence[StarLabel], found: Sequence[StarClass], problems: Sequence[Problem]
) -> str:
    """How many stars there are of each process, by each way to tell."""
    pairs = list(zip(labels, found, strict=True))
    both = [(a, b) for a, b in pairs if a.overall in ("r", "s") and b.process in ("r", "s")]
    same = sum(a.overall == b.process for a, b in both)
    odd = sum(label.typicality < ODD for label in labels)
    items = [
        f"{count(len(labels), 'star')}; {count(len(problems), 'problem')} of the reader.",
        f"Networks: {_tally([label.overall for label in labels])}.",
        f"Likeliest process: {_tally([label.process for label in labels])}.",
        f"Class by the rules of JINAbase: {_tally([kind.value for kind in found])}.",
    ]
    if both:
        items.append(
            f"Of {count(len(both), 'star')} that both networks and rules call r or s, "
            f"{same:,} ({percent(same / len(both))}) have the same answer."
        )
    items += [
        f"{count(sum(disagrees(*pair) for pair in pairs), 'star')} whose answers differ.",
        f"{count(odd, 'star')} like none of the simulations (typicality below {percent(ODD)}).",
        f"{count(sum(bool(label.problem) for label in labels), 'star')} without a full answer.",
    ]
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _tally(words: Sequence[str]) -> str:
    counted = Counter(words)
    order = ["r", "r-I", "r-II", "limited-r", "s", "i"]
    names = sorted(counted, key=lambda w: (order.index(w) if w in order else len(order), w))
    return listed([f"{counted[name]:,} {_WORDS_OF.get(name, name)}" for name in names])


def table(
    labels: Sequence[StarLabel], found: Sequence[StarClass], linked: Collection[int] = ()
) -> str:
    """All stars; what no star has is no column.

    Args:
        labels: of n stars.
        found: their classes.
        linked: rows that have a section.
    """
    text = [cells(label, kind) for label, kind in zip(labels, found, strict=True)]
    links = {row: f"star-{row}" for row in linked}
    return link_table("all stars", HEADS, text, words=WORDS, links=links)


def legend(seeds: int) -> str:
    """What the columns of the table are."""
    names = "; ".join(f"{short}: {full}" for short, full in zip(COLUMNS, FULL_NAMES, strict=True))
    text = (
        f"Cells are those of the paper's table 1, {names}; BC is binary, OCC one-class, L large "
        "and S small. Each has two answers, with the elements up to Er and with Pb in place of Er: "
        "r or s, . where the star is outside of the class, - where it lacks an element. An answer "
        f"is that of most of {count(seeds, 'seed')}; {MARK} marks one that fewer than "
        f"{percent(SURE)} of them give. Networks: r or s by the votes of all cells, ? where they "
        "are even; beside it, the share of seeds whose own cells make the same. p: probability "
        "from all elements that there are, with their errors, if all processes are as common. "
        "Typical: share of stars of the likeliest process that are as unlikely as this one or "
        "more. r and s: probability that both had a part, against one alone; the shares are what "
        "the r-process made of europium and barium if so. Measure next: the element that is "
        "expected to say most about the process. Class: by JINAbase's rules."
    )
    return f"<p><small>{escape(text)}</small></p>"


def star(
    stars: Stars,
    row: int,
    label: StarLabel,
    found: StarClass,
    models: Models,
    nearest: dict[str, Nearest],
) -> str:
    """Picture and paragraph of a star."""
    said = "".join(f"<li>{escape(text)}</li>" for text in warnings(label, found))
    picture = image(
        to_png(draw_star(stars, row, models.generative.elements, nearest)),
        f"Abundances of {label.name} against atomic number, with the nearest simulations",
    )
    reference = f" <small>{escape(label.reference)}</small>" if label.reference else ""
    return (
        f'<section class="object" id="star-{row}"><h3>{escape(label.name)}{reference}</h3>{picture}'
        + (f'<ul class="against">{said}</ul>' if said else "")
        + f"<p>{escape(describe(stars, row, label, found))}</p></section>"
    )


def captions() -> str:
    """What the pictures of stars show."""
    text = (
        "Points: measured abundances; triangles: upper limits, which nothing is made of. Lines: of "
        "each process the simulation under which the star is likeliest, shifted to the star as a "
        "whole; where it does not give an element, the mean of its process. Off: root mean square "
        "of the star less the simulation."
    )
    return f"<p><small>{escape(text)}</small></p>"
