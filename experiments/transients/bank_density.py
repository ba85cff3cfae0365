"""How dense a bank of flares is: the paper's grid, a uniform one, and boxes split where it counts.

Needs: nothing but the package.

Collisions are drawn from the prior; each has a mismatch with the nearest light curve of a bank, 1
less the greatest overlap over shifts in time. A bank is good where the worst of them are well
matched by few light curves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import matplotlib.pyplot as plt
import numpy as np

from surrogate.learning.progress import epochs_progress
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import PAGE, save
from surrogate.transients.adaptive import (
    COARSE,
    TOLERANCE,
    Bounds,
    adaptive_bank,
    draw_sites,
    effectualness,
)
from surrogate.transients.bank import Bank, simulate_bank
from surrogate.transients.templates import daily

COLUMNS = ("bank", "simulations", "curves", "seconds", "lit", "median", "95 %", "greatest")
COLOURS = {"paper": "#DDAA33", "uniform": "#BB5566", "adaptive": "#004488"}


@dataclass
class Judged:
    """A bank, how long it took, and the mismatches of the collisions with it."""

    bank: Bank
    seconds: float
    mismatch: np.ndarray = field(init=False)


def body(run: Run) -> None:
    tolerance, n = (0.3, 50) if run.quick else (TOLERANCE, 500)
    shapes = lit_shapes(np.random.default_rng(0), n)
    simulate_bank(draw_sites(np.random.default_rng(1), 1024))  # compiles
    judged = {"paper": timed(simulate_bank)}
    judged["adaptive"] = timed(lambda: adaptive_bank(tolerance))
    judged["uniform"] = timed(lambda: uniform_bank(len(judged["adaptive"].bank.light)))
    with epochs_progress("collisions", 0, len(judged)) as done:
        for k, found in enumerate(judged.values()):
            found.mismatch = effectualness(found.bank, shapes)[0]
            done(k + 1, {})
    report = Report(run, f"Mismatch of {n} collisions with the nearest light curve", COLUMNS)
    for name in COLOURS:
        add(report, name, judged[name])
    report.note(f"adaptive: halved until the mismatch within a box is below {tolerance:g}.")
    report.note("lit: share of the prior that is not dark; seconds: without compilation.")
    report.note("On its way the adaptive bank simulates seven points for every box there was.")
    report.details |= {"tolerance": tolerance, "collisions": n}
    draw(run, judged)
    report.write()


def lit_shapes(rng: np.random.Generator, n: int) -> np.ndarray:
    """Daily light curves of n collisions from the prior that are not dark."""
    bank = simulate_bank(draw_sites(rng, 10 * n))
    return daily(bank)[:n]


def timed(make: Callable[[], Bank]) -> Judged:
    began = time.perf_counter()
    bank = make()
    return Judged(bank, time.perf_counter() - began)


def uniform_bank(curves: int) -> Bank:
    """A grid of about so many light curves, its points in the middle of equal cells."""
    lit = 0.178  # of the prior
    fineness = (curves / lit / np.prod(COARSE)) ** (1.0 / 3.0)
    corners = Bounds().corners
    axes = []
    for low, high, parts in zip(*corners, COARSE, strict=True):
        cells = max(round(parts * fineness), 1)
        axes.append(low + (high - low) * (np.arange(cells) + 0.5) / cells)
    log_m, log_r, theta = (axis.ravel() for axis in np.meshgrid(*axes, indexing="ij"))
    return simulate_bank(np.stack([10.0**log_m, 10.0**log_r, theta, 0.0 * theta], axis=1))


def add(report: Report, name: str, judged: Judged) -> None:
    bank = judged.bank
    median, high, greatest = np.quantile(judged.mismatch, (0.5, 0.95, 1.0)).tolist()
    lit = float(bank.curve_weight.sum())
    numbers = (len(bank), len(bank.light), judged.seconds)
    report.add(name, *numbers, lit, median, high, greatest)


def draw(run: Run, judged: dict[str, Judged]) -> None:
    """How the mismatches are spread, and where the light curves of two banks are."""
    figure, axes = plt.subplots(1, 3, figsize=(PAGE, 2.5))
    for name, colour in COLOURS.items():
        mismatch = np.sort(judged[name].mismatch)
        worse = 1.0 - np.arange(len(mismatch)) / len(mismatch)
        label = f"{name}, {len(judged[name].bank.light)} curves"
        axes[0].step(mismatch, worse, where="pre", color=colour, label=label)
    axes[0].set(xscale="log", yscale="log", xlabel="mismatch", ylabel="share that is worse")
    axes[0].set_xlim(1e-7, 1.0)
    axes[0].legend(fontsize=6, loc="lower left")
    for ax, name in zip(axes[1:], ("paper", "adaptive"), strict=True):
        bank = judged[name].bank
        sites = bank.sites[bank.first]
        folded = np.minimum(sites[:, 2], np.pi - sites[:, 2])
        points = ax.scatter(*sites[:, :2].T, c=np.rad2deg(folded), s=3, vmin=0.0, vmax=90.0)
        ax.set(xscale="log", yscale="log", xlabel=r"$M_\bullet$ [M$_\odot$]", title=name)
        ax.set(xlim=Bounds().black_hole, ylim=(Bounds().r_init[0], 1e6))
    axes[1].set_ylabel(r"$r_\mathrm{init}$ [$r_\mathrm{S}$]")
    figure.colorbar(points, ax=axes[2], label=r"$\theta$ [deg]")
    save(figure, run)


if __name__ == "__main__":
    start(body, __file__)
