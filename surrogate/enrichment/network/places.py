"""Where tables of nuclear data lie on this computer."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Final

DATA_VARIABLE: Final = "SURROGATE_DATA"


def data_folder(path: str | Path | None = None) -> Path | None:
    """The folder `enrichment` of public data.

    Args:
        path: a folder; where left out, `enrichment` in the folder named by the environment
            variable SURROGATE_DATA, or in `../shared/data` seen from the working directory.

    Returns:
        None where nothing is given and nothing found: REACLIB then comes out of the installed
        package `pynucastro`, and fission and the alpha decays of unknown nuclei have no tables.

    Raises:
        FileNotFoundError: what was given does not lead to a folder.
    """
    given = path if path is not None else os.environ.get(DATA_VARIABLE)
    if given is None:
        shared = Path("..", "shared", "data", "enrichment")
        return shared if shared.is_dir() else None
    folder = Path(given).expanduser()
    for candidate in (folder / "enrichment", folder):
        if (candidate / "nuclear").is_dir():
            return candidate
    if path is None and folder.is_dir():
        return None  # other data of the package live in that folder, too
    raise FileNotFoundError(
        f"{'path' if path is not None else DATA_VARIABLE} = {folder} holds no folder nuclear/, "
        "directly or in enrichment/"
    )


def partition_file() -> Path | None:
    """Partition functions inside the installed package `pynucastro`, None where it is absent."""
    spec = importlib.util.find_spec("pynucastro")
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).parent / "nucdata" / "PartitionFunction" / "frdm_low.txt"
    return file if file.is_file() else None
