"""Read encounters from a csv file in chunks: quickly where rows are good, one by one where not."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from surrogate.cli.fields import OPTIONAL, REQUIRED, explain_partners, find_missing
from surrogate.collisions.inputs import find_bad_rows
from surrogate.collisions.validation import is_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 16_384
"""Lines read at once. One compiled program serves every chunk, the last one filled up."""
SHOWN = 60
"""Characters of a bad cell or name that a message repeats."""


class Header(NamedTuple):
    """Columns of a file."""

    names: list[str]
    """All of them, as written."""
    fields: dict[str, int]
    """Fields of an `Encounter` in the order of the output, and where each stands."""
    line: int
    """Line number of the header; lines count from 1."""
    text: str
    """The header as it was read."""

    @property
    def ignored(self) -> list[str]:
        """Names of the columns that are not read."""
        used = set(self.fields.values())
        return [name for i, name in enumerate(self.names) if i not in used]


class BadRow(NamedTuple):
    """A row without an answer."""

    line: int
    reason: str
    """Field, value and what is allowed."""
    text: str
    """The line as it was read."""


class Chunk(NamedTuple):
    """Encounters read at once: n good ones, and the bad ones."""

    values: dict[str, NDArray[np.float64]]
    """Fields of an `Encounter`, each (n,), in its units."""
    echo: list[str]
    """Input cells of the n rows as they were written, joined by commas in the output's order."""
    lines: list[tuple[int, str]]
    """Line number and text of the n rows."""
    bad: list[BadRow]

    @property
    def read(self) -> int:
        """How many rows were read, good or bad."""
        return len(self.lines) + len(self.bad)


def read_header(file: IO[str]) -> Header:
    """Read the first line that is not blank.

    Raises:
        ValueError: it is missing, or does not name the columns of an encounter.
    """
    for number, line in enumerate(file, start=1):
        if "\0" in line:
            raise ValueError("the file is not UTF-8 text; save it as CSV in UTF-8")
        if line.strip():
            return _parse_header(line, number)
    raise ValueError(f"the file is empty; its first line must name {', '.join(REQUIRED)}")


def read_chunks(file: IO[str], header: Header) -> Iterator[Chunk]:
    """Yield the rows below the header in order; blank lines are skipped.

    Args:
        file: a text file that stands below its header.
        header: its columns.
    """
    numbered = enumerate(file, start=header.line + 1)
    rows = ((number, text) for number, line in numbered if (text := line.rstrip("\r\n")).strip())
    while lines := list(islice(rows, CHUNK)):
        yield _only_allowed(_parse(lines, header))


def _parse_header(line: str, number: int) -> Header:
    text = line.strip().lstrip("\ufeff#")
    names = [name.strip() for name in next(csv.reader([text]))]
    lower = [name.lower() for name in names]
    wanted = [name for name in (*REQUIRED, *OPTIONAL) if name in lower]
    if missing := find_missing(wanted):
        raise ValueError(_explain(missing, names, number))
    if twice := [name for name in wanted if lower.count(name) > 1]:
        raise ValueError(f"line {number}: column {', '.join(twice)} stands there more than once")
    return Header(names, {name: lower.index(name) for name in wanted}, number, text)


def _explain(missing: list[str], names: list[str], number: int) -> str:
    found = ", ".join(name[:SHOWN] or "''" for name in names[:20])
    text = f"line {number}: missing column {', '.join(missing)}; found: {found}"
    if not set(REQUIRED) & set(missing):
        return f"{text}. {explain_partners(missing)}"
    if len(names) == 1 and any(separator in names[0] for separator in ";\t "):
        return f"{text}. Columns must be separated by commas."
    if all(is_number(name) for name in names):
        return f"{text}. The first line must name the columns: {','.join(REQUIRED)}"
    free = [n for n in names if n.lower() not in (*REQUIRED, *OPTIONAL)]
    near = {name: _nearest(name, free) for name in missing if name in REQUIRED}
    guesses = "; ".join(f"{found!r} for {name}" for name, found in near.items() if found)
    return f"{text}. Did you mean {guesses}? Rename it." if guesses else text


