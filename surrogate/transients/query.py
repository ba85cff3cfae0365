"""Which transients to look at: the criteria of the paper's Table 1, as SQL and on local rows."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from surrogate.hints import did_you_mean

OBJECTS: Final = "objects"
SHERLOCK: Final = "sherlock_classifications"
COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {"<": operator.lt, ">": operator.gt}


class Brightness(StrEnum):
    """How the limit on brightness in r and in g is meant: Table 1 says both."""

    OR = "or"
    """Brighter than 20 in one of them: the query."""
    AND = "and"
    """Brighter than 20 in both: the text beside the query."""


class Clause(NamedTuple):
    """A comparison of a column, or of the difference of two, with a value."""

    table: str
    columns: tuple[str, ...]
    sign: str
    """`<`, `>`, or `in`."""
    value: float | tuple[str, ...]

    @property
    def sql(self) -> str:
        """As it stands in a query."""
        left = " - ".join(f"{self.table}.{column}" for column in self.columns)
        if isinstance(self.value, tuple):
            return f"{left} IN ({', '.join(repr(text) for text in self.value)})"
        return f"{left} {self.sign} {self.value:g}"

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether a row, by names of columns, fulfils it; one with a missing value does not.

        Raises:
            ValueError: the value of a column with numbers is none.
        """
        values = [row.get(column) for column in self.columns]
        if any(value is None for value in values):
            return False
        if isinstance(self.value, tuple):
            return values[0] in self.value
        numbers = [_number(c, v) for c, v in zip(self.columns, values, strict=True)]
        # NaN, which stands for NULL in tables of floats, compares false as NULL does.
        left = numbers[0] - numbers[1] if len(numbers) == 2 else numbers[0]
        return COMPARE[self.sign](left, self.value)


class Condition(NamedTuple):
    """One line of Table 1: clauses of which any, or all, hold."""

    meaning: str
    clauses: tuple[Clause, ...]
    all_of: bool = False

    @property
    def sql(self) -> str:
        """As it stands in a query, in parentheses where it needs them."""
        joined = (" AND " if self.all_of else " OR ").join(clause.sql for clause in self.clauses)
        return f"({joined})" if len(self.clauses) > 1 else joined

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether a row fulfils it."""
        held = (clause.holds(row) for clause in self.clauses)
        return all(held) if self.all_of else any(held)


class Query(NamedTuple):
    """The three arguments of Lasair's query."""

    selected: str
    tables: str
    conditions: str


class Selection(NamedTuple):
    """Which of n rows were selected, and why the others were not."""

    passed: list[bool]
    failed: list[tuple[str, ...]]
    """Meaning of each condition that a row does not fulfil; empty where it passed."""


SELECTED: Final = tuple(
    f"{OBJECTS}.{column}"
    for column in (
        *("objectId", "ramean", "decmean", "glatmean", "jdmin", "jdmax", "ncand", "ncandgp"),
        *("gmag", "rmag", "maggmean", "magrmean", "sgmag1", "srmag1"),
    )
) + tuple(f"{SHERLOCK}.{column}" for column in ("classification", "separationArcsec", "z"))
"""What is asked for: all that the conditions need, so that `select` can check the answer."""


def conditions(brightness: Brightness | str = Brightness.OR) -> tuple[Condition, ...]:
    """The lines of Table 1, in its order.

    Args:
        brightness: "or", as the table's query has it: brighter than 20 in r or in g; or "and", as
            the text beside it says: in r and in g.

    Raises:
        ValueError: `brightness` is neither.

    Source: the paper's Table 1; `ncandgp` counts good detections of positive flux. A host without
    a PS1 magnitude has -999 there, which Table 1 takes for a magnitude, and so does this.
    """
    _check(brightness)

    def of(columns: str, sign: str, value: float) -> Clause:
        return Clause(OBJECTS, tuple(columns.split(" - ")), sign, value)

    return (
        Condition(
            "within 1 arcsec of its host", (Clause(SHERLOCK, ("separationArcsec",), "<", 1.0),)
        ),
        Condition("more than 20 detections", (of("ncand", ">", 20),)),
        Condition("more than 10 detections of positive flux", (of("ncandgp", ">", 10),)),
        Condition(
            "nuclear transient or supernova by Sherlock",
            (Clause(SHERLOCK, ("classification",), "in", ("NT", "SN")),),
        ),
        Condition(
            "mean or latest colour is blue",
            (of("maggmean - magrmean", "<", 0.05), of("gmag - rmag", "<", 0.05)),
        ),
        Condition(
            f"brighter than 20 in r {brightness} g",
            (of("rmag", "<", 20.0), of("gmag", "<", 20.0)),
            all_of=brightness == Brightness.AND,
        ),
        Condition(
            "more than 10 degrees from the galactic plane",
            (of("glatmean", ">", 10.0), of("glatmean", "<", -10.0)),
        ),
        Condition("PS1 host is red", (of("sgmag1 - srmag1", ">", 0.0),)),
    )


def table1(brightness: Brightness | str = Brightness.OR) -> Query:
    """Table 1 as a query of Lasair, which joins the tables by `objectId` itself.

    Args:
        brightness: as in `conditions`.

    Returns:
        What `lasair.query` asks for.
    """
    sql = " AND ".join(condition.sql for condition in conditions(brightness))
    return Query(", ".join(SELECTED), f"{OBJECTS},{SHERLOCK}", sql)


def select(
    rows: Iterable[Mapping[str, Any]], brightness: Brightness | str = Brightness.OR
) -> Selection:
    """Table 1 on rows that are at hand, such as those of an earlier query.

    Args:
        rows: values by names of columns, without the names of the tables: `ncand`, `rmag` [mag],
            `separationArcsec` [arcsec], `glatmean` [degrees] and so on; None, NaN or a column that
            is missing makes a comparison fail, as NULL does in SQL.
        brightness: as in `conditions`.

    Returns:
        For each row whether it passes, and the conditions that it fails.

    Raises:
        ValueError: a value of a column with numbers is no number.
    """
    table = conditions(brightness)
    failed = [tuple(c.meaning for c in table if not c.holds(row)) for row in rows]
    return Selection([not reasons for reasons in failed], failed)


def _check(brightness: str) -> None:
    allowed = [choice.value for choice in Brightness]
    if brightness not in allowed:
        hint = did_you_mean(str(brightness), allowed) or "or is the query's, and the text's"
        raise ValueError(f"brightness = {brightness}, allowed: {', '.join(allowed)}; {hint}")


def _number(column: str, value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        if value == "":
            return math.nan  # an empty cell of a table
        raise ValueError(
            f"{column} = {value!r}, allowed: a number, or None where it is unknown"
        ) from None
