"""A user's own table of abundances: one line a star.

    name,     [Fe/H], Ba,   La,   Eu,   err_Ba, Pb
    HD222925, -1.5,   1.26, 0.51, 0.38, 0.10,   <1.1

Columns, whatever their capitals: `name` (or `star`, `object`, `id`); `[Fe/H]`, `Fe/H` or `FeH`
[dex]; perhaps `reference`; and for each element one of `Ba` or `log_eps_Ba` (log eps, hydrogen =
12), `[Ba/Fe]` or `[Ba/H]`. `err_Ba`, `e_Ba` or `Ba_err` is the standard deviation [dex]. An empty
cell, `nan`, `-` or `*` is not measured, `<1.1` is an upper limit. A column named by a bare symbol
is taken for log eps, and a row that can hardly be is refused (`scales.doubt_log_eps`); one whose
name says its scale is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from surrogate.enrichment.columns import lay_out
from surrogate.enrichment.solar import SolarTable, solar_table
from surrogate.enrichment.stars import Kind, Reading, Stars
from surrogate.enrichment.table_rows import Row, read_row, refuse
from surrogate.learning.problems import Problem
from surrogate.learning.text_tables import read_text, split_table

if TYPE_CHECKING:
    from os import PathLike


def read_stars(path: str | PathLike[str], *, solar: str | SolarTable = "asplund2009") -> Reading:
    """Read a table of abundances, as this module describes it.

    Args:
        path: of the table; cells are separated by commas, semicolons, tabs or blanks.
        solar: the table that brackets were counted from.

    Returns:
        The stars that can be used, and what is wrong: an unknown or doubled column is left out, as
        is a cell that is no number or a bracket without [Fe/H]; a star is left out whose values are
        on the wrong scale, that has no europium, or upper limits only.

    Raises:
        ValueError: no column is an element, or the file cannot be read.
        FileNotFoundError: there is no such file.
    """
    try:
        return read_table(read_text(Path(path)), solar=solar)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def read_table(text: str, *, solar: str | SolarTable = "asplund2009") -> Reading:
    """Read a table of abundances from its text, as `read_stars` does from a file."""
    table = solar_table(solar)
    header, lines = split_table(text)
    layout, problems = lay_out(header, table)
    kept: list[Row] = []
    for line, cells in lines:
        name = f"star {line}"
        if layout.name is not None and layout.name < len(cells):
            name = cells[layout.name] or name
        if len(cells) != layout.width:
            message = f"{len(cells)} cells, allowed: {layout.width}, as the header has; left out"
            problems.append(Problem(Kind.UNREADABLE, name, message, line))
            continue
        star = read_row(name, line, cells, layout, table, problems)
        if wrong := refuse(star, layout, table):
            problems.append(wrong)
        else:
            kept.append(star)
    return Reading(_collect(kept, layout.elements), problems)


def _collect(kept: Sequence[Row], elements: tuple[str, ...]) -> Stars:
    def column(field: str) -> np.ndarray:
        rows = [[getattr(star, field).get(e, np.nan) for e in elements] for star in kept]
        return np.array(rows, float).reshape(len(kept), len(elements))

    return Stars(
        name=tuple(star.name for star in kept),
        element=elements,
        log_eps=column("log_eps"),
        limit=column("limit"),
        error=column("error"),
        fe_h=np.array([star.fe_h for star in kept], float),
        reference=tuple(star.reference for star in kept),
    )
