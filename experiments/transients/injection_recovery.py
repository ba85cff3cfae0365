"""Injected flares, found again: is the black hole's mass right?

Needs: nothing but the package.

500 flares with the cadence and the noise of ZTF, of the simulations of the paper's grid or from
anywhere in the prior, are matched with the paper's bank and with the adaptive one. A mass counts as
right where the most probable one is within one step of the grid of masses.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from rich.console import Console
from rich.progress import track

from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import PAGE, save
from surrogate.transients.adaptive import adaptive_bank, draw_sites
from surrogate.transients.bank import BLACK_HOLES, Bank, simulate_bank
from surrogate.transients.injection import Survey
from surrogate.transients.templates import BankTemplates
from surrogate.transients.trials import Flares, Trial, make_trials
from surrogate.transients.verdict import Match, Matcher

Array = np.ndarray

SEED = 11
BRIGHT = 20.0
"""Signal-to-noise ratio of the flares that count."""
GRID = np.log10(BLACK_HOLES)
COLUMNS = (
    "flares",
    "bank",
    "n",
    "S/N > 20",
    "within a step",
    "within a step, median",
    "truth within 68 %",
    "odds > 1",
)


def body(run: Run) -> None:
    n = 40 if run.quick else 500
    random = np.random.default_rng(SEED)
    paper = simulate_bank()
    banks = {"paper": paper} if run.quick else {"paper": paper, "adaptive": adaptive_bank()}
    flares = {
        "of the grid": Flares(grid_sites(paper, random, 20 * n)),
        "anywhere": Flares(draw_sites(random, 20 * n)),
    }
    report = Report(run, "Injected flares, found again", COLUMNS)
    shown = {}
    for where, made in flares.items():
        skies = [Survey().schedule(random, f"{where} {i}") for i in range(n)]
        trials = make_trials(made, skies, random, [None] * n)
        for name, bank in banks.items():
            matcher = Matcher(BankTemplates(bank))
            answers = matcher.match_all([trial.curve for trial in trials])
            answers = track(answers, f"{where}, {name}", len(trials), console=Console(stderr=True))
            pairs = [(t, a) for t, a in zip(trials, answers, strict=True) if isinstance(a, Match)]
            report.add(where, name, len(pairs), *judge(pairs))
            shown[where] = shown.get(where, pairs)
    report.note("Grid of log M: " + ", ".join(f"{m:.1f}" for m in GRID) + ".")
    report.note("Model error 0.1 of the brightest night, redshift known, ejecta and colour free.")
    report.write()
    draw(run, shown)


def grid_sites(bank: Bank, random: np.random.Generator, n: int) -> Array:
    """Sites of the grid, as often as they stand there."""
    return bank.sites[random.choice(len(bank), n, p=bank.weight)]


def judge(pairs: list[tuple[Trial, Match]]) -> tuple[int, float, float, float, float]:
    """How often the mass is right, its interval holds the truth, and a collision is preferred."""
    bright = [(t, m) for t, m in pairs if t.signal_to_noise > BRIGHT]
    truth = np.array([np.log10(t.site[0]) for t, _ in bright])
    mode = np.array([m.log_black_hole_mode for _, m in bright])
    low, median, high = np.array([m.log_black_hole for _, m in bright]).T
    return (
        len(bright),
        float(np.mean(steps_apart(mode, truth) <= 1)),
        float(np.mean(steps_apart(median, truth) <= 1)),
        float(np.mean((low <= truth) & (truth <= high))),
        float(np.mean([m.log_bayes > 0.0 for _, m in bright])),
    )


def steps_apart(a: Array, b: Array) -> Array:
    """Steps of the grid of masses between the points nearest to two masses."""
    return np.abs(nearest(a) - nearest(b))


def nearest(log_M: Array) -> Array:
    """Index of the nearest mass of the grid."""
    return np.abs(log_M[:, None] - GRID).argmin(axis=1)


def draw(run: Run, shown: dict[str, list[tuple[Trial, Match]]]) -> None:
    figure, panels = plt.subplots(1, 2, figsize=(PAGE, 0.5 * PAGE), sharex=True, sharey=True)
    for panel, (where, pairs) in zip(panels, shown.items(), strict=True):
        bright = [(t, m) for t, m in pairs if t.signal_to_noise > BRIGHT]
        truth = np.array([np.log10(t.site[0]) for t, _ in bright])
        low, median, high = np.array([m.log_black_hole for _, m in bright]).T
        bars = {"fmt": "o", "ms": 2, "lw": 0.4, "color": "#004488", "alpha": 0.5}
        scatter = np.random.default_rng(0).uniform(-0.06, 0.06, len(truth))
        panel.errorbar(truth + scatter, median, (median - low, high - median), **bars)
        panel.plot([5.6, 9.1], [5.6, 9.1], ":", color="grey")
        panel.set(title=f"flares {where}", xlabel=r"true log $M_\bullet$ [M$_\odot$]")
    panels[0].set_ylabel(r"found log $M_\bullet$ [M$_\odot$]")
    save(figure, run)


if __name__ == "__main__":
    start(body, __file__)
