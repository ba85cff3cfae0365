"""Collisions by the built-in code, many at once; those that are finished are kept."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from rich.progress import Progress

from surrogate import __version__
from surrogate.collisions.hdf5 import Column
from surrogate.learning.files import write_json
from surrogate.simulations.collect import write_rows
from surrogate.simulations.design import Design
from surrogate.simulations.reduction import remains
from surrogate.simulations.runs import Case, Plan
from surrogate.simulations.sph.approach import approach
from surrogate.simulations.sph.many import End, Start, collide_many, on_processor
from surrogate.simulations.sph.relax import Relaxation, new_star, relax_many
from surrogate.simulations.sph.state import Fluid, Method
from surrogate.simulations.sph.steering import aim_at
from surrogate.simulations.stars.main_sequence import main_sequence_star
from surrogate.simulations.stars.profile import Profile
from surrogate.simulations.stopping import StopRule

Row = dict[str, Any]
Star = tuple[float, float]
"""Mass [Msun] and age [Gyr]."""

MORE = {
    "undecided": (np.int8, "", "1 where the run reached its longest time before it was settled"),
    "reason": (np.str_, "", "what made the run this long"),
    "steps": (np.int64, "", "time steps"),
    "momentum_error": (np.float64, "", "change of momentum over sum m |v| at first"),
}
"""Type, unit and meaning of what these runs tell beside those of a campaign."""


PLAN = Plan(stop=StopRule(longest=150.0))
"""Wide pairs would go on for weeks: 150 outputs are 5 times what the paper adds at a time."""


class Settings(NamedTuple):
    """How collisions are simulated."""

    particles: int
    """Of a star."""
    batch: int
    """Collisions, or stars, at once."""
    method: Method
    relaxation: Relaxation
    plan: Plan

    def about(self) -> Row:
        """What rows depend on."""
        return {
            "code": "surrogate.simulations.sph",
            "surrogate": __version__,
            "particles": self.particles,
            "precision": "float32 pairs, float64 sums" if self.method.single else "float64",
            "method": asdict(self.method),
            "relaxation": self.relaxation._asdict(),
            "plan": asdict(self.plan),
        }


def settings(particles: int, plan: Plan = PLAN) -> Settings:
    """Those of a graphics card, which many collisions keep busy, or of a processor."""
    batch = 1 if jax.default_backend() == "cpu" else 64
    return Settings(particles, batch, Method(single=True, courant=0.3), Relaxation(), plan)


def simulate(cases: Design, how: Settings, folder: Path, jobs: int = -1) -> dict[str, Row]:
    """Simulate collisions, but for those that are finished already.

    Args:
        cases: the collisions.
        how: the settings.
        folder: where finished ones are kept, one file each.
        jobs: processes that analyse snapshots beside a graphics card; -1 is one a core.

    Returns:
        What became of each collision that did not fail, by its name.
    """
    paths = [folder / f"{name}.json" for name in cases.names()]
    left = [k for k, path in enumerate(paths) if _kept(path, how) is None]
    # Slow encounters take longest: begun last they would go on in a batch that is almost empty.
    left.sort(key=lambda k: cases.vinf[k])
    if left:
        with _processes(jobs) as pool, Progress(transient=True) as progress:
            stars = _relaxed(cases.take(left), how, pool, progress)
            starts = [_start(case, stars, how) for case in _cases(cases.take(left))]
            bar = progress.add_task("collisions", total=len(left))

            def keep(end: End) -> None:
                k = left[end.number]
                write_json(paths[k], {"about": how.about(), **_row(end, cases, k, how)})
                progress.advance(bar)

            collide_many(starts, how.method, how.plan.stop, how.batch, pool, done=keep)
    rows = ((path.stem, _kept(path, how) or {}) for path in paths)
    return {name: row for name, row in rows if not row["failure"]}


def write(path: Path, rows: dict[str, Row], about: Sequence[Row]) -> None:
    """Write simulated collisions in the grid's schema; docs/grid-schema.md.

    Args:
        path: the file.
        rows: from `simulate`.
        about: how each was made.
    """
    more = {
        name: Column(np.array([row[name] for row in rows.values()], kind), units, meaning)
        for name, (kind, units, meaning) in MORE.items()
    }
    write_rows(path, list(rows.values()), list(rows), about, more)


def _kept(path: Path, how: Settings) -> Row | None:
    """A collision that was simulated with the same settings."""
    if not path.exists():
        return None
    row = json.loads(path.read_text())
    return row if row.pop("about") == how.about() else None


def _cases(cases: Design) -> list[Case]:
    return [Case(**{k: v[i].item() for k, v in cases.columns().items()}) for i in range(len(cases))]


def _relaxed(
    cases: Design, how: Settings, pool: Executor | None, progress: Progress
) -> dict[Star, Fluid]:
    """The relaxed star of each mass and age."""
    wanted = sorted({(m, case.age) for case in _cases(cases) for m in (case.m1, case.m2)})
    bar = progress.add_task("stars", total=len(wanted))
    profiles = dict(zip(wanted, (pool.map if pool else map)(_profile, wanted), strict=True))
    new = {star: new_star(profiles[star], how.particles, how.method) for star in wanted}

    def steps(star: Star) -> float:
        end = aim_at(profiles[star], how.particles, how.relaxation.time).end
        return float(end / np.min(new[star].h / np.sqrt(new[star].u)))

    # Stars that take about as many steps go on together; all groups are of one size.
    wanted.sort(key=steps)
    size = min(how.batch, len(wanted))
    found: dict[Star, Fluid] = {}
    for k in range(0, len(wanted), size):
        group = wanted[k : k + size]
        full = group + group[-1:] * (size - len(group))
        together = ([new[star] for star in full], [profiles[star] for star in full])
        found |= zip(full, relax_many(*together, how.method, how.relaxation), strict=True)
        progress.advance(bar, len(group))
    return found


def _profile(star: Star) -> Profile:
    return main_sequence_star(*star, 500)


def _start(case: Case, stars: dict[Star, Fluid], how: Settings) -> Start:
    orbit = how.plan.orbit(case)
    one, two = stars[case.m1, case.age], stars[case.m2, case.age]
    first = how.plan.first(case, orbit)
    return Start(approach(one, two, orbit), len(one.m), orbit.dt_out, first)


def _row(end: End, cases: Design, k: int, how: Settings) -> Row:
    if end.history is None or end.stop is None or end.failure:
        return {"failure": end.failure or "there was no snapshot"}
    (case,) = _cases(cases.take([k]))
    return {
        **remains(case, end.history),
        "metallicity": how.plan.metallicity,
        "t": float(end.history.t[-1]),
        "snapshots": len(end.history),
        "energy_error": abs(end.energy_error),
        "momentum_error": end.momentum_error,
        "steps": end.steps,
        "undecided": int(end.stop.undecided),
        "reason": end.stop.reason,
        "failure": "",
    }


@contextmanager
def _processes(jobs: int) -> Iterator[Executor | None]:
    """Processes beside a graphics card; without one the simulation needs all cores itself."""
    if jax.default_backend() == "cpu":
        yield None
        return
    count = jobs if jobs > 0 else max((os.cpu_count() or 2) - 2, 1)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=spawn, initializer=on_processor) as pool:
        yield pool
