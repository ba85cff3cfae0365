"""`surrogate train`: train the published networks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surrogate.cli.choices import (
    Network,
    SplitName,
    SplitOption,
    SplitSeedOption,
    SplitsOption,
)
from surrogate.cli.messages import INTERRUPTED, say

if TYPE_CHECKING:
    from rich.table import Table

    from surrogate.collisions.grid import Grid, Split

OUT = Path("checkpoints", "collisions")


def train(
    name: Annotated[Network, typer.Argument(help="What to train.", show_default=False)],
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="Grid (csv, h5) or its folder; see `surrogate data where`."
        ),
    ] = None,
    split: SplitOption = SplitName.PUBLISHED,
    splits: SplitsOption = None,
    split_seed: SplitSeedOption = 0,
    seeds: Annotated[
        str, typer.Option(metavar="N,N,...", help="One network each; the best is kept.")
    ] = "0,1,2",
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the rows; the paper's if left out.")
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Networks go to DIR/NAME.")
    ] = OUT,
    snapshots: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where an unfinished run is kept; OUT/.snapshots if left out."
        ),
    ] = None,
) -> None:
    """Train a network, or all of them, with the paper's hyperparameters.

    A run that was interrupted goes on where it was when the same command is given again.

    Exit code: 0 trained, 2 wrong input, 130 interrupted by Ctrl-C.
    """
    numbers = _parse_seeds(seeds)
    from surrogate.collisions.grid import GRID_FILE, find_data, load_grid
    from surrogate.collisions.train import RECIPES

    file = find_data(GRID_FILE, data)
    grid = load_grid(file)
    from surrogate.cli.sources import data_record, make_split, split_record

    rows = make_split(grid, split, splits, split_seed)
    provenance = {
        "data": data_record(file, len(grid)),
        "split": split_record(split, rows, split_seed),
    }
    folder = snapshots or out / ".snapshots"
    names = list(RECIPES) if name is Network.ALL else [name.value]
    _train_all(names, grid, rows, numbers, epochs, out, folder, provenance)


def _train_all(
    names: list[str],
    grid: Grid,
    split: Split,
    seeds: list[int],
    epochs: int | None,
    out: Path,
    snapshots: Path,
    provenance: dict[str, Any],
) -> None:
    from rich.console import Console

    from surrogate.collisions import train as training

    for name in names:
        try:
            card = training.train(
                name,
                grid,
                split,
                seeds=seeds,
                out=out / name,
                epochs=epochs,
                directory=snapshots / name,
                provenance=provenance,
            )
        except KeyboardInterrupt:
            say(
                f"surrogate: interrupted; {name} is kept in {snapshots / name}. "
                "The same command goes on from there."
            )
            raise typer.Exit(INTERRUPTED) from None
        Console().print(_measures(name, card))
        typer.echo(f"{name}: seed {card['seed']} is the best and went to {out / name}")
    # Only now: a second run of several networks must find those that were finished.
    for name in names:
        shutil.rmtree(snapshots / name, ignore_errors=True)
    if snapshots.is_dir() and not any(snapshots.iterdir()):
        snapshots.rmdir()


def _parse_seeds(text: str) -> list[int]:
    try:
        seeds = [int(part) for part in text.split(",")]
    except ValueError:
        seeds = []
    if not seeds or len(set(seeds)) < len(seeds) or not all(0 <= s < 2**32 for s in seeds):
        raise ValueError(
            f"--seeds = {text!r}, allowed: different whole numbers >= 0, such as 0,1,2"
        )
    return seeds


LABELS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced",
    "median_relative_error_1": "rel. err. 1",
    "median_relative_error_2": "rel. err. 2",
}
"""Measures on the validation rows, by what the table calls them."""


def _measures(name: str, card: dict[str, Any]) -> Table:
    """The measures on the validation rows: one row a seed, then their mean."""
    from rich.table import Table

    measures = {k: v for k, v in card["validation"].items() if k in LABELS}
    table = Table(title=f"{name} on the validation rows", title_justify="left")
    for column in ("seed", "epoch", *(LABELS[k] for k in measures)):
        table.add_column(column, justify="right")
    for i, seed in enumerate(card["seeds"]):
        cells = [_number(k, v[i]) for k, v in measures.items()]
        table.add_row(str(seed), str(card["best_epoch"][i]), *cells)
    table.add_section()
    means = [_number(k, sum(v) / len(v)) for k, v in measures.items()]
    table.add_row("mean", "", *means, style="bold")
    return table


def _number(measure: str, value: float) -> str:
    return f"{100 * value:.2f} %" if "accuracy" in measure else f"{value:.3e}"
