"""Write predicted rows: the text of a chunk, and a file that appears only when whole."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING

import numpy as np

from surrogate.cli.messages import say
from surrogate.collisions.encounter import Bounds
from surrogate.learning.files import part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Array

    from surrogate.collisions.encounter import Outcome

REGIMES = ("collision", "capture", "flyby")
FLOATS = ("p_none", "p_merger", "p_two", "p_stripped", "m1_final", "m2_final", "m_unbound")
BOUNDS = tuple(f"{mass}_{edge}" for mass in ("m1", "m2", "unbound") for edge in Bounds._fields)
MORE_FLOATS = ("p_survivor1", "p_survivor2", *BOUNDS, "ood")
COLUMNS = ("regime", "fate", *FLOATS, "in_domain", *MORE_FLOATS)
"""What follows the inputs in every row. New ones go to the end: some readers count columns."""

# Nine digits tell every float32 from its neighbours.
_ROW = "%s,%s,%d" + ",%.9g" * len(FLOATS) + ",%d" + ",%.9g" * len(MORE_FLOATS) + "\n"


def format_rows(echo: Sequence[str], outcome: Outcome) -> str:
    """Text of the rows: `echo` are their inputs, each field of `outcome` has shape (n,)."""
    regimes = np.array(REGIMES)[np.asarray(outcome.regime)].tolist()
    columns = [np.asarray(_column(outcome, name)).tolist() for name in COLUMNS[1:]]
    return "".join([_ROW % row for row in zip(echo, regimes, *columns, strict=True)])


def _column(outcome: Outcome, name: str) -> Array:
    """The field of an outcome, or of its bounds, that a column holds."""
    if name in BOUNDS:
        mass, edge = name.split("_")
        return getattr(getattr(outcome, f"{mass}_bounds"), edge)
    return getattr(outcome, name)


class Output:
    """Standard output, or a file under a temporary name until it is whole.

    Leaving the block renames it: to its own name; after Ctrl-C, with the rows so far, to
    `<name>.part`; after an error it is removed.

    Args:
        path: the file; None is standard output.
        what: what its rows are called.
    """

    def __init__(self, path: Path | None, what: str = "predicted rows") -> None:
        self.rows = 0
        self._what = what
        # A symbolic link stays one; a device or a pipe is written to as it is.
        self.path = None if path is None else Path(os.path.realpath(path))
        if self.path is not None and self.path.is_dir():
            raise IsADirectoryError(f"{path} is a folder; -o must name a file")
        if self.path is not None and not self.path.parent.is_dir():
            raise FileNotFoundError(f"{path}: there is no folder {self.path.parent}; make it first")
        self._renames = self.path is not None and (self.path.is_file() or not self.path.exists())

    def __enter__(self) -> Output:
        """Open the temporary file."""
        self._file: IO[str]
        if self.path is None:
            self._file = sys.stdout
        elif self._renames:
            self._scratch = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
            self._file = open(self._scratch, "w", encoding="utf-8")
        else:
            self._file = open(self.path, "w", encoding="utf-8")
        return self

    def write(self, text: str, rows: int = 0) -> None:
        """Write text that holds so many rows."""
        self._file.write(text)
        self.rows += rows

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the file its name."""
        if self.path is None:
            self._file.flush()
            if kind is not None and issubclass(kind, KeyboardInterrupt):
                say(f"surrogate: {self.rows:,} {self._what} were written")
            return
        try:
            self._file.close()
            if self._renames:
                self._rename(kind)
        finally:
            if self._renames:
                self._scratch.unlink(missing_ok=True)

    def _rename(self, kind: type[BaseException] | None) -> None:
        assert self.path is not None
        if kind is None:
            os.replace(self._scratch, self.path)
        elif issubclass(kind, KeyboardInterrupt):
            part = part_of(self.path)
            os.replace(self._scratch, part)
            say(f"surrogate: {self.rows:,} {self._what} are kept in {part}")
