"""What a cluster run writes down: sums over each step by distance, and single events."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.encounter import Fate

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float, Int


class Records(NamedTuple):
    """Sums over the tracked pairs of each step, by radial bin; times `Stars.weight` for real ones.

    Sums over many steps are best taken with `totals`, in double precision.
    """

    encounters: Int[Array, "steps bins"]
    """Pairs that were given to the rule: a pericentre within `reach` times R1 + R2."""
    collisions: Int[Array, "steps bins"]
    """Those of them in contact."""
    fates: Int[Array, "steps bins 4"]
    """Encounters of each `Fate`."""
    unbound: Float[Array, "steps bins"]
    """Mass that left the stars [Msun]."""
    products: Float[Array, "steps bins"]
    """Mass of merger products [Msun]."""
    outside: Int[Array, "steps bins"]
    """Encounters of a star that is lighter than 0.1 or heavier than 100 Msun: extrapolated."""
    invalid: Int[Array, "steps bins"]
    """Encounters to which the rule had no answer; the stars stay as they were."""
    largest_probability: Float[Array, " steps"]
    """Of a pair to meet in the step; should stay well below 1."""
    too_likely: Int[Array, " steps"]
    """Pairs with a probability above 1, some of whose encounters are missed: shorten the steps."""


class Events(NamedTuple):
    """The first encounters of a run, in order of time within blocks of a step."""

    time: Float[Array, " log"]
    """Since the start of the run [Gyr]; the middle of the step."""
    r: Float[Array, " log"]
    """Distance from the centre [pc]."""
    star1: Int[Array, " log"]
    """Index of star 1 in the population; -1 where the log has room left."""
    star2: Int[Array, " log"]
    m1: Float[Array, " log"]
    """Mass before [Msun]."""
    m2: Float[Array, " log"]
    age1: Float[Array, " log"]
    """Effective age before [Gyr]."""
    age2: Float[Array, " log"]
    rp: Float[Array, " log"]
    """Pericentre [Rsun]."""
    vinf: Float[Array, " log"]
    """Relative speed at infinity [km/s]."""
    fate: Int[Array, " log"]
    """A `Fate`, or -1."""
    m1_final: Float[Array, " log"]
    """Mass after [Msun]."""
    m2_final: Float[Array, " log"]


class Log(NamedTuple):
    """Events, and how many there were, also beyond the room."""

    events: Events
    number: Int[Array, ""]


def no_records(bins: int) -> Records:
    """Records of a step in which nothing has happened yet.

    Args:
        bins: number of radial bins.
    """
    number, mass = jnp.zeros(bins, jnp.int32), jnp.zeros(bins)
    nothing = jnp.zeros((), jnp.int32)
    fates = jnp.zeros((bins, len(Fate)), jnp.int32)
    return Records(number, number, fates, mass, mass, number, number, jnp.zeros(()), nothing)


def no_events(size: int) -> Log:
    """An empty log.

    Args:
        size: events that it has room for.
    """
    x, i = jnp.full(size, jnp.nan), jnp.full(size, -1, jnp.int32)
    return Log(Events(x, x, i, i, x, x, x, x, x, x, i, x, x), jnp.zeros((), jnp.int32))


def write(log: Log, events: Events, happened: Bool[Array, " block"]) -> Log:
    """Add events to a log, as far as it has room.

    Args:
        log: what it holds.
        events: the events, fields of shape (block,).
        happened: which of them took place.
    """
    size = log.events.r.shape[0]
    place = log.number + jnp.cumsum(happened) - 1
    place = jnp.where(happened, place, size)
    written = jax.tree.map(
        lambda old, new: old.at[place].set(new.astype(old.dtype), mode="drop"), log.events, events
    )
    return Log(written, log.number + happened.sum(dtype=jnp.int32))


def totals(records: Records) -> Records:
    """Sums over all steps, in double precision, as NumPy arrays.

    Args:
        records: of a run.

    Returns:
        The same without the axis of steps; of the probabilities the largest.
    """
    sums = {k: np.asarray(v).sum(axis=0, dtype=_wide(v)) for k, v in records._asdict().items()}
    largest = np.max(records.largest_probability, initial=0.0)
    return Records(**sums)._replace(largest_probability=largest)


def _wide(x: Array) -> type:
    return np.int64 if np.issubdtype(x.dtype, np.integer) else np.float64
