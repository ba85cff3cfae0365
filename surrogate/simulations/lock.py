"""One driver at a time in a folder, even after a driver was killed."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DRIVER, CODE, LEADER = "driver.lock", "code.lock", "code.pid"
GRACE = 10.0
"""Seconds that a process has to end by itself before it is killed."""


class BusyError(OSError):
    """Another driver is at work in the folder."""


@contextmanager
def only_driver(folder: Path) -> Iterator[None]:
    """Hold a folder; the system lets go of it when the process ends, however it ends.

    Raises:
        BusyError: another driver holds it.
    """
    with _open(folder / DRIVER) as descriptor:
        if not _lock(descriptor):
            raise BusyError(f"{folder}: another driver is at work there; wait for it, or stop it")
        yield


def is_held(folder: Path) -> bool:
    """Whether a driver is at work in a folder."""
    if not (folder / DRIVER).exists():
        return False
    with _open(folder / DRIVER) as descriptor:
        return not _lock(descriptor)


@contextmanager
def only_code(folder: Path) -> Iterator[int]:
    """Hold the right to run the code in a folder, for a driver that holds the folder.

    The descriptor that it yields is handed to the code, and the right lasts until the last of its
    processes has closed it. So a new driver learns that the code of one that was killed still runs;
    it ends it first, since two of them would write the same files.

    Raises:
        BusyError: the code of an earlier driver cannot be ended.
    """
    with _open(folder / CODE) as descriptor:
        if not _lock(descriptor) and not _end_orphan(folder, descriptor):
            raise BusyError(f"{folder}: processes of an earlier driver still run there; end them")
        yield descriptor


def end_group(leader: int, sent: signal.Signals) -> None:
    """Send a signal to a process group, if it still exists."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, sent)


def _end_orphan(folder: Path, descriptor: int) -> bool:
    # The lock proves that the group is alive: its number cannot have gone to somebody else.
    try:
        leader = int((folder / LEADER).read_text())
    except (OSError, ValueError):
        return _wait(descriptor)
    for sent in (signal.SIGTERM, signal.SIGKILL):
        end_group(leader, sent)
        if _wait(descriptor):
            return True
    return False


def _wait(descriptor: int) -> bool:
    end = time.monotonic() + GRACE
    while time.monotonic() < end:
        if _lock(descriptor):
            return True
        time.sleep(0.05)
    return False


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _open(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
