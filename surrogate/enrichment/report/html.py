"""The report: one HTML file that needs nothing else, on a phone or on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surrogate.enrichment.classes import StarClass, classify
from surrogate.enrichment.classifiers.generative import ERROR, observe
from surrogate.enrichment.figures.looks import check_seed
from surrogate.enrichment.report import sections
from surrogate.enrichment.report.making import caveats, making
from surrogate.enrichment.report.nearest import nearest_simulations
from surrogate.enrichment.report.paragraph import worst_first
from surrogate.enrichment.report.pictures import pictures
from surrogate.learning.files import write_bytes
from surrogate.reports.pages import page, problem_list
from surrogate.reports.words import count

if TYPE_CHECKING:
    from os import PathLike

    from surrogate.enrichment.classifiers.label import StarLabel
    from surrogate.enrichment.classifiers.models import Models
    from surrogate.enrichment.patterns import Patterns
    from surrogate.enrichment.solar import SolarTable
    from surrogate.enrichment.stars import Stars
    from surrogate.learning.problems import Problem

TITLE: Final = "Which process made the heavy elements"
MOST: Final = 50
"""Stars with a picture."""


def write_report(
    stars: Stars,
    labels: Sequence[StarLabel],
    models: Models,
    path: str | PathLike[str],
    *,
    patterns: Patterns | None = None,
    problems: Iterable[Problem] = (),
    title: str = TITLE,
    most: int = MOST,
    seed: int = 0,
    error: float = ERROR,
    solar: str | SolarTable = "asplund2009",
    report: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write a report on the labels of stars and replace an earlier file at once.

    Args:
        stars: n of them.
        labels: as of `label.label_stars`, in the order of the stars.
        models: that gave the labels.
        path: the HTML file; its folder is made where it is missing.
        patterns: simulations to draw, such as of `training.prepare_patterns`; without them there
            are only pictures that need none.
        problems: of the reader.
        title: of the report.
        most: stars with a picture and a paragraph, first of all those whose answers differ; all are
            in the table.
        seed: place of the networks that are drawn.
        error: of abundances without one [dex], as the labels have it.
        solar: the table that JINAbase's rules count from.
        report: is told how many pictures of stars of how many are done.

    Raises:
        ValueError: there are no stars, or not one label for each; `most` is below 0, or there is no
            such seed.
        ImportError: matplotlib is not installed.
        OSError: the file cannot be written; an earlier one stays.
    """
    if not len(stars):
        raise ValueError("stars: 0, allowed: 1 and more; nothing is written")
    if len(labels) != len(stars):
        raise ValueError(f"labels: {len(labels)}, allowed: {len(stars)}, one for each star")
    if most < 0:
        raise ValueError(f"most = {most}, allowed: 0 or more")
    check_seed(models, seed)
    found, problems = classify(stars, solar), list(problems)
    rows = worst_first(labels, found, most)
    parts = {
        "Summary": sections.summary(labels, found, problems),
        "All stars": sections.table(labels, found, frozenset(rows)) + sections.legend(models.seeds),
        "Simulations and stars": pictures(
            models, stars, [kind.process for kind in found], patterns, seed
        ),
    }
    if rows:
        parts["Star by star"] = _each(stars, labels, found, models, rows, error, report)
    parts["Problems"] = problem_list(problems)
    parts["What to keep in mind"] = caveats(error)
    parts["How it was made"] = making(models)
    write_bytes(Path(path), [page(title, parts).encode("utf-8", "replace")])


def _each(
    stars: Stars,
    labels: Sequence[StarLabel],
    found: Sequence[StarClass],
    models: Models,
    rows: Sequence[int],
    error: float,
    report: Callable[[int, int], None],
) -> str:
    """Sections of some stars, and how many are left out."""
    parts = [sections.captions()]
    seen = observe(stars.take(rows), models.generative.elements, error)
    beside = nearest_simulations(models.generative, seen)
    for done, (row, nearest) in enumerate(zip(rows, beside, strict=True), 1):
        parts.append(sections.star(stars, row, labels[row], found[row], models, nearest))
        report(done, len(rows))
    if left := len(stars) - len(rows):
        parts.append(
            f"<p>{count(left, 'star')} left out; those whose answers differ come first.</p>"
        )
    return "".join(parts)
