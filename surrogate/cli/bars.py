"""Bars that show how far a command has come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal's standard error.

    Args:
        what: is counted.

    Yields:
        A function that is told how many of how many are done.
    """
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def track(answers: Iterable[Item], what: str, total: int) -> Iterator[Item]:
    """Go through answers with a bar."""
    with bar(what) as update:
        for done, answer in enumerate(answers, 1):
            yield answer
            update(done, total)
