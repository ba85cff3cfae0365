"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The first example of a test compiles, which no deadline allows for; in CI a property test must
# not fail by the luck of its draw.
settings.register_profile("surrogate", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("surrogate")


@pytest.fixture(scope="session")
def sph_grid_dir() -> Path:
    """The folder with the public collision grid; skips the test where it is not at hand."""
    given = os.environ.get("SURROGATE_DATA")
    beside = Path(__file__).parents[2] / "shared" / "data"
    for root in [Path(given)] if given else [beside]:
        for folder in (root, root / "sph_grid"):
            if (folder / "data_v1.csv").is_file() and (folder / "data_splits_v1.npz").is_file():
                return folder
    pytest.skip("needs the public grid: set SURROGATE_DATA to a folder that holds data_v1.csv")
