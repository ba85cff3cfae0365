"""A nuclear star cluster with the surrogate, and with the rules that codes use today.

Needs: nothing but the package.

The Milky Way's cusp, in which stars are born at a constant rate for 10 Gyr while they collide. The
rules: the fast surrogate; sticky spheres; COMPAS, which merges with a fitted mass loss; merging
without mass loss only below the escape speed at contact; and collisions that change nothing. All
start from the same stars and the same random keys. Several clusters are drawn, to tell what is
chance.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import jax
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from rich.progress import Progress

import surrogate
from surrogate import Fate
from surrogate.cluster import (
    Cusp,
    Records,
    Stars,
    Status,
    draw_population,
    evolve,
    kroupa,
    status,
    totals,
)  # fmt: skip
from surrogate.collisions.rules import Baseline, Rule, Surrogate, Unharmed
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import FATES, PAGE, save

SPAN = 10.0
"""Length of the run [Gyr]."""
CUSP = Cusp(r_min=2e-3, r_max=0.3)
EDGES = np.geomspace(2e-3, 0.3, 9)
INNER = 0.1
"""Within it mass functions are drawn [pc]."""
MASSES = 10.0 ** np.arange(-1.75, 1.26, 0.125)
NAMES = {
    "surrogate": ("#D55E00", "-", "o"),
    "sticky spheres": ("#000000", "--", "s"),
    "COMPAS": ("#555555", (0, (4, 1, 1, 1, 1, 1)), "D"),
    "below escape speed": ("#56B4E9", "-.", "^"),
    "unharmed": ("#999999", ":", "v"),
}
COLUMNS = ("real stars after 10 Gyr", *NAMES, "error of the surrogate's")


class Result(NamedTuple):
    """A run with a rule, on the host."""

    stars: Stars
    sums: Records
    ended: float
    """Time reached [Gyr]."""


def body(run: Run) -> None:
    n, steps, clusters = (20_000, 1000, 2) if run.quick else (100_000, 4000, 4)
    every, found = rules(), []
    for k in range(clusters):
        before = draw_population(jax.random.key(2 * k), n, CUSP, kroupa(), unborn)
        key = jax.random.key(2 * k + 1)
        found.append(
            {
                name: follow(f"{name} ({k + 1} of {clusters})", rule, before, key, steps)
                for name, rule in every.items()
            }
        )
    write(before, found, run)
    save(mass_functions(before, found[-1]), run, f"{run.name}_masses")
    save(by_distance(found[-1]), run, f"{run.name}_distance")


def follow(label: str, rule: Rule, before: Stars, key: jax.Array, steps: int) -> Result:
    """A cluster with a rule, to the end."""
    with progress_bar(label, steps) as progress:
        out = evolve(
            key, before, CUSP, rule, SPAN / steps, steps,
            edges=EDGES, chunk=max(1, steps // 50), progress=progress,
        )  # fmt: skip
    return Result(jax.tree.map(np.asarray, out.stars), totals(out.records), float(out.time[-1]))


def rules() -> dict[str, Rule]:
    every = (
        Surrogate(surrogate.load("fast")),
        Baseline(),
        Baseline("wang2022"),
        Baseline(below_escape_speed=True),
        Unharmed(),
    )
    return dict(zip(NAMES, every, strict=True))


def unborn(key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """Ages of stars that are born at a constant rate during the run [Gyr]."""
    return -SPAN * jax.random.uniform(key, shape)


@contextmanager
def progress_bar(name: str, steps: int) -> Iterator[Callable[[int], bool]]:
    """Show how far a run is; Ctrl-C ends it with what it has."""
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    before = signal.signal(signal.SIGINT, stop)
    try:
        with Progress(transient=True) as bar:
            task = bar.add_task(name, total=steps)

            def tell(done: int) -> bool:
                bar.update(task, completed=done)
                return not stopped

            yield tell
    finally:
        signal.signal(signal.SIGINT, before)


def write(before: Stars, found: list[dict[str, Result]], run: Run) -> None:
    """Numbers of real stars, tracked ones times their weight: the mean over all clusters."""
    report = Report(run, "A nuclear star cluster after 10 Gyr", COLUMNS)
    w = float(before.weight)
    each = [[measures(result, w) for result in results.values()] for results in found]
    for name in each[0][0]:
        values = np.array([[column[name] for column in columns] for columns in each])
        error = values[:, 0].std(ddof=1) / np.sqrt(len(found))
        report.add(name, *values.mean(axis=0).tolist(), float(error))
    for name, result in found[-1].items():
        report.details[name] = details(before, result)
    report.details |= {"edges [pc]": EDGES.tolist(), "weight": w, "tracked": len(before.m)}
    report.note(
        f"A tracked star stands for {w:.1f} real ones. MS: on the main sequence. Mean of "
        f"{len(found)} clusters; the last column is the standard error of the surrogate's."
    )
    report.write()


def details(before: Stars, result: Result) -> dict[str, object]:
    """What is checked of a run, and what it did by distance."""
    stars, sums, ended = result
    w, born = float(before.weight), float(np.asarray(before.m, float).sum())
    return {
        "tracked encounters": int(sums.encounters.sum()),
        "mass not accounted for": mass_error(stars, sums, born),
        "largest probability": float(sums.largest_probability),
        "pairs too likely": int(sums.too_likely),
        "outside the simulated masses": int(sums.outside.sum()),
        "without an answer": int(sums.invalid.sum()),
        "ended [Gyr]": ended,
        "unbound by shell [Msun]": (w * sums.unbound).tolist(),
        "fates by shell": (w * sums.fates).tolist(),
    }


def measures(result: Result, weight: float) -> dict[str, float]:
    """The cells of a rule."""
    stars, sums, _ = result
    alive = np.asarray(status(stars)) == Status.MAIN_SEQUENCE
    near, inner = alive & (stars.r < 0.01), alive & (stars.r < INNER)
    fates = sums.fates.sum(axis=0)
    found = {
        "collisions": sums.collisions.sum(),
        "that destroy both": fates[Fate.NONE],
        "that merge": fates[Fate.MERGER],
        "that strip": fates[Fate.STRIPPED],
        "that both survive": fates[Fate.TWO],
        "ejecta [Msun]": sums.unbound.sum(),
        "merger products [Msun]": sums.products.sum(),
        "MS stars < 0.01 pc": near.sum(),
        "MS stars < 0.1 pc": inner.sum(),
        "MS mass < 0.01 pc [Msun]": stars.m[near].sum(),
        "MS mass < 0.1 pc [Msun]": stars.m[inner].sum(),
        "MS < 0.1 Msun, < 0.1 pc": (stars.m[inner] < 0.1).sum(),
        "MS > 1.5 Msun, < 0.1 pc": (stars.m[inner] > 1.5).sum(),
    }
    return {name: weight * float(value) for name, value in found.items()}


def mass_error(stars: Stars, sums: Records, born: float) -> float:
    """Relative difference of the mass of stars and ejecta to that at birth."""
    return float((np.asarray(stars.m, float).sum() + sums.unbound.sum()) / born - 1.0)


def mass_functions(before: Stars, results: dict[str, Result]) -> Figure:
    """Main-sequence stars in bins of log mass, near the black hole and beyond."""
    figure, panels = plt.subplots(1, 2, figsize=(PAGE, 0.42 * PAGE))
    titles = ("$r$ < 0.02 pc", "0.02 to 0.1 pc")
    for axes, low, high, title in zip(panels, (0.0, 0.02), (0.02, INNER), titles, strict=True):
        for name, (stars, _, _) in results.items():
            here = (np.asarray(status(stars)) == Status.MAIN_SEQUENCE) & (stars.r >= low)
            here &= stars.r < high
            count = float(before.weight) * np.histogram(stars.m[here], MASSES)[0]
            colour, line, _ = NAMES[name]
            axes.stairs(count, MASSES, label=name, color=colour, linestyle=line, lw=1.2)
        axes.set(xscale="log", yscale="log", title=title, xlabel="mass [M$_\\odot$]")
        axes.set_ylim(bottom=0.7 * float(before.weight))
    panels[0].set_ylabel(f"main-sequence stars per {np.log10(MASSES[1] / MASSES[0]):.2f} dex")
    panels[1].legend(loc="upper right")
    return figure


def by_distance(results: dict[str, Result]) -> Figure:
    """What the encounters do, and how much they eject, by distance."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(PAGE, 0.36 * PAGE))
    r = np.sqrt(EDGES[1:] * EDGES[:-1])
    fates = results["surrogate"].sums.fates
    share = fates / np.maximum(fates.sum(axis=1, keepdims=True), 1)
    below = np.zeros(len(r))
    for fate, look in FATES.items():
        left.stairs(
            below + share[:, fate], EDGES, baseline=below, fill=True, color=look.colour,
            ec="0.2", lw=0.4, label=look.label,
        )  # fmt: skip
        below += share[:, fate]
    left.set(ylabel="share of collisions (surrogate)", ylim=(0, 1))
    left.legend(loc="upper left", framealpha=0.9)
    reference = results["unharmed"].stars
    for name, (stars, sums, _) in results.items():
        colour, line, marker = NAMES[name]
        style = {"color": colour, "linestyle": line, "marker": marker, "ms": 3, "label": name}
        alive = np.asarray(status(stars)) == Status.MAIN_SEQUENCE
        unharmed = np.asarray(status(reference)) == Status.MAIN_SEQUENCE
        left_over = np.histogram(stars.r[alive], EDGES)[0]
        there = np.histogram(reference.r[unharmed], EDGES)[0]
        middle.plot(r, left_over / np.maximum(there, 1), **style)
        if sums.unbound.any():
            right.plot(r, float(stars.weight) * sums.unbound / SPAN / 1e3, **style)
    middle.set(ylabel="MS stars / without collisions", ylim=(0, None))
    middle.legend()
    right.set(yscale="log", ylabel="ejecta [M$_\\odot$ Myr$^{-1}$]")
    for axes in (left, middle, right):
        axes.set(xscale="log", xlabel="distance $r$ [pc]")
    return figure


if __name__ == "__main__":
    start(body, __file__)
