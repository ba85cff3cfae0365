"""`surrogate campaign`: simulate collisions, and make rows of the grid from them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surrogate.cli.messages import say

if TYPE_CHECKING:
    from surrogate.simulations.campaign import Campaign
    from surrogate.simulations.design import Design

app = typer.Typer(no_args_is_help=True, help="Simulate collisions, and make rows from them.")

NOT_ALL = 1
"""Exit code: some collisions of the campaign are not done."""

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", file_okay=False, help="Folder of the campaign.")
]
Jobs = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Runs at a time, in place of executor.jobs.")
]


@app.command("plan")
def plan(
    folder: Folder,
    paper: Annotated[
        bool, typer.Option("--paper", help="The grid of the paper: 27,720 collisions.")
    ] = False,
    table: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Collisions with columns age, m1, m2, rp, vinf."),
    ] = None,
    propose: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Of these collisions, the N that would teach the model most."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="Of the proposal.")] = 0,
) -> None:
    """Begin a campaign, or add collisions to it; what it has already is not added again."""
    from surrogate.simulations import campaign as campaigns
    from surrogate.simulations.configuration import FILE
    from surrogate.simulations.design import paper_grid, read_design

    if paper == (table is not None):
        raise ValueError("give either --paper or --table CSV")
    design = paper_grid() if table is None else read_design(table)
    if propose is not None:
        design = _propose(folder, design, propose, seed)
    fresh = not (folder / campaigns.DESIGN).exists()
    before = 0 if fresh else len(campaigns.Campaign(folder).design)
    made = campaigns.plan(folder, design)
    typer.echo(
        f"{folder}: {len(made.design) - before:,} collisions added, {len(made.design):,} now"
    )
    if fresh:
        typer.echo(f"{folder / FILE} says how many particles, and can name StarSmasher; then")
        typer.echo(f"surrogate campaign run {folder}")


@app.command("run")
def run(folder: Folder, jobs: Jobs = None) -> None:
    """Make all runs that are neither done nor failed, and collect the rows.

    Ctrl-C stops them; the same command goes on from their last snapshots.

    Exit code: 0 all done, 1 some failed, 2 wrong input, 130 interrupted.
    """
    raise typer.Exit(_run(_open(folder), jobs))


@app.command("retry")
def retry(folder: Folder, jobs: Jobs = None) -> None:
    """Let failed runs be made again, from their last good snapshots; then as `run`."""
    from surrogate.simulations.campaign import forget_failures

    campaign = _open(folder)
    typer.echo(f"{forget_failures(campaign):,} failed runs are tried again")
    raise typer.Exit(_run(campaign, jobs))


@app.command("status")
def status(
    folder: Folder,
    failed: Annotated[bool, typer.Option("--failed", help="Why runs failed, in full.")] = False,
) -> None:
    """Show how many collisions are done, which are under way, and what failed."""
    from rich.console import Console

    from surrogate.cli.campaign_tables import failures, overview

    campaign = _open(folder)
    states = campaign.states()
    Console().print(overview(campaign.design, states))
    if failed:
        typer.echo(failures(states))


@app.command("collect")
def collect(
    folder: Folder,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE.h5", help="Default: DIR/rows.h5.")
    ] = None,
) -> None:
    """Write the collisions that are done as rows of the grid, replacing the file at once."""
    _collect(_open(folder), out)


@app.command("draw")
def draw(
    folder: Folder,
    name: Annotated[
        str, typer.Argument(metavar="RUN", help="Of `status`; its first letters are enough.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", file_okay=False, help="Where they go.")
    ] = Path("pictures"),
) -> None:
    """Draw a run: density and particles through time, bound mass, and an animation."""
    from rich.console import Console

    from surrogate.simulations.gallery import draw_run

    campaign = _open(folder)
    fitting = [known for known in campaign.design.names() if known.startswith(name)]
    if len(fitting) != 1:
        raise ValueError(f"run = {name!r}: {len(fitting)} of the campaign's runs begin with it")
    with Console(stderr=True).status("reading") as status:
        try:
            paths = draw_run(campaign.run_folder(fitting[0]), out, fitting[0], status.update)
        except ImportError as error:
            raise ValueError(str(error)) from error
    for path in paths:
        typer.echo(path)


def _open(folder: Path) -> Campaign:
    from surrogate.simulations.campaign import DESIGN, Campaign

    if not (folder / DESIGN).is_file():
        raise FileNotFoundError(
            f"{folder} holds no campaign; `surrogate campaign plan {folder}` begins one"
        )
    return Campaign(folder)


def _run(campaign: Campaign, jobs: int | None) -> int:
    from dataclasses import replace

    from surrogate.cli.campaign_tables import live
    from surrogate.simulations.driver import run as drive
    from surrogate.simulations.executors import make_executor
    from surrogate.simulations.state import Status

    choice, command = campaign.configuration.executor, campaign.configuration.engine.command
    if jobs is not None:
        choice = replace(choice, jobs=jobs)
    try:
        with (
            _ended_like_interrupted(),
            make_executor(choice, command, campaign.folder) as executor,
            live(campaign.design) as watch,
        ):
            states = drive(campaign, executor, watch)
    except KeyboardInterrupt:
        say(f"surrogate: stopped; `surrogate campaign run {campaign.folder}` goes on from there")
        raise
    missing = {name: s for name, s in states.items() if s.status is not Status.DONE}
    for name, state in list(missing.items())[:3]:
        say(f"{name} {state.status}: {state.reason}")
    if missing:
        say(
            f"surrogate: {len(missing):,} collisions are not done; `surrogate campaign status "
            f"--failed {campaign.folder}` says why, `surrogate campaign retry {campaign.folder}` "
            "tries again"
        )
    _collect(campaign, None)
    return NOT_ALL if missing else 0


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """A scheduler that ends the driver is to leave it as tidy as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _collect(campaign: Campaign, out: Path | None) -> None:
    from surrogate.simulations.collect import collect as write

    path = out or campaign.folder / "rows.h5"
    rows, missing = write(campaign, path)
    typer.echo(f"{path}: {rows:,} rows; {missing:,} collisions are not done")


def _propose(folder: Path, design: Design, count: int, seed: int) -> Design:
    """The collisions that would teach the model most, of those that the campaign has not."""
    import jax
    import numpy as np

    import surrogate
    from surrogate.simulations.campaign import DESIGN, Campaign
    from surrogate.simulations.design import join
    from surrogate.simulations.propose import propose

    def encounters(rows: Design) -> surrogate.Encounter:
        return surrogate.Encounter(rows.age, rows.m1, rows.m2, rows.rp, rows.vinf)

    known = Campaign(folder).design if (folder / DESIGN).exists() else design.take([])
    both = join(known, design)
    fresh = both.take(np.arange(len(known), len(both)))
    if count > len(fresh):
        raise ValueError(f"--propose {count}, allowed: up to {len(fresh)}, the new collisions")
    seen = encounters(known) if len(known) else None
    key = jax.random.key(seed)
    return fresh.take(propose(surrogate.load("ensemble"), encounters(fresh), count, key, seen))
