"""Off-grid truth: collisions between the nodes of the public grid, by the built-in SPH code.

Needs: nothing but the package; the 200 collisions of --full take 10 to 15 minutes on a graphics
    card of a data centre, and days on two cores.

Masses are drawn evenly in ln M from 0.2 to 100 Msun, so some are beyond the grid's 64; ages from
the time in which both stars are on the main sequence (half of them evenly in t, half in ln t),
pericentres evenly up to contact and velocities evenly in ln v. The results go to off_grid.h5 in the
schema of the grid; finished collisions are kept.
"""

from __future__ import annotations

from datetime import UTC, datetime

import jax
import numpy as np

from sph_runs import Row, settings, simulate, write
from surrogate.collisions.encounter import Fate
from surrogate.collisions.structure import (
    GRID_MASS_RANGE,
    MASS_RANGE,
    radius,
    tams_age,
    zams_age,
)
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import FATES
from surrogate.simulations.design import Design, make_design
from surrogate.simulations.paper_rules import VELOCITIES
from surrogate.simulations.runs import Plan
from surrogate.simulations.stopping import StopRule

SEED = 20261128
COLLISIONS, PARTICLES = 200, 1000
QUICK_COLLISIONS, QUICK_PARTICLES = 2, 100
BRIEF = Plan(outputs=10.0, stop=StopRule(extension=10.0, least=20.0, longest=20.0))
"""Of a quick run."""
MASSES = (GRID_MASS_RANGE[0], MASS_RANGE[1])
"""From where the grid begins to where the structure model ends [Msun]."""
OLDEST = 13.0
"""No star is older [Gyr]."""
FAST = 2000.0
"""A quick run has no slower collisions [km/s]: bound pairs take longest."""
COLUMNS = ("fate", "collisions", "not settled", "unbound [%]", "|ΔE/E|", "largest")


def body(run: Run) -> None:
    if run.quick:
        cases, how = design(QUICK_COLLISIONS, lowest=FAST), settings(QUICK_PARTICLES, BRIEF)
    else:
        cases, how = design(COLLISIONS), settings(PARTICLES)
    rows = simulate(cases, how, run.fits / run.name, run.jobs)
    about = how.about() | {"seed": SEED, "device": device(), "date": today()}
    write(run.folder / "off_grid.h5", rows, [about] * len(rows))
    report = Report(run, "Collisions between the nodes of the grid", COLUMNS)
    for fate in Fate:
        found = [row for row in rows.values() if row["fate"] == fate]
        if found:
            report.add(FATES[fate].label, *judge(found))
    report.note(f"{how.particles} particles a star. unbound: median. |ΔE/E|: median and largest.")
    if failed := len(cases) - len(rows):
        report.note(f"{failed} collisions failed; their files say why.")
    report.write()


def design(n: int, seed: int = SEED, lowest: float = VELOCITIES[0]) -> Design:
    """Collisions at random, the heavier star first.

    Args:
        n: how many.
        seed: the same one gives the same collisions, and more of them after those of a smaller n.
        lowest: velocity at infinity [km/s].
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[float, ...]] = []
    with jax.enable_x64(True):
        while len(rows) < n:
            m2, m1 = np.sort(np.exp(rng.uniform(*np.log(MASSES), 2))).tolist()
            evenly, x, near, fast = rng.uniform(size=4).tolist()
            first = max(float(zams_age(m)) for m in (m1, m2))
            last = min(float(tams_age(m1)), OLDEST)
            if first >= last:
                continue  # the lighter star is not there yet
            even = first + (last - first) * x
            age = even if evenly < 0.5 else first * (last / first) ** x
            rp = near * sum(float(radius(m, age)) for m in (m1, m2))
            rows.append((age, m1, m2, rp, lowest * (VELOCITIES[-1] / lowest) ** fast))
    return make_design(*np.array(rows).T)


def judge(rows: list[Row]) -> list[float]:
    """The cells of a fate."""
    lost = [1 - (row["m1_final"] + row["m2_final"]) / (row["m1"] + row["m2"]) for row in rows]
    errors = [row["energy_error"] for row in rows]
    undecided = sum(row["undecided"] for row in rows)
    return [len(rows), undecided, 100 * np.median(lost), np.median(errors), max(errors)]


def device() -> str:
    """What the simulations ran on."""
    return jax.devices()[0].device_kind


def today() -> str:
    return datetime.now(UTC).date().isoformat()


if __name__ == "__main__":
    start(body, __file__)
