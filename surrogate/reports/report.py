"""Numbers and tables of a script: JSON for programs, CSV for spreadsheets, a table to read."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from surrogate.learning.files import write_json, write_text
from surrogate.reports.run import Run

Cell = str | float | int | None
BESIDE = ("method", "measure", "here", "paper")
"""Columns of a table that is filled by `Report.beside`."""


class Report:
    """A table of a script, beside the paper's.

    Args:
        run: the run it belongs to.
        title: what the table shows.
        columns: names of the columns, units in brackets.
        stem: name of the files, where not that of the script.
    """

    def __init__(self, run: Run, title: str, columns: Sequence[str], stem: str = "") -> None:
        self.run, self.title, self.columns = run, title, list(columns)
        self.stem = stem or run.name
        self.rows: list[list[Cell]] = []
        self.notes: list[str] = []
        self.details: dict[str, Any] = {}

    def add(self, *cells: Cell) -> None:
        """Add a row; numbers are kept as they are and shown with three digits."""
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(cells)} cells for {len(self.columns)} columns")
        self.rows.append(list(cells))

    def beside(
        self, name: str, measures: Sequence[str], here: Sequence[Cell], paper: Sequence[Cell]
    ) -> None:
        """Add a row for each measure of a method: here, and in the paper."""
        for measure, ours, theirs in zip(measures, here, paper, strict=True):
            self.add(name, measure, ours, theirs)

    def note(self, text: str) -> None:
        """Say something below the table."""
        self.notes.append(text)

    def write(self) -> None:
        """Write STEM.json and STEM.csv and print the table."""
        if self.run.quick:
            self.note("A quick run: few rows and short searches. Its figures are no measurements.")
        self.run.folder.mkdir(parents=True, exist_ok=True)
        found = {
            "title": self.title,
            "rows": self.run.rows,
            "quick": self.run.quick,
            "columns": self.columns,
            "table": self.rows,
            "notes": self.notes,
            **self.details,
        }
        write_json(self.run.folder / f"{self.stem}.json", found)
        _write_csv(self.run.folder / f"{self.stem}.csv", self.columns, self.rows)
        self._print()

    def _print(self) -> None:
        table = Table(title=self.title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for i, column in enumerate(self.columns):
            numbers = not any(isinstance(row[i], str) for row in self.rows)
            table.add_column(column, justify="right" if numbers else "left", overflow="fold")
        above: Cell = None
        for row in self.rows:
            # A name that stands for several rows is shown once.
            first = "" if row[0] == above else show(row[0])
            table.add_row(first, *map(show, row[1:]))
            above = row[0]
        console = Console()
        console.print(table)
        for note in self.notes:
            console.print(note)


def show(cell: Cell) -> str:
    """A cell as people read it."""
    if cell is None:
        return "-"
    if isinstance(cell, str | int):
        return str(cell)
    if not math.isfinite(cell):
        return "-"
    if cell == 0 or 0.001 <= abs(cell) < 1e4:
        return f"{cell:.4g}" if abs(cell) >= 1 else f"{cell:.3g}"
    return re.sub(r"e([+-])0", r"e\1", f"{cell:.2e}").replace("e+", "e")


def _write_csv(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, text.getvalue())
