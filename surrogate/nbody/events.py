"""The log of collisions: a table of fixed size, which says how many it could not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
import numpy as np

if TYPE_CHECKING:
    from jax.typing import DTypeLike
    from jaxtyping import Array, Bool, Float, Int


class Rows(NamedTuple):
    """Collisions, one a row."""

    time: Float[Array, " k"]
    """When [Rsun / (km/s)]."""
    i: Int[Array, " k"]
    """Slot of star 1."""
    j: Int[Array, " k"]
    """Slot of star 2."""
    m1: Float[Array, " k"]
    """Mass of star 1 before [Msun]."""
    m2: Float[Array, " k"]
    """Mass of star 2 before [Msun]."""
    m1_final: Float[Array, " k"]
    """Mass of star 1 after; a merger product has the slot of the heavier star [Msun]."""
    m2_final: Float[Array, " k"]
    """Mass of star 2 after [Msun]."""
    rp: Float[Array, " k"]
    """Pericentre [Rsun]."""
    vinf: Float[Array, " k"]
    """Velocity at infinity, 0 for bound pairs [km/s]."""
    fate: Int[Array, " k"]
    """A `Fate`; -1 where the rule had no answer."""


class Events(NamedTuple):
    """The log of a run."""

    number: Int[Array, ""]
    """Number of collisions so far; those beyond the length of the table are not in it."""
    rows: Rows
    """Collisions in the order in which they happened; rows from `number` on are empty."""

    @property
    def overflow(self) -> Bool[Array, ""]:
        """Whether there were more collisions than the table holds."""
        return self.number > self.rows.time.shape[-1]

    def table(self) -> dict[str, np.ndarray]:
        """The columns as NumPy arrays, without the empty rows; of one run, not of a batch."""
        number = int(self.number)
        return {name: np.asarray(x)[:number] for name, x in self.rows._asdict().items()}


def empty_events(size: int, dtype: DTypeLike) -> Events:
    """A table of `size` rows whose numbers are of this type."""
    columns = {
        name: jnp.full(size, -1, jnp.int32)
        if name in ("i", "j", "fate")
        else jnp.full(size, jnp.nan, dtype)
        for name in Rows._fields
    }
    return Events(jnp.zeros((), jnp.int32), Rows(**columns))


def record(events: Events, real: Bool[Array, " p"], rows: Rows) -> Events:
    """The table with more rows.

    Args:
        events: before.
        real: which of the rows are collisions.
        rows: p rows.

    Returns:
        The table; rows that find no room are counted only.
    """
    size = len(events.rows.time)
    place = jnp.where(real, events.number + jnp.cumsum(real) - 1, size)
    written = [
        column.at[place].set(value, mode="drop")
        for column, value in zip(events.rows, rows, strict=True)
    ]
    return Events(events.number + real.sum().astype(jnp.int32), Rows(*written))
