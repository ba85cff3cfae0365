"""Files that are written whole or not at all."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
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
    # Of this process alone: others may write the same file at the same time.
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(text)
    os.replace(scratch, path)


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
