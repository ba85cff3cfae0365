"""The report: one HTML file that needs nothing else, on a phone or on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surrogate.learning.files import write_bytes
from surrogate.learning.problems import Problem
from surrogate.reports.pages import page, problem_list
from surrogate.reports.words import count
from surrogate.transients.photometry import NOTES
from surrogate.transients.report import sections
from surrogate.transients.report.known import find_host
from surrogate.transients.report.making import making, meaning
from surrogate.transients.report.table import make_row

if TYPE_CHECKING:
    from os import PathLike

    from surrogate.reports.receiver import Receiver
    from surrogate.transients.labels import Label
    from surrogate.transients.templates import BankTemplates
    from surrogate.transients.verdict import Match

TITLE: Final = "Candidate stellar collisions"
MOST: Final = 50
"""Objects with a picture."""
THRESHOLD: Final = 0.5
"""Score from which an object counts as a candidate."""


def write_report(
    matches: Iterable[Match | Problem],
    path: str | PathLike[str],
    *,
    templates: BankTemplates,
    labels: Mapping[str, Label] | None = None,
    hosts: Mapping[str, tuple[float, ...]] | None = None,
    problems: Iterable[Problem] = (),
    receiver: Receiver | None = None,
    title: str = TITLE,
    most: int = MOST,
    threshold: float = THRESHOLD,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write a report on many objects and replace an earlier file at once.

    Args:
        matches: as of `verdict.Matcher.match_all`; problems among them join the others.
        path: the HTML file; its folder is made where it is missing.
        templates: of the bank that the objects were matched with.
        labels: what spectra say, by name of the object.
        hosts: magnitudes of host galaxies in g and r, and their errors where known [AB mag], by
            name of the object, such as `known.Host`; the paper's where it has them.
        problems: of the reader.
        receiver: a calibration, of ln of odds.
        title: of the report.
        most: objects with a picture and a paragraph, those of the highest scores; all are in the
            table.
        threshold: score from which an object counts as a candidate.
        report: is told how many pictures of how many are done.

    Raises:
        ValueError: `most` is below 0, or `threshold` not between 0 and 1.
        ImportError: matplotlib is not installed.
        OSError: the file cannot be written; an earlier one stays.
    """
    if most < 0:
        raise ValueError(f"most = {most}, allowed: 0 or more")
    if not 0.0 <= threshold <= 1.0:
        raise ValueError(f"threshold = {threshold}, allowed: 0 to 1")
    labels, hosts = labels or {}, hosts or {}
    answers = list(matches)
    problems = [*problems, *(p for p in answers if isinstance(p, Problem))]
    found = [m for m in answers if not isinstance(m, Problem)]
    found.sort(key=lambda m: (-m.score, -m.log_bayes, m.name))
    parts = {"Summary": sections.summary(found, problems, labels, threshold)}
    if found:
        parts["All objects"] = _table(found, labels, hosts, most)
        parts["Light curves"] = _candidates(found[:most], templates, labels, hosts, report)
        if len(found) > most:
            parts["Light curves"] += f"<p>{count(len(found) - most, 'object')} left out.</p>"
    if receiver is not None:
        parts["Calibration"] = sections.calibration(receiver, found, threshold)
    parts["Problems"] = problem_list(problems, NOTES)
    parts["What the score means"] = meaning()
    parts["How it was made"] = making(templates, found)
    write_bytes(Path(path), [page(title, parts).encode("utf-8", "replace")])


def _table(
    found: Sequence[Match],
    labels: Mapping[str, Label],
    hosts: Mapping[str, tuple[float, ...]],
    most: int,
) -> str:
    rows = [make_row(m, labels.get(m.name), find_host(m.name, hosts)) for m in found]
    return sections.table(rows, most) + sections.legend()


def _candidates(
    found: Sequence[Match],
    templates: BankTemplates,
    labels: Mapping[str, Label],
    hosts: Mapping[str, tuple[float, ...]],
    report: Callable[[int, int], None],
) -> str:
    parts = [sections.captions()]
    for index, match in enumerate(found):
        host = find_host(match.name, hosts)
        parts.append(sections.candidate(index, match, templates, labels.get(match.name), host))
        report(index + 1, len(found))
    return "".join(parts)
