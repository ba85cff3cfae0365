"""What `surrogate simulate` does: stars, the collision, and the table at the end."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from surrogate.cli.single import FATES
from surrogate.collisions.encounter import Fate, Outcome
from surrogate.learning.files import write_json
from surrogate.simulations import runs
from surrogate.simulations.history import History, follow
from surrogate.simulations.sources import profile_of
from surrogate.simulations.sph.engine import BuiltIn
from surrogate.simulations.sph.state import Method
from surrogate.simulations.star_folders import PROFILE, place_star
from surrogate.simulations.starsmasher.inputs import START1
from surrogate.simulations.starsmasher.snapshots import (
    Snapshot,
    energies,
    find_snapshots,
    read_snapshot,
)
from surrogate.simulations.state import State, read_state
from surrogate.simulations.stopping import StopRule


class Wanted(NamedTuple):
    """The conditions of the collision."""

    age: float
    m1: float
    m2: float
    rp: float
    vinf: float


def run(
    wanted: Wanted,
    out: Path,
    stars: Path,
    particles: int,
    longest: float,
    double: bool,
    model: str,
) -> tuple[State, Outcome]:
    """Predict, make the stars, and let them collide.

    Args:
        wanted: the collision.
        out: folder of the run.
        stars: folder of relaxed stars.
        particles: of a star.
        longest: see `StopRule`.
        double: whether pairs are computed in double precision.
        model: which model predicts.

    Returns:
        The state of the finished run, and the prediction.

    Raises:
        ValueError: a value is out of its range, or the folder holds another run.
        RunError: the simulation failed.
    """
    from surrogate.collisions import predictor

    predicted = predictor.load(model)(*wanted)  # refuses what has no meaning
    engine = BuiltIn(particles=particles, method=Method(single=not double))
    plan = runs.Plan(stop=StopRule(longest=longest))
    found = [
        place_star(stars, profile_of(mass, wanted.age), engine.about()["star"])
        for mass in (wanted.m1, wanted.m2)
    ]
    case = runs.Case(*wanted, found[0].radius, found[1].radius)
    _refuse_another(out, {**case._asdict(), "particles": particles, "double": double})
    with _bar() as show:
        for name, star in zip(("star 1", "star 2"), found, strict=True):
            folder = stars / star.key
            tell = show(f"{name} relaxes", folder)
            runs.relax(engine, folder, folder / PROFILE, plan, tell)
        relaxed = (stars / found[0].key / runs.STAR, stars / found[1].key / runs.STAR)
        state = runs.collide(engine, out, case, relaxed, plan, show("collision", out))
    return state, predicted


def show(wanted: Wanted, state: State, predicted: Outcome) -> None:
    """Print what was found beside what was predicted."""
    found = state.result
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("", "simulated", "predicted"):
        table.add_column(name, justify="left" if not name else "right")
    table.add_row("fate", *(FATES[Fate(int(f))] for f in (found["fate"], predicted.fate)))
    left = wanted.m1 + wanted.m2 - found["m1_final"] - found["m2_final"]
    rows = {
        "star 1 [Msun]": (found["m1_final"], predicted.m1_final),
        "star 2 [Msun]": (found["m2_final"], predicted.m2_final),
        "unbound [Msun]": (max(left, 0.0), predicted.m_unbound),
    }
    for name, values in rows.items():
        table.add_row(name, *(f"{float(v):.4f}" for v in values))
    table.add_row("energy error", f"{found['energy_error']:.1e}", "")
    table.add_row("snapshots", str(found["snapshots"]), "")
    Console().print(table)


def _refuse_another(out: Path, asked: dict[str, Any]) -> None:
    """Refuse a folder in which another collision was begun."""
    path = out / "case.json"
    if not path.exists():
        out.mkdir(parents=True, exist_ok=True)
        write_json(path, asked)
    elif (before := json.loads(path.read_text())) != asked:
        other = ", ".join(f"{k} = {v}" for k, v in before.items() if v != asked.get(k))
        raise ValueError(f"{out} holds another collision ({other}); give another folder with -o")


@contextmanager
def _bar() -> Iterator[Callable[[str, Path], Callable[[float], None]]]:
    """Show how far a run is; on a terminal a line that changes, else one for each snapshot."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:

        def begin(what: str, folder: Path) -> Callable[[float], None]:
            task = progress.add_task(what, total=None, note="")
            watch = _Watch(folder)

            def tell(t: float) -> None:
                note = watch.look(t)
                progress.update(task, completed=t, total=watch.tf or None, note=watch.note)
                if note and not console.is_terminal:
                    console.print(f"{what}: {note}", soft_wrap=True)

            return tell

        yield begin


class _Watch:
    """Energy error and bound masses of a run, from its snapshots as they come."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seen, self.note, self.tf = folder, 0, "", 0.0
        self.first = math.nan
        self.history: History | None = None

    def look(self, t: float) -> str:
        """The news since the last look; empty where there is no new snapshot."""
        paths = find_snapshots(self.folder)
        new = [read_snapshot(path) for path in paths[self.seen :]]
        if not new:
            return ""
        if not self.seen:
            self.first = energies(new[0]).Etot
        self.seen, self.tf = len(paths), read_state(self.folder).tf
        error = energies(new[-1]).Etot / self.first - 1
        self.note = f"t {t:.1f} of {self.tf:.1f}  energy {error:+.1e}{self._masses(new)}"
        return self.note

    def _masses(self, new: list[Snapshot]) -> str:
        """Bound masses, of a collision."""
        if not (self.folder / START1).exists():
            return ""
        n1 = read_snapshot(self.folder / START1).header.ntot
        self.history = follow(((s.time, s.particles()) for s in new), n1, self.history)
        one, two = self.history.mass[-1]
        return f"  bound {one:.3f} {two:.3f} Msun"
