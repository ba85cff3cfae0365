"""Recorded runs of StarSmasher, an executable that stands in for it, and folders to run it in."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import numpy as np
import pytest

STANDIN = Path(__file__).with_name("standin.py")


@pytest.fixture(scope="session")
def starsmasher_dir() -> Path:
    """The folder with recorded runs; skips the test where it is not at hand."""
    given = os.environ.get("SURROGATE_DATA")
    root = Path(given) if given else Path(__file__).parents[3] / "shared" / "data"
    for folder in (root / "starsmasher", root.parent / "starsmasher"):
        if (folder / "merger" / "out0000.sph").is_file():
            return folder
    pytest.skip("needs recorded runs: set SURROGATE_DATA to the folder above starsmasher/")


@pytest.fixture(scope="session")
def standin():
    """The stand-in as a module, for its toy stars and its file writer."""
    spec = importlib.util.spec_from_file_location("standin", STANDIN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def code() -> tuple[str, ...]:
    """The command that launches the stand-in."""
    return sys.executable, str(STANDIN)


@pytest.fixture
def toy_stars(tmp_path, standin) -> tuple[Path, Path]:
    """Two relaxed stars of 1 and 0.7 Msun, 60 particles each."""
    paths = []
    for mass in (1.0, 0.7):
        path = tmp_path / f"star{mass}.sph"
        rows = standin.ball(mass, mass, 60)
        rows["grpot"] = -1.5
        standin.write(path, rows, 23, 5.0, 1.0, 5, 5.005, 1)
        paths.append(path)
    assert np.isfinite(rows["x"]).all()
    return paths[0], paths[1]