SYNONYMS = {
    "m1": ("mass1", "mass_1", "m_1", "m1_i"),
    "m2": ("mass2", "mass_2", "m_2", "m2_i"),
    "rp": ("rperi", "r_peri", "pericentre", "pericenter", "periastron", "rmin"),
    "vinf": ("v_inf", "vinfinity", "v_infinity", "velocity", "v"),
    "age": ("time", "t", "stellar_age", "age1"),
}
"""What other codes call a field."""


def _nearest(name: str, found: Sequence[str]) -> str | None:
    """The found column that most likely stands for `name`; units in brackets do not count."""
    plain = {f.lower().split("[")[0].split("(")[0].strip(): f for f in found}
    for known in (name, *SYNONYMS[name]):
        if known in plain:
            return plain[known]
    close = difflib.get_close_matches(name, plain, n=1, cutoff=0.6)
    return plain[close[0]] if close else None


def _parse(lines: list[tuple[int, str]], header: Header) -> Chunk:
    width = len(header.names)
    text = ",".join([text for _, text in lines])
    plain = not any(sign in text for sign in '"_')  # float() would take 1_000
    if not plain or any(line.count(",") != width - 1 for _, line in lines):
        return _parse_one_by_one(lines, header)
    cells = text.split(",")
    columns = {name: cells[k::width] for name, k in header.fields.items()}
    try:
        values = {name: np.fromiter(map(float, c), float, len(c)) for name, c in columns.items()}
    except ValueError:
        return _parse_one_by_one(lines, header)
    if " " in text or "\t" in text:
        columns = {name: [cell.strip() for cell in c] for name, c in columns.items()}
    return Chunk(values, [",".join(row) for row in zip(*columns.values(), strict=True)], lines, [])


def _parse_one_by_one(lines: list[tuple[int, str]], header: Header) -> Chunk:
    rows: list[list[str]] = []
    good, bad = [], []
    for number, text in lines:
        cells = _cells(text)
        if reason := _unreadable(cells, header):
            bad.append(BadRow(number, reason, text))
        else:
            rows.append([cells[k] for k in header.fields.values()])
            good.append((number, text))
    table = np.array(rows, float).reshape(-1, len(header.fields))
    values = dict(zip(header.fields, table.T, strict=True))
    return Chunk(values, [",".join(row) for row in rows], good, bad)


def _cells(text: str) -> list[str]:
    if '"' not in text:
        return [cell.strip() for cell in text.split(",")]
    try:
        return [cell.strip() for cell in next(csv.reader([text]))]
    except csv.Error:
        return [text]


def _unreadable(cells: list[str], header: Header) -> str | None:
    width = len(header.names)
    if len(cells) != width:
        return f"{len(cells)} cells, allowed: {width} (as the header has)"
    for name, k in header.fields.items():
        if not is_number(cells[k]):
            return f"{name} = {cells[k][:SHOWN]!r}, allowed: a number"
    return None


def _only_allowed(chunk: Chunk) -> Chunk:
    problems = find_bad_rows(chunk.values) if chunk.lines else []
    return drop(chunk, {problem.row: problem.text for problem in problems})


def drop(chunk: Chunk, reasons: dict[int, str]) -> Chunk:
    """Move rows, by their index among the good ones, to the bad ones, each with its reason."""
    if not reasons:
        return chunk
    bad = [BadRow(chunk.lines[i][0], reason, chunk.lines[i][1]) for i, reason in reasons.items()]
    keep = [i for i in range(len(chunk.lines)) if i not in reasons]
    return Chunk(
        {name: column[keep] for name, column in chunk.values.items()},
        [chunk.echo[i] for i in keep],
        [chunk.lines[i] for i in keep],
        sorted(chunk.bad + bad),
    )
