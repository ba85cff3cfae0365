"""The text files that StarSmasher writes beside its snapshots, in code units unless said."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surrogate.learning.files import write_text
from surrogate.simulations.fortran import fortran_float

if TYPE_CHECKING:
    from jaxtyping import Float
    from numpy import ndarray

EARLIER = "earlier"
"""Folder beside a run's files: what its starts before the last one wrote, in 00, 01, ..."""


class EnergyTable(NamedTuple):
    """`energyN.sph`: a row a time step, arrays (k,)."""

    t: Float[ndarray, " k"]
    """Time."""
    W: Float[ndarray, " k"]
    """Gravitational energy."""
    T: Float[ndarray, " k"]
    """Kinetic energy."""
    U: Float[ndarray, " k"]
    """Internal energy."""
    Etot: Float[ndarray, " k"]
    """Total energy."""
    S: Float[ndarray, " k"]
    """Entropy [erg / K for ideal gas with radiation, up to a constant]."""
    J: Float[ndarray, " k"]
    """Size of the angular momentum."""


class Pair(NamedTuple):
    """`m1m2rp.sph`: the two stars of a collision."""

    n1: int
    """Particles of star 1; they stand first in every snapshot."""
    n2: int
    """Particles of star 2."""
    rp: float
    """Pericentre."""
    m1_solar: float
    """Mass of star 1 as StarSmasher converts it, with 1 Msun = 1.98843e33 g."""
    m2_solar: float
    """Mass of star 2, in the same way."""
    rp_solar: float
    """Pericentre, with 1 Rsun = 6.9599e10 cm."""


class Parent(NamedTuple):
    """`parent.sph`: the profile that a star was made from, arrays (k,) from centre to surface."""

    r: Float[ndarray, " k"]
    """Radius."""
    P: Float[ndarray, " k"]
    """Pressure."""
    rho: Float[ndarray, " k"]
    """Density."""
    temperature: Float[ndarray, " k"]
    """Temperature [K]."""
    mu: Float[ndarray, " k"]
    """Mean molecular mass [g]."""
    u: Float[ndarray, " k"]
    """Internal energy per mass."""


class ParticleTable(NamedTuple):
    """`colNNNN.sph`: the particles of a star under relaxation, arrays (n,)."""

    r: Float[ndarray, " n"]
    """Distance from the origin."""
    P: Float[ndarray, " n"]
    """Pressure."""
    rho: Float[ndarray, " n"]
    """Density."""
    temperature: Float[ndarray, " n"]
    """Temperature [K]."""
    mu: Float[ndarray, " n"]
    """Mean molecular mass [g]."""
    m: Float[ndarray, " n"]
    """Mass."""
    h: Float[ndarray, " n"]
    """Smoothing length."""
    neighbours: Float[ndarray, " n"]
    """Particles within 2 h, itself among them."""
    gravity: Float[ndarray, " n"]
    """Radial acceleration by gravity."""
    hydro: Float[ndarray, " n"]
    """Radial acceleration by everything else."""
    x: Float[ndarray, " n"]
    y: Float[ndarray, " n"]
    z: Float[ndarray, " n"]
    phi: Float[ndarray, " n"]
    """Gravitational potential."""
    u: Float[ndarray, " n"]
    """Internal energy per mass."""
    v2: Float[ndarray, " n"]
    """Speed squared; half a step ahead, as `u`."""


