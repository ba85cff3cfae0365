"""Tables 1 and 2: labels of the 43 stars, cell by cell beside the paper's.

Needs: `jinabase/` (in SURROGATE_DATA or --data); a minute.

Labels are those of the shipped classifiers. These did not learn from the paper's tracers, which are
not public: the tables are a comparison.
"""

from __future__ import annotations

import numpy as np

from loading import load_stars
from surrogate.enrichment.classifiers.evaluate import agreement
from surrogate.enrichment.classifiers.label import StarLabel, label_stars
from surrogate.enrichment.classifiers.shipped import load_shipped
from surrogate.enrichment.classifiers.training import PROCESSES
from surrogate.enrichment.figures.looks import SET_NAMES
from surrogate.enrichment.published import PUBLISHED, TABLE_1
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start

SHORT = ("L min", "S min", "L max", "S max", "L r", "S r", "L s", "S s")
"""Names of `published.COLUMNS`."""


def body(run: Run) -> None:
    labels = label_stars(load_stars(run), load_shipped())
    print_cells(run, labels)
    print_labels(run, labels)
    print_agreement(run, labels)


def print_cells(run: Run, labels: list[StarLabel]) -> None:
    """Every cell, ours before the paper's."""
    for name, stem in (("er", run.name), ("pb", f"{run.name}_pb")):
        title = f"Cells, ours/the paper's, {SET_NAMES[name]}"
        report = Report(run, title, ("star", *SHORT), stem=stem)
        for label, row in zip(labels, PUBLISHED, strict=True):
            # Rows of table 2 have the last four columns.
            theirs = getattr(row, name).rjust(len(SHORT))
            both = zip(label.cells[name], theirs, strict=True)
            cells = [f"{ours}/{other}".strip() for ours, other in both]
            report.add(f"{row.number} {row.name}", *cells)
        report.note("Binary, large and small, at minimal and at maximal separation, r or s; then")
        report.note("one-class, trained on r and on s. Outside of the class: .; no such element: -")
        report.note("These are not the paper's tracers: a comparison, no reproduction.")
        report.write()


def print_labels(run: Run, labels: list[StarLabel]) -> None:
    """What all cells make of each star, and what elements with errors make of it."""
    columns = ("star", "here", "seeds", "paper", "JINAbase", "likely", "r", "s", "i")
    report = Report(run, "Labels", columns, stem=f"{run.name}_labels")
    for label, row in zip(labels, PUBLISHED, strict=True):
        p = [round(label.probability.get(process, np.nan), 3) for process in PROCESSES]
        words = (row.overall, row.jinabase, label.process)
        report.add(f"{row.number} {row.name}", label.overall, label.stability, *words, *p)
    report.note("Here: by the votes of the cells; seeds: the share that makes the same. Likely:")
    report.note("the likeliest process of all elements with errors; r, s, i: probabilities.")
    report.write()


def print_agreement(run: Run, labels: list[StarLabel]) -> None:
    """How often labels are those of the paper and of JINAbase."""
    columns = ("what", "of", "here", "paper")
    report = Report(run, "Labels that agree", columns, stem=f"{run.name}_agreement")
    r_s = agreement(labels[: len(TABLE_1)], TABLE_1)
    all_stars = agreement(labels, PUBLISHED)
    n = r_s.stars
    report.add("table 1: networks and JINAbase", n, r_s.overall_jinabase, 33)
    report.add("table 1: networks and the paper's", n, r_s.overall_paper, None)
    report.add("table 1: likeliest process and JINAbase", n, r_s.likeliest_jinabase, None)
    report.add("table 1: likeliest process and the paper's", n, r_s.likeliest_paper, None)
    of_two = [max(("r", "s"), key=lambda p: label.probability[p]) for label in labels]
    same = sum(a == row.jinabase for a, row in zip(of_two, TABLE_1, strict=False))
    report.add("table 1: likelier of r and s, and JINAbase", n, same, None)
    report.add("table 1: cells", r_s.cells, r_s.cells_paper, None)
    report.add(
        "tables 1 and 2: likeliest process and JINAbase",
        all_stars.stars,
        all_stars.likeliest_jinabase,
        None,
    )
    report.add("tables 1 and 2: cells", all_stars.cells, all_stars.cells_paper, None)
    report.details |= {"table 1": r_s._asdict(), "both": all_stars._asdict()}
    report.write()


if __name__ == "__main__":
    start(body, __file__)
