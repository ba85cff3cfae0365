"""Files that are written whole or not at all."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write JSON and replace an earlier file at once.

    Args:
        path: the file; its folder is made where it is missing.
        values: may hold arrays; numbers that are not finite become null, as JSON has none.
    """
    write_text(path, json.dumps(_plain(values), indent=2, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write text and replace an earlier file at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda scratch: scratch.write_text(text))


def write_bytes(path: Path, chunks: Iterable[bytes | memoryview]) -> None:
    """Write bytes and replace an earlier file at once.

    Args:
        path: the file; its folder is made where it is missing.
        chunks: what to write, one after another.
    """

    def write(scratch: Path) -> None:
        with scratch.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)

    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, write)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file byte for byte and replace an earlier target at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, lambda scratch: shutil.copyfile(source, scratch))


def part_of(path: Path) -> Path:
    """Name that a file or a folder has until it is finished."""
    return path.with_name(f"{path.name}.part")


def refuse_existing(path: Path, force: bool) -> None:
    """Keep what exists, unless the user forces it.

    Args:
        path: to be written.
        force: whether it may be replaced.

    Raises:
        ValueError: it exists, and may not.
    """
    if path.exists() and not force:
        raise ValueError(f"{path} exists already; --force replaces it")


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file and replace an earlier one at once.

    Where writing fails, as on a full disk, an earlier file stays and nothing else is left.

    Args:
        path: the file, in a folder that exists.
        write: writes the file that it is given the path of, which ends as `path` does.
    """
    # Of this process alone: others may write the same file at the same time.
    scratch = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        write(scratch)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
