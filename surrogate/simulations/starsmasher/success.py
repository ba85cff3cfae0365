"""Whether a run succeeded: StarSmasher's exit status alone does not say so."""

from __future__ import annotations

from pathlib import Path

from surrogate.simulations.engine import RunError
from surrogate.simulations.starsmasher.logs import (
    end_time,
    find_failures,
    latest_log,
    read_tail,
)
from surrogate.simulations.starsmasher.process import STDERR, STDOUT, DiedError
from surrogate.simulations.starsmasher.snapshots import check_snapshot, find_snapshots

LINES = 12
"""Lines of the end of a file that an error carries."""


def check_success(folder: Path, status: int, tf: float, particles: int | None) -> None:
    """Make sure that a process in a run's folder has done all it should.

    All of: status 0, the log tells the end of the integration, the last snapshot is whole, holds
    numbers only, has t >= tf, and as many particles as went in.

    Args:
        folder: of the run.
        status: exit status of the process.
        tf: when the run was to end [code units].
        particles: how many went in; None where the code chooses (a star that it makes).

    Raises:
        DiedError: a signal ended the process, so that another launch may get further.
        RunError: any condition fails; with the end of the log.
    """
    if status > 128:
        raise DiedError(report(folder, f"the process was ended by signal {status - 128}"))
    if status != 0:
        raise RunError(report(folder, f"exit status {status}"))
    log = latest_log(folder)
    if log is None or end_time(log) is None:
        raise RunError(report(folder, "exit status 0, but the log does not tell the end"))
    snapshots = find_snapshots(folder)
    if not snapshots:
        raise RunError(report(folder, "it wrote no snapshot"))
    counts = set()
    for path in snapshots:
        try:
            header = check_snapshot(path)
        except (ValueError, OSError) as error:
            raise RunError(report(folder, str(error))) from error
        counts.add(header.ntot)
    if header.t < tf:
        raise RunError(report(folder, f"it ended at t = {header.t:g}, should be tf = {tf:g}"))
    if len(counts) > 1 or (particles is not None and counts != {particles}):
        wanted = "" if particles is None else f", should be {particles}"
        raise RunError(report(folder, f"number of particles = {sorted(counts)}{wanted}"))


def report(folder: Path, what: str) -> str:
    """Describe a failure: what is wrong, what it may mean, and the end of what the code said."""
    paths = [latest_log(folder), folder / STDERR, folder / STDOUT]
    said = {path.name: read_tail(path) for path in paths if path is not None}
    parts = [f"{folder}: {what}", *find_failures("\n".join(said.values()))]
    for name, text in said.items():
        if lines := [line for line in text.splitlines() if line.strip()]:
            parts.append("\n".join([f"--- the end of {name}:", *lines[-LINES:]]))
    return "\n".join(parts)
