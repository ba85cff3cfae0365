"""Text files with tables, as people and surveys write them."""

from __future__ import annotations

import csv
import gzip
import io
import math
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path


def read_text(path: Path) -> str:
    """Text of a file, plain or compressed with gzip.

    Args:
        path: the file; its content decides, not its ending.

    Raises:
        ValueError: it is empty, damaged, or no text in UTF-8.
        OSError: it cannot be opened; FileNotFoundError where there is none.
    """
    raw = path.read_bytes()
    try:
        content = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        text = content.decode("utf-8-sig")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"the gzip file is damaged ({error}); copy it again") from error
    except UnicodeDecodeError as error:
        raise ValueError("the file is not text; save it as text in UTF-8") from error
    if not text.strip():
        raise ValueError("the file is empty; copy or download it again")
    return text


def split_table(text: str) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Split a table whose first line names its columns.

    Args:
        text: cells separated by commas, semicolons, tabs or blanks, whichever of these comes first
            in this list and is in the header; lines that start with # are comments.

    Returns:
        Names of the columns, and the number of each line below, the first line of the file being
        1, with its cells; blank lines are skipped.

    Raises:
        ValueError: there is no header, or, while the lines are read, quotes that are not closed.
    """
    # Comments become blank lines, so that the numbers of the others stay.
    lines = ["" if line.startswith("#") else line for line in text.splitlines()]
    header = next((line for line in lines if line.strip()), "")
    if not header:
        raise ValueError("the file has comments only; its first line must name the columns")
    delimiter = next((sign for sign in ",;\t" if sign in header), None)
    rows = _split(lines, delimiter)
    return next(rows)[1], rows


def _split(lines: list[str], delimiter: str | None) -> Iterator[tuple[int, list[str]]]:
    if delimiter is None:
        yield from ((n, cells) for n, line in enumerate(lines, 1) if (cells := line.split()))
        return
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    try:
        for cells in reader:
            if any(cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}; mend or remove it") from error


def find_column(names: Sequence[str], known: Sequence[str]) -> int | None:
    """Where the first of some names stands among lower-case names of columns, if any does."""
    return next((names.index(name) for name in known if name in names), None)


def number(value: object) -> float:
    """A value as a number; NaN where it is none."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def csv_line(cells: Sequence[object], digits: int = 6) -> str:
    """A line of csv, without its end.

    Args:
        cells: texts and numbers; a number that is not finite is an empty cell.
        digits: of numbers with a fraction.
    """

    def text(value: object) -> object:
        if not isinstance(value, float):
            return value
        return f"{value:.{digits}g}" if math.isfinite(value) else ""

    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(map(text, cells))
    return line.getvalue()
