"""The package's own file of collisions: HDF5, versioned, with units (docs/grid-schema.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surrogate.collisions.encounter import Fate
from surrogate.collisions.grid import Grid, make_grid
from surrogate.collisions.validation import find_problems, raise_if_any
from surrogate.learning.files import replace_file

if TYPE_CHECKING:
    from os import PathLike

    import h5py
    from numpy.typing import NDArray

SCHEMA = "surrogate-collision-grid"
VERSION = 1
LABELS = {fate: int(fate) for fate in Fate}

DATASETS = {
    "age": ("Gyr", "age of both stars"),
    "rp": ("Rsun", "pericentre of the two-body orbit"),
    "vinf": ("km/s", "relative velocity at infinity"),
    "m1": ("Msun", "mass of star 1"),
    "m2": ("Msun", "mass of star 2"),
    "r1": ("Rsun", "radius of star 1"),
    "r2": ("Rsun", "radius of star 2"),
    "fate": ("", "0 none survives, 1 merger, 2 two survive, 3 one stripped star survives"),
    "m1_final": ("Msun", "bound mass of star 1 afterwards; a merger product if star 1 is heavier"),
    "m2_final": ("Msun", "bound mass of star 2 afterwards; a merger product if star 2 is heavier"),
    "sigma": ("", "flag of the public grid, 1 or 2; most rows with 2 hold an assumed merger mass"),
    "metallicity": ("Zsun", "metallicity of both stars"),
}
"""Unit and meaning of every dataset; each has shape (n,)."""


class Column(NamedTuple):
    """Something else that is known of every row."""

    values: NDArray
    """(n,) or (n, k): numbers, or texts."""
    units: str
    description: str


def write_hdf5(
    path: str | PathLike[str],
    grid: Grid,
    source: str = "",
    more: Mapping[str, Column] | None = None,
) -> None:
    """Write a grid, replacing the file in one step: a reader never sees half of it.

    Args:
        path: the file to write.
        grid: the rows; they are checked first.
        source: where the rows come from: a DOI, a campaign, a code and its version.
        more: what else is known of the rows, for the group `runs`; by name.

    Raises:
        ValueError: a row holds a value outside its range; nothing is written.
    """
    import h5py

    columns = grid.columns()
    _check(columns, path)

    def write(scratch: Path) -> None:
        with h5py.File(scratch, "w") as file:
            file.attrs["schema"] = SCHEMA
            file.attrs["version"] = VERSION
            file.attrs["description"] = "Collisions of two main-sequence stars, one row each"
            file.attrs["source"] = source
            for name, column in columns.items():
                _write_dataset(file, name, Column(_compact(column), *DATASETS[name]))
            for name, further in (more or {}).items():
                _write_dataset(file.require_group("runs"), name, further)

    replace_file(Path(path), write)


def read_hdf5(path: str | PathLike[str]) -> Grid:
    """Read a grid that `write_hdf5` wrote, checking every row.

    Args:
        path: an HDF5 file of schema `surrogate-collision-grid`, version 1.

    Returns:
        The rows in the order of the file.

    Raises:
        ValueError: the file is damaged, of another schema or of a newer version, or a row holds a
            value outside its range; the message names file, row (from 0), field and value.
        FileNotFoundError: there is no such file.
    """
    return _read(path)[0]


def read_source(path: str | PathLike[str]) -> str:
    """Return where the rows of a file come from: one line for each `write` and `append`."""
    return _read(path)[1]


def append_hdf5(path: str | PathLike[str], grid: Grid, source: str = "") -> int:
    """Add rows to a file, in one step; create it if there is none.

    A row that the file already has, equal in every column, is not added again: a campaign that
    starts over may append the same run twice. One process at a time may append to a file.

    Args:
        path: the file to extend.
        grid: the new rows.
        source: where they come from; added to the file's own source.

    Returns:
        How many rows were added.

    Raises:
        ValueError: the file or a new row cannot be used; the file stays as it was.
    """
    if not Path(path).exists():
        old, sources = grid.take([]), ""
    else:
        old, sources = _read(path)
    _check(grid.columns(), path)
    seen = set(_row_bytes(old))
    new = []
    for index, row in enumerate(_row_bytes(grid)):
        if row not in seen:
            seen.add(row)
            new.append(index)
    added = grid.take(new).columns()
    joined = {name: np.concatenate([old.columns()[name], added[name]]) for name in added}
    if source and source not in sources.split("\n"):
        sources = f"{sources}\n{source}".strip("\n")
    write_hdf5(path, Grid(**joined), sources)
    return len(new)


def _read(path: str | PathLike[str]) -> tuple[Grid, str]:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            _check_schema(file, path)
            columns = {name: _read_dataset(file, name, path) for name in DATASETS}
            source = str(file.attrs.get("source", ""))
    except (FileNotFoundError, PermissionError):
        raise
    except (OSError, RuntimeError) as error:
        raise ValueError(
            f"{path}: not a readable HDF5 file, cut short or damaged ({error}). "
            "Restore it from a copy, or write it again from its source."
        ) from error
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"{path}: the datasets differ in length: {lengths}. Write the file again.")
    _check(columns, path)
    return make_grid(columns, LABELS), source


def _check(columns: dict[str, NDArray], path: str | PathLike[str]) -> None:
    raise_if_any(find_problems(columns, LABELS), path, "row", len(columns["fate"]))


def _check_schema(file: h5py.File, path: str | PathLike[str]) -> None:
    schema, version = file.attrs.get("schema"), file.attrs.get("version")
    if schema != SCHEMA:
        raise ValueError(f"{path}: attribute schema = {schema!r}, allowed: {SCHEMA!r}.")
    if not isinstance(version, (int, np.integer)) or version < 1:
        raise ValueError(f"{path}: attribute version = {version!r}, allowed: 1 to {VERSION}.")
    if version > VERSION:
        raise ValueError(
            f"{path}: attribute version = {version}, allowed: 1 to {VERSION}. A newer release "
            "wrote this file: update the package (pip install --upgrade), or export it again there."
        )


def _read_dataset(file: h5py.File, name: str, path: str | PathLike[str]) -> NDArray[np.float64]:
    import h5py

    dataset = file.get(name)
    if not isinstance(dataset, h5py.Dataset):
        raise ValueError(f"{path}: dataset {name} is missing, found {sorted(file)}.")
    if dataset.ndim != 1 or dataset.dtype.kind not in "iuf":
        raise ValueError(
            f"{path}: dataset {name} has shape {dataset.shape} and type {dataset.dtype}, "
            "allowed: one dimension of numbers."
        )
    unit = str(dataset.attrs.get("units", ""))
    if unit != DATASETS[name][0]:
        raise ValueError(
            f"{path}: dataset {name} has units {unit!r}, allowed: {DATASETS[name][0]!r}. "
            "Convert it and write the file again."
        )
    return dataset[...].astype(np.float64)


def _compact(column: NDArray) -> NDArray:
    return column.astype(np.int8) if column.dtype.kind == "i" else column.astype(np.float64)


def _write_dataset(group: h5py.Group, name: str, column: Column) -> None:
    import h5py

    values = column.values
    if values.dtype.kind == "U":  # of one length: else HDF5 cannot compress what repeats
        texts = np.char.encode(values, "utf-8")
        values = texts.astype(h5py.string_dtype("utf-8", max(texts.dtype.itemsize, 1)))
    # checksums tell damage from data; an empty dataset cannot be chunked
    options = {"compression": "gzip", "shuffle": True, "fletcher32": True} if len(values) else {}
    dataset = group.create_dataset(name, data=values, **options)
    dataset.attrs["units"], dataset.attrs["description"] = column.units, column.description


def _row_bytes(grid: Grid) -> list[bytes]:
    table = np.stack([column.astype(np.float64) for column in grid.columns().values()], axis=-1)
    return [row.tobytes() for row in table + 0.0]  # -0.0 becomes 0.0
