"""Tables of collisions to simulate: csv files with the columns of `surrogate predict`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.collisions.inputs import find_bad_rows
from surrogate.collisions.validation import Problem, is_number, raise_if_any
from surrogate.learning.files import write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike
    from typing import IO

    from jaxtyping import Float
    from numpy import ndarray

CONDITIONS: Final = ("age", "m1", "m2", "rp", "vinf")
"""The columns that make an encounter what it is; radii follow from age and mass."""
RADII: Final = ("r1", "r2")
"""Columns that a table may have, both or none."""
REFUSED: Final = ("age2", "rh1", "rh2")
"""Fields of an encounter for which a run has no place: dropping them would change its meaning."""
_SHOWN = 60
"""Characters of a bad cell that a message repeats."""


def read_table(path: str | PathLike[str]) -> dict[str, Float[ndarray, " n"]]:
    """Read a table of collisions, checking every row.

    Args:
        path: a csv file in UTF-8 whose first line names the columns age [Gyr], m1, m2 [Msun],
            rp [Rsun] and vinf [km/s], in any order; r1 and r2 [Rsun] only together. Other
            columns are not read, blank lines are skipped.

    Returns:
        The columns that were asked for, by name, each (n,), in the order of the file.

    Raises:
        ValueError: a column is missing, or a row is cut short, not numeric, outside its range, or
            has the conditions of an earlier one; the message names file, line, field, value and
            what is allowed.
        FileNotFoundError: there is no such file.
    """
    with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = _cells(file, path)
        header = next(lines, (0, []))[1]
        columns = _find_columns(header, path)
        rows, numbers, problems = [], [], []
        for line, cells in lines:
            if reason := _unreadable(cells, columns, len(header)):
                problems.append(Problem(line, reason))
            else:
                rows.append([float(cells[k]) for k in columns.values()])
                numbers.append(line)
    total = len(rows) + len(problems)
    if not total:
        raise ValueError(f"{path}: there is no row below the header; add one run a line")
    table = np.array(rows, np.float64).reshape(-1, len(columns))
    values = dict(zip(columns, table.T, strict=True))
    problems += [Problem(numbers[row], text) for row, text in find_bad_rows(values)]
    raise_if_any(problems or _repeated(values, numbers), path, "line", total)
    return values


def write_table(path: str | PathLike[str], columns: Mapping[str, Float[ndarray, " n"]]) -> None:
    """Write a table that `read_table` reads back exactly, replacing an earlier file at once.

    Args:
        path: the csv file; its folder is made where it is missing.
        columns: by name, each (n,), in the order in which they will stand there.
    """
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    lines = [",".join(columns), *(",".join(map(repr, row)) for row in rows)]
    write_text(Path(path), "\n".join(lines) + "\n")


def _cells(file: IO[str], path: str | PathLike[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield line number (from 1) and cells of every line that is not blank."""
    reader = csv.reader(file)
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield reader.line_num, stripped
    except csv.Error as error:
        raise ValueError(f"{path}: this is not a csv file in UTF-8: {error}") from error


def _find_columns(header: list[str], path: str | PathLike[str]) -> dict[str, int]:
    """Where each field stands, in the order of the arguments of `make_design`."""
    names = [name.lstrip("#").strip().lower() for name in header]
    wanted = [*CONDITIONS, *(RADII if set(RADII) & set(names) else ())]
    if missing := [name for name in wanted if name not in names]:
        found = ", ".join(name[:_SHOWN] for name in header[:20]) or "nothing"
        raise ValueError(
            f"{path}: missing column {', '.join(missing)}; found: {found}. The first line must "
            f"name {', '.join(CONDITIONS)}, and may name both {' and '.join(RADII)}."
        )
    if twice := [name for name in wanted if names.count(name) > 1]:
        raise ValueError(f"{path}: column {', '.join(twice)} stands there more than once")
    if refused := [name for name in REFUSED if name in names]:
        raise ValueError(
            f"{path}: column {', '.join(refused)} cannot be simulated: both stars have the same "
            f"age, and their profiles follow from mass and age. Remove it."
        )
    return {name: names.index(name) for name in wanted}


def _unreadable(cells: list[str], columns: dict[str, int], width: int) -> str | None:
    if len(cells) != width:
        return f"{len(cells)} cells, allowed: {width} (as the header has)"
    for name, k in columns.items():
        if not is_number(cells[k]):
            return f"{name} = {cells[k][:_SHOWN]!r}, allowed: a number"
    return None


def _repeated(values: Mapping[str, Float[ndarray, " n"]], numbers: list[int]) -> list[Problem]:
    """Rows whose conditions an earlier row has: they would be one run with two rows."""
    first: dict[tuple[float, ...], int] = {}
    conditions = zip(*(values[name].tolist() for name in CONDITIONS), strict=True)
    problems = []
    for line, row in zip(numbers, conditions, strict=True):
        if first.setdefault(row, line) != line:
            shown = ", ".join(f"{k} = {v:.10g}" for k, v in zip(CONDITIONS, row, strict=True))
            problems.append(Problem(line, f"{shown}: as in line {first[row]}, allowed: once"))
    return problems
