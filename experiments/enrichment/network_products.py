"""What the reaction network makes: peaks, medians beside published patterns, and i- and s-process.

Needs: pynucastro; `nuclear/` and `rprocess/` (in SURROGATE_DATA or --data) for fission and for
    published medians; a minute.

Mergers' expansions and irradiated iron, by mass number after all decays. Medians are of all shipped
patterns with a main r-process, beside those of Just et al. (2015) and Wu et al. (2016).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import matplotlib.pyplot as plt
import numpy as np

from surrogate.enrichment.bank import shipped_patterns
from surrogate.enrichment.bank.conditions import Condition, Expanding, Irradiated
from surrogate.enrichment.bank.run import Simulator
from surrogate.enrichment.classifiers.thinning import main_r_process
from surrogate.enrichment.network.composition import total_mass
from surrogate.enrichment.network.network import load_network, missing
from surrogate.enrichment.network.places import data_folder
from surrogate.enrichment.network.stability import decayed
from surrogate.enrichment.readers import read_r_process
from surrogate.enrichment.solar import bracket
from surrogate.learning.progress import epochs_progress
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import PAGE, save

MEASURED = ("Ba", "La", "Nd", "Dy", "Er", "Pb")
MERGERS = {0.05: ("#332288", "-"), 0.15: ("#44AA99", "--"), 0.25: ("#DDAA33", ":")}
"""Ye, and how it is drawn."""
DENSITIES = (1e7, 1e8, 1e9, 1e13, 1e14, 1e15)
"""Of neutrons [1/cm^3]: three of the s-process, three of the i-process."""
EXPOSURES = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0)


class Made(NamedTuple):
    """What a run ends with."""

    by_mass: np.ndarray
    """Number per baryon by mass number."""
    mass: float
    """Sum of A Y."""
    la_eu: float
    """[La/Eu] [dex]."""


def body(run: Run) -> None:
    simulator = Simulator(load_network(run.data))
    mergers: list[Condition] = [Expanding(f"Ye = {y:g}", "r", y, 10.0, 0.01) for y in MERGERS]
    exposures = EXPOSURES[2:5:2] if run.quick else EXPOSURES
    poured: list[Condition] = [
        Irradiated(f"n = {n:.0e}, {x:g} / mbarn", "i", n, 0.09 if n < 1e12 else 0.15, x)
        for n in DENSITIES
        for x in exposures
    ]
    made = {}
    conditions = [*mergers, *poured]
    with epochs_progress("runs", 0, len(conditions)) as done:
        for k, condition in enumerate(conditions):
            made[condition.name] = simulate(simulator, condition)
            done(k + 1, {})
    la_eu = np.array([made[c.name].la_eu for c in poured]).reshape(len(DENSITIES), -1)
    draw(run, made, la_eu, exposures)
    report = Report(run, "What the reaction network makes", ("what", "measure", "value"))
    for condition in mergers:
        add_merger(report, condition.name, made[condition.name])
    for n, row in zip(DENSITIES, la_eu, strict=True):
        report.add(f"n = {n:.0e} / cm^3", "[La/Eu], least", float(row.min()))
        report.add(f"n = {n:.0e} / cm^3", "[La/Eu], greatest", float(row.max()))
    add_medians(report, run)
    if gone := missing(run.data):
        report.note(f"Made without {', '.join(gone)}.")
    report.write()


def simulate(simulator: Simulator, condition: Condition) -> Made:
    """Run one condition down to stable nuclei."""
    with jax.enable_x64(True):
        state = simulator.state(condition)
        y = np.asarray(decayed(simulator.fates, state))
        mass = float(total_mass(simulator.network, state))
    z, a = simulator.fates.z, simulator.fates.a
    la, eu = (np.log10(y[z == number].sum()) for number in (57, 63))
    return Made(np.bincount(a, y, 260), mass, float(bracket(la, eu, "La", "Eu")))


def add_merger(report: Report, name: str, made: Made) -> None:
    report.add(name, "1 - sum of A Y", 1.0 - made.mass)
    report.add(name, "second peak, A", int(110 + made.by_mass[110:150].argmax()))
    report.add(name, "third peak, A", int(180 + made.by_mass[180:205].argmax()))


def add_medians(report: Report, run: Run) -> None:
    """Medians of log(X/Eu): shipped, and published where the files are at hand."""
    r = shipped_patterns().of("r")
    sets = {"shipped": r.take(main_r_process(r))}
    if (folder := data_folder(run.data)) is not None:
        published = read_r_process(folder / "rprocess")
        for group in ("Just", "Wu"):
            sets[group] = published.take(np.array([g == group for g in published.group]))
        both = np.isin(np.array(published.group), ["Just", "Wu"])
        sets["Just and Wu"] = published.take(both)
    for name, mine in sets.items():
        for element in MEASURED:
            value = float(np.median(mine.log_y(element) - mine.log_y("Eu")))
            report.add(f"{name}, {len(mine)} patterns", f"median log({element}/Eu)", value)


def draw(run: Run, made: dict[str, Made], la_eu: np.ndarray, exposures: tuple[float, ...]) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 2.8), width_ratios=(1.6, 1.0))
    a = np.arange(260)
    for y_e, (colour, line) in MERGERS.items():
        y = made[f"Ye = {y_e:g}"].by_mass
        left.plot(a, np.where(y > 0.0, y, np.nan), line, color=colour, label=f"$Y_e$ = {y_e:g}")
    left.set(
        xlim=(60, 240),
        ylim=(1e-8, 1e-1),
        yscale="log",
        xlabel="mass number $A$",
        ylabel="abundance after decay [per baryon]",
    )
    left.legend(frameon=False)
    for k, exposure in enumerate(exposures):
        shade = f"{0.75 - 0.75 * k / max(len(exposures) - 1, 1):.2f}"
        label = f"{exposure:g}" if k in (0, len(exposures) - 1) else None
        right.plot(DENSITIES, la_eu[:, k], "o-", ms=3, color=shade, label=label)
    right.axhspan(0.0, 0.8, color="#CCDDEE", zorder=0)
    right.set(xscale="log", xlabel=r"neutrons [cm$^{-3}$]", ylabel="[La/Eu] [dex]")
    right.legend(title=r"exposure [mbarn$^{-1}$]", frameon=False)
    save(figure, run)


if __name__ == "__main__":
    start(body, __file__)
