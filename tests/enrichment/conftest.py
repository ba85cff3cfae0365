"""The published data of abundances and yields, where they are at hand."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with the published data; skips the test where it is not at hand."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("SURROGATE_DATA") or beside) / "enrichment"
    if not folder.is_dir():
        pytest.skip("needs published abundances: set SURROGATE_DATA to a folder with enrichment/")
    return folder
