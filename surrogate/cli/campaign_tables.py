"""How a campaign is shown: counts, what is under way, the time that is left."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from surrogate.simulations.state import State, Status

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.table import Table

    from surrogate.simulations.design import Design

COLOURS = {
    Status.DONE: "green",
    Status.RUNNING: "cyan",
    Status.FAILED: "red",
    Status.STOPPED: "yellow",
}
UNITS = "Gyr, Msun, Rsun, km/s; done: of the time after which the run may end"
SHOWN = 12
"""Most runs that are listed."""
LOG_EVERY = 30.0
"""Seconds between two lines where the output is no terminal."""

States = Mapping[str, State]


def overview(design: Design, states: States) -> Group:
    """A table of how many runs stand where, and one of those under way.

    Args:
        design: the collisions.
        states: of each, by name, in the same order.
    """
    from rich.console import Group

    running = [k for k, s in enumerate(states.values()) if s.status is Status.RUNNING]
    parts: list[Table] = [_counts(states)]
    if running:
        parts.append(_runs(design, states, running[:SHOWN], len(running)))
    return Group(*parts, *([f"{left} left"] if (left := time_left(states)) else []))


def failures(states: States) -> str:
    """Why runs failed, in full, one after the other."""
    failed = {name: s.reason for name, s in states.items() if s.status is Status.FAILED}
    return "\n\n".join(f"{name}: {reason}" for name, reason in failed.items()) or "none failed"


def time_left(states: States) -> str:
    """Time until all that is neither done nor failed is done, from what the others took.

    Returns:
        Such as "3 h 20 min"; nothing while that cannot be said.
    """
    done = [s.seconds for s in states.values() if s.status is Status.DONE and s.seconds > 0]
    running = [s for s in states.values() if s.status is Status.RUNNING]
    if not done or not running:
        return ""
    mean = sum(done) / len(done)
    waiting = sum(s.status in (Status.WAITING, Status.STOPPED) for s in states.values())
    under_way = sum(max(mean - s.seconds, 0.1 * mean) for s in running)
    return _duration((waiting * mean + under_way) / len(running))


@contextmanager
def live(design: Design) -> Iterator[Callable[[States], None]]:
    """Show a campaign while it runs: a table on a terminal, a line now and then in a log.

    Args:
        design: the collisions.

    Yields:
        What is to be called with the states.
    """
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _logger(console)
        return
    with Live(console=console, refresh_per_second=2, transient=True) as view:
        yield lambda states: view.update(overview(design, states))


def _logger(console: Console) -> Callable[[States], None]:
    last = -LOG_EVERY

    def log(states: States) -> None:
        nonlocal last
        if time.monotonic() - last < LOG_EVERY:
            return
        last = time.monotonic()
        counts = Counter(s.status for s in states.values())
        said = [f"{counts[status]:,} {status}" for status in Status if counts[status]]
        left = time_left(states)
        console.print("campaign:", ", ".join(said + ([f"{left} left"] if left else [])))

    return log


def _counts(states: States) -> Table:
    from rich.table import Table

    counts = Counter(s.status for s in states.values())
    table = Table(title="Collisions", title_justify="left")
    table.add_column("state")
    table.add_column("runs", justify="right")
    for status in Status:
        if counts[status]:
            table.add_row(status.value, f"{counts[status]:,}", style=COLOURS.get(status))
    table.add_section()
    table.add_row("all", f"{len(states):,}", style="bold")
    return table


def _runs(design: Design, states: States, rows: list[int], count: int) -> Table:
    from rich.table import Table

    more = f", {len(rows)} of {count:,}" if count > len(rows) else ""
    table = Table(title=f"Under way{more}", title_justify="left", caption=UNITS)
    table.add_column("run", no_wrap=True)
    for head in ("age", "M1", "M2", "rp", "vinf", "done", "spent"):
        table.add_column(head, justify="right", no_wrap=True)
    names = list(states)
    for row in rows:
        state = states[names[row]]
        conditions = (design.age, design.m1, design.m2, design.rp, design.vinf)
        table.add_row(
            names[row],
            *(f"{column[row]:.4g}" for column in conditions),
            f"{100 * state.t / state.tf:.0f} %" if state.tf else "",
            _duration(state.seconds),
        )
    return table


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min"
    if seconds < 2 * 86400:
        return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"
    return f"{seconds / 86400:.1f} days"
