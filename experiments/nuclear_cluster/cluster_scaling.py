"""Time of a cluster run against its number of stars.

Needs: nothing but the package.

Steps of the cluster with the fast surrogate, after compilation; the median of several runs.
"""

from __future__ import annotations

import time

import jax
import matplotlib.pyplot as plt
import numpy as np

import surrogate
from surrogate.cluster import Cusp, draw_population, evolve, kroupa
from surrogate.collisions.rules import Surrogate
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import COLUMN, save

COLUMNS = ("stars", "steps", "per step [ms]", "per star and step [ns]", "encounters a step")
DT = 0.002


def body(run: Run) -> None:
    numbers = [10_000, 30_000, 100_000] if run.quick else [10**4, 10**5, 10**6, 3 * 10**6]
    rule = Surrogate(surrogate.load("fast"))
    report = Report(run, "Time against the number of stars", COLUMNS)
    seconds = []
    for n in numbers:
        steps = max(20, (2_000_000 if run.quick else 20_000_000) // n)
        per_step, encounters = measure(rule, n, steps, 3 if run.quick else 5)
        seconds.append(per_step)
        report.add(n, steps, 1e3 * per_step, 1e9 * per_step / n, encounters / steps)
    slope = float(np.polyfit(np.log(numbers), np.log(seconds), 1)[0])
    device = jax.devices()[0].device_kind
    report.details |= {"exponent": slope, "device": device}
    report.note(f"time ~ stars^{slope:.2f}, on {device}.")
    report.write()
    figure, axes = plt.subplots(figsize=(COLUMN, 0.7 * COLUMN))
    axes.loglog(numbers, 1e3 * np.array(seconds), "o-", color="0.1", ms=3)
    axes.set(xlabel="stars", ylabel="time of a step [ms]")
    save(figure, run)


def measure(rule: Surrogate, n: int, steps: int, repeats: int) -> tuple[float, int]:
    """Seconds of a step, and encounters of a run."""
    cusp = Cusp()
    stars = draw_population(jax.random.key(0), n, cusp, kroupa(), 1.0)
    times = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        out = jax.block_until_ready(evolve(jax.random.key(1), stars, cusp, rule, DT, steps))
        times.append(time.perf_counter() - began)
    return float(np.median(times[1:])) / steps, int(out.encounters)


if __name__ == "__main__":
    start(body, __file__)
