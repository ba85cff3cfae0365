"""Collisions in an N-body run: what is conserved, what they change, and what they cost.

Needs: nothing but the package.

Stars of a Salpeter mass function in spheres so dense that they collide: fast ones around a massive
black hole, others bound by themselves alone. Each sphere is run with the surrogate and with sticky
spheres, from the same stars. Momentum and mass are summed in double precision from both words of
every coordinate. The two rules are timed on the same sphere in turns, for the same number of steps.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import jax
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from rich.progress import track

from surrogate import load
from surrogate.collisions.encounter import Fate
from surrogate.collisions.rules import Baseline, Surrogate
from surrogate.nbody.compensated import TwoWords
from surrogate.nbody.plummer import plummer
from surrogate.nbody.run import History, run
from surrogate.nbody.state import State, begin
from surrogate.nbody.system import DAY, System
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import FATES, PAGE, save

Array = np.ndarray

AGE = 0.01
"""Of all stars [Gyr]."""
ACCURACY = 0.05
CHUNK = 500
"""Steps between two looks."""
COLUMNS = (
    "sphere",
    "rule",
    "collisions",
    *(FATES[fate].label for fate in Fate),
    "|Δp| / Σ|p|",
    "|ΔM| / M",
    "|ΔE| / K",
    "lost / K",
    "ejecta / K",
)


# Lines of the fates are darker than their areas in other pictures.
LINES = {
    Fate.NONE: ("-", FATES[Fate.NONE].colour),
    Fate.MERGER: ("--", "#4393B8"),
    Fate.TWO: ("-.", "#8C7A2E"),
    Fate.STRIPPED: (":", FATES[Fate.STRIPPED].colour),
}
PARTS = {
    "bodies": ("-", "#004488"),
    "lost": ("--", "#BB5566"),
    "ejecta": ("-.", "#DDAA33"),
    "sum": (":", "black"),
}


class Sphere(NamedTuple):
    """Stars to run."""

    label: str
    stars: int
    size: float
    """Plummer radius [Rsun]."""
    black_hole: float | None
    """Mass [Msun]."""
    days: float
    """Time after which a run ends."""
    steps: int
    """Number of steps after which it ends in any case."""


class Ran(NamedTuple):
    """A run of a sphere with a rule."""

    sphere: Sphere
    rule: str
    first: System
    last: State
    history: History


def body(run: Run) -> None:
    rules = {"surrogate": Surrogate(load("fast")), "sticky": Baseline()}
    runs = [simulate(sphere, name, rules[name]) for sphere in spheres(run) for name in rules]
    report = Report(run, "Collisions in N-body runs", COLUMNS)
    for ran in runs:
        report.add(*judge(ran))
    report.note("Δ: of bodies, unbound mass and ledger together; the largest of ΔE.")
    report.note("K: kinetic energy at first. lost: orbital energy, and potential of unbound mass.")
    each = timed(spheres(run)[0], rules, 5 if run.quick else 15, 200 if run.quick else 1000)
    ratios = np.divide(*each.values())
    ratio = float(np.median(ratios))
    report.note(f"A step with the surrogate takes {ratio:.3f} of the time with sticky spheres")
    report.note(f"(median of {len(ratios)} pairs of runs in turns).")
    report.details |= {
        "collisions": sum(int(ran.last.events.number) for ran in runs),
        "time ratio": ratio,
        "time ratio quartiles": [float(q) for q in np.quantile(ratios, (0.25, 0.75))],
        "milliseconds a step": {name: 1e3 * float(np.median(t)) for name, t in each.items()},
    }
    draw(runs, run)
    report.write()


def spheres(run: Run) -> list[Sphere]:
    """Those of a quick or a full run; the first is the one that is timed."""
    if run.quick:
        return [
            Sphere("stars", 128, 15.0, None, 0.9, 2000),
            Sphere("black hole", 127, 20.0, 1e3, 0.08, 2000),
        ]
    return [
        Sphere("stars", 256, 25.0, None, 2.5, 12_000),
        Sphere("dense stars", 512, 25.0, None, 1.0, 12_000),
        Sphere("black hole", 255, 25.0, 1e3, 0.8, 24_000),
        Sphere("heavy one", 255, 30.0, 1e4, 0.4, 24_000),
    ]


def make(sphere: Sphere, seed: int = 0) -> System:
    """Its stars, and their black hole."""
    masses, places = jax.random.split(jax.random.key(seed))
    # Salpeter: M^-2.35 from 0.3 to 10 Msun, by its inverse
    low, high = 0.3**-1.35, 10.0**-1.35
    m = (low + (high - low) * jax.random.uniform(masses, (sphere.stars,))) ** (-1 / 1.35)
    return plummer(places, m, sphere.size, age=AGE, black_hole=sphere.black_hole)


def simulate(sphere: Sphere, name: str, rule: Any) -> Ran:
    """Run a sphere."""
    first = make(sphere)
    state, histories = begin(first, log=4096), []
    label = f"{sphere.label}, {name}"
    end = sphere.days * DAY
    for _ in track(range(sphere.steps // CHUNK), label, transient=True):
        state, history = jax.block_until_ready(
            run(state, rule, 1.0, CHUNK, until=end, every=CHUNK // 10, accuracy=ACCURACY)
        )
        histories.append(history)
        if float(state.time.value) >= end * (1.0 - 1e-6):
            break
    # Each chunk begins where the last one ended.
    parts = [jax.tree.map(lambda x: x[1:], h) for h in histories[1:]]
    whole = jax.tree.map(lambda *x: np.concatenate(x), histories[0], *parts)
    return Ran(sphere, name, first, state, whole)


def exact(words: TwoWords) -> Array:
    """Both words in double precision."""
    return np.float64(words.high) + np.float64(words.low)


def judge(ran: Ran) -> list[Any]:
    """The cells of a run."""
    m, v = np.float64(ran.first.m), np.float64(ran.first.v)
    p = m[:, None] * v
    last, ledger = ran.last, ran.last.ledger
    after = np.sum(np.float64(last.m)[:, None] * exact(last.v), axis=0)
    momentum = after + exact(ledger.momentum_unbound) - p.sum(axis=0)
    mass = np.float64(last.m).sum() + exact(ledger.mass_unbound) - m.sum()
    kinetic = float(ran.history.totals.kinetic[0])
    return [
        ran.sphere.label,
        ran.rule,
        int(last.events.number),
        *(int(ledger.fates[fate]) for fate in Fate),
        float(np.linalg.norm(momentum) / np.linalg.norm(p, axis=1).sum()),
        float(abs(mass) / m.sum()),
        float(np.abs(ran.history.energy_error).max()) / kinetic,
        float(ledger.energy_lost.value) / kinetic,
        float(ledger.energy_unbound.value) / kinetic,
    ]


def timed(sphere: Sphere, rules: dict[str, Any], rounds: int, steps: int) -> dict[str, Array]:
    """Seconds a step of each rule, in turns."""
    first = begin(make(sphere), log=4096)
    found: dict[str, list[float]] = {name: [] for name in rules}
    for k in range(rounds + 1):
        for name, rule in rules.items():
            begun = time.perf_counter()
            jax.block_until_ready(run(first, rule, 1.0, steps, accuracy=ACCURACY))
            if k:  # the first compiles
                found[name].append((time.perf_counter() - begun) / steps)
    return {name: np.array(seconds) for name, seconds in found.items()}


def draw(runs: list[Ran], run: Run) -> None:
    """Fates in time, and where the energy goes, of each sphere by either rule."""
    labels = list(dict.fromkeys(ran.sphere.label for ran in runs))
    figure, axes = plt.subplots(
        len(labels), 4, figsize=(PAGE, 1.9 * len(labels)), squeeze=False, sharex="row"
    )
    for ran in runs:
        row, column = labels.index(ran.sphere.label), 2 * (ran.rule == "sticky")
        draw_fates(axes[row, column], ran)
        draw_energy(axes[row, column + 1], ran)
        axes[row, column].set_title(f"{ran.sphere.label}\n{ran.rule}", fontsize=7)
    for ax in axes[-1]:
        ax.set_xlabel("time [days]")
    figure.legend(handles=handles(), loc="outside upper center", ncols=8, fontsize=6)
    save(figure, run)


def handles() -> list[Line2D]:
    """What the lines mean."""
    looks = {FATES[fate].label: look for fate, look in LINES.items()} | PARTS
    return [Line2D([], [], ls=line, color=c, label=label) for label, (line, c) in looks.items()]


def draw_fates(axes: Axes, ran: Ran) -> None:
    for fate, (line, colour) in LINES.items():
        if ran.history.ledger.fates[-1, fate]:
            axes.plot(ran.history.time / DAY, ran.history.ledger.fates[:, fate], line, color=colour)
    axes.set_ylabel("collisions")


def draw_energy(axes: Axes, ran: Ran) -> None:
    history = ran.history
    bodies = history.totals.kinetic + history.totals.potential
    lost, ejecta = history.ledger.energy_lost.value, history.ledger.energy_unbound.value
    parts = (bodies - bodies[0], lost, ejecta, history.energy_error)
    for energy, (line, colour) in zip(parts, PARTS.values(), strict=True):
        axes.plot(history.time / DAY, energy / history.totals.kinetic[0], line, color=colour)
    axes.set_ylabel(r"$\Delta E\,/\,K_0$")


if __name__ == "__main__":
    start(body, __file__)
