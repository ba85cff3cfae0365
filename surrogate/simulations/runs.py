"""One run from beginning to end: a star that is relaxed, or a collision until its fate is settled.

Whatever stops a run, the same call goes on with it: the folder holds all that is needed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from surrogate.learning.files import copy_file
from surrogate.simulations import units
from surrogate.simulations.engine import Engine, Orbit, RunError, StoppedError, Tell
from surrogate.simulations.lock import BusyError, only_driver
from surrogate.simulations.starsmasher.settings import dt_out
from surrogate.simulations.starsmasher.snapshots import energies, find_snapshots, read_snapshot
from surrogate.simulations.state import State, Status, read_state, write_state
from surrogate.simulations.stopping import StopRule, stop_time

if TYPE_CHECKING:
    from surrogate.simulations.history import History
    from surrogate.simulations.particles import Particles

STAR = "star.sph"
"""A relaxed star, in the folder of its relaxation."""
WRITE_EVERY = 2.0
"""Seconds between two notes of how far a run has come."""


class Case(NamedTuple):
    """The conditions of one collision."""

    age: float
    """Age of both stars [Gyr]."""
    m1: float
    """Mass of star 1 [Msun]."""
    m2: float
    """Mass of star 2 [Msun]."""
    rp: float
    """Pericentre of the two-body orbit [Rsun]."""
    vinf: float
    """Relative velocity at infinity [km/s]."""
    r1: float
    """Radius of star 1 [Rsun]."""
    r2: float
    """Radius of star 2 [Rsun]."""


@dataclass(frozen=True)
class Plan:
    """How collisions are run, whatever the code."""

    separation: float = 5.0
    """Distance of the stars at t = 0 [R1 + R2]; tides must be weak there."""
    outputs: float = 30.0
    """Snapshots after the pericentre before the stopping rule is first asked."""
    relaxed: float = 1e-3
    """Largest kinetic energy of a relaxed star [|W|]."""
    metallicity: float = 0.01
    """Of the stars [Zsun]; only told in the row."""
    stop: StopRule = field(default_factory=StopRule)

    def __post_init__(self) -> None:
        for name, least in (("separation", 1.0), ("outputs", 1.0), ("relaxed", 0.0)):
            if not getattr(self, name) > least:
                raise ValueError(f"{name} = {getattr(self, name)}, allowed: > {least:g}")

    def orbit(self, case: Case) -> Orbit:
        """Initial orbit of a collision."""
        far = self.separation * (case.r1 + case.r2)
        return Orbit(
            rp=case.rp,
            vinf2=(case.vinf / units.SPEED) ** 2,
            separation=max(far, 2.0 * case.rp),
            dt_out=dt_out(case.m1, case.m2),
        )

    def first(self, case: Case, orbit: Orbit) -> float:
        """When the stopping rule is first asked: so many outputs after the pericentre."""
        from surrogate.orbits import time_to_pericentre

        mass = case.m1 + case.m2
        meet = float(time_to_pericentre(orbit.separation, orbit.rp, orbit.vinf2, mass))
        return meet + self.outputs * orbit.dt_out


def relax(engine: Engine, folder: Path, profile: Path, plan: Plan, tell: Tell) -> State:
    """Relax a star to hydrostatic equilibrium, and keep it as `STAR` in its folder.

    Args:
        engine: the code.
        folder: of the star; made where it is missing.
        profile: of the star, in the TWIN layout.
        plan: what counts as relaxed.
        tell: hears how far it is.

    Returns:
        The final state.

    Raises:
        RunError: the code failed, or the star still moves.
        StoppedError: on demand.
        BusyError: another driver is at it.
    """

    def body(state: State, note: Callable[..., State]) -> dict[str, Any]:
        tf = engine.start_star(folder, profile)
        note(tf=tf)
        engine.advance(folder, tf, _tell_and_note(tell, note))
        last = find_snapshots(folder)[-1]
        snapshot = read_snapshot(last)
        found = energies(snapshot)
        moving = found.T / abs(found.W)
        if not moving <= plan.relaxed:
            raise RunError(
                f"{folder}: the star still moves: T / |W| = {moving:.2g} at t = {found.t:g}, "
                f"allowed: <= {plan.relaxed:g}. Relax it for longer, or with more particles."
            )
        copy_file(last, folder / STAR)
        return {"T/|W|": moving, "n": snapshot.header.ntot, "t": found.t}

    return _drive(engine, folder, body)


def collide(
    engine: Engine, folder: Path, case: Case, stars: tuple[Path, Path], plan: Plan, tell: Tell
) -> State:
    """Simulate a collision until its fate is settled, and reduce it.

    Args:
        engine: the code.
        folder: of the run; made where it is missing.
        case: masses, orbit.
        stars: relaxed star 1 and star 2.
        plan: where it begins and when it ends.
        tell: hears how far it is.

    Returns:
        The final state; its `result` holds fate, masses [Msun], velocities [km/s] and the orbit
        that is left.

    Raises:
        RunError: the code failed, or nothing was settled within the longest time allowed.
        StoppedError: on demand.
        BusyError: another driver is at it.
    """

    def body(state: State, note: Callable[..., State]) -> dict[str, Any]:
        from surrogate.simulations.history import follow
        from surrogate.simulations.reduction import reduce

        orbit = plan.orbit(case)
        first = plan.first(case, orbit)
        tf, history, n1 = max(first, state.tf), None, read_snapshot(stars[0]).header.ntot
        engine.start_collision(folder, stars, orbit)
        while True:
            note(tf=tf)
            engine.advance(folder, tf, _tell_and_note(tell, note))
            history = follow(_snapshots(folder, history), n1, earlier=history)
            stop = stop_time(history, orbit.dt_out, first, plan.stop)
            if stop.undecided:
                raise RunError(f"{folder}: not settled: {stop.reason}. Raise stop.longest.")
            if stop.time <= tf:
                note(reason=stop.reason)
                return {**reduce(folder, case, history), "metallicity": plan.metallicity}
            tf = stop.time

    return _drive(engine, folder, body)


def _tell_and_note(tell: Tell, note: Callable[..., State]) -> Tell:
    """Hand the time on, and write it to the run's state now and then."""
    last = -math.inf

    def both(t: float) -> None:
        nonlocal last
        tell(t)
        if time.monotonic() - last > WRITE_EVERY:
            last = time.monotonic()
            note(t=t)

    return both


