"""Off-grid scores: every model on collisions between the nodes, beside sticky spheres.

Needs: nothing but the package: it ships the collisions.

The models learnt from simulations of 10,000 particles a star at ten masses, nine velocities and the
ages of the public grid; these are of other masses, ages and velocities, by another code and of
1,000 particles a star, 300 beyond the grid's 64 Msun (docs/off-grid.md). Settled: the simulation
had come to its end. Sticky spheres merge on contact; those with * only below the escape speed at
contact. A quick run asks the fast model alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from surrogate import load
from surrogate.collisions.baselines import Remnants, collide
from surrogate.collisions.encounter import Fate, Outcome
from surrogate.collisions.evaluate import ask_pipeline, compare, confusion
from surrogate.collisions.grid import Grid
from surrogate.collisions.models import DEFAULT_MODEL, MODELS
from surrogate.collisions.off_grid import OffGrid, load_off_grid
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import FATES, PAGE, save

Array = np.ndarray
Said = Remnants | Outcome

STICKY = ("sticky spheres", "sticky spheres *")
COLUMNS = ("model", "of", "n", "fate", "bal.", "|Δf1|", "mean", "|Δf2|", "mean")


def body(run: Run) -> None:
    truth = load_off_grid()
    report = Report(run, "Models on collisions between the nodes of the grid", COLUMNS)
    shown = "fast" if run.quick else DEFAULT_MODEL
    said = dict(answers(truth.grid, [shown] if run.quick else MODELS))
    for name, answer in said.items():
        for label, chosen in groups(answer, truth):
            report.add(name, label, *judge(answer, truth.grid, chosen))
        report.details[name] = {"wrong": wrong(answer, truth)}
    report.details["confusion of " + shown] = confusion(said[shown].fate, truth.grid.fate)
    report.note("fate, bal.: accuracy and balanced accuracy of the fates [%]; some are rare.")
    report.note("|Δf|: median and mean error of a final mass over m1 + m2. n: collisions.")
    if all(np.all(found.in_domain) for found in said.values() if isinstance(found, Outcome)):
        report.note("Every model counts all of these collisions as within its domain.")
    report.write()
    draw(said[shown], truth, run)


def answers(grid: Grid, models: Iterable[str]) -> Iterator[tuple[str, Said]]:
    """What each model and the sticky spheres say."""
    for name in models:
        yield name, ask_pipeline(load(name), grid)
    columns = (grid.age, grid.m1, grid.m2, grid.rp, grid.vinf, grid.r1, grid.r2)
    for name in STICKY:
        yield name, collide("sticky", *columns, below_escape_speed=name.endswith("*"))


def groups(answer: Said, truth: OffGrid) -> Iterator[tuple[str, Array]]:
    """Which collisions are judged together."""
    everything = np.full(len(truth.grid), True)
    yield "all", everything
    yield "settled", truth.settled
    inside = np.asarray(answer.in_domain) if isinstance(answer, Outcome) else everything
    if not inside.all():
        yield "in domain", inside
        yield "out of domain", ~inside


def judge(answer: Said, grid: Grid, chosen: Array) -> list[float]:
    """The cells of a model."""
    rows = grid.take(chosen)
    found = compare(Remnants(*(np.asarray(part)[chosen] for part in _remnants(answer))), rows)
    one, two = (error[chosen] for error in errors(answer, grid))
    return [
        len(rows),
        100 * float(found.accuracy),
        100 * float(found.balanced_accuracy),
        *(float(f(error)) for error in (one, two) for f in (np.median, np.mean)),
    ]


def errors(answer: Said, grid: Grid) -> tuple[Array, Array]:
    """|Δm| / (m1 + m2) of star 1 and of star 2."""
    total = grid.m1 + grid.m2
    one = np.abs(np.asarray(answer.m1_final, np.float64) - grid.m1_final) / total
    return one, np.abs(np.asarray(answer.m2_final, np.float64) - grid.m2_final) / total


def wrong(answer: Said, truth: OffGrid) -> list[dict[str, object]]:
    """The collisions whose fate is another one."""
    grid, fate = truth.grid, np.asarray(answer.fate)
    rows = np.flatnonzero(fate != grid.fate)
    columns = grid.columns()
    return [
        {
            **{name: float(columns[name][k]) for name in ("age", "m1", "m2", "rp", "vinf")},
            "simulated": FATES[Fate(int(grid.fate[k]))].label,
            "predicted": FATES[Fate(int(fate[k]))].label,
            "masses": [float(grid.m1_final[k]), float(grid.m2_final[k])],
            "settled": bool(truth.settled[k]),
        }
        for k in rows
    ]


def _remnants(answer: Said) -> tuple[Array, ...]:
    return tuple(map(np.asarray, (answer.fate, answer.m1_final, answer.m2_final, answer.m_unbound)))


def draw(answer: Said, truth: OffGrid, run: Run) -> None:
    """Predicted against simulated masses."""
    total = truth.grid.m1 + truth.grid.m2
    figure, axes = plt.subplots(1, 2, figsize=(PAGE, 3.6), sharey=True)
    for star, ax in enumerate(axes, 1):
        simulated = getattr(truth.grid, f"m{star}_final") / total
        predicted = np.asarray(getattr(answer, f"m{star}_final")) / total
        _points(ax, simulated, predicted, answer, truth)
        ax.set_xlabel(f"simulated $M_{{{star},f}}\\,/\\,(M_1+M_2)$")
        ax.set_ylabel(f"predicted $M_{{{star},f}}\\,/\\,(M_1+M_2)$")
        ax.yaxis.set_tick_params(labelleft=True)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=6, title="simulated fate")
    save(figure, run)


def _points(ax: Axes, x: Array, y: Array, answer: Said, truth: OffGrid) -> None:
    ax.plot([0, 1], [0, 1], color="0.6", lw=0.8, zorder=0)
    for fate, look in FATES.items():
        of = truth.grid.fate == fate
        style = {"edgecolors": "black", "linewidths": 0.5, "s": 24}
        ax.scatter(x[of], y[of], c=look.colour, marker=look.marker, label=look.label, **style)
    other = np.asarray(answer.fate) != truth.grid.fate
    for chosen, line, label in (
        (other & truth.settled, "-", "another fate predicted"),
        (other & ~truth.settled, ":", "another, not settled"),
    ):
        rings = {"facecolors": "none", "edgecolors": "black", "linewidths": 1.0, "s": 110}
        ax.scatter(x[chosen], y[chosen], marker="o", linestyle=line, label=label, **rings)
    ax.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04), aspect="equal")


if __name__ == "__main__":
    start(body, __file__)
