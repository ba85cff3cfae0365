"""Patterns as a table: one line a simulation, one column an element.

    model,process,source,group,Sr,Ba,Eu
    my run,r,this work,mine,1.2e-05,3.1e-06,4e-07

Elements are numbers of atoms in any unit, the same for all elements of a line. An empty cell is
unknown. Further columns are left alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.enrichment.classifiers.training import PROCESSES
from surrogate.enrichment.elements import atomic_number, is_element, symbol_of
from surrogate.enrichment.patterns import Z_MAX, Patterns, collect, concatenate
from surrogate.enrichment.stars import Kind
from surrogate.learning.problems import Problem
from surrogate.learning.text_tables import csv_line, read_text, split_table

if TYPE_CHECKING:
    from os import PathLike

    from jaxtyping import Float

NAMES: Final = ("model", "process", "source", "group")
ELEMENTS: Final = tuple(z for z in range(30, 93) if z not in (43, 61, *range(84, 90), 91))
"""Columns that are written: zinc to bismuth, thorium and uranium."""
DIGITS: Final = 4
"""Of abundances."""
HEADER: Final = ",".join((*NAMES, *map(symbol_of, ELEMENTS)))


class PatternTable(NamedTuple):
    """What was found in a table."""

    patterns: Patterns
    problems: list[Problem]
    """Lines and cells that could not be used."""


def line_of(texts: Sequence[str], y: Float[np.ndarray, " z"]) -> str:
    """A line of the table, without its end.

    Args:
        texts: name, process, source and group.
        y: number abundances by atomic number.
    """
    return csv_line([*texts, *(float(y[z]) for z in ELEMENTS)], DIGITS)


def read_patterns(path: str | PathLike[str]) -> PatternTable:
    """Read a table of patterns.

    Args:
        path: of the table; cells are separated by commas, semicolons, tabs or blanks.

    Returns:
        The patterns, and what is wrong: lines without a process of r, s or i or with a cell too
        many, and cells that are no numbers.

    Raises:
        ValueError: a column is missing, or the file cannot be read.
        FileNotFoundError: there is no such file.
    """
    try:
        return _read(read_text(Path(path)))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _read(text: str) -> PatternTable:
    header, lines = split_table(text)
    names = [name.lower() for name in header]
    if missing := [name for name in ("model", "process") if name not in names]:
        raise ValueError(f"no column {missing[0]}; needed are model, process and elements")
    columns = {j: atomic_number(name) for j, name in enumerate(header) if _is_element(name)}
    if not columns:
        raise ValueError("no column is an element; name columns by symbols, such as Ba")
    parts, problems = [], []
    for line, cells in lines:
        found = dict(zip(names, cells, strict=False))
        name, process = found["model"], found.get("process", "")
        if len(cells) != len(header):
            message = f"{len(cells)} cells, allowed: {len(header)}, as the header has; left out"
            problems.append(Problem(Kind.UNREADABLE, f"line {line}", message, line))
        elif process not in PROCESSES:
            message = f"process = {process!r}, allowed: r, s, i; left out"
            problems.append(Problem(Kind.UNREADABLE, name, message, line))
        else:
            y = {}
            for j, z in columns.items():
                y[z], wrong = _number(cells[j])
                if wrong:
                    message = f"{header[j]} = {cells[j]!r}, allowed: numbers; taken for unknown"
                    problems.append(Problem(Kind.NOT_A_NUMBER, name, message, line))
            source = found.get("source") or "unknown"
            group = found.get("group") or source
            parts.append(collect([(name, y)], process=process, source=source, group=group))
    return PatternTable(concatenate(parts), problems)


def _is_element(name: str) -> bool:
    return is_element(name) and atomic_number(name) <= Z_MAX


def _number(cell: str) -> tuple[float, bool]:
    """Value of a cell, and whether it is wrong."""
    if cell.lower() in {"", "nan", "-"}:
        return math.nan, False
    try:
        value = float(cell)
    except ValueError:
        return math.nan, True
    return (value, False) if math.isfinite(value) else (math.nan, True)
