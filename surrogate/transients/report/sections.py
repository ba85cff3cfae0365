"""Sections of the report, as pieces of HTML in which every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.learning.problems import Problem
from surrogate.reports.pages import image, link_table
from surrogate.reports.pictures import to_png
from surrogate.reports.words import count, number
from surrogate.transients.host import SCATTER
from surrogate.transients.photometry import NOTES
from surrogate.transients.report.calibration import draw_receiver
from surrogate.transients.report.caveats import caveats
from surrogate.transients.report.figures import caption, draw_candidate
from surrogate.transients.report.known import Host, excluded
from surrogate.transients.report.paragraph import describe
from surrogate.transients.report.table import HEADS, Row, cells
from surrogate.transients.verdict import NO_FLARE, score

if TYPE_CHECKING:
    from surrogate.reports.receiver import Receiver
    from surrogate.transients.labels import Label
    from surrogate.transients.templates import BankTemplates
    from surrogate.transients.verdict import Match

_WORDS: Final = frozenset({"transient", "best rival", "spectrum"})


def summary(
    matches: Sequence[Match],
    problems: Sequence[Problem],
    labels: Mapping[str, Label],
    threshold: float,
) -> str:
    """How many objects there are, and how many of them are candidates."""
    if not matches:
        return f"<p>No object was matched. {_left_out(problems)}</p>"
    high = [m for m in matches if m.score >= threshold]
    known = [m for m in high if excluded(m.name, labels.get(m.name))]
    nothing = [m for m in matches if not m.seen]
    items = [
        f"{count(len(matches), 'object')} matched with the bank. {_left_out(problems)}",
        f"{count(len(high), 'object')} with a score of {threshold:g} or more; of these, "
        f"{len(known):,} known to be something else.",
        f"{count(sum(m.z_assumed for m in matches), 'redshift')} assumed, marked with \N{DAGGER}.",
        f"{count(sum(m.name in labels for m in matches), 'object')} with a spectrum.",
        f"{count(len(nothing), 'object')} without a flare that stands out from the noise (ln of "
        f"the evidence of the best model up to {NO_FLARE:g}): score 0 (\N{DOUBLE DAGGER}).",
    ]
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _left_out(problems: Sequence[Problem]) -> str:
    rows = sum(p.kind not in NOTES for p in problems)
    return f"{count(rows, 'problem')} with rows or objects left out." if rows else ""


def table(rows: Iterable[Row], shown: int) -> str:
    """All rows, the first ones linked to their sections; what no object has is no column."""
    text = [cells(row) for row in rows]
    links = {index: f"object-{index}" for index in range(min(shown, len(text)))}
    return link_table("all objects", HEADS, text, words=_WORDS, links=links)


def legend() -> str:
    """What the columns of the table are."""
    text = (
        "Host masses are by the relations of active galaxies and of ellipticals, without "
        "K-correction and extinction, as in the paper; black holes scatter about either by "
        f"{SCATTER:g} dex. M in Msun; the simulated one is the median of all flares of the bank, "
        "with 68 %. Start: days from the first observation to the collision, observer's frame; the "
        "paper's offset is of the opposite sign. Odds of a collision: against all other models, "
        f"which are equally likely. \N{DAGGER}: assumed. "
        "\N{DOUBLE DAGGER}: no flare stands out from the noise, and the score is 0."
    )
    return f"<p><small>{escape(text)}</small></p>"


def candidate(
    index: int, match: Match, templates: BankTemplates, label: Label | None, host: Host | None
) -> str:
    """Picture and paragraph of an object."""
    warnings = "".join(f"<li>{escape(text)}</li>" for text in caveats(match, templates, label))
    picture = image(
        to_png(draw_candidate(match, templates)),
        f"Light curve of {match.name} with the best simulated flare: magnitude against days",
    )
    return (
        f'<section class="object" id="object-{index}"><h3>{escape(match.name)} '
        f"<small>score {number(match.score, 2)}</small></h3>{picture}"
        + (f'<ul class="against">{warnings}</ul>' if warnings else "")
        + f"<p>{escape(describe(match, templates, host))}</p></section>"
    )


def captions() -> str:
    """What the pictures show."""
    return f"<p><small>{escape(caption())}</small></p>"


def calibration(receiver: Receiver, matches: Sequence[Match], threshold: float) -> str:
    """The receiver curve, and what the threshold costs."""
    found, false = (
        np.mean([score(x) >= threshold for x in values])
        for values in (receiver.positives, receiver.negatives)
    )
    text = (
        f"Of {count(len(receiver.positives), 'collision')} and "
        f"{count(len(receiver.negatives), 'other flare')}, a score of {threshold:g} or more finds "
        f"{100 * found:.1f} % of the collisions and takes {100 * false:.1f} % of the others for "
        f"collisions. The area below the curve is {receiver.auc:.3f}."
    )
    picture = image(
        to_png(draw_receiver(receiver, [m.log_bayes for m in matches])),
        "Left: receiver curve. Right: histograms of the ln of the odds of both groups",
    )
    return f"{picture}<p>{escape(text)} Short lines mark the objects of this report.</p>"
