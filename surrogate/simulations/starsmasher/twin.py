"""Profiles of stars in the layout of the stellar evolution code TWIN, which StarSmasher reads.

No header; a row for each radius, from the centre to the surface, of 13 numbers: enclosed mass [g],
radius [cm], pressure and density [cgs], and the mass fractions of nine species
(`surrogate.simulations.stars.composition.SPECIES`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.learning.files import write_text
from surrogate.simulations.stars.composition import SPECIES
from surrogate.simulations.stars.profile import Profile, check

if TYPE_CHECKING:
    from os import PathLike

MAX_ROWS: Final = 4999
"""Rows that StarSmasher has room for; it stops at more."""
COLUMNS: Final = 4 + len(SPECIES)
"""Numbers in a row."""


def write_twin(path: str | PathLike[str], profile: Profile) -> None:
    """Write a profile for StarSmasher, replacing the file in one step.

    Args:
        path: the file to write; `profilefile` of the settings, with `stellarevolutioncodetype` 0.
        profile: the star.

    Raises:
        ValueError: the profile is not one of a star (`check`), or has more than 4999 rows;
            nothing is written.
    """
    if len(profile) > MAX_ROWS:
        raise ValueError(
            f"the profile has {len(profile)} rows, allowed: at most {MAX_ROWS}. Leave some out."
        )
    check(profile)
    table = np.column_stack([profile.m, profile.r, profile.P, profile.rho, profile.composition])
    # 16 digits: the mass fractions sum to 1 within 1e-15 as written, where 1e-8 is asked for.
    text = "".join(" ".join(f"{value:.15e}" for value in row) + "\n" for row in table)
    write_text(Path(path), text)


def read_twin(path: str | PathLike[str]) -> Profile:
    """Read a profile in the TWIN layout.

    Args:
        path: the file.

    Returns:
        The profile.

    Raises:
        ValueError: a line does not hold 13 numbers, or the rows are not those of a star; the
            message names file and line, or row.
        FileNotFoundError: there is no such file.
    """
    lines = Path(path).read_text(errors="replace").splitlines()
    rows = [_row(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not rows:
        raise ValueError(f"{path}: the file is empty, allowed: at least 2 rows.")
    table = np.array(rows)
    m, r, P, rho = table[:, :4].T
    profile = Profile(m, r, P, rho, table[:, 4:])
    try:
        check(profile)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return profile


def _row(path: str | PathLike[str], number: int, line: str) -> list[float]:
    try:
        row = [float(text) for text in line.upper().replace("D", "E").split()]
    except ValueError as error:
        raise ValueError(f"{path}, line {number}: {error}") from error
    if len(row) != COLUMNS:
        raise ValueError(
            f"{path}, line {number}: {len(row)} numbers, allowed: {COLUMNS} (m, r, P, rho and nine "
            "mass fractions). The file is cut short, or not in the TWIN layout."
        )
    return row
