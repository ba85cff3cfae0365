"""What the commands say on standard error, and their exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

SOME_ROWS_BAD = 1
"""Exit code: the good rows were answered, others could not be."""
WRONG_INPUT = 2
"""Exit code: nothing could be done with what was given."""
INTERRUPTED = 130
"""Exit code: the user pressed Ctrl-C."""


def say(text: str) -> None:
    """Print a message on standard error, as it is."""
    print(text, file=sys.stderr, flush=True)


def fail(error: Exception) -> None:
    """Print an error that the user can correct as one message."""
    say(f"surrogate: error: {describe(error)}")


def describe(error: Exception) -> str:
    """Text of an error, without errno where the system gave one."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


@contextmanager
def resumes(what: str, place: Path) -> Iterator[None]:
    """Say after Ctrl-C, in the block, where unfinished work is kept, and exit with 130.

    Args:
        what: is kept.
        place: file or folder that the same command goes on from.
    """
    try:
        yield
    except KeyboardInterrupt:
        say(
            f"surrogate: interrupted; {what} is kept in {place}. "
            "The same command goes on from there."
        )
        raise typer.Exit(INTERRUPTED) from None
