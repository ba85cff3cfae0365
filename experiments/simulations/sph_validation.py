"""SPH validation: rows of the public grid, simulated again by the built-in code.

Needs: the SPH grid; the 200 rows of --full take a good quarter of an hour on a graphics card of a
    data centre and weeks on two cores, the 12 of a quick run an hour or two there.

Rows are drawn evenly from every fate at every velocity, without those whose masses are an
assumption (Sigma = 2), and simulated from the same stars: masses, ages and orbits of the grid, and
profiles of the structure model. The grid has 10,000 particles a star; here it is a fifth, or 500 in
a quick run. Finished collisions are kept.
"""

from __future__ import annotations

import numpy as np

from sph_runs import Row, settings, simulate
from surrogate.collisions.encounter import Fate
from surrogate.collisions.evaluate import confusion
from surrogate.collisions.grid import GRID_FILE, Grid, find_data, load_grid
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import FATES
from surrogate.simulations.design import make_design

Array = np.ndarray

SEED = 20261128
ROWS, PARTICLES = 200, 2000
QUICK_ROWS, QUICK_PARTICLES = 12, 500
SIMULATED = 1
"""Flag `sigma` of rows that are no assumption."""
COLUMNS = (
    "in the grid",
    *(FATES[fate].label for fate in Fate),
    "agree [%]",
    "|Δf1|",
    "Δf1",
    "|Δf2|",
    "|ΔE/E|",
    "largest",
)


def body(run: Run) -> None:
    grid = load_grid(find_data(GRID_FILE, run.data))
    count, particles = (QUICK_ROWS, QUICK_PARTICLES) if run.quick else (ROWS, PARTICLES)
    rows, how = grid.take(draw(grid, count)), settings(particles)
    columns = (rows.age, rows.m1, rows.m2, rows.rp, rows.vinf, rows.r1, rows.r2)
    cases = make_design(*columns)
    found = simulate(cases, how, run.fits / run.name, run.jobs)
    done = [k for k, name in enumerate(cases.names()) if name in found]
    true, ours = rows.take(done), [found[cases.names()[k]] for k in done]
    report = Report(run, "Rows of the grid by the built-in code", COLUMNS)
    fates = np.array([row["fate"] for row in ours], np.int64)
    counts = confusion(fates, true.fate)
    for fate in Fate:
        if (of := np.flatnonzero(true.fate == fate)).size:
            compared = compare(true.take(of), [ours[k] for k in of])
            report.add(FATES[fate].label, *counts[fate].tolist(), *compared)
    everything = compare(true, ours)
    report.add("all", *counts.sum(axis=0).tolist(), *everything)
    report.details["others"] = disagreements(true, ours)
    report.details["not settled"] = sum(row["undecided"] for row in ours)
    report.note(f"{how.particles} particles a star; {report.details['not settled']} not settled.")
    report.note("f: final mass over m1 + m2, medians where fates agree; Δ: ours less the grid's.")
    if failed := len(cases) - len(done):
        report.note(f"{failed} collisions failed; their files say why.")
    report.write()


def draw(grid: Grid, n: int, seed: int = SEED) -> Array:
    """Rows drawn evenly from every fate at every velocity.

    Args:
        grid: the simulations.
        n: how many.
        seed: the same one gives the same rows.

    Returns:
        Their numbers: one of each cell that has any, in random order, then a second one.
    """
    rng = np.random.default_rng(seed)
    rows = rng.permutation(np.flatnonzero(grid.sigma == SIMULATED))
    cell = np.stack([grid.fate[rows], grid.vinf[rows]], axis=1)
    _, number = np.unique(cell, axis=0, return_inverse=True)
    turn = np.zeros(len(rows), np.int64)  # how many of its cell stand before it
    for k in range(number.max(initial=-1) + 1):
        turn[number == k] = np.arange(np.count_nonzero(number == k))
    return rows[np.argsort(turn, kind="stable")[:n]]


def compare(true: Grid, ours: list[Row]) -> list[float | None]:
    """Agreement of fates, differences of masses where they agree, and energy errors."""
    same = np.array([row["fate"] for row in ours]) == true.fate
    one, two = differences(true, ours)
    errors = np.array([row["energy_error"] for row in ours])
    masses = [np.abs(one), one, np.abs(two)]
    medians = [float(np.median(m[same])) if same.any() else None for m in masses]
    return [100 * float(same.mean()), *medians, float(np.median(errors)), float(errors.max())]


def differences(true: Grid, ours: list[Row]) -> tuple[Array, Array]:
    """Our final masses less the grid's, over m1 + m2."""
    total = true.m1 + true.m2
    one = np.array([row["m1_final"] for row in ours]) - true.m1_final
    return one / total, (np.array([row["m2_final"] for row in ours]) - true.m2_final) / total


def disagreements(true: Grid, ours: list[Row]) -> list[dict[str, object]]:
    """Rows of another fate, one by one."""
    names = ("age", "m1", "m2", "rp", "vinf", "n1", "n2", "energy_error", "reason")
    return [
        {
            **{name: row[name] for name in names},
            "grid": FATES[Fate(int(true.fate[k]))].label,
            "grid masses": [float(true.m1_final[k]), float(true.m2_final[k])],
            "here": FATES[Fate(row["fate"])].label,
            "masses": [row["m1_final"], row["m2_final"]],
            "settled": not row["undecided"],
        }
        for k, row in enumerate(ours)
        if row["fate"] != true.fate[k]
    ]


if __name__ == "__main__":
    start(body, __file__)
