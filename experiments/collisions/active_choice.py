"""Active choice: how few simulations a classifier of fates needs when it chooses them itself.

Needs: the SPH grid.

The training rows of the grid are the pool, and the oracle: a row's fate is known once it is chosen.
Every round trains a committee of small networks anew on the rows known so far, asks for its
balanced accuracy on the validation rows, and adds a quarter more rows. "active" chooses as
`surrogate.simulations.propose` does: by doubt and disagreement, unlike each other. "doubt alone"
takes no heed of likeness, "spread" of nothing else. Each seed starts all from the same 200 rows.
A level counts as reached where two rounds in a row are above it; between rounds the number of runs
is interpolated in its logarithm.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter
from rich.console import Console

from support.committee import Labelled, Recipe, ask, train
from support.progress import progress
from support.rows import load_rows
from surrogate.collisions.features import structure_features
from surrogate.collisions.grid import Grid
from surrogate.collisions.metrics import balanced_accuracy
from surrogate.collisions.rows import fit_scales, prepare_pairs
from surrogate.learning.files import write_json
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import COLUMN, save
from surrogate.simulations.propose import choose, score

Array = np.ndarray
Choice = Callable[[Array, Array, Array, int, jax.Array], Array]
"""From the members' probabilities and the features of all candidates, the features of the known
rows, how many to choose, and a key: indices of candidates."""

LEVELS = (0.90, 0.95, 0.97, 0.98)
"""Balanced accuracies to be reached."""
LEVEL = 0.97
"""The one that counts."""
QUICK_SEEDS = 2


def at_random(p: Array, x: Array, known: Array, batch: int, key: jax.Array) -> Array:
    """What most campaigns do without a model."""
    return np.asarray(jax.random.permutation(key, len(x)))[:batch]


def actively(p: Array, x: Array, known: Array, batch: int, key: jax.Array) -> Array:
    """As `propose` does."""
    return choose(score(p), x, batch, key, known)


def by_doubt(p: Array, x: Array, known: Array, batch: int, key: jax.Array) -> Array:
    """The greatest scores, however alike the candidates are."""
    return np.argsort(-np.asarray(score(p)), kind="stable")[:batch]


def by_distance(p: Array, x: Array, known: Array, batch: int, key: jax.Array) -> Array:
    """As unlike all others as can be, whatever the model says."""
    return choose(np.ones(len(x)), x, batch, key, known)


STRATEGIES: dict[str, Choice] = {
    "random": at_random,
    "active": actively,
    "doubt alone": by_doubt,
    "spread": by_distance,
}
LOOKS = {
    "random": ("0.35", "--"),
    "active": ("#004488", "-"),
    "doubt alone": ("#DDAA33", "-."),
    "spread": ("#BB5566", ":"),
}


@dataclass(frozen=True)
class Plan:
    """How a curve is measured.

    Attributes:
        recipe: of the committee.
        first: rows that are known at the start.
        growth: of the number of known rows from round to round.
        stop: balanced accuracy that ends a curve once two rounds in a row are above it.
    """

    recipe: Recipe = field(default_factory=Recipe)
    first: int = 200
    growth: float = 1.25
    stop: float = LEVELS[-1]

    def sizes(self, n: int) -> Iterator[int]:
        """Known rows of each round, up to all n."""
        size = min(self.first, n)
        while size < n:
            yield size
            size = min(n, round(self.growth * size))
        yield n


QUICK = Plan(Recipe(steps=300, members=3), growth=1.6)


def body(run: Run) -> None:
    pool, validation = load_pool(run)
    plan = QUICK if run.quick else Plan()
    curves = measure(run, pool, validation, plan)
    tell(run, curves)
    draw(run, curves)


def load_pool(run: Run) -> tuple[Labelled, Labelled]:
    """Training and judged rows with the features that the shipped ensemble reads."""
    rows = load_rows(run)
    pairs = prepare_pairs(rows.train.grid)
    scales = fit_scales(structure_features(pairs))

    def labelled(grid: Grid) -> Labelled:
        x = scales(structure_features(prepare_pairs(grid)))
        return Labelled(np.concatenate([x.even, x.odd], axis=1), grid.fate)

    return labelled(rows.train.grid), labelled(rows.judged.grid)


def measure(run: Run, pool: Labelled, validation: Labelled, plan: Plan) -> dict[str, list[Any]]:
    """The curve of every strategy and seed: those that were measured before are read."""
    seeds = range(min(run.seeds, QUICK_SEEDS) if run.quick else run.seeds)
    about = {**asdict(plan), "judged": run.rows, "data": digest(*pool, *validation)}
    curves: dict[str, list[Any]] = {name: [] for name in STRATEGIES}
    with progress(Console(stderr=True)) as bar:
        for name, choice in STRATEGIES.items():
            task = bar.add_task(name, total=len(seeds))
            for seed in seeds:
                path = run.fits / "active-choice" / f"{name.replace(' ', '-')}-{seed}.json"
                found = read(path, about)
                if found is None and not run.finished:
                    curve = learn(pool, validation, choice, seed, plan)
                    found = {"about": about, "curve": curve}
                    write_json(path, found)
                if found is not None:
                    curves[name].append(found["curve"])
                    runs = crossing(found["curve"], LEVEL)
                    print(f"{name}, seed {seed}: {count(runs)} runs", flush=True)
                bar.advance(task)
    if not all(curves.values()):
        raise ValueError(f"{run.fits} lacks a whole strategy; leave out --finished")
    return curves


def read(path: Path, about: dict[str, Any]) -> dict[str, Any] | None:
    """A curve that was measured with the same plan on the same rows, if there is one."""
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text())
    return found if found["about"] == about else None


def digest(*arrays: Array) -> int:
    """Tells one set of rows from another."""
    value = 0
    for array in arrays:
        value = zlib.crc32(np.ascontiguousarray(array).tobytes(), value)
    return value


def learn(
    pool: Labelled, validation: Labelled, choice: Choice, seed: int, plan: Plan
) -> list[tuple[int, float]]:
    """Balanced accuracy on the validation rows against the number of known rows.

    The first rows, and each round's keys, are the same for every way to choose.
    """
    n, key = len(pool.x), jax.random.key(seed)
    sizes = list(plan.sizes(n))
    order = np.asarray(jax.random.permutation(key, n))
    known, curve = order[: sizes[0]], []
    for k, size in enumerate(sizes):
        weights, ties = jax.random.split(jax.random.fold_in(key, k))
        committee = train(pool, known, weights, plan.recipe)
        said = ask(committee, jnp.asarray(validation.x)).mean(axis=0).argmax(axis=-1)
        found = balanced_accuracy(said, jnp.asarray(validation.fate), plan.recipe.classes)
        curve.append((size, float(found)))
        enough = len(curve) > 1 and min(curve[-2][1], curve[-1][1]) >= plan.stop
        if enough or size == n:
            break
        free = np.setdiff1d(order, known)
        p = np.asarray(ask(committee, jnp.asarray(pool.x)))[:, free]
        more = choice(p, pool.x[free], pool.x[known], sizes[k + 1] - size, ties)
        known = np.concatenate([known, free[more]])
    return curve


def crossing(curve: list[Any], level: float) -> float:
    """Runs at which a curve reaches a level to stay there for a round; infinite where never."""
    runs, found = np.asarray(curve, float).T
    above = found >= level
    stays = np.flatnonzero(above[:-1] & above[1:])
    if not stays.size:
        return float("inf")
    k = stays[0]
    if k == 0:
        return float(runs[0])
    share = (level - found[k - 1]) / (found[k] - found[k - 1])
    return float(np.exp((1 - share) * np.log(runs[k - 1]) + share * np.log(runs[k])))


def tell(run: Run, curves: dict[str, list[Any]]) -> None:
    """The table: median runs to each level, the spread at the one that counts, the saving."""
    columns = [f"{100 * level:g} %" for level in LEVELS]
    title = "Active choice: runs to a balanced accuracy, median over the seeds"
    spread = f"{100 * LEVEL:g} %: least to most"
    report = Report(run, title, ["choice", *columns, spread, "share of random", "seeds"])
    needed = {
        name: np.array([[crossing(curve, level) for level in LEVELS] for curve in each])
        for name, each in curves.items()
    }
    at = LEVELS.index(LEVEL)
    random = np.median(needed["random"][:, at])
    for name, runs in needed.items():
        medians = np.median(runs, axis=0)
        own = runs[:, at]
        between = f"{count(own.min())} to {count(own.max())}"
        share = medians[at] / random if np.isfinite(medians[at] + random) else None
        report.add(name, *map(float, medians), between, share, len(runs))
    report.note(f"share of random: of the median runs to {100 * LEVEL:g} %.")
    report.note('"-": not reached with all rows of the pool.')
    report.details = {"levels": LEVELS, "runs": needed, "curves": curves}
    report.write()


def count(runs: float) -> str:
    """A number of runs, if there is one."""
    return f"{runs:.0f}" if np.isfinite(runs) else "-"


def draw(run: Run, curves: dict[str, list[Any]]) -> None:
    """Curves of all seeds, and their median as far as every seed goes."""
    figure, axes = plt.subplots(figsize=(1.3 * COLUMN, COLUMN))
    for name, each in curves.items():
        colour, line = LOOKS[name]
        for curve in each:
            axes.plot(*np.transpose(curve), color=colour, linewidth=0.4, alpha=0.35)
        rounds = min(len(curve) for curve in each)
        middle = np.median([curve[:rounds] for curve in each], axis=0)
        axes.plot(*middle.T, color=colour, linestyle=line, linewidth=1.8, label=name)
    axes.axhline(LEVEL, color="0.6", linewidth=0.6, zorder=0)
    axes.set(xscale="log", xlabel="simulations", ylabel="balanced accuracy", ylim=(0.8, 1.0))
    # 200, 500, 1000, ...
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.legend(loc="lower right")
    save(figure, run)


if __name__ == "__main__":
    start(body, __file__)
