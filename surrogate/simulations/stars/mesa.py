"""Profile files of MESA (`LOGS/profileN.data`)."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.simulations.fortran import fortran_float
from surrogate.simulations.stars.composition import solar_metals
from surrogate.simulations.stars.profile import Profile, check

if TYPE_CHECKING:
    from os import PathLike

    from jaxtyping import Float

    Columns = dict[str, Float[np.ndarray, " k"]]

OLD_MSUN: Final = 1.9892e33
"""Solar mass [g] of releases that do not write theirs into the header."""
OLD_RSUN: Final = 6.9598e10
"""Solar radius [cm] of those releases."""

HYDROGEN_HELIUM: Final = ("h1", "he4")
"""Columns of the isotopes that must be there, if any is."""
XYZ: Final = ("x_mass_fraction_H", "y_mass_fraction_He", "z_mass_fraction_metals")
"""Columns that may stand in for those of isotopes."""
METALS: Final = ("c12", "n14", "o16", "ne20", "mg24", "si28", "fe56")
"""Columns of the metals, in the order of a composition."""
_REST_ALLOWED: Final = (-1e-4, 0.05)
_NAMES, _VALUES, _COLUMNS, _FIRST_ROW = 1, 2, 5, 6  # lines, counted from 0


def read_mesa(path: str | PathLike[str]) -> Profile:
    """Read a profile that MESA wrote.

    Needs the columns `mass`; `logR` or `radius`; `logRho`, `rho` or `density`; `logP` or
    `pressure`; and either `h1` and `he4` or `x_mass_fraction_H`, `y_mass_fraction_He` and
    `z_mass_fraction_metals`. Where there are isotopes, `he3` counts as helium, a metal that has no
    column is 0, and what h1, he3, he4, c12, n14, o16, ne20, mg24, si28 and fe56 leave of 1 counts
    as iron; otherwise the metals are in the solar mixture. MESA gives density, pressure and
    composition of the middle of a cell, and mass and radius of its outer face: the first three are
    interpolated to the faces, weighted by the cells' masses, as MESA does.

    Args:
        path: the file; its rows run from the surface to the centre.

    Returns:
        The profile, with a row for every cell, in the solar mass and radius of MESA's header.

    Raises:
        ValueError: the file is not a profile of MESA, is cut short, lacks a column, or a value
            cannot be a star's; the message names file and line or row.
        FileNotFoundError: there is no such file.

    Source: MESA, `star/defaults/profile_columns.list`.
    """
    lines = Path(path).read_text(errors="replace").splitlines()
    header = _header(path, lines)
    columns = _columns(path, lines, int(header["num_zones"]))
    mass = header.get("msun", OLD_MSUN) * _one_of(path, columns, ("mass",))
    radius = header.get("rsun", OLD_RSUN) * _one_of(path, columns, ("logR", "radius"))
    P = _one_of(path, columns, ("logP", "pressure"))
    rho = _one_of(path, columns, ("logRho", "rho", "density"))
    composition = _composition(path, columns)
    for name, values in (("pressure", P), ("density", rho)):
        if np.any(~(values > 0)):
            row = int(np.argmax(~(values > 0)))
            raise ValueError(
                f"{path}, line {row + _FIRST_ROW + 1}: {name} {values[row]}, allowed: above 0."
            )
    profile = Profile(
        m=mass[::-1],
        r=radius[::-1],
        P=np.exp(_at_faces(np.log(P), mass))[::-1],
        rho=np.exp(_at_faces(np.log(rho), mass))[::-1],
        composition=_at_faces(composition, mass)[::-1],
    )
    try:
        check(profile)
    except ValueError as error:
        raise ValueError(f"{path}: not the profile of a star. From its centre, {error}") from error
    return profile


def _header(path: str | PathLike[str], lines: list[str]) -> dict[str, float]:
    """The numbers above the table, by name."""
    if len(lines) <= _COLUMNS or "num_zones" not in lines[_NAMES].split():
        raise ValueError(
            f"{path}: not a profile of MESA: line 2 must hold the names of the header, num_zones "
            "among them, and line 6 those of the columns. Give a file like LOGS/profile1.data."
        )
    try:
        texts = shlex.split(lines[_VALUES])  # some are strings in quotes
    except ValueError as error:
        raise ValueError(f"{path}, line 3: a string has no end, the file is damaged.") from error
    values = {}
    for name, text in zip(lines[_NAMES].split(), texts, strict=False):
        try:
            values[name] = fortran_float(text)
        except ValueError:
            continue
    if not values.get("num_zones", 0) >= 2:
        raise ValueError(
            f"{path}, line 3: num_zones = {values.get('num_zones')}, allowed: a number, 2 or more."
        )
    return values


def _columns(path: str | PathLike[str], lines: list[str], zones: int) -> Columns:
    names = lines[_COLUMNS].split()
    rows = [line.split() for line in lines[_FIRST_ROW:] if line.strip()]
    if len(rows) != zones:
        raise ValueError(
            f"{path}: {len(rows)} rows, allowed: {zones}, the num_zones of its header. The file is "
            "cut short or damaged: copy it again."
        )
    table = np.empty((zones, len(names)))
    for index, row in enumerate(rows):
        if len(row) != len(names):
            raise ValueError(
                f"{path}, line {index + _FIRST_ROW + 1}: {len(row)} numbers, allowed: "
                f"{len(names)}, one a column. The file is cut short or damaged: copy it again."
            )
        try:
            table[index] = [fortran_float(text) for text in row]
        except ValueError as error:
            raise ValueError(f"{path}, line {index + _FIRST_ROW + 1}: {error}") from error
    return dict(zip(names, table.T, strict=True))


def _one_of(
    path: str | PathLike[str], columns: Columns, names: tuple[str, ...]
) -> Float[np.ndarray, " k"]:
    """The first column at hand; those that begin with log hold logarithms."""
    for name in names:
        if name in columns:
            return 10.0 ** columns[name] if name.startswith("log") else columns[name]
    raise ValueError(
        f"{path}: no column {' or '.join(names)}. Add one of them to MESA's profile_columns.list "
        "and write the profile again."
    )


def _composition(path: str | PathLike[str], columns: Columns) -> Float[np.ndarray, "k 9"]:
    if all(name in columns for name in HYDROGEN_HELIUM):
        absent = np.zeros_like(columns["h1"])
        helium = columns["he4"] + columns.get("he3", absent)
        metals = [columns.get(name, absent) for name in METALS]
        fractions = np.stack([columns["h1"], helium, *metals], axis=1)
        rest = 1 - fractions.sum(axis=1)
        _check_rest(path, rest)
        fractions[:, -1] += rest
    elif all(name in columns for name in XYZ):
        x, y, z = (columns[name] for name in XYZ)
        _check_rest(path, 1 - x - y - z)
        fractions = np.column_stack([x, y, z[:, None] * solar_metals()])
    else:
        raise ValueError(
            f"{path}: no columns {' and '.join(HYDROGEN_HELIUM)}, nor {', '.join(XYZ)}. Add either "
            "to MESA's profile_columns.list and write the profile again."
        )
    fractions = np.maximum(fractions, 0)  # MESA may write -1e-30
    return fractions / fractions.sum(axis=1, keepdims=True)


def _check_rest(path: str | PathLike[str], rest: Float[np.ndarray, " k"]) -> None:
    low, high = _REST_ALLOWED
    off = ~((rest >= low) & (rest <= high))
    if np.any(off):
        row = int(np.argmax(off))
        raise ValueError(
            f"{path}, line {row + _FIRST_ROW + 1}: the mass fractions sum to {1 - rest[row]:.6g}, "
            f"allowed: {1 - high:g} to {1 - low:g}. Add the missing isotopes (add_abundances) to "
            "MESA's profile_columns.list and write the profile again."
        )


def _at_faces(
    values: Float[np.ndarray, "k ..."], mass: Float[np.ndarray, " k"]
) -> Float[np.ndarray, "k ..."]:
    """Values of the middles of cells, interpolated to their outer faces; surface first."""
    dm = -np.diff(mass, append=0.0)
    both = dm[:-1] + dm[1:]  # 0 where the digits do not tell the thinnest cells apart
    inner = np.where(both > 0, dm[:-1], 0.5) / np.where(both > 0, both, 1.0)
    inner = inner.reshape(-1, *(1,) * (values.ndim - 1))
    faces = values.copy()  # the surface keeps the values of its cell
    faces[1:] = inner * values[1:] + (1 - inner) * values[:-1]
    return faces
