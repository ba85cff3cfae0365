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

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.enrichment.columns import Layout, Scale, lay_out
from surrogate.enrichment.elements import atomic_number
from surrogate.enrichment.scales import HIGHEST, HIGHEST_BRACKET, LOWEST, doubt_log_eps
from surrogate.enrichment.solar import SolarTable, solar_table
from surrogate.enrichment.stars import Kind, Problem, Reading, Stars
from surrogate.transients.readers.common import number, read_text, split_table

if TYPE_CHECKING:
    from os import PathLike

EMPTY: Final = ("", "nan", "-", "--", "*", "none")
METALLICITY: Final = (-8.0, 1.5)
"""[Fe/H] of known stars [dex], and some more."""
ZINC: Final = 30


class _Star(NamedTuple):
    name: str
    line: int
    reference: str
    fe_h: float
    log_eps: dict[str, float]
    limit: dict[str, float]
    error: dict[str, float]


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
    kept: list[_Star] = []
    for line, cells in lines:
        name = f"star {line}"
        if layout.name is not None and layout.name < len(cells):
            name = cells[layout.name] or name
        if len(cells) != layout.width:
            message = f"{len(cells)} cells, allowed: {layout.width}, as the header has; left out"
            problems.append(Problem(Kind.UNREADABLE, name, message, line))
            continue
        star = _read_star(name, line, cells, layout, table, problems)
        if wrong := _refuse(star, layout, table):
            problems.append(wrong)
        else:
            kept.append(star)
    return Reading(_collect(kept, layout.elements), problems)


def _read_star(
    name: str,
    line: int,
    cells: list[str],
    layout: Layout,
    solar: SolarTable,
    problems: list[Problem],
) -> _Star:
    def add(kind: Kind, message: str) -> None:
        problems.append(Problem(kind, name, message, line))

    fe_h = _metallicity(cells, layout, solar, add)
    reference = "" if layout.reference is None else cells[layout.reference]
    star = _Star(name, line, reference, fe_h, {}, {}, {})
    for i, scale in layout.values.items():
        cell = cells[i]
        if cell.lower() in EMPTY:
            continue
        is_limit = cell.startswith(("<", "≤"))
        value = number(cell.lstrip("<≤= "))
        if not math.isfinite(value):
            field = f"{scale.element} = {cell}, allowed: a number, < and a number, or nothing"
            add(Kind.NOT_A_NUMBER, f"{field}; cell left out")
            continue
        zero = _zero(scale, fe_h, solar)
        if math.isnan(zero):
            field = f"[{scale.element}/Fe] = {cell} without [Fe/H]"
            add(Kind.NO_METALLICITY, f"{field}, allowed: with a column [Fe/H]; cell left out")
            continue
        (star.limit if is_limit else star.log_eps)[scale.element] = value + zero
    for element, i in layout.errors.items():
        error = number(cells[i])
        if error > 0.0 and math.isfinite(error):
            star.error[element] = error
        elif cells[i].lower() not in EMPTY:
            add(Kind.NOT_A_NUMBER, f"error of {element} = {cells[i]}, allowed: above 0; unknown")
    return star


def _zero(scale: Scale, fe_h: float, solar: SolarTable) -> float:
    """What to add to a value to get log eps."""
    if not scale.over:
        return 0.0
    return solar[scale.element] + (fe_h if scale.over == "Fe" else 0.0)


def _metallicity(
    cells: list[str], layout: Layout, solar: SolarTable, add: Callable[[Kind, str], None]
) -> float:
    """[Fe/H] of a row, of its own column or of iron's; NaN where there is none."""
    text, zero = "", 0.0
    if layout.metallicity is not None:
        text = cells[layout.metallicity]
    else:
        for i, scale in layout.values.items():
            if scale.element == "Fe" and not scale.over:
                text, zero = cells[i], solar["Fe"]
    if text.lower() in EMPTY or text.startswith("<"):
        return math.nan
    value = number(text) - zero
    low, high = METALLICITY
    if low <= value <= high:
        return value
    add(Kind.NO_METALLICITY, f"[Fe/H] = {text}, allowed: {low:g} to {high:g}; not used")
    return math.nan


def _refuse(star: _Star, layout: Layout, solar: SolarTable) -> Problem | None:
    """Why a star cannot be used, if so."""
    if wrong := _doubt(star, layout, solar):
        return Problem(Kind.WRONG_SCALE, star.name, f"{wrong}; star left out", star.line)
    if star.limit and not star.log_eps:
        message = (
            f"all {len(star.limit)} abundances are limits, allowed: some values; star left out"
        )
        return Problem(Kind.ALL_LIMITS, star.name, message, star.line)
    if "Eu" not in star.log_eps:
        what = "a limit" if "Eu" in star.limit else "missing"
        message = f"Eu is {what}, allowed: a value, from which all others count; star left out"
        return Problem(Kind.NO_EUROPIUM, star.name, message, star.line)
    return None


def _doubt(star: _Star, layout: Layout, solar: SolarTable) -> str:
    bare: dict[str, float] = {}
    for scale in layout.values.values():
        element = scale.element
        value = star.log_eps.get(element, star.limit.get(element))
        if value is None:
            continue
        given = value - _zero(scale, star.fe_h, solar)
        high = HIGHEST_BRACKET if scale.over else HIGHEST[atomic_number(element) > ZINC]
        if not LOWEST <= given <= high:
            name = f"[{element}/{scale.over}]" if scale.over else f"log eps({element})"
            return f"{name} = {given:g}, allowed: {LOWEST:g} to {high:g} dex"
        if not scale.sure and element in star.log_eps:
            bare[element] = given
    doubt = doubt_log_eps(bare)
    few = ", ".join(f"{element} = {value:g}" for element, value in list(bare.items())[:4])
    return (
        f"{few}: allowed is log eps, but this {doubt}; convert it, or name the scale, as [Ba/Fe]"
        if doubt
        else ""
    )


def _collect(kept: Sequence[_Star], elements: tuple[str, ...]) -> Stars:
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
