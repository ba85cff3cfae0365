"""`surrogate leave-out`: how accurate models are at masses and ages that they have not seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surrogate.cli.choices import FoldKind, GridOption, SeedsOption, parse_seeds
from surrogate.cli.messages import resumes, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surrogate.collisions.folds import Fold
    from surrogate.collisions.leave_out import Study

OUT = Path("leave_out")


def leave_out(
    kind: Annotated[
        FoldKind,
        typer.Argument(
            help="What is left out: each mass between the lightest and the heaviest, each age, "
            "the heaviest mass, each heavier star at its TAMS, or all of these in turn."
        ),
    ] = FoldKind.ALL,
    models: Annotated[
        str, typer.Option(metavar="NAME,...", help="Models to train: ensemble, separate, mixture.")
    ] = "ensemble,separate",
    only: Annotated[
        str | None,
        typer.Option(metavar="X,X,...", help="Only these masses (Msun) or ages (Gyr)."),
    ] = None,
    data: GridOption = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Where results and weights go.")
    ] = OUT,
    seeds: SeedsOption = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, help="Passes over the rows of the ensemble.", show_default="80"),
    ] = None,
    published_epochs: Annotated[
        int | None,
        typer.Option(
            min=1, help="Passes over the rows of published networks; the paper's if left out."
        ),
    ] = None,
    members: Annotated[
        bool, typer.Option("--members", help="Also judge each member of the ensemble alone.")
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Train nothing, show what is finished in DIR.")
    ] = False,
) -> None:
    """Measure models off the grid: train without the stars of one mass or age, then ask about them.

    Every fold is trained on what is left, with a part of it to choose epochs and to calibrate; the
    left-out rows are answered by the whole pipeline with the grid's own radii. DIR keeps a result
    for each fold and model, their weights, and summary.json. A run that was interrupted goes on
    where it was when the same command is given again; several commands may fill one DIR.

    Exit code: 0 done, 2 wrong input, 130 interrupted by Ctrl-C.
    """
    if not report:
        chosen = _numbers(only)
        if chosen and kind is FoldKind.ALL:
            raise ValueError("--only belongs to one kind of fold: mass, age, beyond or tams")
        from surrogate.collisions.folds import KINDS, folds
        from surrogate.collisions.grid import GRID_FILE, find_data, load_grid
        from surrogate.collisions.leave_out import Study

        file = find_data(GRID_FILE, data)
        grid = load_grid(file)
        from surrogate.cli.sources import data_record

        study = Study(
            grid, out, parse_seeds(seeds), epochs, published_epochs, data_record(file, len(grid))
        )
        kinds = KINDS if kind is FoldKind.ALL else (kind.value,)
        asked = [fold for name in kinds for fold in folds(grid, name, chosen)]
        if not asked:
            raise ValueError(f"{file} has no fold of kind {kind.value!r}: choose another kind")
        _run(study, asked, models.split(","), members)
    _report(out, kind)


def _run(study: Study, folds: Sequence[Fold], models: Sequence[str], members: bool) -> None:
    """Train and judge every model on every fold that is not finished."""
    from surrogate.collisions.leave_out import check_models, find_result, run

    check_models(models)
    pairs = [(fold, model) for fold in folds for model in models]
    # Before hours of training: none of them may be another study's.
    for fold, model in pairs:
        find_result(study, fold, model)
    for k, (fold, model) in enumerate(pairs):
        say(f"{fold.label} left out, {model} ({k + 1} of {len(pairs)})")
        with resumes(model, study.folder / fold.name):
            run(study, fold, model, members=members)


def _report(folder: Path, kind: FoldKind) -> None:
    """Show every finished fold, and write the summary."""
    from rich.console import Console

    from surrogate.cli.leave_out_tables import notes, tables
    from surrogate.collisions.leave_out_results import read_results, summarise
    from surrogate.learning.files import write_json

    results = read_results(folder)
    if not results:
        raise ValueError(f"{folder} holds no finished fold; leave out --report to train")
    summary = summarise(results)
    write_json(folder / "summary.json", summary)
    console = Console()
    for name, found in summary.items():
        if kind in (FoldKind.ALL, name):
            for table in tables(name, found, console.width):
                console.print(table)
            for note in notes(found):
                console.print(note)


def _numbers(text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"--only = {text!r}, allowed: numbers such as 2,16") from None
