"""Trajectories of hydrodynamic simulations: time, temperature, density and Ye of a parcel."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.network.expansion import times
from surrogate.enrichment.network.run import History

if TYPE_CHECKING:
    from jaxtyping import Float

_COLUMNS: Final = {
    "time": re.compile(r"^(?:t|time)\b", re.IGNORECASE),
    "t9": re.compile(r"^(?:t9|t\s*\[gk\])", re.IGNORECASE),
    "rho": re.compile(r"^(?:rho|density)", re.IGNORECASE),
    "y_e": re.compile(r"^ye", re.IGNORECASE),
}
_NAME: Final = re.compile(r"[A-Za-z]\w*(?:\s*\[[^\]]*\])?")
_DENSEST: Final = 1e13


class Trajectory(NamedTuple):
    """What a simulation says about a parcel."""

    time: Float[np.ndarray, " n"]
    """[s], increasing."""
    t9: Float[np.ndarray, " n"]
    """Temperature [GK]."""
    rho: Float[np.ndarray, " n"]
    """Density [g/cm^3]."""
    y_e: Float[np.ndarray, " n"]
    """Protons per baryon."""


def read_trajectory(path: str | Path) -> Trajectory:
    """Read a table whose first comment names the columns.

    Such as `# time[s], T9[GK], density[g/cm^3], R[km], Ye`, the files of WinNet's examples; the
    columns may stand in any order, others are left out. Rows that do not advance in time are, too.

    Args:
        path: of the text.

    Raises:
        ValueError: there is no such comment, a column is missing, or rows are no numbers.
    """
    path = Path(path)
    lines = path.read_text().splitlines()
    head = next((line for line in lines if line.startswith("#") and "ye" in line.lower()), None)
    if head is None:
        raise ValueError(f"{path}: no comment names the columns; expected # time[s], T9[GK], ...")
    names = _NAME.findall(head)
    places = {}
    for field, pattern in _COLUMNS.items():
        found = [i for i, name in enumerate(names) if pattern.match(name)]
        if not found:
            raise ValueError(f"{path}: no column {field} in {', '.join(names)}")
        places[field] = found[0]
    try:
        text = [line for line in lines if line.strip() and not line.startswith("#")]
        rows = np.array([[float(x) for x in line.split()[: len(names)]] for line in text])
    except ValueError as error:
        raise ValueError(f"{path}: {error}; expected rows of {len(names)} numbers") from error
    columns = {field: rows[:, i] for field, i in places.items()}
    latest = np.maximum.accumulate(columns["time"])
    ahead = np.append(True, columns["time"][1:] > latest[:-1])
    return Trajectory(**{field: values[ahead] for field, values in columns.items()})


def follow(
    trajectory: Trajectory,
    t9_start: float = 6.0,
    heating: float | None = 0.5,
    t: Float[np.ndarray, " steps"] | None = None,
) -> tuple[History, float]:
    """The history of a trajectory from the last time that it is hot.

    It starts where temperature last falls below `t9_start`, or at the hottest point where it never
    is as hot. Beyond its end density falls as t^-3, counted from where its last tenth points back.

    Args:
        trajectory: of a simulation.
        t9_start: temperature of nuclear statistical equilibrium [GK].
        heating: share of the nuclear energy that heats the gas, its temperature following from
            there on; None takes the simulation's temperatures, T as rho^(1/3) beyond the end.
        t: ends of the steps after the start [s]; of `expansion.times` where left out.

    Returns:
        The history, and Ye at its start.

    Raises:
        ValueError: fewer than two points are left.
    """
    hot = np.flatnonzero(trajectory.t9 >= t9_start)
    at = int(hot[-1]) if len(hot) else int(np.argmax(trajectory.t9))
    if len(trajectory.time) - at < 2:
        raise ValueError("trajectory ends before it cools, allowed: two points after the hottest")
    time, rho = trajectory.time[at:] - trajectory.time[at], trajectory.rho[at:]
    t9, y_e = trajectory.t9[at:], trajectory.y_e[at:]
    begin = 0.0
    if len(hot):
        begin = float(np.interp(np.log(t9_start), np.log([t9[1], t9[0]]), [time[1], time[0]]))
    t = times() if t is None else np.asarray(t)
    last = time[-1]

    def at_times(values: Float[np.ndarray, " n"], power: float) -> Float[np.ndarray, " steps"]:
        inside = np.exp(np.interp(begin + t, time, np.log(values)))
        beyond = values[-1] * (np.maximum(begin + t, last) / last) ** power
        return np.where(begin + t > last, beyond, inside)

    density = at_times(np.minimum(rho, _DENSEST), -3.0)
    start = np.exp(np.interp(begin, time, np.log(rho)))
    t9_0 = float(np.exp(np.interp(begin, time, np.log(t9))))
    given = None if heating is not None else jnp.maximum(jnp.asarray(at_times(t9, -1.0)), 1e-3)
    made = History(
        jnp.asarray(t),
        jnp.asarray(density),
        jnp.asarray(start),
        jnp.asarray(t9_0),
        jnp.asarray(0.0 if heating is None else heating),
        given,
    )
    return made, float(np.interp(begin, time, y_e))
