"""A user's own conditions: one line a run.

    name,    y_e,  s,  tau,   heating
    a wind,  0.25, 20, 0.03,  0.5

Columns are the fields of `conditions.Expanding` (y_e, s, tau, perhaps heating), of
`conditions.Irradiated` (n_n, t9, exposure), or `trajectory`, the name of a file, seen from the
table. A table may have all of them: a line is of the kind whose cells are filled. `process` is r
for expansions and trajectories and i for irradiations where it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from surrogate.enrichment.bank.conditions import (
    HEATING,
    Condition,
    Expanding,
    Irradiated,
    Simulated,
)
from surrogate.enrichment.bank.run import check
from surrogate.enrichment.bank.simulate import Kind
from surrogate.enrichment.classifiers.training import PROCESSES
from surrogate.learning.problems import Problem
from surrogate.learning.text_tables import read_text, split_table

if TYPE_CHECKING:
    from os import PathLike

_KINDS: Final[dict[type, tuple[tuple[str, ...], str]]] = {
    Expanding: (("y_e", "s", "tau"), "r"),
    Irradiated: (("n_n", "t9", "exposure"), "i"),
    Simulated: (("trajectory",), "r"),
}
"""Cells that a line of each kind must have, and its process where it does not say."""


class ConditionTable(NamedTuple):
    """What was found in a table."""

    conditions: list[Condition]
    problems: list[Problem]
    """Lines that could not be used."""


def read_conditions(path: str | PathLike[str]) -> ConditionTable:
    """Read a table of conditions, as this module describes it.

    Args:
        path: of the table; cells are separated by commas, semicolons, tabs or blanks.

    Returns:
        Conditions in order, and lines that cannot be used: of no kind, or out of range.

    Raises:
        ValueError: no column is known, or the file cannot be read.
        FileNotFoundError: there is no such file.
    """
    path = Path(path)
    try:
        header, lines = split_table(read_text(path))
        names = [name.lower() for name in header]
        known = [field for fields, _ in _KINDS.values() for field in fields]
        if not set(names) & set(known):
            raise ValueError(f"no column of {', '.join(known)}; name them in the first line")
        made, problems = [], []
        for line, cells in lines:
            found = dict(zip(names, cells, strict=False))
            name = found.get("name") or f"line {line}"
            try:
                if len(cells) != len(header):
                    raise ValueError(f"{len(cells)} cells, allowed: {len(header)}")
                one = _condition(name, found, path.parent)
                check(one)
                made.append(one)
            except ValueError as error:
                problems.append(Problem(Kind.UNUSABLE, name, f"{error}; left out", line))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return ConditionTable(made, problems)


def trajectory(path: str | PathLike[str]) -> Condition:
    """A trajectory of the r-process, named by its file and the folder of that.

    Args:
        path: of the file.
    """
    path = Path(path)
    return Simulated(f"{path.absolute().parent.name}/{path.name}", "r", path)


def _condition(name: str, found: Mapping[str, str], folder: Path) -> Condition:
    filled = [
        kind for kind, (fields, _) in _KINDS.items() if all(found.get(field) for field in fields)
    ]
    if len(filled) != 1:
        ways = "; ".join(", ".join(fields) for fields, _ in _KINDS.values())
        raise ValueError(f"{len(filled)} kinds of condition, allowed: 1, with cells of {ways}")
    fields, usual = _KINDS[filled[0]]
    process = found.get("process") or usual
    if process not in PROCESSES:
        raise ValueError(f"process = {process!r}, allowed: {', '.join(PROCESSES)}")
    values: dict[str, Any] = {}
    if filled[0] is Simulated:
        values["trajectory"] = folder / found["trajectory"]
    else:
        values = {field: _number(field, found[field]) for field in fields}
    if filled[0] is Expanding:
        values["heating"] = _number("heating", found.get("heating") or str(HEATING))
    return filled[0](name, process, **values)


def _number(field: str, cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"{field} = {cell!r}, allowed: numbers") from None
