"""The root command: its groups, and errors as one line each.

Nothing here or at the top of the command modules imports JAX or NumPy: help must come at once.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from surrogate import __version__
from surrogate.cli import (
    campaign,
    data,
    enrichment,
    evaluate,
    experiments,
    export,
    leave_out,
    predict,
    simulate,
    train,
    transients,
)
from surrogate.cli.messages import INTERRUPTED, WRONG_INPUT, fail, say


class _Commands(TyperGroup):
    """Prints what a user can correct as one message, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; exit with 2 on wrong input and with 130 when interrupted."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except (ValueError, OSError, ImportError) as error:
            fail(error)
            raise typer.Exit(WRONG_INPUT) from None
        except KeyboardInterrupt:
            say("surrogate: interrupted")
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    name="surrogate",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"surrogate {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Fast stand-ins for expensive stellar-astrophysics simulations."""


app.command("predict")(predict.predict)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("leave-out")(leave_out.leave_out)
app.command("export")(export.export)
app.command("simulate")(simulate.simulate)
app.add_typer(data.app, name="data")
app.add_typer(campaign.app, name="campaign")
app.add_typer(transients.app, name="transients")
app.add_typer(enrichment.app, name="enrichment")
app.add_typer(experiments.app, name="experiments")


def main() -> None:
    """Run the command line."""
    app()
