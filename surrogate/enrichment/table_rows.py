"""One row of a user's table of abundances."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

from surrogate.enrichment.columns import Layout, Scale
from surrogate.enrichment.elements import atomic_number
from surrogate.enrichment.scales import HIGHEST, HIGHEST_BRACKET, LOWEST, doubt_log_eps
from surrogate.enrichment.solar import SolarTable
from surrogate.enrichment.stars import Kind
from surrogate.learning.problems import Problem
from surrogate.learning.text_tables import number

EMPTY: Final = ("", "nan", "-", "--", "*", "none")
METALLICITY: Final = (-8.0, 1.5)
"""[Fe/H] of known stars [dex], and some more."""
ZINC: Final = 30


class Row(NamedTuple):
    """A star as its row has it; what is not there is in no dictionary."""

    name: str
    line: int
    """Of the file."""
    reference: str
    fe_h: float
    """[Fe/H] [dex]; NaN where unknown."""
    log_eps: dict[str, float]
    """By symbol [dex]."""
    limit: dict[str, float]
    """Upper limits of log eps [dex]."""
    error: dict[str, float]
    """Standard deviations of log eps [dex]."""


def read_row(
    name: str,
    line: int,
    cells: list[str],
    layout: Layout,
    solar: SolarTable,
    problems: list[Problem],
) -> Row:
    """Read the cells of a star.

    Args:
        name: of the star.
        line: of the file.
        cells: as many as the layout is wide.
        layout: what each column is.
        solar: the table that brackets were counted from.
        problems: cells that are left out are added to these.
    """

    def add(kind: Kind, message: str) -> None:
        problems.append(Problem(kind, name, message, line))

    fe_h = _metallicity(cells, layout, solar, add)
    reference = "" if layout.reference is None else cells[layout.reference]
    star = Row(name, line, reference, fe_h, {}, {}, {})
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


def refuse(star: Row, layout: Layout, solar: SolarTable) -> Problem | None:
    """Why a star cannot be used, if so.

    Args:
        star: as read.
        layout: what each column is.
        solar: the table that brackets were counted from.
    """
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


def _doubt(star: Row, layout: Layout, solar: SolarTable) -> str:
    """What speaks against the scale of a row; empty where nothing does."""
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
