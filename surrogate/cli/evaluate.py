"""`surrogate evaluate`: how often a model is right on simulated collisions, and how sure it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surrogate.cli.choices import (
    CheckpointsOption,
    Model,
    ModelOption,
    Part,
    SplitName,
    SplitOption,
    SplitSeedOption,
    SplitsOption,
)

if TYPE_CHECKING:
    from rich.table import Table

    from surrogate.collisions.grid import Grid

PAPER = {
    ("separate", "networks"): (0.986, 0.984, 4.41e-3, 3.7e-7, 1.05e-3, 1.51e-3),
    ("separate", "pipeline"): (0.982, 0.982, 4.3e-3, 0.0, 1.1e-3, 1.4e-3),
    ("mixture", "networks"): (0.986, 0.985, 10.4e-3, 4e-6, 2.7e-3, 7.5e-3),
}
"""Gonzalez Prieto et al. (2026), Tables 6 and 7, in the order of `Measures`."""

LABELS = {
    "accuracy": "Accuracy [%]",
    "balanced_accuracy": "Balanced accuracy [%]",
    "median_absolute_error_1": "Median error, star 1 [Msun]",
    "median_absolute_error_2": "Median error, star 2 [Msun]",
    "median_relative_error_1": "Median relative error, star 1",
    "median_relative_error_2": "Median relative error, star 2",
}
SURE = {
    "ece": "Calibration error of the fates [%]",
    "survivor_accuracy": "Survivor named correctly [%]",
    "coverage68_1": "Star 1 within 68 % interval [%]",
    "coverage95_1": "Star 1 within 95 % interval [%]",
    "coverage68_2": "Star 2 within 68 % interval [%]",
    "coverage95_2": "Star 2 within 95 % interval [%]",
}
WIDE = 76
"""Columns of a terminal that both tables fit in side by side."""

HEADS = {"networks": "Networks alone", "pipeline": "Whole pipeline"}


def evaluate(
    grid: Annotated[
        Path | None,
        typer.Argument(
            metavar="GRID",
            help="Simulated collisions: csv in the public format, h5, or a folder with the grid. "
            "The public grid if left out.",
        ),
    ] = None,
    rows: Annotated[
        Part | None,
        typer.Option(
            help="All rows where GRID is given, else the validation rows.", show_default=False
        ),
    ] = None,
    split: SplitOption = SplitName.PUBLISHED,
    splits: SplitsOption = None,
    split_seed: SplitSeedOption = 0,
    model: ModelOption = Model.ENSEMBLE,
    checkpoints: CheckpointsOption = None,
    with_confusion: Annotated[
        bool, typer.Option("--confusion", help="Also count simulated against predicted fates.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a model against simulations: fates, final masses, and how sure it is of them.

    Networks alone answer every row; the whole pipeline takes radii from the structure model and
    may find that stars do not touch. A single survivor counts as star 1, as in the paper.
    """
    chosen = rows or (Part.ALL if grid is not None else Part.VALIDATION)
    from surrogate.collisions import evaluate as judge
    from surrogate.collisions.encounter import Regime
    from surrogate.collisions.grid import load_grid
    from surrogate.collisions.metrics import as_json as by_name
    from surrogate.collisions.predictor import load

    part = _take(load_grid(grid), chosen, split, splits, split_seed)
    loaded = load(model.value, path=checkpoints)
    outcome = judge.ask_pipeline(loaded, part)
    answers: dict[str, Any] = {"networks": judge.ask_networks(loaded, part), "pipeline": outcome}
    outside = int((outcome.regime != Regime.COLLISION).sum())
    measures = {k: by_name(judge.compare(answer, part)) for k, answer in answers.items()}
    sure = by_name(judge.confidence(outcome, part))
    counts = (
        {name: judge.confusion(answer.fate, part.fate).tolist() for name, answer in answers.items()}
        if with_confusion
        else {}
    )

    if as_json:
        found = {
            "model": model.value,
            "rows": chosen.value,
            "count": len(part),
            "no_collision": outside,
            **measures,
            "confidence": sure,
            **({"confusion": counts} if counts else {}),
        }
        typer.echo(json.dumps(found, indent=2))
        return
    from rich.console import Console

    console = Console()
    title = f"{model.value}, {len(part):,} {_describe(chosen)}"
    side_by_side = [measures] if console.width >= WIDE else [{k: v} for k, v in measures.items()]
    for shown in side_by_side:
        console.print(_measures(model, shown, title))
    console.print(_confidence(sure))
    console.print(f"{outside:,} of {len(part):,} rows are no collision to the whole pipeline.")
    for name, table in counts.items():
        console.print(_confusion(HEADS[name], table))


def _take(grid: Grid, rows: Part, split: SplitName, splits: Path | None, seed: int) -> Grid:
    if rows is Part.ALL:
        return grid
    from surrogate.cli.sources import make_split

    parts = make_split(grid, split, splits, seed)
    chosen = {Part.TRAIN: parts.train, Part.VALIDATION: parts.val, Part.TEST: parts.test}[rows]
    if not len(chosen):
        raise ValueError(f"--rows {rows.value}: the {split.value} split of this grid has none")
    return grid.take(chosen)


def _describe(rows: Part) -> str:
    return "rows" if rows is Part.ALL else f"{rows.value} rows"


def _measures(model: Model, measures: dict[str, dict[str, float | None]], title: str) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    table.add_column("")
    columns: list[tuple[str, list[float | None]]] = []
    for kind, values in measures.items():
        columns.append((HEADS[kind], list(values.values())))
        if (model.value, kind) in PAPER:
            columns.append(("paper", list(PAPER[model.value, kind])))
    for head, _ in columns:
        style = "dim" if head == "paper" else ""
        table.add_column(head, justify="right", style=style, min_width=7)
    for i, (name, label) in enumerate(LABELS.items()):
        table.add_row(label, *(_number(name, values[i]) for _, values in columns))
    return table


def _confidence(sure: dict[str, float | None]) -> Table:
    from rich.table import Table

    table = Table(title="How sure", title_justify="left")
    table.add_column("")
    table.add_column(HEADS["pipeline"], justify="right")
    for name, label in SURE.items():
        value = sure[name]
        table.add_row(label, "-" if value is None else f"{100 * value:.2f}")
    return table


def _number(measure: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.2f}" if "accuracy" in measure else f"{value:.3g}"


def _confusion(head: str, counts: list[list[int]]) -> Table:
    from rich.table import Table

    from surrogate.collisions.encounter import Fate

    names = [fate.name.lower() for fate in Fate]
    table = Table(title=f"{head}: simulated fate by predicted fate", title_justify="left")
    table.add_column("simulated")
    for name in names:
        table.add_column(name, justify="right")
    for name, row in zip(names, counts, strict=True):
        table.add_row(name, *(f"{count:,}" for count in row))
    return table