def _drive(
    engine: Engine, folder: Path, body: Callable[[State, Callable[..., State]], dict[str, Any]]
) -> State:
    """Hold the folder, keep its state up to date, and leave it right however the body ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with only_driver(folder):
        state = read_state(folder)
        if state.status is Status.DONE:
            return state
        began, before = time.monotonic(), state.seconds

        def note(**changes: Any) -> State:
            nonlocal state
            spent = before + time.monotonic() - began
            state = write_state(folder, state.to(seconds=spent, **changes))
            return state

        note(status=Status.RUNNING, reason="", about=engine.about())
        try:
            result = body(state, note)
        except (StoppedError, KeyboardInterrupt):
            note(status=Status.STOPPED, reason="stopped on demand")
            raise
        except BusyError:
            raise
        except (RunError, ValueError, OSError) as error:
            note(status=Status.FAILED, reason=str(error))
            raise
        note(status=Status.DONE, t=state.tf, result=result)
        return read_state(folder)  # as whoever comes later will find it


def _snapshots(folder: Path, history: History | None) -> Iterator[tuple[float, Particles]]:
    """Those that are not in the history yet; a restart rewrites the one that it starts from."""
    last = -math.inf if history is None else float(history.t[-1])
    for path in find_snapshots(folder):
        snapshot = read_snapshot(path)
        if snapshot.time > last:
            yield snapshot.time, snapshot.particles()
