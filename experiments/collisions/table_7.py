"""Table 7: the whole pipeline on the grid, between its masses, at the TAMS and beyond 64 Msun.

Needs: the SPH grid; --full takes about an hour on two cores, most of it for leaving stars out.

The paper's interpolation, TAMS and extrapolation sets are not public. Here stars of the grid stand
in for them, left out of the training: every mass between the lightest and the heaviest in turn,
masses at their terminal-age main sequence, and the heaviest mass. That is harder than the
paper's sets, which lie between or next to stars that its networks know. These networks are trained
for fewer epochs than the shipped ones. The first rows show the shipped models with the radii of
their own structure model, and what that costs against the radii of the simulations.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support import paper
from support.measures import SHORT, SHORT_NOTE
from support.rows import Data, load_rows
from surrogate import load
from surrogate.cli.sources import data_record
from surrogate.collisions.evaluate import ask_pipeline, compare
from surrogate.collisions.folds import folds
from surrogate.collisions.grid import GRID_FILE, find_data
from surrogate.collisions.leave_out import Study
from surrogate.collisions.leave_out import run as train_and_judge
from surrogate.collisions.leave_out_results import summarise
from surrogate.collisions.metrics import Measures
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start

EPOCHS = 80
"""Passes over the rows where stars are left out; the published networks have 500 and 2000."""
SEEDS = {"ensemble": (0, 1), "separate": (0,)}
"""Networks of each model there."""
TAMS = (2.0, 8.0, 32.0)
"""Masses left out at their terminal-age main sequence [Msun], the paper's first; five more have one
in the grid."""
KINDS = {"mass": "interpolation", "tams": "TAMS", "beyond": "extrapolation"}
"""What is left out, and which set of the paper it stands in for."""
WORDS = {
    "mass": "a mass left out",
    "tams": "a TAMS left out",
    "beyond": "64 Msun left out",
}


def body(run: Run) -> None:
    data = load_rows(run)
    report = Report(run, "Table 7. The whole pipeline", ["rows", "model", *SHORT])
    models = ["separate"] if run.quick else ["ensemble", "separate"]
    for model in models:
        judge_shipped(report, data, model)
    add_paper(report, "testing")
    for kind, theirs in KINDS.items():
        judge_left_out(report, run, data, kind, models)
        add_paper(report, theirs)
    report.note(SHORT_NOTE)
    report.note("Left out: means over the masses. The paper's rows are its own sets.")
    report.write()


def judge_shipped(report: Report, data: Data, model: str) -> None:
    """Add a shipped model on the judged rows, with its own radii and with the grid's."""
    rows, loaded = data.judged.grid, load(model)
    for name, own in (("split", False), ("split, SPH radii", True)):
        measures = compare(ask_pipeline(loaded, rows, own_radii=own), rows)
        add_measures(report, (name, model), measures._asdict())


def judge_left_out(report: Report, run: Run, data: Data, kind: str, models: list[str]) -> None:
    """Train without the stars of each fold, and add the mean over the folds."""
    file = find_data(GRID_FILE, run.data)
    only = TAMS if kind == "tams" else None
    chosen = folds(data.grid, kind, only)[: 1 if run.quick else None]
    for model in models:
        study = make_study(run, data, file, model)
        results = [train_and_judge(study, fold, model) for fold in chosen]
        found = summarise(results)[kind]["models"][model]
        add_measures(report, (WORDS[kind], model), found["mean"])
        report.details.setdefault(kind, {})[model] = found["folds"]


def make_study(run: Run, data: Data, file: Path, model: str) -> Study:
    """Where the networks of the folds are trained and kept."""
    epochs = 1 if run.quick else EPOCHS
    record = data_record(file, len(data.grid))
    return Study(data.grid, run.folder / "leave_out", SEEDS[model], epochs, epochs, record)


def add_measures(report: Report, names: tuple[str, str], found: Mapping[str, Any]) -> None:
    """Add a row of measures by name; shares become per cent."""
    shares = ("accuracy", "balanced_accuracy")
    report.add(*names, *(float(found[k]) * (100 if k in shares else 1) for k in Measures._fields))


def add_paper(report: Report, rows: str) -> None:
    """Add a row of the paper's table."""
    report.add(f"{rows}", "paper", *paper.TABLE_7[rows])


if __name__ == "__main__":
    start(body, __file__)
