"""Tables of the ZTF forced-photometry service at IPAC."""

from __future__ import annotations

import math
from typing import Final

from surrogate.learning.problems import Problem
from surrogate.learning.text_tables import number
from surrogate.transients.photometry import AB_ZERO, Kind, Row
from surrogate.transients.readers.common import Reading, gather, magnitude, scale, to_mjd

COLUMNS: Final = ("jd", "filter", "forcediffimflux", "forcediffimfluxunc", "zpdiff")
"""Needed columns; the one with the flux tells such a table from others."""
MAX_INFOBITS: Final = 2**25 - 1
"""Largest `infobitssci`: the bit above marks an exposure whose calibration or quality failed."""
MAX_NOISE: Final = 25.0
"""Largest `scisigpix` [counts], noise per pixel of the exposure: above it, clouds or moonlight."""
MAX_SEEING: Final = 4.0
"""Largest `sciinpseeing` [arcsec], width of a star: above it, subtraction leaves residuals."""
CUTS: Final = {
    "infobitssci": MAX_INFOBITS,
    "scisigpix": MAX_NOISE,
    "sciinpseeing": MAX_SEEING,
}
"""Cuts that Masci et al. (2023, arXiv:2305.16279) recommend, upper bounds by column."""


def is_forced_photometry(text: str) -> bool:
    """Whether a text is a table of the service."""
    return any(_parse_header(line) for line in text.splitlines() if COLUMNS[2] in line)


def read_forced_photometry(text: str, stem: str) -> Reading:
    """Read a table of the ZTF forced-photometry service.

    Exposures beyond `CUTS` are left out without a word. The rest is as the service gives it: no
    baseline is subtracted, though the flux before the outburst is not zero where the reference
    images hold some of it or were calibrated apart, field by field and quadrant by quadrant; and
    errors are not scaled by `forcediffimchisq`.

    Args:
        text: comments that start with #, a line that names the columns, separated by commas, and
            one line for each exposure, separated by blanks or commas.
        stem: name of the object; the table has none.

    Returns:
        One object. Rows whose flux is `null` are problems.

    Raises:
        ValueError: a column is missing.

    Source: Masci et al. (2023, arXiv:2305.16279).
    """
    lines = text.splitlines()
    at, header = next(
        ((i, names) for i, line in enumerate(lines) if (names := _parse_header(line))), (0, [])
    )
    if not header:
        raise ValueError(f"no line names the columns; needed: {', '.join(COLUMNS)}")
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, raw in enumerate(lines[at + 1 :], at + 2):
        cells = raw.replace(",", " ").split()
        if not cells or cells[0].startswith("#"):
            continue
        if len(cells) != len(header):
            message = f"{len(cells)} cells, allowed: {len(header)}, as the header has; left out"
            problems.append(Problem(Kind.UNREADABLE, stem, message, line))
            continue
        values = dict(zip(header, cells, strict=True))
        if not any(number(values.get(name)) > most for name, most in CUTS.items()):
            rows.append(_read_row(line, values))
    return gather({stem: rows}, {}, problems)


def _parse_header(line: str) -> list[str]:
    names = line.lstrip("# ").replace(",", " ").split()
    return names if set(COLUMNS) <= set(names) else []


def _read_row(line: int, values: dict[str, str]) -> Row:
    jd, band, flux, error, zero_point = (values[name] for name in COLUMNS)
    if math.isnan(magnitude(zero_point)):
        return Row(line, to_mjd(jd), band, f"{flux} at zpdiff {zero_point}", error)
    factor = AB_ZERO * 10.0 ** (-0.4 * float(zero_point))
    return Row(line, to_mjd(jd), band, scale(flux, factor), scale(error, factor))
