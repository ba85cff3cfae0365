"""What all readers share: text, numbers, and objects made of rows."""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from surrogate.transients.photometry import LightCurve, Problem, Row, assemble, to_flux

JD_ZERO: Final = 2_400_000.5
"""Julian date of modified Julian date 0; a time above it is a Julian date."""
LN10_OVER_2_5: Final = math.log(10.0) / 2.5
"""Relative error of a flux per error of its magnitude."""
NO_MAGNITUDE: Final = 90.0
"""Magnitudes beyond this, of either sign, stand for none: tables write 99 or -999."""


class Facts(NamedTuple):
    """What is known of an object besides its light curve."""

    redshift: float | None = None
    ebv: float | None = None
    """Reddening E(B-V) by Galactic dust [mag]; None where unknown."""

    def filled(self, others: Facts) -> Facts:
        """These, and others where these are unknown."""
        return Facts(*(b if a is None else a for a, b in zip(self, others, strict=True)))


class Reading(NamedTuple):
    """What was found in a file or a folder."""

    light_curves: list[LightCurve]
    """In the order of the files, and of first appearance within each."""
    problems: list[Problem]
    """Of rows, objects and files; an object that is left out is named here."""


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


def to_mjd(value: object) -> object:
    """Modified Julian date of a Julian or modified one [days]; what is no number stays as it is."""
    time = number(value)
    if math.isnan(time):
        return value
    return time - JD_ZERO if time > JD_ZERO else time


def scale(value: object, factor: float) -> object:
    """Value times a factor; what is no number stays as it is."""
    product = number(value) * factor
    return value if math.isnan(product) else product


def magnitude(value: object) -> float:
    """AB magnitude; NaN where it is no number or stands for none."""
    mag = number(value)
    return mag if abs(mag) < NO_MAGNITUDE else math.nan


def from_magnitude(mag: object, error: object, sign: float = 1.0) -> tuple[object, object]:
    """Flux and its error of a magnitude and its error.

    Args:
        mag: AB magnitude.
        error: its standard deviation [mag].
        sign: of the flux: -1 where the source was brighter in the reference image.

    Returns:
        Both [microjansky]; what is no number is returned as a text that repeats it.
    """
    known = magnitude(mag)
    if math.isnan(known):
        return f"{mag} mag", f"{error} mag"
    flux = to_flux(known)
    width = number(error)
    return sign * flux, f"{error} mag" if math.isnan(width) else flux * width * LN10_OVER_2_5


def from_limit(mag: object) -> object:
    """Flux of a limiting AB magnitude [microjansky]; a text that repeats it where it is none."""
    known = magnitude(mag)
    return f"{mag} mag" if math.isnan(known) else to_flux(known)


def gather(
    rows: Mapping[str, Sequence[Row]],
    facts: Mapping[str, Facts],
    problems: Sequence[Problem] = (),
) -> Reading:
    """Check the rows of every object and make light curves of them.

    Args:
        rows: of each object, by its name.
        facts: what the file says of some of the objects.
        problems: those that are known already.
    """
    found: list[LightCurve] = []
    wrong = list(problems)
    for name, mine in rows.items():
        known = facts.get(name, Facts())
        curve, more = assemble(name, mine, redshift=known.redshift, ebv=known.ebv or 0.0)
        wrong += more
        if curve is not None:
            found.append(curve)
    return Reading(found, wrong)
