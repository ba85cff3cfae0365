"""The runs of a campaign that are done, as one file of rows."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogate.collisions.grid import Grid
from surrogate.collisions.hdf5 import Column, write_hdf5
from surrogate.simulations.state import Status

if TYPE_CHECKING:
    from surrogate.simulations.campaign import Campaign

EXTRA = {
    "v1": ("km/s", "velocity of what is left of star 1 in the frame of the simulation"),
    "v2": ("km/s", "velocity of what is left of star 2 in the frame of the simulation"),
    "kick": ("km/s", "velocity of a single survivor in the initial centre-of-mass frame"),
    "v_infinity": ("km/s", "relative speed at infinity of two survivors, where they are unbound"),
    "orbital_energy": ("G Msun^2/Rsun", "of the orbit of two survivors as point masses"),
    "semimajor_axis": ("Rsun", "of that orbit, negative where unbound"),
    "pericentre": ("Rsun", "of that orbit"),
    "eccentricity": ("", "of that orbit"),
    "n1": ("", "particles bound to component 1 at the end"),
    "n2": ("", "particles bound to component 2 at the end"),
    "t": ("1593.6 s", "time of the last snapshot"),
    "snapshots": ("", "number of snapshots"),
    "energy_error": ("", "relative change of the total energy"),
}
"""Unit and meaning of what is known of a run beside its row; NaN where there is no such thing."""
COUNTS = ("n1", "n2", "snapshots")
VECTORS = ("v1", "v2", "kick")
SURE = 1
"""Flag `sigma` of a row that was simulated to its end."""


def collect(campaign: Campaign, out: Path) -> tuple[int, int]:
    """Write the runs of a campaign that are done, each once, in the order of its design.

    The file depends on what the runs found and on nothing else: not on when, how often or where
    they were interrupted, nor on what an earlier file of that name held.

    Args:
        campaign: its runs.
        out: the HDF5 file to write or replace, at once; docs/grid-schema.md describes it.

    Returns:
        How many rows it has, and how many collisions are missing.

    Raises:
        ValueError: a row holds a value outside its range; an earlier file stays.
    """
    states = campaign.states()
    done = {name: state for name, state in states.items() if state.status is Status.DONE}
    about = [state.about for state in done.values()]
    write_rows(out, [state.result for state in done.values()], list(done), about)
    return len(done), len(states) - len(done)


def write_rows(
    out: Path,
    rows: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    about: Sequence[Mapping[str, Any]],
    more: Mapping[str, Column] | None = None,
) -> None:
    """Write reduced runs as a file in the grid's schema, in one step.

    Args:
        out: the HDF5 file to write or replace; docs/grid-schema.md describes it.
        rows: of every run what `reduction.reduce` found, and `metallicity` [Zsun].
        names: of the runs.
        about: how each was made: code, settings, versions.
        more: what else is known of the runs, for the group `runs`; by name.

    Raises:
        ValueError: a row holds a value outside its range; an earlier file stays.
    """
    said = [json.dumps(each, sort_keys=True) for each in about]
    columns = {
        "name": Column(np.array(names, "U"), "", "name of the run"),
        "made_by": Column(np.array(said, "U"), "", "code, settings and versions"),
    }
    for name, (units, meaning) in EXTRA.items():
        columns[name] = Column(_values(name, rows), units, meaning)
    # Each way in which runs were made is a source.
    write_hdf5(out, _grid(rows), "\n".join(sorted(set(said))), {**columns, **(more or {})})


def _grid(rows: Sequence[Mapping[str, Any]]) -> Grid:
    def column(name: str, kind: type = np.float64) -> np.ndarray:
        return np.array([row[name] for row in rows], kind)

    names = ("age", "rp", "vinf", "m1", "m2", "r1", "r2", "m1_final", "m2_final", "metallicity")
    return Grid(
        **{name: column(name) for name in names},
        fate=column("fate", np.int64),
        sigma=np.full(len(rows), SURE, np.int64),
    )


def _values(name: str, rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    if name in COUNTS:
        return np.array([row[name] for row in rows], np.int64)
    # JSON has no NaN: null stands for it.
    shape = (len(rows), 3) if name in VECTORS else (len(rows),)
    flat = np.ravel(np.array([row[name] for row in rows], object))
    return np.array([math.nan if v is None else v for v in flat], np.float64).reshape(shape)
