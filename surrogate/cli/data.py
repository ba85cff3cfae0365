"""`surrogate data`: the files of the collision grid."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Fetch, check and convert collision grids.")

GridArgument = Annotated[
    Path,
    typer.Argument(metavar="GRID", help="csv in the public format, h5, or a folder with the grid."),
]


@app.command("fetch")
def fetch_files() -> None:
    """Download the public grid and its split to the cache; checked and resumable."""
    from surrogate.collisions.download import PUBLIC_FILES, fetch

    for name in PUBLIC_FILES:
        typer.echo(fetch(name))


@app.command("check")
def check(path: GridArgument) -> None:
    """Check every row of a grid and count its fates."""
    import numpy as np
    from rich.console import Console
    from rich.table import Table

    from surrogate.collisions.encounter import Fate
    from surrogate.collisions.grid import GRID_FILE, find_data, load_grid

    file = find_data(GRID_FILE, path)
    grid = load_grid(file)
    table = Table(title="Rows of each fate", title_justify="left")
    table.add_column("Fate")
    table.add_column("Rows", justify="right")
    for fate in Fate:
        table.add_row(fate.name.lower(), f"{np.count_nonzero(grid.fate == fate):,}")
    table.add_section()
    table.add_row("all", f"{len(grid):,}", style="bold")
    typer.echo(f"{file}: every row can be used")
    Console().print(table)


@app.command("convert")
def convert(
    source: GridArgument,
    out: Annotated[Path, typer.Argument(metavar="OUT.h5", help="The file to write.")],
    origin: Annotated[
        str | None,
        typer.Option("--source", metavar="TEXT", help="Where the rows come from, such as a DOI."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT.h5.")] = False,
) -> None:
    """Write a grid as HDF5, in the schema of the package."""
    from surrogate.cli.sources import find_source
    from surrogate.collisions.grid import GRID_FILE, find_data, load_grid
    from surrogate.collisions.hdf5 import write_hdf5
    from surrogate.learning.files import refuse_existing

    if out.suffix.lower() not in {".h5", ".hdf5"}:
        raise ValueError(f"{out}: the name must end in .h5 or .hdf5")
    refuse_existing(out, force)
    if not out.absolute().parent.is_dir():
        raise FileNotFoundError(f"{out}: there is no folder {out.absolute().parent}")
    file = find_data(GRID_FILE, source)
    grid = load_grid(file)
    write_hdf5(out, grid, origin or find_source(file))
    typer.echo(f"{out}: {len(grid):,} rows")


@app.command("where")
def where() -> None:
    """Say which files the other commands would use; nothing is downloaded."""
    from surrogate.collisions.download import PUBLIC_FILES, locate
    from surrogate.collisions.predictor import shipped_checkpoints

    for name in PUBLIC_FILES:
        typer.echo(f"{name}: {locate(name) or 'not here; `surrogate data fetch` downloads it'}")
    typer.echo(f"checkpoints: {shipped_checkpoints()}")
