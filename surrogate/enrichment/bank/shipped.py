"""The patterns that come with the package."""

from __future__ import annotations

from pathlib import Path

from surrogate.enrichment.bank.table import read_patterns
from surrogate.enrichment.patterns import Patterns
from surrogate.learning.checkpoints import shipped


def patterns_file() -> Path:
    """Where the shipped patterns lie."""
    return shipped("enrichment") / "patterns.csv"


def shipped_patterns() -> Patterns:
    """Patterns of the r- and the i-process from the library's own network; see `conditions`."""
    return read_patterns(patterns_file()).patterns
