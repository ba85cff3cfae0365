"""What an encounter may contain: the checks of the eager call and of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surrogate.collisions.structure import MASS_RANGE
from surrogate.collisions.validation import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

SPEED_OF_LIGHT = 299_792.458
"""[km/s]"""


class Allowed(NamedTuple):
    """Range of one field of an `Encounter`."""

    low: float
    high: float
    unit: str
    open_low: bool = False
    """Whether `low` itself is not allowed."""

    def accepts(self, value: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether each value lies in the range; NaN does not."""
        above = value > self.low if self.open_low else value >= self.low
        return above & (value <= self.high)

    def __str__(self) -> str:
        """The range as a reader would write it."""
        if np.isinf(self.high):
            return f"{'>' if self.open_low else '>='} {self.low:g} {self.unit}"
        return f"{self.low:g} to {self.high:g} {self.unit}"


ALLOWED = {
    "age": Allowed(0.0, 15.0, "Gyr"),
    "m1": Allowed(*MASS_RANGE, "Msun"),
    "m2": Allowed(*MASS_RANGE, "Msun"),
    # The stars' orbit is a two-body orbit from infinity: any pericentre and any speed below
    # that of light has an answer. What was simulated is told by `Domain`.
    "rp": Allowed(0.0, 1e6, "Rsun"),
    "vinf": Allowed(0.0, SPEED_OF_LIGHT, "km/s"),
    "r1": Allowed(0.0, 1e4, "Rsun", open_low=True),
    "r2": Allowed(0.0, 1e4, "Rsun", open_low=True),
    "age2": Allowed(0.0, 15.0, "Gyr"),
    "rh1": Allowed(0.0, 1e4, "Rsun", open_low=True),
    "rh2": Allowed(0.0, 1e4, "Rsun", open_low=True),
}
"""Fields of an `Encounter` and their ranges."""


HALVES = {"rh1": "r1", "rh2": "r2"}
"""Half-mass radii, and the radii that they must stay below."""


def find_bad_rows(columns: Mapping[str, NDArray[np.floating]]) -> list[Problem]:
    """Check encounters; return the first broken rule of each bad one, in order.

    Args:
        columns: fields of `Encounter`, each of shape (n,), in its units.

    Returns:
        One `Problem` a bad row, with `row` the index; empty where all is well.
    """
    rules = [(name, ALLOWED[name].accepts(columns[name])) for name in ALLOWED if name in columns]
    halves = [name for name in HALVES if name in columns]
    rules += [(name, np.less(columns[name], columns[HALVES[name]])) for name in halves]
    good = np.stack([accepted for _, accepted in rules])
    bad_rows = np.flatnonzero(~good.all(axis=0))
    first = np.argmin(good[:, bad_rows], axis=0)

    def explain(row: int, rule: int) -> str:
        name = rules[rule][0]
        allowed: object = ALLOWED[name]
        if rule >= len(rules) - len(halves):
            allowed = f"below {HALVES[name]} = {columns[HALVES[name]][row]:.10g}"
        return f"{name} = {columns[name][row]:.10g}, allowed: {allowed}"

    return [
        Problem(row, explain(row, rule))
        for row, rule in zip(bad_rows.tolist(), first.tolist(), strict=True)
    ]


def check(columns: Mapping[str, ArrayLike]) -> None:
    """Raise where an encounter has no meaning.

    Args:
        columns: fields of `Encounter` that broadcast against each other.

    Raises:
        ValueError: names the field, its first bad value, where it stands, and the range.
    """
    for name, values in columns.items():
        _raise_unless(ALLOWED[name].accepts(np.asarray(values)), name, values, ALLOWED[name])
    for name, whole in HALVES.items():
        if name in columns:
            below = np.less(columns[name], columns[whole])
            _raise_unless(below, name, columns[name], f"below {whole}")


def _raise_unless(good: NDArray[np.bool_], name: str, values: ArrayLike, allowed: object) -> None:
    if np.all(good):
        return
    values = np.asarray(values)
    where = np.unravel_index(np.argmin(good), np.shape(good))
    place = f"[{', '.join(map(str, where))}]" if values.ndim else ""
    raise ValueError(
        f"{name}{place} = {values[where]:.10g}: allowed is {allowed} "
        f"({values.size - np.count_nonzero(good)} bad of {values.size}). Correct it, or "
        f"call with check=False to have such encounters flagged in `reason` instead."
    )
