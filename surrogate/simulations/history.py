"""The two stars of a run followed from snapshot to snapshot.

Gonzalez Prieto et al. 2026, sections 2.3 and 3. Units of G = Msun = Rsun = 1. What is left at the
end: `surrogate.simulations.outcome`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.simulations.outcome import Remnants, outcome
from surrogate.simulations.particles import Particles
from surrogate.simulations.remnants import Assignment, Components, assign, measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["History", "Remnants", "follow", "outcome"]

LASTING: Final = 10
"""Snapshots in a row after which there being one component, or none, is final."""


@dataclass(frozen=True, eq=False)
class History:
    """Two components over k snapshots of n particles, and what it takes to go on from there."""

    t: NDArray[np.float64]
    """Time, (k,)."""
    mass: NDArray[np.float64]
    """Bound masses, (k, 2); 0 where there is no such component."""
    unbound: NDArray[np.float64]
    """Unbound mass, (k,): mass[:, 0] + mass[:, 1] + unbound is the total, to the last bit."""
    number: NDArray[np.int64]
    """Numbers of bound particles, (k, 2)."""
    merged: NDArray[np.bool_]
    """Whether the two count as one, (k,); it then stands with the star that was heavier."""
    position: NDArray[np.float64]
    """Centres of mass, (k, 2, 3); NaN where there is no such component."""
    velocity: NDArray[np.float64]
    """Their velocities, (k, 2, 3)."""
    semimajor_axis: NDArray[np.float64]
    """Of their orbit, (k,); negative where unbound, NaN where there are not two components."""
    orbital_energy: NDArray[np.float64]
    """Of their orbit as point masses, (k,); NaN where there are not two components."""
    internal_energy: NDArray[np.float64]
    """Of all particles, sum of m u: (k,)."""
    converged: NDArray[np.bool_]
    """Whether the passes over the particles came to an end by themselves, (k,)."""
    labels: NDArray[np.int32]
    """Component of every particle in the last snapshot: 0 unbound, 1, or 2: (n,)."""
    pair: NDArray[np.int32]
    """Component of every particle when there were last two, (n,)."""
    waiting: int
    """Snapshots in a row, up to the last, in which there were not two."""
    initial_mass: NDArray[np.float64]
    """Masses of the stars, all particles of each, (2,)."""
    drift: NDArray[np.float64]
    """Velocity of the system's centre of mass in the first snapshot, (3,)."""

    def __len__(self) -> int:
        """Return the number of snapshots."""
        return len(self.t)


@dataclass(frozen=True)
class _State:
    labels: NDArray[np.int32]
    pair: NDArray[np.int32]
    waiting: int
    merged: bool
    converged: bool = True


def follow(
    snapshots: Iterable[tuple[float, Particles]],
    n1: int,
    earlier: History | None = None,
    lasting: int = LASTING,
) -> History:
    """Follow two stars from snapshot to snapshot.

    Every snapshot begins from the assignment of the one before. Two components bound so tightly
    that they count as one (`remnants.measure`) are combined at once. A component that vanishes also
    counts as merged, where more than half of what it had is now bound to the other: when snapshots
    are a dynamical time apart, a star can be swallowed between two of them. So does one that had
    given most of its star to the other before, passage by passage, whatever becomes of its last
    crumb: of the 1,099 stripped stars of the public grid none has gained over 1.2 per cent of the
    other.

    Where the centres of two stars lie within each other, their energies as point masses are too
    low: a star on its way through another can look swallowed, or tightly bound, in the one snapshot
    that catches it there. So there being fewer than two components is final only once it has held
    for `lasting` snapshots. Until then the search also begins from the last assignment with two
    components, and where it finds two that are apart, they are two again.

    Args:
        snapshots: time and particles of each, in order; read one at a time.
        n1: number of particles of star 1, which stand first.
        earlier: what an earlier call returned: its snapshots, and any up to its last time, are not
            analysed again.
        lasting: snapshots in a row after which there being one component, or none, is final; 0
            takes every snapshot at its word.

    Returns:
        The history, beginning with that of `earlier`.

    Raises:
        ValueError: there is no snapshot, times do not increase, particles change in number, there
            are not particles of two stars, or a value is not finite.

    Source: Gonzalez Prieto et al. 2026, sections 2.3 and 3.
    """
    history = earlier
    rows: list[tuple] = []
    last = -math.inf if history is None else float(history.t[-1])
    state = None if history is None else _resume(history)
    for t, particles in snapshots:
        if history is not None and not rows and t <= last:
            continue
        if not t > last:
            raise ValueError(f"time of a snapshot = {t}, allowed: later than that before, {last}.")
        _check(particles, t, n1, None if state is None else len(state.labels))
        if history is None:
            history = _begin(particles, n1)
        if state is None:
            state = _resume(history)
        state = _step(particles, state, _product(history), _stars(n1, len(particles.m)), lasting)
        rows.append(_row(t, particles, state))
        last = t
    if history is None or state is None:
        raise ValueError("snapshots: there is none, allowed: at least one.")
    return _extend(history, rows, state)


