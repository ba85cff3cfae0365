"""Collision rates of the tracked stars, beside the analytic integrals.

Needs: nothing but the package.

Encounters of stars that nothing changes, in a time so short that one star in ten has met another,
in one shell around the black hole after the other, against the integral of n^2 <sigma v> / 2 over
both masses and the shell. The cusp is a thousand times as dense as the Milky Way's, so that no star
ages meanwhile.
"""

from __future__ import annotations

from itertools import pairwise

import jax
import matplotlib.pyplot as plt
import numpy as np
from scipy import stats

from surrogate.cluster import Cusp, MassFunction, draw_population, evolve, kroupa
from surrogate.cluster.rates import collision_rate
from surrogate.collisions.rules import Unharmed
from surrogate.collisions.structure import radius, tams_age
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import COLUMN, save

AGE = 1.0
"""Of the stars [Gyr]."""
DENSE = 1.35e9
"""Density at 0.25 pc [Msun/pc^3]."""
EDGES = np.geomspace(1e-3, 1.0, 11)
MET = 0.1
"""Encounters of a star that are waited for."""
STEPS = 20
NODES = 400
"""Of the quadrature over the mass function."""
COLUMNS = ("from r [pc]", "to r [pc]", "encounters", "integral", "ratio", "deviation [sigma]")


def body(run: Run) -> None:
    masses = kroupa()
    n = 20_000 if run.quick else 500_000
    report = Report(run, "Encounters in shells", COLUMNS)
    counted, expected, largest = [], [], 0.0
    for number, (inner, outer) in enumerate(pairwise(EDGES)):
        cusp = Cusp(rho0=DENSE, r_min=inner, r_max=outer)
        for_stars, for_run = jax.random.split(jax.random.key(number))
        stars = draw_population(for_stars, n, cusp, masses, AGE)
        rate = integral(masses, cusp) / float(stars.weight)
        time = MET * n / 2.0 / rate
        out = evolve(for_run, stars, cusp, Unharmed(), time / STEPS, STEPS, block=512)
        counted.append(int(out.encounters))
        expected.append(rate * time)
        largest = max(largest, float(out.records.largest_probability.max()))
        sigma = (counted[-1] - expected[-1]) / np.sqrt(expected[-1])
        ratio = counted[-1] / expected[-1]
        report.add(inner.item(), outer.item(), counted[-1], expected[-1], ratio, sigma)
    sigma = np.array([row[-1] for row in report.rows])
    chi2 = float((sigma**2).sum())
    p = float(stats.chi2.sf(chi2, len(sigma)))
    total = sum(counted) / sum(expected)
    report.details |= {"chi2": chi2, "p": p, "ratio": total, "largest probability": largest}
    report.note(f"chi2 = {chi2:.1f} of {len(sigma)} shells, p = {p:.2f}; all shells {total:.4f}.")
    report.write()
    draw(np.array(counted), np.array(expected), run)


def integral(masses: MassFunction, cusp: Cusp) -> float:
    """Encounters of real stars [1/Gyr]: 1/2 n^2 <sigma v> over both masses and the shell."""
    m = np.geomspace(float(masses.edges[0]), turn_off(masses), NODES)
    size = np.asarray(radius(m, AGE), float)
    # Of the trapezoidal rule in ln m.
    share = np.asarray(masses.pdf(m), float) * m * np.gradient(np.log(m))
    share[[0, -1]] /= 2.0
    shares = share[:, None] * share
    d, total = size[:, None] + size, m[:, None] + m
    r = np.geomspace(cusp.r_min, cusp.r_max, 33)
    n = np.asarray(cusp.density(r), float) / float(masses.moment(1.0))
    each = [np.sum(shares * collision_rate(1.0, d, total, s)) for s in cusp.dispersion(r)]
    return float(np.trapezoid(0.5 * n**2 * np.array(each) * 4.0 * np.pi * r**3, np.log(r)))


def turn_off(masses: MassFunction) -> float:
    """Mass of the stars that are just leaving the main sequence [Msun]."""
    m = np.geomspace(float(masses.edges[0]), float(masses.edges[-1]), 10_000)
    return float(m[np.asarray(tams_age(m)) > AGE].max())


def draw(counted: np.ndarray, expected: np.ndarray, run: Run) -> None:
    """Counts over the integral, with Poisson errors."""
    figure, axes = plt.subplots(figsize=(COLUMN, 0.7 * COLUMN))
    middle = np.sqrt(EDGES[1:] * EDGES[:-1])
    axes.errorbar(middle, counted / expected, 1.0 / np.sqrt(expected), fmt="o", color="0.1", ms=3)
    axes.axhline(1.0, color="0.5", lw=0.8)
    axes.set(xscale="log", xlabel="distance $r$ [pc]", ylabel="encounters / integral")
    save(figure, run)


if __name__ == "__main__":
    start(body, __file__)
