"""JINAbase: abundances of metal-poor stars from the literature.

A star that several papers measured is as many rows. Source: Abohalima & Frebel (2018, ApJS 238,
36); the files are the database's own dump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.enrichment.elements import is_element
from surrogate.enrichment.solar import SolarTable, solar_table
from surrogate.enrichment.stars import Kind, Reading, Stars, empty_table
from surrogate.learning.problems import Problem

if TYPE_CHECKING:
    from os import PathLike

ABUNDANCES: Final = "jinabase_all_info.txt"
LIMITS: Final = "jinabase_limits_key.txt"
NONE: Final = "*"
"""What stands for an empty cell."""
LABELS: Final = {
    "Seq": "row",
    "key": "priority",
    "Simbad_Identifier": "simbad",
    "Sci_key": "class",
    "C_key": "carbon",
    "Loc": "place",
    "type": "type",
}
"""Columns that are kept as labels, and what they are called there. `class` is R1 (r-I), R2 (r-II),
S, RS (r and s; i) or empty; `priority` is 1 for the row of a star that JINAbase prefers."""


def read_jinabase(
    folder: str | PathLike[str], *, solar: str | SolarTable = "asplund2009"
) -> Reading:
    """Read the whole database.

    Cells are log eps [dex]; columns of ions (`FeII`) are not read. A cell that the table of limits
    marks with 1 is an upper limit: no value, but `Stars.limit`. One that it marks with -1, a lower
    limit, is left out. [Fe/H] is log eps(Fe) less the Sun's. There are no errors.

    Args:
        folder: it holds the files of `ABUNDANCES` and `LIMITS`.
        solar: the table that [Fe/H] is counted from; JINAbase's own by default.

    Returns:
        Every row that can be read, in the order of the file, with `LABELS`, and what was wrong with
        the others.

    Raises:
        ValueError: the files do not have the same rows, or a column is missing.
        FileNotFoundError: a file is missing.
    """
    folder = Path(folder)
    header, lines = _read(folder / ABUNDANCES, ("Reference", "Name", "Fe", *LABELS))
    marks, flags = _read(folder / LIMITS, ("Seq",))
    if [cells[0] for cells in lines] != [cells[0] for cells in flags]:
        raise ValueError(
            f"{folder}: {ABUNDANCES} and {LIMITS} do not have the same rows; copy both again"
        )
    problems: list[Problem] = []
    good: list[tuple[int, list[str], list[str]]] = []
    for i, (cells, mark) in enumerate(zip(lines, flags, strict=True)):
        if len(cells) == len(header) and len(mark) == len(marks):
            good.append((i + 2, cells, mark))
        else:
            message = f"{len(cells)} cells, allowed: {len(header)}, as the header has; left out"
            problems.append(Problem(Kind.UNREADABLE, " ".join(cells[:4]), message, i + 2))
    stars = _assemble(header, marks, good, problems)
    fe_h = stars.of("Fe") - solar_table(solar)["Fe"]
    return Reading(replace(stars, fe_h=fe_h), problems)


def _read(path: Path, needed: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    header, rows = (lines or [[]])[0], [cells for cells in lines[1:] if cells]
    if missing := [name for name in needed if name not in header]:
        raise ValueError(
            f"{path}: missing column {', '.join(missing)}; found: {', '.join(header)}; copy it "
            "again"
        )
    return header, rows


def _assemble(
    header: list[str],
    marks: list[str],
    rows: list[tuple[int, list[str], list[str]]],
    problems: list[Problem],
) -> Stars:
    # Columns before the metallicity say where and how bright a star is, and V is a magnitude's
    # neighbour in name only: abundances start at Li.
    first = header.index("Li")
    columns = [i for i in range(first, len(header)) if is_element(header[i])]
    flags = [marks.index(f"ul{header[i]}") for i in columns]
    log_eps, limit = (empty_table(len(rows), len(columns)) for _ in range(2))
    who = header.index("Name")
    for n, (line, cells, mark) in enumerate(rows):
        for k, (i, flag) in enumerate(zip(columns, flags, strict=True)):
            if cells[i] == NONE or mark[flag] == "-1":
                continue
            try:
                (limit if mark[flag] == "1" else log_eps)[n, k] = float(cells[i])
            except ValueError:
                message = f"{header[i]} = {cells[i]}, allowed: a number or {NONE}; cell left out"
                problems.append(Problem(Kind.NOT_A_NUMBER, cells[who], message, line))
    texts = {name: header.index(name) for name in ("Name", "Reference", *LABELS)}
    plain = {
        name: tuple("" if cells[i] == NONE else cells[i] for _, cells, _ in rows)
        for name, i in texts.items()
    }
    return Stars(
        name=plain["Name"],
        element=tuple(header[i] for i in columns),
        log_eps=log_eps,
        limit=limit,
        error=empty_table(len(rows), len(columns)),
        fe_h=np.full(len(rows), np.nan),
        reference=plain["Reference"],
        labels={label: plain[name] for name, label in LABELS.items()},
    )
