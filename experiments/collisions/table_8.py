"""Table 8: the grid search of the support vector regression, in its two stages.

Needs: the SPH grid; --full takes half an hour on two cores.

The first stage searches three kernels for each of the three fractions. The second stays with the
best kernel, C and gamma and tries smaller tubes; Table 4 and the figures use its best. The first
stage sees one training row in twelve: with all of them its 546 fits would take days.
"""

from __future__ import annotations

from support import paper
from support.cache import Found
from support.classical import COARSE, TARGETS, search_regression, support_regressor
from support.rows import load_rows
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start

SHARE = 12
"""Every how many training rows the first stage uses."""


def body(run: Run) -> None:
    data = load_rows(run)
    report = Report(
        run,
        "Table 8. Grid search of the support vector regression",
        ["stage", "fraction", "kernel", "C", "gamma", "epsilon", "degree", "mean |error|"],
    )
    coarse: dict[str, Found] = {}
    for k, target in enumerate(TARGETS):
        for kernel, ranges in COARSE.items():
            label, space = f"SVR of {target}, {kernel}", {"kernel": [kernel], **ranges}
            found = search_regression(run, data, k, label, space, SHARE)
            add(report, "coarse", target, found)
            coarse[f"{target} {kernel}"] = found
    _, fine = support_regressor(run, data)
    for target, found in zip(TARGETS, fine, strict=True):
        add(report, "fine", target, found)
    best = paper.TABLE_8
    report.add(
        "paper", "all", str(best["kernel"]), best["C"], best["gamma"], best["epsilon"], None, None
    )
    report.note(f"Coarse: {len(data.train.fate[::SHARE])} training rows; fine: all of them.")
    report.details |= {"coarse": coarse, "fine": dict(zip(TARGETS, fine, strict=True))}
    report.write()


def add(report: Report, stage: str, target: str, found: Found) -> None:
    """Add the best of a search."""
    chosen = found["best"]
    settings = [chosen.get(k) for k in ("kernel", "C", "gamma", "epsilon", "degree")]
    report.add(stage, target, *settings, -found["score"])


if __name__ == "__main__":
    start(body, __file__)
