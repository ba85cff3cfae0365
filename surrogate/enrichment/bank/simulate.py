"""Many runs of the network into one table: side by side, kept one by one, resumed."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surrogate.enrichment.bank.conditions import Condition
from surrogate.enrichment.bank.table import HEADER, line_of
from surrogate.learning.files import part_of, write_text
from surrogate.learning.problems import Problem

if TYPE_CHECKING:
    from jaxtyping import Float
    from numpy import ndarray

SOURCE: Final = "surrogate"
"""Publication and group of patterns of the library's own network."""


class Kind(StrEnum):
    """What may be wrong with a condition."""

    UNUSABLE = "cannot be run"
    DUPLICATE = "duplicate"


Run = Callable[[Condition], "Float[ndarray, ' z']"]


def simulate(
    conditions: Sequence[Condition],
    run: Run,
    out: Path,
    *,
    jobs: int = 0,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> list[Problem]:
    """Run conditions and write their patterns to a table.

    Until all are done the table is named `<out>.part` and grows line by line; where one of that
    name is found, what it has is not run again. So after Ctrl-C the same call goes on.

    Args:
        conditions: with different names.
        run: number abundances by atomic number of one, such as a `run.Simulator`.
        out: the table; an earlier one is replaced once all conditions are done.
        jobs: runs side by side; as many as there are cores where 0.
        report: is told how many of how many are done.

    Returns:
        Conditions that could not be run, and why; those that have a name for the second time.

    Raises:
        ValueError: the unfinished table is of another kind.
        OSError: the table cannot be written.
    """
    part = part_of(out)
    known = _names(part)
    todo, problems, seen = [], [], set()
    for one in conditions:
        if one.name in seen:
            problems.append(Problem(Kind.DUPLICATE, one.name, "name is taken; left out"))
        elif one.name not in known:
            todo.append(one)
        seen.add(one.name)
    done = len(seen) - len(todo)
    report(done, len(seen))
    with part.open("a", encoding="utf-8") as file:
        if part.stat().st_size == 0:
            file.write(HEADER + "\n")
        for one, found in _answers(todo, run, jobs or os.cpu_count() or 1):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                file.write(line_of((one.name, one.process, SOURCE, SOURCE), found) + "\n")
                file.flush()
            done += 1
            report(done, len(seen))
    _sort(part, [one.name for one in conditions])
    os.replace(part, out)
    return problems


def _answers(
    todo: Sequence[Condition], run: Run, jobs: int
) -> Iterator[tuple[Condition, Float[ndarray, " z"] | Problem]]:
    """What each condition gives, as it comes; no more are begun than run side by side."""
    waiting = iter(todo)
    running: dict[Future, Condition] = {}
    pool = ThreadPoolExecutor(jobs)
    try:
        for one in waiting:
            running[pool.submit(run, one)] = one
            if len(running) < jobs:
                continue
            yield from _finished(running)
        while running:
            yield from _finished(running)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _finished(
    running: dict[Future, Condition],
) -> Iterator[tuple[Condition, Float[ndarray, " z"] | Problem]]:
    for future in wait(running, return_when=FIRST_COMPLETED).done:
        one = running.pop(future)
        try:
            yield one, future.result()
        except (ValueError, ArithmeticError, FileNotFoundError) as error:
            yield one, Problem(Kind.UNUSABLE, one.name, str(error))


def _names(part: Path) -> set[str]:
    """Of the simulations that an unfinished table has; its last line goes if it is cut off."""
    if not part.is_file() or not (text := part.read_text(encoding="utf-8")):
        return set()
    if not text.startswith(HEADER + "\n"):
        raise ValueError(f"{part} is no unfinished table of patterns; move it away")
    if not text.endswith("\n"):
        text = text[: text.rindex("\n") + 1]
        write_text(part, text)
    return {_name(line) for line in text.splitlines()[1:]}


def _name(line: str) -> str:
    return next(csv.reader([line]))[0]


def _sort(part: Path, names: Sequence[str]) -> None:
    """Put lines in the order of the conditions, whatever the number of jobs."""
    head, *lines = part.read_text(encoding="utf-8").splitlines()
    place = {name: i for i, name in enumerate(names)}
    lines.sort(key=lambda line: (place.get(_name(line), len(place)), _name(line)))
    write_text(part, "\n".join([head, *lines]) + "\n")
