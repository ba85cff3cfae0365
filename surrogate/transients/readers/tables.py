"""Tables of fluxes or magnitudes: one line a measurement, one or many objects."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from surrogate.hints import did_you_mean
from surrogate.learning.problems import Problem
from surrogate.learning.text_tables import find_column, number, split_table
from surrogate.transients.photometry import AB_ZERO, Kind, Row
from surrogate.transients.readers.common import (
    Facts,
    Reading,
    from_limit,
    from_magnitude,
    gather,
    magnitude,
    scale,
    to_mjd,
)
from surrogate.transients.readers.facts import NAMES, REDDENINGS, REDSHIFTS, pick_facts

TIMES: Final = ("mjd", "jd", "time")
FILTERS: Final = ("band", "filter", "fid", "passband")
UNITS: Final = {"_jy": 1e6, "_mjy": 1e3, "_ujy": 1.0, "_njy": 1e-3, "": 1.0}
"""Microjanskys in the unit that ends a flux column's name; none is microjansky."""
ZERO_POINTS: Final = ("zp", "zeropoint")
MAGNITUDES: Final = ("mag", "magpsf", "magnitude")
MAGNITUDE_ERRORS: Final = ("magerr", "mag_err", "sigmapsf", "e_mag", "mag_error", "error", "sigma")
LIMITS: Final = ("limit", "limiting_mag", "diffmaglim")
NEEDED: Final = (
    f"time ({', '.join(TIMES)}), band ({', '.join(FILTERS)}), and flux, flux_Jy, flux_mJy or "
    "flux_uJy with its error (flux_err, e_flux, error, sigma), or mag with its error (magerr, "
    "mag_err, sigmapsf, e_mag)"
)


class Columns(NamedTuple):
    """Where things stand in a row; None where the table does not have them."""

    width: int
    time: int
    band: int
    value: int
    """A flux, or a magnitude."""
    error: int
    factor: float | None
    """Microjanskys in the unit of the flux; None where the values are magnitudes."""
    zero_point: int | None
    limit: int | None
    name: int | None
    redshift: int | None
    ebv: int | None


def read_table(text: str, stem: str) -> Reading:
    """Read a table of fluxes or magnitudes.

    Columns are found by name, whatever their capitals: `name`, `objectId`, `object` or `id`;
    `mjd`, `jd` or `time`, where a value above 2,400,000.5 is a Julian date; `band`, `filter`,
    `fid` or `passband`; and either a flux or a magnitude with its error. The unit of a flux is in
    its name (`flux_Jy`, `flux_mJy`, `flux_uJy`, `flux_nJy`); `flux` beside a column `zp` has that
    AB zero point [mag], and else is in microjansky. Where `mag` is empty, `limit`, `limiting_mag`
    or `diffmaglim` is an upper limit [mag]. `z` or `redshift` and `ebv` [mag] may stand in any row
    of an object: the first one that is a number counts.

    `flags`, as in the ZTF release of type Ia supernovae (Dhawan et al. 2021), are not read: the
    release does not say what its two bits mean, both are set in most rows, and its errors are
    positive throughout.

    Args:
        text: of the file; `common.split_table` says how cells are separated.
        stem: name of the object where no column names it.

    Returns:
        Objects in order of first appearance. Rows that cannot be used are problems.

    Raises:
        ValueError: a column is missing, or its zero points are not AB ones.
    """
    header, lines = split_table(text)
    columns = _find_columns(header)
    system = find_column([name.lower() for name in header], ("zpsys", "magsys"))
    rows: dict[str, list[Row]] = {}
    facts: dict[str, Facts] = {}
    problems: list[Problem] = []
    for line, cells in lines:
        if len(cells) != columns.width:
            message = f"{len(cells)} cells, allowed: {columns.width}, as the header has; left out"
            problems.append(Problem(Kind.UNREADABLE, stem, message, line))
            continue
        if system is not None and cells[system].lower() != "ab":
            raise ValueError(
                f"line {line}: {header[system]} = {cells[system]}, allowed: ab; convert the fluxes"
            )
        name = (columns.name is not None and cells[columns.name]) or stem
        rows.setdefault(name, []).append(_read_row(line, cells, columns))
        here = pick_facts(cells, columns.redshift, columns.ebv)
        facts[name] = facts.get(name, Facts()).filled(here)
    return gather(rows, facts, problems)


def _read_row(line: int, cells: list[str], columns: Columns) -> Row:
    time, band = to_mjd(cells[columns.time]), cells[columns.band].removesuffix(".0")
    value, error = cells[columns.value], cells[columns.error]
    if columns.factor is not None:
        factor = columns.factor
        if columns.zero_point is not None:
            zero_point = magnitude(cells[columns.zero_point])
            if math.isnan(zero_point):
                return Row(line, time, band, f"{value} at zp {cells[columns.zero_point]}", error)
            factor = AB_ZERO * 10.0 ** (-0.4 * zero_point)
        return Row(line, time, band, scale(value, factor), scale(error, factor))
    if math.isnan(magnitude(value)) and columns.limit is not None:
        limit = cells[columns.limit]
        if not math.isnan(number(limit)):
            return Row(line, time, band, from_limit(limit), None)
    return Row(line, time, band, *from_magnitude(value, error))


def _find_columns(header: list[str]) -> Columns:
    names = [name.lower() for name in header]
    time, band = find_column(names, TIMES), find_column(names, FILTERS)
    flux = _find_flux(names)
    value, error, factor = flux or (*_find_pair(names, MAGNITUDES, MAGNITUDE_ERRORS), None)
    if time is None or band is None or value is None or error is None:
        raise ValueError(_explain(header))
    return Columns(
        width=len(header),
        time=time,
        band=band,
        value=value,
        error=error,
        factor=factor,
        zero_point=find_column(names, ZERO_POINTS) if names[value] == "flux" else None,
        limit=find_column(names, LIMITS),
        name=find_column(names, NAMES),
        redshift=find_column(names, REDSHIFTS),
        ebv=find_column(names, REDDENINGS),
    )


def _find_flux(names: list[str]) -> tuple[int, int, float] | None:
    for unit, factor in UNITS.items():
        value, error = _find_pair(names, (f"flux{unit}",), _error_names(unit))
        if value is not None and error is not None:
            return value, error, factor
    return None


def _find_pair(
    names: list[str], values: tuple[str, ...], errors: tuple[str, ...]
) -> tuple[int | None, int | None]:
    return find_column(names, values), find_column(names, errors)


def _error_names(unit: str) -> tuple[str, ...]:
    own = (f"{stem}{unit}" for stem in ("e_flux", "flux_err", "flux_error"))
    return (
        *own,
        *(f"flux{unit}_{end}" for end in ("err", "error")),
        *("e_flux", "flux_err", "fluxerr", "flux_error", "error", "sigma"),
    )


def _explain(header: list[str]) -> str:
    fluxes = [f"flux{unit}" for unit in UNITS]
    known = {*TIMES, *FILTERS, *fluxes, *_error_names(""), *MAGNITUDES, *MAGNITUDE_ERRORS}
    hints = [
        f"{name}: {hint}"
        for name in header
        if name.lower() not in known and (hint := did_you_mean(name.lower(), known))
    ]
    found = ", ".join(name[:40] for name in header[:20])
    return "; ".join([f"columns found: {found}; needed: {NEEDED}", *hints])
