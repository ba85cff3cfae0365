"""What is wrong with what people give us: named, while everything else is still processed."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Problem(NamedTuple):
    """Something wrong with a cell, a row, a column, an object or a file."""

    kind: StrEnum
    """Of a reader's own kinds."""
    name: str
    """Of the object, the column or the file."""
    message: str
    """Names the field, its value, what is allowed, and what was done."""
    row: int | None = None
    """Line of the file, the header being 1, or number of the alert; None for the whole object."""

    def __str__(self) -> str:
        """One line for a person."""
        where = self.name if self.row is None else f"{self.name}, row {self.row}"
        return f"{where}: {self.kind.value}: {self.message}"
