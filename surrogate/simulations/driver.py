"""Makes the runs of a campaign: stars first, and each collision as soon as its two are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from surrogate.simulations.campaign import (
    Campaign,
    Star,
    find_stars,
    perform_collision,
    perform_star,
)
from surrogate.simulations.lock import only_driver
from surrogate.simulations.runs import STAR, Case
from surrogate.simulations.state import State, Status, read_state, write_state

LOOK = 0.5
"""Seconds between two looks at what has ended."""
LIVE = 256
"""Unfinished runs whose state is read at a look; those at work are among the first."""

Watch = Callable[[Mapping[str, State]], None]
"""Hears, now and then, the state of every collision of the campaign, by name."""


class Task(NamedTuple):
    """A collision that is to be run."""

    name: str
    case: Case
    stars: tuple[Star, Star]


def run(
    campaign: Campaign, executor: Executor, watch: Watch = lambda states: None
) -> dict[str, State]:
    """Run all collisions of a campaign that are neither done nor failed.

    Ctrl-C asks every run to stop, wherever it is, waits until they have, and passes on. They are
    asked by a file, which workers on other machines see, too.

    Args:
        campaign: what to run.
        executor: where; its workers must see the campaign's folder under the same name.
        watch: shows how it goes.

    Returns:
        The state of every collision of the campaign, by name.

    Raises:
        BusyError: another driver is at work on the campaign.
        ValueError: its files cannot be used.
    """
    with only_driver(campaign.folder):
        campaign.stop_file.unlink(missing_ok=True)
        states = campaign.states()
        watch(states)
        work = _Work(campaign, executor, states, find_tasks(campaign, states))
        try:
            work.begin()
            while work.pending:
                work.look()
                watch(work.states)
        except KeyboardInterrupt:
            campaign.stop_file.touch()
            work.cancel()
            raise
    return work.states


def find_tasks(campaign: Campaign, states: Mapping[str, State]) -> list[Task]:
    """The collisions that are neither done nor failed, with their stars."""
    design = campaign.design
    rows = [
        k for k, s in enumerate(states.values()) if s.status not in (Status.DONE, Status.FAILED)
    ]
    names, conditions = list(states), design.conditions()[rows].tolist()
    stars = find_stars(campaign, {(m, t) for t, m1, m2, *_ in conditions for m in (m1, m2)})
    tasks = []
    for row, (t, m1, m2, rp, vinf) in zip(rows, conditions, strict=True):
        one, two = stars[m1, t], stars[m2, t]
        case = Case(t, m1, m2, rp, vinf, one.radius, two.radius)
        tasks.append(Task(names[row], case, (one, two)))
    return tasks


class _Work:
    """What is submitted, and what follows when it ends."""

    def __init__(
        self, campaign: Campaign, executor: Executor, states: dict[str, State], tasks: list[Task]
    ) -> None:
        self.campaign, self.executor, self.states = campaign, executor, states
        self.folder = str(campaign.folder.absolute())
        self.pending: dict[Future[State], Callable[[State], None]] = {}
        self.waiting = {task.name: task for task in tasks}
        """Collisions whose stars are not ready."""
        self.submitted: dict[str, None] = {}
        """Collisions that have not ended, in their order."""
        self.ready: set[str] = set()

    def begin(self) -> None:
        """Submit the stars that are missing, and the collisions that miss none."""
        keys = {star.key: None for task in self.waiting.values() for star in task.stars}
        for key in keys:
            if (self.campaign.star_folder(key) / STAR).exists():
                self.ready.add(key)
        for key in keys:
            if key not in self.ready:
                self._submit(partial(self._star, key), perform_star, key)
        self._collisions()

    def look(self) -> None:
        """Take in what has ended meanwhile, and how far the others are."""
        for future in wait(self.pending, LOOK, FIRST_COMPLETED).done:
            then = self.pending.pop(future)
            then(_result(future))
        for name in list(self.submitted)[:LIVE]:
            state = read_state(self.campaign.run_folder(name))
            if state.status is Status.RUNNING:
                self.states[name] = state

    def cancel(self) -> None:
        """Withdraw what has not begun, and wait for the rest, which was asked to stop."""
        for future in self.pending:
            with suppress(NotImplementedError):  # Parsl cannot; its workers see the file
                future.cancel()
        wait(self.pending)

    def _submit(self, then: Callable[[State], None], task: Callable[..., State], *on: Any) -> None:
        try:
            self.pending[self.executor.submit(task, self.folder, *on)] = then
        except RuntimeError as error:  # the pool is broken, or shut down
            then(_lost(error))

    def _star(self, key: str, state: State) -> None:
        if state.status is Status.DONE:
            self.ready.add(key)
            self._collisions()
            return
        needing = [t for t in self.waiting.values() if key in (star.key for star in t.stars)]
        for task in needing:
            del self.waiting[task.name]
            reason = f"its star {key} {state.status}: {state.reason}"
            self.states[task.name] = self.states[task.name].to(status=state.status, reason=reason)
            if state.status is Status.FAILED:
                folder = self.campaign.run_folder(task.name)
                folder.mkdir(parents=True, exist_ok=True)
                with suppress(OSError):  # a full disk; the collision then is still to be run
                    write_state(folder, self.states[task.name])

    def _collisions(self) -> None:
        for task in list(self.waiting.values()):
            one, two = (star.key for star in task.stars)
            if {one, two} <= self.ready:
                del self.waiting[task.name]
                self.submitted[task.name] = None
                self._submit(
                    partial(self._ended, task.name),
                    perform_collision,
                    task.name,
                    task.case,
                    (one, two),
                )

    def _ended(self, name: str, state: State) -> None:
        self.submitted.pop(name, None)
        self.states[name] = state


def _result(future: Future[State]) -> State:
    try:
        return future.result()
    except CancelledError:
        return State(status=Status.STOPPED, reason="stopped on demand")
    except Exception as error:  # whatever befell the worker; the run itself can go on
        return _lost(error)


def _lost(error: Exception) -> State:
    return State(status=Status.STOPPED, reason=f"its worker was lost: {error!r}")
