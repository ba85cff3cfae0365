"""The code as a process: launched, watched, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from surrogate.simulations.engine import RunError, StoppedError
from surrogate.simulations.lock import GRACE, LEADER, end_group, only_code

STDOUT, STDERR, EXIT = "stdout.txt", "stderr.txt", "exit.txt"
LOOK = 0.1
"""Seconds between two looks at whether the process has ended."""

# The shell tells its number before the code starts and its exit status after it, even if the
# driver is killed meanwhile. It outlives a SIGTERM to the group, so that the code ends first.
_SHELL = f'trap : TERM INT; echo $$ > {LEADER}; "$@"; echo $? > {EXIT}.new; mv {EXIT}.new {EXIT}'


@dataclass(frozen=True)
class Limits:
    """When a process is given up. Times in seconds."""

    wall: float = 7 * 86400.0
    """From its launch."""
    stall: float = 3600.0
    """Without a new line of output."""
    launches: int = 3
    """How often a run whose process died or hung is launched, as long as it gets further."""

    def __post_init__(self) -> None:
        for name, least in (("wall", 0.0), ("stall", 0.0), ("launches", 1)):
            value = getattr(self, name)
            if not least <= value or (least == 0.0 and value == 0.0):
                bound = "> 0" if least == 0.0 else ">= 1"
                raise ValueError(f"limits.{name} = {value}, allowed: {bound}")


class DiedError(RunError):
    """A process that was killed or hung: it may succeed when it is launched again."""


def launch(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    limits: Limits,
    watch: Callable[[], None],
    stopping: Callable[[], bool],
) -> int:
    """Run a command in a folder and in a process group of its own, until it ends.

    Args:
        command: the executable and its arguments.
        folder: where it runs, and where stdout.txt and stderr.txt go.
        environment: added to this process's.
        limits: when to give it up.
        watch: called every second.
        stopping: whether it is to end now; asked every tenth of a second.

    Returns:
        The exit status, 128 + n where signal n ended it.

    Raises:
        RunError: it cannot be launched.
        DiedError: it had no output for too long, took too long, or was killed along with the shell.
        StoppedError: `stopping` said so.
        BusyError: the code of an earlier driver still runs in the folder.
    """
    with only_code(folder) as right:
        (folder / EXIT).unlink(missing_ok=True)
        with (folder / STDOUT).open("wb") as out, (folder / STDERR).open("wb") as err:
            try:
                process = subprocess.Popen(
                    ["/bin/sh", "-c", _SHELL, "sh", *command],
                    cwd=folder,
                    env={**os.environ, **environment},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    pass_fds=(right,),
                    start_new_session=True,
                )
            except OSError as error:
                raise RunError(f"{folder}: {list(command)} cannot be launched: {error}") from error
        try:
            _wait(process, folder, limits, watch, stopping)
        finally:
            _end(process)
    return exit_status(folder)


def exit_status(folder: Path) -> int:
    """Exit status of the last process in a folder.

    Raises:
        DiedError: it left none.
    """
    try:
        return int((folder / EXIT).read_text())
    except (OSError, ValueError):
        raise DiedError(f"{folder}: the process was killed") from None


def _wait(
    process: subprocess.Popen[bytes],
    folder: Path,
    limits: Limits,
    watch: Callable[[], None],
    stopping: Callable[[], bool],
) -> None:
    began = heard = looked = time.monotonic()
    size = 0
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK)
            return
        now = time.monotonic()
        if stopping():
            raise StoppedError(f"{folder}: stopped on demand")
        if now - looked < 1.0:
            continue
        looked = now
        watch()
        if (grown := _output(folder)) != size:
            size, heard = grown, now
        if now - heard > limits.stall:
            raise DiedError(f"{folder}: no output for {limits.stall:g} s (limits.stall); ended")
        if now - began > limits.wall:
            raise RunError(
                f"{folder}: not ready within {limits.wall:g} s (limits.wall); ended. Raise the "
                "limit and try again: it goes on from its last snapshot."
            )


def _output(folder: Path) -> int:
    """Bytes of all that the code writes line by line."""
    size = 0
    for path in (folder / STDOUT, folder / STDERR, *folder.glob("log*.sph")):
        with suppress(FileNotFoundError):
            size += path.stat().st_size
    return size


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole group, gently first; the shell, its leader, is the last to go."""
    if process.poll() is None:
        end_group(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
            return
        end_group(process.pid, signal.SIGKILL)
        process.wait()
