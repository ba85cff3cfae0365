"""Light curves from files, whatever survey or broker wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surrogate.learning.problems import Problem
from surrogate.learning.text_tables import read_text
from surrogate.transients.photometry import Kind, LightCurve
from surrogate.transients.readers.alerts import read_alerts
from surrogate.transients.readers.common import Facts, Reading
from surrogate.transients.readers.facts import read_facts
from surrogate.transients.readers.hosts import read_hosts
from surrogate.transients.readers.tables import read_table
from surrogate.transients.readers.ztf import is_forced_photometry, read_forced_photometry

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["FORMATS", "Facts", "Reading", "read", "read_facts", "read_hosts"]

FORMATS: Final = (
    "tables of fluxes or magnitudes (.csv, .txt, .dat), tables of the ZTF forced-photometry "
    "service (.txt), ZTF alerts and Lasair objects (.json); each may be compressed (.gz)"
)


def read(path: str | PathLike[str], *, facts: Mapping[str, Facts] | None = None) -> Reading:
    """Read the light curves in a file, or in all files of a folder.

    The content of a file decides how it is read: JSON as alerts or replies of Lasair, a table with
    `forcediffimflux` as one of the ZTF forced-photometry service, other tables by their columns.

    Args:
        path: a file, or a folder, whose own files are read in order of their names; hidden ones and
            folders in it are not.
        facts: redshift and reddening [mag] of objects by name, as from `read_facts`; what is known
            there counts in place of what the file says.

    Returns:
        The light curves, and what was wrong. A file that cannot be read is a problem of kind
        `UNREADABLE` under its name. An object in two files is there twice.

    Raises:
        ValueError: a folder without a single object.
        FileNotFoundError: there is no such file.
    """
    path = Path(path)
    reading = _read_folder(path) if path.is_dir() else _read_file(path)
    known = facts or {}
    return reading._replace(
        light_curves=[_add_facts(curve, known.get(curve.name)) for curve in reading.light_curves]
    )


def _read_folder(folder: Path) -> Reading:
    files = [f for f in sorted(folder.iterdir()) if f.is_file() and not f.name.startswith(".")]
    found = Reading([], [])
    for file in files:
        reading = _read_file(file)
        found.light_curves.extend(reading.light_curves)
        found.problems.extend(reading.problems)
    if not found.light_curves and all(p.kind is Kind.UNREADABLE for p in found.problems):
        first = f"; the first of {len(files)} files: {found.problems[0]}" if found.problems else ""
        raise ValueError(f"{folder}: no light curves, known are {FORMATS}{first}")
    return found


def _read_file(path: Path) -> Reading:
    stem = path.name.removesuffix(".gz").rsplit(".", 1)[0]
    try:
        text = read_text(path)
        if text.lstrip()[0] in "[{":
            return read_alerts(text, stem)
        if is_forced_photometry(text):
            return read_forced_photometry(text, stem)
        return read_table(text, stem)
    except ValueError as error:
        return Reading([], [Problem(Kind.UNREADABLE, path.name, str(error))])


def _add_facts(curve: LightCurve, facts: Facts | None) -> LightCurve:
    if facts is None:
        return curve
    known = facts.filled(Facts(curve.redshift, curve.ebv))
    return replace(curve, redshift=known.redshift, ebv=known.ebv or 0.0)
