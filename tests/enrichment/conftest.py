"""The published data of abundances and yields, where they are at hand."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data(public_data) -> Path:
    """The folder with the published data; skips the test where it is not at hand."""
    return public_data("enrichment")
