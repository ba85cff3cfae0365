"""The grid of SPH collisions: its columns, its public text format, and where it is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surrogate.collisions.columns import Columns
from surrogate.collisions.download import find_data
from surrogate.collisions.encounter import Fate
from surrogate.collisions.splits import (
    Split,
    leave_one_age_out,
    leave_one_mass_out,
    published_split,
    read_splits,
    stratified_split,
)
from surrogate.collisions.validation import Problem, find_problems, is_number, raise_if_any

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

__all__ = [
    "Grid",
    "Split",
    "find_data",
    "leave_one_age_out",
    "leave_one_mass_out",
    "load_grid",
    "published_split",
    "read_csv",
    "read_splits",
    "stratified_split",
]

GRID_FILE = "data_v1.csv"

CSV_COLUMNS = {
    "metallicity": "0:Met[Zsun]",
    "age": "1:Age[Gyr]",
    "rp": "2:Rp[Rsun]",
    "vinf": "3:Vinf[km/s]",
    "m1": "4:Mass1_i[MSUN]",
    "m2": "5:Mass2_i[Msun]",
    "r1": "6:R1[Rsun]",
    "r2": "7:R2[Rsun]",
    "fate": "8:Label",
    "m1_final": "9:Mass1_f[MSUN]",
    "m2_final": "10:Mass2_f[MSUN]",
    "sigma": "11:Sigma",
}
"""Header of the public file, in its order."""

CSV_LABELS = {Fate.NONE: 0, Fate.MERGER: 1, Fate.TWO: 2, Fate.STRIPPED: -1}
"""How the public file writes each fate."""


@dataclass(frozen=True, eq=False)
class Grid(Columns):
    """Simulated collisions, one row each. Every column has shape (n,).

    The final masses keep the survivor's identity: what is left of star 1 stands in `m1_final`, of
    star 2 in `m2_final`, a merger product with the heavier star. Two equal stars cannot be told
    apart, so there the single survivor is star 1.
    """

    age: NDArray[np.float64]
    """Age of both stars [Gyr]."""
    rp: NDArray[np.float64]
    """Pericentre [Rsun]."""
    vinf: NDArray[np.float64]
    """Relative velocity at infinity [km/s]."""
    m1: NDArray[np.float64]
    """Mass of star 1 [Msun]."""
    m2: NDArray[np.float64]
    """Mass of star 2 [Msun]."""
    r1: NDArray[np.float64]
    """Radius of star 1 [Rsun]."""
    r2: NDArray[np.float64]
    """Radius of star 2 [Rsun]."""
    fate: NDArray[np.int64]
    """Who survives: a `Fate`."""
    m1_final: NDArray[np.float64]
    """Bound mass of star 1 after the collision [Msun]; 0 where destroyed."""
    m2_final: NDArray[np.float64]
    """Bound mass of star 2 after the collision [Msun]; 0 where destroyed."""
    sigma: NDArray[np.int64]
    """Flag of the public file, 1 or 2; most rows with 2 hold an assumed merger mass."""
    metallicity: NDArray[np.float64]
    """Metallicity of both stars [Zsun]."""

    @property
    def m_unbound(self) -> NDArray[np.float64]:
        """Mass bound to neither star [Msun], (n,); never negative."""
        return np.maximum(self.m1 + self.m2 - self.m1_final - self.m2_final, 0.0)

    @property
    def fractions(self) -> NDArray[np.float64]:
        """Shares of m1 + m2 bound to star 1, to star 2, and unbound: (n, 3), >= 0, sum 1."""
        shares = np.stack([self.m1_final, self.m2_final, self.m_unbound], axis=-1)
        return shares / shares.sum(axis=-1, keepdims=True)


def read_csv(path: str | PathLike[str]) -> Grid:
    """Read a grid in the public text format, checking every row.

    Args:
        path: a comma-separated file with the header of the public `data_v1.csv`.

    Returns:
        The rows in the order of the file.

    Raises:
        ValueError: a row is cut short, not numeric, or holds a value outside its range; the
            message names file, line, field, value and what is allowed.
        FileNotFoundError: there is no such file.

    Source: Gonzalez Prieto et al. 2026; doi:10.5281/zenodo.19615605.
    """
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        lines = file.read().rstrip("\n").split("\n")
    _check_header(lines[0], path)
    if len(lines) == 1:
        raise ValueError(f"{path}: there is no row below the header; fetch the file again.")

    table, numbers, problems = _parse(lines[1:])
    columns = dict(zip(CSV_COLUMNS, table.T, strict=True))
    found = find_problems(columns, CSV_LABELS, CSV_COLUMNS)
    problems += [Problem(int(numbers[row]), text) for row, text in found]
    raise_if_any(problems, path, "line", len(lines) - 1)
    return make_grid(columns, CSV_LABELS)


def load_grid(path: str | PathLike[str] | None = None) -> Grid:
    """Read the grid from a file, or from the first place that has it.

    Args:
        path: a file in the public text format or in the package's HDF5 schema (.h5, .hdf5), or a
            folder that holds `data_v1.csv`; where None, see `find_data`.

    Returns:
        The grid: 27,720 rows for the whole public file.

    Raises:
        FileNotFoundError: `path` does not exist or holds no grid.
        ValueError: a row cannot be used (see `read_csv`).
        ConnectionError: the file is nowhere and cannot be downloaded.
    """
    file = find_data(GRID_FILE, path)
    if file.suffix.lower() in {".h5", ".hdf5"}:
        from surrogate.collisions.hdf5 import read_hdf5

        return read_hdf5(file)
    return read_csv(file)


def make_grid(columns: dict[str, NDArray], labels: dict[Fate, int]) -> Grid:
    """Turn checked columns (each (n,), `fate` in the file's labels) into a `Grid`."""
    m1, m2 = columns["m1"], columns["m2"]
    fate = np.zeros(len(m1), np.int64)
    for known, label in labels.items():
        fate[columns["fate"] == label] = known

    # A single survivor stands where it is told apart: merger product with the heavier star
    # (files put it in either column), stripped star in its own place, star 1 where both are equal.
    first, second = columns["m1_final"], columns["m2_final"]
    to_first = ((fate == Fate.MERGER) & (m1 >= m2)) | ((fate == Fate.STRIPPED) & (m1 == m2))
    to_second = (fate == Fate.MERGER) & (m1 < m2)
    both = first + second
    return Grid(
        **{name: np.asarray(columns[name], np.float64) for name in _INPUTS},
        fate=fate,
        m1_final=np.where(to_first, both, np.where(to_second, 0.0, first)),
        m2_final=np.where(to_second, both, np.where(to_first, 0.0, second)),
        sigma=columns["sigma"].astype(np.int64),
    )


_INPUTS = ("age", "rp", "vinf", "m1", "m2", "r1", "r2", "metallicity")


def _check_header(line: str, path: str | PathLike[str]) -> None:
    found = [name.strip() for name in line.split(",")]
    expected = list(CSV_COLUMNS.values())
    if [name.lower() for name in found] != [name.lower() for name in expected]:
        raise ValueError(
            f"{path}, line 1: the header is {line[:200]!r}, but should be\n"
            f"{','.join(expected)}\nIs this the right file, and a complete download?"
        )


def _parse(lines: list[str]) -> tuple[NDArray[np.float64], NDArray[np.int64], list[Problem]]:
    """Return the readable rows (n, 12), their line numbers (n,), and the unreadable lines."""
    width = len(CSV_COLUMNS)
    try:
        table = np.loadtxt(lines, delimiter=",", comments=None, ndmin=2)
        if table.shape == (len(lines), width):  # empty lines are skipped without a word
            return table, np.arange(len(lines)) + 2, []
    except ValueError:
        pass  # go through the lines one by one, to say which

    rows, numbers, problems = [], [], []
    for number, line in enumerate(lines, start=2):
        cells = line.split(",")
        if len(cells) != width:
            text = f"{len(cells)} columns, allowed: {width}; the line reads {line[:80]!r}"
            problems.append(Problem(number, text))
            continue
        bad = [i for i, cell in enumerate(cells) if not is_number(cell)]
        if bad:
            field = list(CSV_COLUMNS.values())[bad[0]]
            problems.append(Problem(number, f"{field} = {cells[bad[0]]!r}, allowed: a number"))
            continue
        rows.append([float(cell) for cell in cells])
        numbers.append(number)
    return np.array(rows).reshape(-1, width), np.array(numbers, np.int64), problems
