"""One collision from what it left: are the posteriors true?

Needs: nothing but the package.

Encounters are drawn from the prior, their aftermaths from the surrogate, with its own errors and
those of a measurement. Each is inferred from its aftermath; if the posteriors are right, the ranks
of the truth among their draws are uniform (Talts et al. 2018).
"""

from __future__ import annotations

import jax
import numpy as np

from surrogate import load
from surrogate.cluster.mass_function import kroupa
from surrogate.inference.calibration import uniformity
from surrogate.inference.encounter_prior import EncounterPrior, LogUniform
from surrogate.inference.replicate import replicate
from surrogate.learning.progress import epochs_progress
from surrogate.reports.posteriors import rank_plot
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import save

AGE = 1.0  # Gyr
MASSES = (0.2, 2.0)  # Msun: below the turn-off
SPEEDS = (10.0, 10_000.0)  # km/s
ERRORS = (0.05, 0.05, 0.1)
"""Of the measured remnants and gas [Msun]."""
LABELS = {"rp": "$r_p$", "vinf": r"$v_\infty$", "m1": "$M_1$", "m2": "$M_2$"}


def body(run: Run) -> None:
    n, particles, bins = (32, 63, 4) if run.quick else (320, 127, 16)
    prior = EncounterPrior(kroupa(*MASSES), LogUniform(*SPEEDS), AGE)
    with epochs_progress("calibration", 0, n) as done:
        made = replicate(
            load("fast"),
            prior,
            ERRORS,
            jax.random.key(5),
            n,
            particles=particles,
            report=lambda i, _: done(i, {}),
        )
    p = uniformity(made.ranks, particles, bins)
    report = Report(run, "Are the posteriors true?", ("parameter", "mean rank", "p (uniform)"))
    for k, name in enumerate(prior.names):
        report.add(name, float(made.ranks[:, k].mean() / particles), float(p[k]))
    remnants = np.bincount(made.aftermath.remnants, minlength=3)
    report.note(f"{len(made.ranks)} aftermaths of 0, 1, 2 remnants: {remnants.tolist()}.")
    report.details |= {"replicates": len(made.ranks), "remnants": remnants.tolist()}
    save(rank_plot(made.ranks, particles, list(LABELS.values()), bins=bins), run)
    report.write()


if __name__ == "__main__":
    start(body, __file__)
