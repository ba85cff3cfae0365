"""Which collisions to simulate: the rows of a campaign, with names that stay."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import jax
import numpy as np

from surrogate.collisions.columns import Columns
from surrogate.collisions.inputs import find_bad_rows
from surrogate.collisions.structure import radius
from surrogate.simulations.design_table import CONDITIONS, read_table, write_table
from surrogate.simulations.paper_rules import RADIUS_DECIMALS, paper_columns

if TYPE_CHECKING:
    from os import PathLike

    from jaxtyping import Float
    from numpy import ndarray
    from numpy.typing import ArrayLike

NAME_LENGTH: Final = 12
"""Hexadecimal digits of a name: among 100,000 runs two share one with a probability of 2e-5."""


@dataclass(frozen=True, eq=False)
class Design(Columns):
    """Collisions to simulate, one row each; both stars have the same age. Columns are (n,)."""

    age: Float[ndarray, " n"]
    """Age of both stars [Gyr]."""
    m1: Float[ndarray, " n"]
    """Mass of star 1 [Msun]."""
    m2: Float[ndarray, " n"]
    """Mass of star 2 [Msun]."""
    rp: Float[ndarray, " n"]
    """Pericentre of the two-body orbit [Rsun]."""
    vinf: Float[ndarray, " n"]
    """Relative velocity at infinity [km/s]."""
    r1: Float[ndarray, " n"]
    """Radius of star 1 [Rsun]."""
    r2: Float[ndarray, " n"]
    """Radius of star 2 [Rsun]."""

    def names(self) -> list[str]:
        """Return a short name for each row, made from its conditions alone.

        Equal conditions have equal names, whatever row, file or machine they stand in.

        Returns:
            The first 12 hexadecimal digits of the SHA-256 of age, m1, m2, rp and vinf (exact
            values, 8 bytes each, little-endian), one a row.
        """
        rows = self.conditions().astype("<f8")
        return [hashlib.sha256(row.tobytes()).hexdigest()[:NAME_LENGTH] for row in rows]

    def conditions(self) -> Float[ndarray, "n 5"]:
        """Return age, m1, m2, rp, vinf side by side: what tells one run from another."""
        # + 0.0 turns -0.0 into 0.0, which equals it but has other bytes.
        return np.stack([getattr(self, name) for name in CONDITIONS], axis=-1) + 0.0


def make_design(
    age: ArrayLike,
    m1: ArrayLike,
    m2: ArrayLike,
    rp: ArrayLike,
    vinf: ArrayLike,
    r1: ArrayLike | None = None,
    r2: ArrayLike | None = None,
) -> Design:
    """Make a design from columns that broadcast against each other, checking every value.

    Args:
        age: of both stars [Gyr].
        m1: mass of star 1 [Msun].
        m2: mass of star 2 [Msun].
        rp: pericentre [Rsun].
        vinf: relative velocity at infinity [km/s].
        r1: radius of star 1 [Rsun]; where None, both follow from the structure model.
        r2: radius of star 2 [Rsun].

    Raises:
        ValueError: a value is outside its range, or only one of r1 and r2 is given.
    """
    if (r1 is None) != (r2 is None):
        raise ValueError("give both r1 and r2 [Rsun], or neither")
    given = {"age": age, "m1": m1, "m2": m2, "rp": rp, "vinf": vinf}
    given |= {} if r1 is None or r2 is None else {"r1": r1, "r2": r2}
    full = np.broadcast_arrays(*map(np.atleast_1d, given.values()))
    columns = {k: v.ravel().astype(np.float64) for k, v in zip(given, full, strict=True)}
    if bad := find_bad_rows(columns):
        raise ValueError(f"{len(bad)} of {full[0].size} rows: row {bad[0].row}: {bad[0].text}")
    for star in () if "r1" in given else ("1", "2"):
        columns["r" + star] = _radius(columns["m" + star], columns["age"])
    return Design(**columns)


def _radius(mass: Float[ndarray, " n"], age: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    with jax.enable_x64(True):
        return np.asarray(radius(mass, age)).round(RADIUS_DECIMALS)


def join(a: Design, b: Design) -> Design:
    """Keep the rows of `a`, then append those rows of `b` whose conditions are not there yet."""
    known = set(map(tuple, a.conditions().tolist()))
    new = []
    for row, conditions in enumerate(map(tuple, b.conditions().tolist())):
        if conditions not in known:
            known.add(conditions)
            new.append(row)
    added = b.take(new).columns()
    return Design(**{k: np.concatenate([v, added[k]]) for k, v in a.columns().items()})


def paper_grid() -> Design:
    """The grid of the paper: 27,720 runs by the rules of `paper_rules` and the structure model.

    Ages, masses and velocities are those of the public file; pericentres agree with it to its
    rounding.

    Source: Gonzalez Prieto et al. 2026, section 2.1.
    """
    return Design(**paper_columns())


def read_design(path: str | PathLike[str]) -> Design:
    """Read a table of collisions, checking every row; see `design_table.read_table`.

    Args:
        path: a csv file in UTF-8 whose first line names the columns age [Gyr], m1, m2 [Msun],
            rp [Rsun] and vinf [km/s], in any order; r1 and r2 [Rsun] only together: without them
            they follow from the structure model. Other columns are not read.

    Returns:
        The rows in the order of the file.

    Raises:
        ValueError: a column is missing, or a row is cut short, not numeric, outside its range, or
            has the conditions of an earlier one; the message names file, line, field, value and
            what is allowed.
        FileNotFoundError: there is no such file.
    """
    return make_design(**read_table(path))


def write_design(path: str | PathLike[str], design: Design) -> None:
    """Write a table that `read_design` reads back exactly, replacing an earlier file at once.

    Args:
        path: the csv file; its folder is made where it is missing.
        design: the rows, in the order in which they will stand there.
    """
    write_table(path, design.columns())
