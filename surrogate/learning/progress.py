"""Live progress of a training: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from jax import Array

LOG_EVERY_SECONDS = 30.0

Report = Callable[[int, "dict[str, Array]"], None]


def _text(measures: dict[str, Array]) -> str:
    """Each measure, its mean over the seeds."""
    return "  ".join(f"{k} {float(v.mean()):.4g}" for k, v in measures.items() if k != "score")


@contextmanager
def epochs_progress(label: str, first: int, epochs: int) -> Iterator[Report]:
    """Show how a training goes; the body calls the report after every epoch.

    Args:
        label: what to call the run.
        first: epochs already done (of a resumed run).
        epochs: epochs in all.

    Yields:
        A function of the number of epochs done and the latest measures.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _log_report(console, label, epochs)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[measures]}"),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(label, total=epochs, completed=first, measures="")
        yield lambda done, m: progress.update(bar, completed=done, measures=_text(m))


def _log_report(console: Console, label: str, epochs: int) -> Report:
    last = -LOG_EVERY_SECONDS

    def report(done: int, measures: dict[str, Array]) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= LOG_EVERY_SECONDS or done == epochs:
            last = now
            console.print(f"{label}: epoch {done}/{epochs}  {_text(measures)}", soft_wrap=True)

    return report