def _step(
    particles: Particles, before: _State, product: int, stars: NDArray[np.int32], lasting: int
) -> _State:
    """Assign the particles of the next snapshot.

    Args:
        particles: of the snapshot.
        before: the snapshot before.
        product: label of a merger product.
        stars: which star every particle is from.
        lasting: see `follow`.
    """
    if before.waiting and before.waiting >= lasting:
        found = assign(particles, before.labels)
        return replace(before, labels=found.labels, converged=found.converged)

    found = assign(particles, before.pair)
    if np.isin((1, 2), found.labels).all():
        if not measure(particles, found.labels).tight:
            return _State(found.labels, found.labels, 0, False, found.converged)
        one = np.where(found.labels > 0, product, 0)
        combined = assign(particles, one)
        return _State(combined.labels, found.labels, before.waiting + 1, True, combined.converged)

    if before.waiting:
        found = _larger(particles, assign(particles, before.labels), found)
    merged = any(
        _swallowed(np.asarray(particles.m), whole, found.labels) for whole in (before.pair, stars)
    )
    labels = np.where(found.labels > 0, product, 0) if merged else found.labels
    return _State(labels.astype(np.int32), before.pair, before.waiting + 1, merged, found.converged)


def _larger(particles: Particles, a: Assignment, b: Assignment) -> Assignment:
    """Return the assignment that binds more mass, the first where they are equal."""
    mass_a, mass_b = (np.sum(particles.m, where=found.labels > 0) for found in (a, b))
    return a if mass_a >= mass_b else b


def _swallowed(m: NDArray, whole: NDArray[np.int32], now: NDArray[np.int32]) -> bool:
    """Whether most of what has vanished of the two in `whole` is bound to the one that is left."""
    if not now.any():
        return False
    survivor = now.max()
    vanished = (whole > 0) & (whole != survivor)
    return bool(np.sum(m, where=vanished & (now > 0)) > np.sum(m, where=vanished) / 2)


def _product(history: History) -> int:
    return 1 if history.initial_mass[0] >= history.initial_mass[1] else 2


def _stars(n1: int, n: int) -> NDArray[np.int32]:
    """Which star each of n particles is from: those of star 1 stand first."""
    return np.where(np.arange(n) < n1, 1, 2).astype(np.int32)


def _begin(particles: Particles, n1: int) -> History:
    """History of no snapshots: every particle belongs to its star."""
    m = np.asarray(particles.m, np.float64)
    labels = _stars(n1, len(m))
    empty = np.empty(0)
    pairs = np.empty((0, 2))
    vectors = np.empty((0, 2, 3))
    flags = np.empty(0, bool)
    return History(
        t=empty,
        mass=pairs,
        unbound=empty,
        number=pairs.astype(np.int64),
        merged=flags,
        position=vectors,
        velocity=vectors,
        semimajor_axis=empty,
        orbital_energy=empty,
        internal_energy=empty,
        converged=flags,
        labels=labels,
        pair=labels,
        waiting=0,
        initial_mass=np.array([math.fsum(m[:n1]), math.fsum(m[n1:])]),
        drift=m @ np.asarray(particles.v, np.float64) / math.fsum(m),
    )


def _resume(history: History) -> _State:
    merged = bool(history.merged[-1]) if len(history) else False
    return _State(history.labels, history.pair, history.waiting, merged)


def _row(t: float, particles: Particles, state: _State) -> tuple:
    """What `History` holds of one snapshot, in the order of `_COLUMNS`."""
    found: Components = measure(particles, state.labels)
    return (
        t,
        found.mass,
        found.unbound,
        found.number,
        state.merged,
        found.position,
        found.velocity,
        found.semimajor_axis,
        found.orbital_energy,
        math.fsum(np.asarray(particles.m, np.float64) * np.asarray(particles.u, np.float64)),
        state.converged,
    )


_COLUMNS: Final = (
    "t",
    "mass",
    "unbound",
    "number",
    "merged",
    "position",
    "velocity",
    "semimajor_axis",
    "orbital_energy",
    "internal_energy",
    "converged",
)


def _extend(history: History, rows: list[tuple], state: _State) -> History:
    if not rows:
        return history
    columns = dict(zip(_COLUMNS, map(np.stack, zip(*rows, strict=True)), strict=True))
    joined = {
        name: np.concatenate([getattr(history, name), column]) for name, column in columns.items()
    }
    return replace(history, **joined, labels=state.labels, pair=state.pair, waiting=state.waiting)


def _check(particles: Particles, t: float, n1: int, n: int | None) -> None:
    """Refuse particles that would give a wrong answer without a word."""
    found = len(particles.m)
    if n is not None and found != n:
        raise ValueError(f"particles at t = {t}: {found}, allowed: {n}, as in the one before.")
    if not 0 < n1 < found:
        raise ValueError(f"n1 = {n1}, allowed: 1 to {found - 1}, as there are {found} particles.")
    for name in ("m", "x", "v", "u"):
        values = np.asarray(getattr(particles, name))
        good = np.isfinite(values) & ((values > 0) | (name != "m"))
        if not good.all():
            place = tuple(int(i) for i in np.argwhere(~good)[0])
            allowed = "finite and > 0" if name == "m" else "finite"
            raise ValueError(
                f"{name} of particle {place[0]} at t = {t} is {values[place]}, allowed: {allowed}. "
                "The run went wrong: leave this snapshot and what follows out, or run again."
            )
