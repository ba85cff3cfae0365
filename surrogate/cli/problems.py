"""What the commands say of input that they could not use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from surrogate.cli.messages import SOME_ROWS_BAD, say

if TYPE_CHECKING:
    from surrogate.learning.problems import Problem

SHOWN = 20
"""How many problems are spelled out; the others are counted."""


def say_problems(problems: Sequence[Problem]) -> None:
    """Print problems, a line each."""
    for problem in problems[:SHOWN]:
        say(f"  {problem}")
    if len(problems) > SHOWN:
        say(f"  ... and {len(problems) - SHOWN:,} more")


def finish(lost: Sequence[Problem], notes: Sequence[Problem], what: str) -> None:
    """Say what was wrong at the end of a command.

    Args:
        lost: what cost an answer; the exit status tells of them.
        notes: what did not.
        what: happened to what is lost.
    """
    if lost:
        say(f"surrogate: {len(lost):,} {what}:")
        say_problems(lost)
    if notes:
        say(f"surrogate: {len(notes):,} notes:")
        say_problems(notes)
    if lost:
        raise typer.Exit(SOME_ROWS_BAD)
