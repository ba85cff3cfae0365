"""Binary files that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path


def write_bytes(path: Path, chunks: Iterable[bytes | memoryview]) -> None:
    """Write bytes and replace an earlier file at once.

    Args:
        path: the file; its folder is made where it is missing.
        chunks: what to write, one after another.

    Raises:
        OSError: it could not be written (a full disk); an earlier file stays as it was.
    """

    def write(scratch: Path) -> None:
        with scratch.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)

    _replace(path, write)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file byte for byte and replace an earlier target at once.

    Args:
        source: the file to copy.
        target: the copy; its folder is made where it is missing.

    Raises:
        OSError: the source cannot be read, or the copy not written; an earlier target stays.
    """
    _replace(target, lambda scratch: shutil.copyfile(source, scratch))


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Of this process alone: others may write the same file at the same time.
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(scratch)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
