"""A cluster of stars that collide, in steps of time.

What is assumed, beside what `rejuvenation` says: orbits keep their distance from the centre (no
relaxation, no escape of stars), velocities are isotropic Maxwellian with one dispersion for stars
of all masses, what is ejected leaves the cluster, stars past their TAMS collide no more, there are
no binaries, and the black hole eats no star.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.cluster.arrangement import arrange, as_given
from surrogate.cluster.population import Stars
from surrogate.cluster.records import Events, Records, no_events
from surrogate.cluster.rejuvenation import FULL_MIXING
from surrogate.cluster.steps import advance

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

    from surrogate.collisions.rules import Rule

CELL: Final = 16
"""Stars in a cell, where nothing else is said."""
BLOCK: Final = 64
"""Encounters that a rule answers at once, where nothing else is said."""
REFRESH: Final = 4
"""Steps that radii are held for, where nothing else is said."""
BINS: Final = 20
"""Radial bins of the records, where nothing else is said."""


class Velocities(Protocol):
    """How fast the stars of a cluster are; a `Cusp` is one."""

    def dispersion(self, r: ArrayLike) -> Float[Array, ...]:
        """Velocity dispersion in one dimension [km/s] at distance r [pc]."""
        ...


class Evolution(NamedTuple):
    """A cluster after a run."""

    stars: Stars
    """In the order in which they were given."""
    records: Records
    """Sums of every step by radial bin."""
    time: Float[Array, " steps"]
    """End of every step, since the start of the run [Gyr]."""
    edges: Float[Array, " bins+1"]
    """Of the radial bins [pc]."""
    events: Events
    """The first encounters, as many as were asked for."""
    encounters: Array
    """How many encounters there were; the log has no more than it has room for."""


def evolve(
    key: Array,
    stars: Stars,
    cusp: Velocities,
    rule: Rule,
    dt: ArrayLike,
    steps: int,
    *,
    edges: ArrayLike | None = None,
    reach: ArrayLike = 1.0,
    mixing: ArrayLike = FULL_MIXING,
    cell: int = CELL,
    block: int = BLOCK,
    refresh: int = REFRESH,
    log: int = 0,
    chunk: int | None = None,
    progress: Callable[[int], bool | None] | None = None,
) -> Evolution:
    """Let the stars of a cluster collide.

    How often they do follows from the stars themselves: the density is that of the tracked stars
    (times their weight), the speeds are those of `cusp`. Compiled once for a number of stars, a
    kind of rule and a length of chunk; it may as well be called under `jit`, without `progress`.

    Args:
        key: a random key. The same key gives the same run, in chunks of any length.
        stars: the population, in any order.
        cusp: gives the velocity dispersion; a `Cusp`, or your own.
        rule: what collisions leave, from `surrogate.collisions.rules` or your own.
        dt: length of a step [Gyr], or of each, shape (steps,).
        steps: how many.
        edges: of the radial bins of the records [pc], shape (bins + 1,), increasing; encounters
            beyond them happen but are not summed. 20 bins in log r over the stars where None.
        reach: largest pericentre over R1 + R2 that the rule is asked about; above 1 it lets tides
            capture. Tides reach no further than a few radii.
        mixing: of merger products, see `rejuvenation.merged_age`.
        cell: stars of a cell, a power of two.
        block: encounters that the rule answers at once. More than happen in most steps cost time.
        refresh: steps for which the radius of a star is held, at that in their middle, unless it
            collides. Radii are what costs most in a step; whether a star is still on the main
            sequence is looked up in every one.
        log: encounters to write down one by one.
        chunk: steps between two calls of `progress`; all where None.
        progress: called with the number of steps done; False stops the run there.

    Returns:
        Stars, records, and events at the end, or where the run was stopped.

    Raises:
        ValueError: an argument is outside its range.
    """
    _check(stars, steps, cell, block, refresh, log, chunk, reach, dt)
    order = jnp.argsort(stars.r)
    r = stars.r[order]
    edges = _default_edges(r) if edges is None else jnp.asarray(edges, r.dtype)
    setting, living = arrange(stars, order, cusp.dispersion(r), cell, edges, reach, mixing)
    lengths, starts = _times(dt, steps, r.dtype)
    state, pieces, done = (living, no_events(log)), [], 0
    while done < steps:
        now = slice(done, min(done + (chunk or steps), steps))
        moments = (jnp.arange(now.start, now.stop), starts[now], lengths[now])
        state, records = advance(rule, key, setting, state, moments, block, refresh)
        pieces.append(records)
        done = now.stop
        if progress is not None and progress(done) is False:
            break
    (living, written) = state
    end = starts[done - 1] + lengths[done - 1]
    return Evolution(
        stars=as_given(stars, living, order, end),
        records=jax.tree.map(lambda *x: jnp.concatenate(x), *pieces),
        time=(starts + lengths)[:done],
        edges=edges,
        events=written.events,
        encounters=written.number,
    )


def _times(dt: ArrayLike, steps: int, dtype: np.dtype) -> tuple[Array, Array]:
    """Length and start of every step [Gyr]."""
    xp = jnp if isinstance(dt, jax.core.Tracer) else np
    lengths = xp.broadcast_to(xp.asarray(dt), (steps,))
    # Concrete steps are added up in double precision.
    ends = xp.cumsum(lengths, dtype=None if xp is jnp else np.float64)
    return jnp.asarray(lengths, dtype), jnp.asarray(ends - lengths, dtype)


def _default_edges(r: Float[Array, " n"]) -> Float[Array, " bins+1"]:
    """Bins in log r that hold every star."""
    tiny = 1e-4
    return jnp.geomspace(r[0] * (1.0 - tiny), r[-1] * (1.0 + tiny), BINS + 1)


def _check(
    stars: Stars,
    steps: int,
    cell: int,
    block: int,
    refresh: int,
    log: int,
    chunk: int | None,
    reach: ArrayLike,
    dt: ArrayLike,
) -> None:
    if steps < 1:
        raise ValueError(f"steps = {steps}: needed is at least 1")
    if cell < 2 or cell & (cell - 1):
        raise ValueError(f"cell = {cell}: allowed are powers of two from 2 on, such as {CELL}")
    for field, given, lowest in (
        ("block", block, 1),
        ("refresh", refresh, 1),
        ("log", log, 0),
        ("chunk", 1 if chunk is None else chunk, 1),
    ):
        if given < lowest:
            raise ValueError(f"{field} = {given}: needed is at least {lowest}")
    if np.ndim(dt) and np.shape(dt) != (steps,):
        raise ValueError(f"dt has the shape {np.shape(dt)}: give a number, or {(steps,)}")
    concrete = {"r": (stars.r, 0.0), "weight": (stars.weight, 0.0), "reach": (reach, 1.0)}
    for name, (value, least) in {**concrete, "dt": (dt, 0.0)}.items():
        if isinstance(value, jax.core.Tracer):
            continue
        x = np.asarray(value)
        good = np.isfinite(x) & ((x >= least) if name == "reach" else (x > least))
        if not good.all():
            sign = ">=" if name == "reach" else ">"
            raise ValueError(f"{name} = {x[~good].flat[0]}: allowed are numbers {sign} {least:g}")
