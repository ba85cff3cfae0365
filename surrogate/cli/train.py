"""`surrogate train`: train the published networks and the ensemble."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surrogate.cli.choices import (
    GridOption,
    Network,
    SeedsOption,
    SplitName,
    SplitOption,
    SplitSeedOption,
    SplitsOption,
    parse_seeds,
)
from surrogate.cli.messages import resumes

if TYPE_CHECKING:
    from rich.table import Table

    from surrogate.collisions.grid import Grid, Split

OUT = Path("checkpoints", "collisions")


def train(
    name: Annotated[Network, typer.Argument(help="What to train.", show_default=False)],
    data: GridOption = None,
    split: SplitOption = SplitName.PUBLISHED,
    splits: SplitsOption = None,
    split_seed: SplitSeedOption = 0,
    seeds: SeedsOption = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, help="Passes over the rows; those of each network if left out."),
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
    """Train a network, or all of them.

    Those of the paper have its hyperparameters; the fast one learns from the ensemble in DIR.
    A run that was interrupted goes on where it was when the same command is given again.

    Exit code: 0 trained, 2 wrong input, 130 interrupted by Ctrl-C.
    """
    numbers = parse_seeds(seeds)
    from surrogate.collisions.grid import GRID_FILE, find_data, load_grid

    file = find_data(GRID_FILE, data)
    grid = load_grid(file)
    from surrogate.cli.sources import data_record, make_split, split_record

    rows = make_split(grid, split, splits, split_seed)
    provenance = {
        "data": data_record(file, len(grid)),
        "split": split_record(split, rows, split_seed),
    }
    folder = snapshots or out / ".snapshots"
    every = [network.value for network in Network if network is not Network.ALL]
    names = every if name is Network.ALL else [name.value]
    _train_all(names, grid, rows, numbers, epochs, out, folder, provenance)


def _train_all(
    names: list[str],
    grid: Grid,
    split: Split,
    seeds: tuple[int, ...] | None,
    epochs: int | None,
    out: Path,
    snapshots: Path,
    provenance: dict[str, Any],
) -> None:
    from rich.console import Console

    from surrogate.collisions.trainers import TRAINERS

    for name in names:
        trainer = TRAINERS[name]
        with resumes(name, snapshots / name):
            card = trainer.train(
                grid,
                split,
                seeds=seeds or trainer.seeds,
                out=out / name,
                epochs=epochs,
                directory=snapshots / name,
                provenance=provenance,
            )
        Console().print(_measures(name, card))
        best = f"seed {card['seed']} is the best and" if trainer.keeps_best else "every seed"
        typer.echo(f"{name}: {best} went to {out / name}")
    # Only now: a second run of several networks must find those that were finished.
    for name in names:
        shutil.rmtree(snapshots / name, ignore_errors=True)
    if snapshots.is_dir() and not any(snapshots.iterdir()):
        snapshots.rmdir()


LABELS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced",
    "median_relative_error_1": "rel. err. 1",
    "median_relative_error_2": "rel. err. 2",
    "median_error": "rel. err.",
    "fate_nll": "-ln p(fate)",
    "mass_nll": "-ln p(mass)",
}
"""Measures on the validation rows, by what the table calls them."""


def _measures(name: str, card: dict[str, Any]) -> Table:
    """The measures on the validation rows: one row a seed, then their mean."""
    from rich.table import Table

    found = card["validation"]
    # The score of a member is the median relative error of its masses.
    found = {"median_error": found["score"], **found} if "mass_nll" in found else found
    measures = {k: found[k] for k in LABELS if k in found}
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
    if "accuracy" in measure:
        return f"{100 * value:.2f} %"
    return f"{value:.4f}" if "nll" in measure else f"{value:.3e}"
