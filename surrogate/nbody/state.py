"""The state of an N-body run, from which it goes on as if it had not stopped."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.nbody.compensated import TwoWords, two_words
from surrogate.nbody.energy import Totals, totals
from surrogate.nbody.events import Events, empty_events
from surrogate.nbody.forces import Bodies, Field, field, usual_block
from surrogate.nbody.ledger import Ledger, empty_ledger
from surrogate.nbody.system import System

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

    Real = Array | float


class State(NamedTuple):
    """Bodies, their forces, and what has happened to them."""

    x: TwoWords
    """Positions, (n, 3) [Rsun]."""
    v: TwoWords
    """Velocities, (n, 3) [km/s]."""
    m: Float[Array, " n"]
    """Masses [Msun]; 0 where a slot is empty."""
    r: Float[Array, " n"]
    """Radii [Rsun]; 0 for a body that never collides."""
    age: Float[Array, " n"]
    """Ages [Gyr]."""
    met: Int[Array, " n"]
    """The body that this one collided with last and left again, -1 for none."""
    time: TwoWords
    """Time since the beginning [Rsun / (km/s)]."""
    field: Field
    """Forces, impending collisions and time scales."""
    ledger: Ledger
    """What has left the bodies."""
    events: Events
    """The log of collisions."""

    @property
    def system(self) -> System:
        """The bodies as they are."""
        return System(self.x.value, self.v.value, self.m, self.r, self.age)

    def totals(self, softening: Real = 0.0) -> Totals:
        """Energy, momentum and mass of the bodies."""
        return totals(self.x, self.v, self.m, softening)


def begin(
    system: System,
    *,
    softening: Real = 0.0,
    reach: Real = 1.0,
    log: int = 1024,
    block: int | None = None,
) -> State:
    """The state at the beginning of a run; `run` does this where it is given bodies.

    Args:
        system: n bodies.
        softening: as in `run`.
        reach: as in `run`.
        log: collisions that the log holds.
        block: as in `run`.

    Returns:
        The state.
    """
    return _begin(system, softening, reach, log, usual_block() if block is None else block)


@partial(jax.jit, static_argnames=("log", "block"))
def _begin(system: System, softening: Real, reach: Real, log: int, block: int) -> State:
    x, v = two_words(system.x), two_words(system.v)
    met = jnp.full(system.m.shape, -1, jnp.int32)
    now = field(Bodies(x, v.value, system.m, reach * system.r, met), softening, block)
    dtype = system.x.dtype
    return State(
        x,
        v,
        system.m,
        system.r,
        system.age,
        met,
        two_words(jnp.zeros((), dtype)),
        now,
        empty_ledger(dtype),
        empty_events(log, dtype),
    )
