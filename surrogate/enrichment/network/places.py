"""Where tables of nuclear data lie on this computer."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from surrogate.collisions.download import DATA_VARIABLE


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
    package = pynucastro_folder()
    file = package and package / "nucdata" / "PartitionFunction" / "frdm_low.txt"
    return file if file and file.is_file() else None


def pynucastro_folder() -> Path | None:
    """Where the package `pynucastro` is installed, None where it is not."""
    spec = importlib.util.find_spec("pynucastro")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent
