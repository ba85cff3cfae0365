"""What a row of the collision grid may contain, whatever file it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surrogate.collisions.encounter import Fate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike

    from numpy.typing import NDArray

    Columns = Mapping[str, NDArray[np.float64]]

MASS_TOLERANCE = 1e-5
"""Mass that rounding may create, relative to m1 + m2 (the public file reaches 1e-6)."""

SURVIVORS = {Fate.NONE: 0, Fate.MERGER: 1, Fate.TWO: 2, Fate.STRIPPED: 1}
"""How many final masses are not zero, for each fate."""

SHOWN = 5
"""How many bad rows an error spells out; the others are counted."""

_POSITIVE = ("age", "vinf", "m1", "m2", "r1", "r2")
_NOT_NEGATIVE = ("metallicity", "rp", "m1_final", "m2_final")


class Problem(NamedTuple):
    """One bad row."""

    row: int
    """Where: counted as the file counts (lines of a text file from 1, rows of HDF5 from 0)."""
    text: str
    """The field, its value, and what is allowed."""


class _Rule(NamedTuple):
    field: str
    value: NDArray[np.float64]
    good: NDArray[np.bool_]
    allowed: str


def find_problems(
    columns: Columns, labels: Mapping[Fate, int], names: Mapping[str, str] | None = None
) -> list[Problem]:
    """Check every row of a grid; return the first broken rule of each bad row, in order.

    Args:
        columns: the columns of a `Grid` by field name, each (n,), in the units of `Grid`; `fate`
            holds labels as the file writes them.
        labels: the label the file uses for each fate.
        names: what the file calls a field, where that is not the field's own name.

    Returns:
        One `Problem` a bad row, with `row` the index into the columns; empty where all is well.
    """
    first = np.full(len(columns["fate"]), -1)
    rules = list(_rules(columns, labels, names or {}))
    for number, rule in enumerate(rules):
        first[(first < 0) & ~rule.good] = number
    return [
        Problem(int(row), f"{rule.field} = {rule.value[row]:.10g}, allowed: {rule.allowed}")
        for row in np.flatnonzero(first >= 0)
        for rule in [rules[first[row]]]
    ]


def _rules(
    columns: Columns, labels: Mapping[Fate, int], names: Mapping[str, str]
) -> Iterator[_Rule]:
    for field in (*_POSITIVE, *_NOT_NEGATIVE):
        value = columns[field]
        positive = field in _POSITIVE
        good = np.isfinite(value) & ((value > 0) if positive else (value >= 0))
        allowed = "finite and > 0" if positive else "finite and >= 0"
        yield _Rule(names.get(field, field), value, good, allowed)

    sigma, label = columns["sigma"], columns["fate"]
    yield _Rule(names.get("sigma", "sigma"), sigma, np.isin(sigma, (1, 2)), "1 or 2")
    known = ", ".join(f"{code} ({fate.name.lower()})" for fate, code in labels.items())
    good = np.isin(label, list(labels.values()))
    yield _Rule(names.get("fate", "fate"), label, good, known)

    finals = np.stack([columns["m1_final"], columns["m2_final"]])
    count = np.count_nonzero(finals, axis=0).astype(np.float64)
    for fate, code in labels.items():
        field = f"number of final masses > 0 of a row labelled {code} ({fate.name.lower()})"
        good = (label != code) | (count == SURVIVORS[fate])
        yield _Rule(field, count, good, str(SURVIVORS[fate]))

    with np.errstate(all="ignore"):  # bad masses were caught above
        kept = finals.sum(axis=0) / (columns["m1"] + columns["m2"])
    good = kept <= 1 + MASS_TOLERANCE
    yield _Rule("(m1_final + m2_final) / (m1 + m2)", kept, good, f"at most {1 + MASS_TOLERANCE}")


def raise_if_any(
    problems: Sequence[Problem], path: str | PathLike[str], unit: str, total: int
) -> None:
    """Raise a `ValueError` that names the file and its bad rows, if there are any.

    Args:
        problems: the bad rows.
        path: the file they stand in.
        unit: what `Problem.row` counts: "line" or "row".
        total: how many rows the file has.
    """
    if not problems:
        return
    ordered = sorted(problems)
    shown = "\n".join(f"  {unit} {row}: {text}" for row, text in ordered[:SHOWN])
    more = f"\n  ... and {len(ordered) - SHOWN} more" if len(ordered) > SHOWN else ""
    raise ValueError(
        f"{path}: {len(ordered)} of {total} rows cannot be used.\n{shown}{more}\n"
        f"Correct or remove these {unit}s; if the file was downloaded, fetch it again."
    )


def is_number(text: str) -> bool:
    """Whether a cell of a text file is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text  # Python reads 1_000 as a number
