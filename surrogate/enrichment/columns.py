"""What the columns of a user's table of abundances are."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from surrogate.enrichment.elements import is_element
from surrogate.enrichment.solar import SolarTable
from surrogate.enrichment.stars import Kind
from surrogate.hints import did_you_mean
from surrogate.learning.problems import Problem
from surrogate.learning.text_tables import find_column

NAMES: Final = ("name", "star", "object", "id")
METALLICITIES: Final = ("[fe/h]", "fe/h", "feh", "fe_h", "metallicity")
REFERENCES: Final = ("reference", "ref", "bibcode")
_COLUMN: Final = re.compile(
    r"(?P<error>err_|e_|sigma_|error_)?"
    r"(?:\[(?P<x>[a-z]+)/(?P<over>fe|h)\]|(?P<sure>log_?eps_|a_)?(?P<symbol>[a-z]{1,2}))"
    r"(?P<after>_err|_error)?"
)


class Scale(NamedTuple):
    """How a column counts an element."""

    element: str
    over: str
    """Empty for log eps, Fe for [X/Fe], H for [X/H]."""
    sure: bool
    """Whether the name says so; the scale of a bare symbol is checked."""


class Layout(NamedTuple):
    """Where things stand in a row; None where the table does not have them."""

    width: int
    name: int | None
    metallicity: int | None
    reference: int | None
    values: dict[int, Scale]
    errors: dict[str, int]
    """Column of the standard deviation by element."""

    @property
    def elements(self) -> tuple[str, ...]:
        """Symbols, in the order of the columns."""
        return tuple(scale.element for scale in self.values.values())


def lay_out(header: list[str], solar: SolarTable) -> tuple[Layout, list[Problem]]:
    """Find out what each column is.

    Args:
        header: names of the columns.
        solar: the table that says which elements there are.

    Returns:
        The layout, and a problem for each column that is left out: one that is no element, or a
        second one of the same.

    Raises:
        ValueError: no column is an element.
    """
    names = [name.strip().lower() for name in header]
    name, metallicity, reference = (
        find_column(names, known) for known in (NAMES, METALLICITIES, REFERENCES)
    )
    layout = Layout(len(header), name, metallicity, reference, {}, {})
    problems: list[Problem] = []
    for i in range(len(header)):
        if i in (name, metallicity, reference):
            continue
        wrong = _place(i, header[i], layout, solar)
        problems += [wrong] if wrong else []
    if not layout.values:
        raise ValueError(
            f"columns found: {', '.join(header[:20])}; needed: elements, such as Ba, log_eps_Ba or "
            "[Ba/Fe]; rename them"
        )
    return layout, problems


def _place(i: int, header: str, layout: Layout, solar: SolarTable) -> Problem | None:
    """Add a column to the layout, or say why not."""
    match = _COLUMN.fullmatch(header.strip().replace(" ", "").lower())
    symbol = (match["x"] or match["symbol"]).capitalize() if match else ""
    if match is None or not is_element(symbol) or symbol not in solar.log_eps:
        near = did_you_mean(header.strip(" []").capitalize(), solar.log_eps)
        known = f"elements of the solar table {solar.name}, name, [Fe/H], reference"
        message = f"column = {header}, allowed: {known}; {near + ' ' if near else ''}left out"
        return Problem(Kind.UNKNOWN_ELEMENT, header, message)
    is_error = bool(match["error"] or match["after"])
    if symbol in (layout.errors if is_error else layout.elements):
        what = f"the error of {symbol}" if is_error else symbol
        message = f"column {i + 1} is a second one of {what}, allowed: one; left out"
        return Problem(Kind.DUPLICATE, header, message)
    if is_error:
        layout.errors[symbol] = i
    else:
        over = (match["over"] or "").capitalize()
        layout.values[i] = Scale(symbol, over, bool(over or match["sure"]))
    return None