def read_energies(path: Path) -> EnergyTable:
    """Read the energies of a run, or of one `energyN.sph`.

    A run that was started again has several files, which overlap in time: a later file holds from
    its first time on. A row that is still being written is left out.

    Args:
        path: the folder of a run, or one file.

    Returns:
        The rows in order of time; none where the run has not written any.

    Raises:
        FileNotFoundError: there is no such folder or file.
        ValueError: a row is not one of numbers; with path, line and text.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder.")
    files = _energy_files(path) if path.is_dir() else [path]
    joined = np.empty((0, 7))
    for file in files:
        rows = _read_rows(file, 7)
        if len(rows):
            joined = np.concatenate([joined[joined[:, 0] < rows[0, 0]], rows])
    return EnergyTable(*joined.T)


def read_pair(path: Path) -> Pair:
    """Read `m1m2rp.sph`, which StarSmasher writes when a collision starts.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not two lines of three numbers.
    """
    rows = _read_rows(path, 3)
    if len(rows) != 2:
        raise ValueError(f"{path}: {len(rows)} whole lines, should be 2. Start the run again.")
    (n1, n2, rp), (m1, m2, rp_solar) = rows.tolist()
    return Pair(int(n1), int(n2), rp, m1, m2, rp_solar)


def read_parent(path: Path) -> Parent:
    """Read `parent.sph`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a row is not one of numbers; with path, line and text.
    """
    return Parent(*_read_rows(path, 6).T)


def read_particle_table(path: Path) -> ParticleTable:
    """Read a `colNNNN.sph`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a row is not one of numbers; with path, line and text.
    """
    return ParticleTable(*_read_rows(path, 16).T)


def write_rows(path: Path, table: EnergyTable | Parent | ParticleTable) -> None:
    """Write a table in StarSmasher's own format (7 digits), replacing an earlier file at once.

    Args:
        path: an `energyN.sph`, `parent.sph` or `colNNNN.sph`.
        table: columns of equal length.
    """
    columns = zip(table._fields, table, strict=True)
    texts = [[_number(v, name == "neighbours") for v in column] for name, column in columns]
    write_text(path, "".join("".join(row) + "\n" for row in zip(*texts, strict=True)))


def write_pair(path: Path, pair: Pair) -> None:
    """Write an `m1m2rp.sph`, replacing an earlier file at once."""
    first = f"{pair.n1:12d}{pair.n2:12d}  {float(pair.rp)!r}"
    second = "   ".join(repr(float(v)) for v in (pair.m1_solar, pair.m2_solar, pair.rp_solar))
    write_text(path, f"{first}\n   {second}\n")


def _number(value: float, whole: bool) -> str:
    """A number as Fortran's format G15.7 has it."""
    if whole:
        return f"{int(value):15d}"
    mantissa, exponent = f"{value:.6e}".split("e")
    before = 1 if value == 0 else int(exponent) + 1
    if 0 <= before < 7:
        return f"{value:11.{7 - before}f}    "
    if before == 7:
        return f"{value:10.0f}.    "
    sign, digits = mantissa[: mantissa[0] == "-"], mantissa.lstrip("-").replace(".", "")
    return f"{sign}0.{digits}E{before:+03d}".rjust(15)


def _energy_files(folder: Path) -> list[Path]:
    earlier = [p for p in folder.glob(f"{EARLIER}/*") if p.name.isdigit()]
    folders = [*sorted(earlier, key=lambda p: int(p.name)), folder]
    # energy*.sph, by that name, is what follows energy9.sph; * sorts before the digits.
    return [
        file
        for each in folders
        for file in sorted(each.glob("energy?.sph"), key=lambda p: (p.name[6] == "*", p.name))
    ]


def _read_rows(path: Path, columns: int) -> Float[ndarray, "k columns"]:
    text = path.read_text(errors="replace")
    lines = text[: text.rfind("\n") + 1].splitlines()
    rows = []
    for number, line in enumerate(lines, 1):
        words = re.split(r"[\s,]+", line.strip())
        if words == [""]:
            continue
        try:
            # Some settings add columns at the end.
            row = [fortran_float(word) for word in words[:columns]]
        except ValueError:
            row = []
        if len(row) < columns:
            raise ValueError(f"{path}, line {number}: should be {columns} numbers: {line!r}.")
        rows.append(row)
    return np.array(rows, float).reshape(-1, columns)
