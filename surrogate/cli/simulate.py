"""`surrogate simulate`: one collision by the built-in SPH code, beside what was predicted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from surrogate.cli.choices import Model, ModelOption
from surrogate.cli.messages import say


def simulate(
    age: Annotated[float, typer.Option(help="Age of both stars [Gyr].")],
    m1: Annotated[float, typer.Option(help="Mass of star 1, 0.1 to 100 Msun.")],
    m2: Annotated[float, typer.Option(help="Mass of star 2, 0.1 to 100 Msun.")],
    rp: Annotated[float, typer.Option(help="Pericentre of the two-body orbit [Rsun].")],
    vinf: Annotated[float, typer.Option(help="Velocity at infinity [km/s].")],
    particles: Annotated[
        int, typer.Option("-n", "--particles", min=100, help="Of each star, about.")
    ] = 500,
    out: Annotated[
        Path,
        typer.Option("-o", "--out", metavar="DIR", file_okay=False, help="Folder of the run."),
    ] = Path("simulation"),
    stars: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            file_okay=False,
            help="Where relaxed stars are kept for other collisions; in --out if left out.",
        ),
    ] = None,
    longest: Annotated[
        float,
        typer.Option(min=30.0, help="A run not settled after so many snapshots has failed."),
    ] = 2000.0,
    double: Annotated[
        bool, typer.Option("--double", help="Compute pairs in double precision, too.")
    ] = False,
    pictures: Annotated[bool, typer.Option(help="Draw density, masses and an animation.")] = True,
    model: ModelOption = Model.ENSEMBLE,
) -> None:
    """Simulate a collision of two main-sequence stars, and compare it with the prediction.

    Stars are made from the structure model and relaxed; then they collide until it is settled who
    survives. While it runs: how far it is, the error of the total energy, and the bound masses.
    Ctrl-C stops it, and the same command goes on, also after a crash.

    In DIR afterwards: snapshots in StarSmasher's format, run.json with the row of the grid, and
    pictures.

    Exit code: 0 done, 2 wrong input or a failed run, 130 interrupted by Ctrl-C.
    """
    from surrogate.cli.simulate_run import Wanted, run, show
    from surrogate.simulations.engine import RunError

    wanted = Wanted(age, m1, m2, rp, vinf)
    try:
        state, predicted = run(
            wanted, out, stars or out / "stars", particles, longest, double, model.value
        )
    except KeyboardInterrupt:
        say(f"surrogate: stopped; the same command goes on from what {out} holds")
        raise
    except RunError as error:
        raise ValueError(str(error)) from error
    show(wanted, state, predicted)
    if pictures:
        _draw(out)
    typer.echo(f"{out / 'run.json'}")


def _draw(out: Path) -> None:
    from rich.console import Console

    from surrogate.simulations.gallery import draw_run

    with Console(stderr=True).status("drawing") as status:
        try:
            paths = draw_run(out, out / "pictures", "collision", status.update)
        except ImportError as error:
            say(f"surrogate: no pictures: {error}")
            return
    for path in paths:
        typer.echo(path)
