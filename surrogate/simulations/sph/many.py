"""Many small collisions at once, each with its own time step, until its fate is settled.

A graphics card is busy with one collision of ten thousand particles, but idle with one of a
thousand. So a batch of them goes on together; where one is settled, the next takes its place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jax
import numpy as np

from surrogate.simulations.history import History, follow
from surrogate.simulations.particles import Particles
from surrogate.simulations.sph.energy import Conserved, conserved
from surrogate.simulations.sph.state import Fluid, Method, stack
from surrogate.simulations.sph.step import Run, advance_all, begin, begin_all
from surrogate.simulations.stopping import Stop, StopRule, stop_time

if TYPE_CHECKING:
    from jax import Array


STEPS: Final = 16
"""Steps between two looks at the batch; those that have a snapshot wait for the next."""


class Start(NamedTuple):
    """A collision that is to be simulated."""

    fluid: Fluid
    """Its particles, star 1 first; equally many in all collisions."""
    n1: int
    """Particles of star 1."""
    dt_out: float
    """Time between two snapshots [code units]."""
    first: float
    """When the stopping rule is first asked [code units]."""


class End(NamedTuple):
    """What became of a collision."""

    number: int
    """Its place among those given."""
    history: History | None
    stop: Stop | None
    """Why it ended; `undecided` where the rule asked for more than its limit."""
    steps: int
    energy_error: float
    """Change of the total energy over the total energy at first."""
    momentum_error: float
    """Size of the change of momentum over sum m |v| at first."""
    failure: str = ""
    """What went wrong, where there is no outcome."""


class _Seat(NamedTuple):
    """A collision in the batch."""

    place: int
    """In the batch."""
    number: int
    """Among those given."""
    start: Start
    before: Conserved
    history: History | None = None
    stop: Stop | None = None
    failure: str = ""

    def ended(self) -> bool:
        """Whether its last snapshot says that it may stop, or that it went wrong."""
        return bool(self.failure) or (
            self.history is not None
            and self.stop is not None
            and self.stop.time <= self.history.t[-1]
        )


def collide_many(
    starts: Sequence[Start],
    method: Method,
    rule: StopRule | None = None,
    batch: int = 64,
    executor: Executor | None = None,
    tell: Callable[[int, float], None] = lambda number, t: None,
    done: Callable[[End], None] = lambda end: None,
) -> list[End]:
    """Simulate collisions until the stopping rule lets them end.

    Args:
        starts: the collisions.
        method: numbers of the method.
        rule: numbers of the stopping rule.
        batch: how many at once.
        executor: where snapshots are analysed while the batch goes on; a thread where None. Each
            takes some milliseconds of a processor, so beside a graphics card give it processes.
        tell: hears of every snapshot: which collision, and its time.
        done: hears of every end, as soon as it is there.

    Returns:
        The ends, in the order of the collisions.
    """
    look = partial(_look, rule=rule or StopRule())
    with jax.enable_x64(True), ExitStack() as open_:
        at_work = executor or open_.enter_context(ThreadPoolExecutor(1))
        group = _Batch(starts, method, min(batch, len(starts)))
        while group.seats:
            group.forward()
            group.hear()  # while the device is at work
            for end in group.ended():
                done(end)
            for seat, seen in group.arrived():
                tell(seat.number, float(seen.t))
                group.looks.append(at_work.submit(look, seat, seen))
    return [group.ends[k] for k in range(len(starts))]


class _Seen(NamedTuple):
    """A snapshot."""

    t: Array
    fluid: Fluid
    rho: Array


class _Batch:
    """Runs that go on together, and who sits where."""

    def __init__(self, starts: Sequence[Start], method: Method, size: int) -> None:
        self.starts, self.method = starts, method
        self.runs = begin_all(stack([start.fluid for start in starts[:size]]), method)
        self.until = np.zeros(size)
        self.seats: dict[int, _Seat] = {}
        for k in range(size):
            self._sit(k, k)
        self.waiting = list(range(len(starts) - 1, size - 1, -1))
        self.looks: list[Future[_Seat]] = []
        self.ends: dict[int, End] = {}

    def forward(self) -> None:
        """Make steps; those that reach their time wait for the others."""
        self.runs = advance_all(self.runs, self.until, STEPS, self.method)

    def hear(self) -> None:
        """Take in what the last snapshots said."""
        for look in self.looks:
            seat = look.result()
            self.seats[seat.place] = seat
        self.looks = []

    def ended(self) -> Iterator[End]:
        """Give the seats of those that may stop to those that wait."""
        for k, seat in list(self.seats.items()):
            if not seat.ended():
                continue
            self.ends[seat.number] = _end(seat, self.runs)
            yield self.ends[seat.number]
            del self.seats[k]
            self.until[k] = -math.inf
            if self.waiting:
                number = self.waiting.pop()
                run = begin(self.starts[number].fluid, self.method)
                self.runs = _replace(self.runs, k, run)
                self._sit(k, number)

    def _sit(self, k: int, number: int) -> None:
        """Give place k, where its run has begun, to a collision."""
        start, before = self.starts[number], _conserved(self.runs, k)
        self.seats[k] = _Seat(k, number, start, before)
        self.until[k] = start.dt_out

    def arrived(self) -> Iterator[tuple[_Seat, _Seen]]:
        """Snapshots of those that have reached their time; their next is a dt_out later."""
        t = np.asarray(self.runs.t)
        # A time that is NaN counts as reached, and is then refused.
        for k in [k for k in self.seats if not t[k] < self.until[k]]:
            self.until[k] += self.seats[k].start.dt_out
            yield self.seats[k], jax.device_get(_seen(self.runs, k))


def on_processor() -> None:
    """Keep a worker process off the graphics card; an `initializer` for its executor."""
    jax.config.update("jax_platforms", "cpu")


@partial(jax.jit, donate_argnums=0)
def _replace(runs: Run, k: int, run: Run) -> Run:
    return jax.tree.map(lambda a, b: a.at[k].set(b), runs, run)


@jax.jit
def _seen(runs: Run, k: int) -> _Seen:
    return _at(_Seen(runs.t, runs.fluid, runs.rates.rho), k)


def _at(tree: Any, k: int) -> Any:
    return jax.tree.map(lambda a: a[k], tree)


def _look(seat: _Seat, seen: _Seen, rule: StopRule) -> _Seat:
    """Follow the two stars through one more snapshot, and ask when the run may stop."""
    fluid, start = seen.fluid, seat.start
    particles = Particles(
        fluid.m, fluid.x, fluid.v, fluid.u, seen.rho, fluid.h, np.zeros_like(fluid.m)
    )
    try:
        # A loop over few numbers: a processor does it sooner than a graphics card.
        with jax.default_device(jax.local_devices(backend="cpu")[0]):
            history = follow([(float(seen.t), particles)], start.n1, earlier=seat.history)
    except ValueError as error:
        return seat._replace(failure=str(error))
    stop = stop_time(history, start.dt_out, start.first, rule)
    return seat._replace(history=history, stop=stop)


def _conserved(runs: Run, k: int) -> Conserved:
    return jax.device_get(conserved(_at(runs.fluid, k)))


def _end(seat: _Seat, runs: Run) -> End:
    before, after = seat.before, _conserved(runs, seat.place)
    moving = float(np.sum(seat.start.fluid.m * np.linalg.norm(seat.start.fluid.v, axis=1)))
    return End(
        seat.number,
        seat.history,
        seat.stop,
        int(runs.steps[seat.place]),
        float((after.total - before.total) / before.total),
        float(np.linalg.norm(after.momentum - before.momentum)) / moving,
        seat.failure,
    )
