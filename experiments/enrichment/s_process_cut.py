"""How much barium an AGB model must eject to stand for the s-process.

Needs: `fruity/`, `monash/`, `rprocess/` (in SURROGATE_DATA or --data); a minute, or an hour with
    --full.

Total yields hold what a star was born with. For each cut, groups of simulations are held back: the
log loss of probabilities on simulated stars of these, and the worst median AUC of binary networks.
The cut of the shipped classifiers was chosen here.
"""

from __future__ import annotations

import jax
import numpy as np

from surrogate.enrichment.bank import shipped_patterns
from surrogate.enrichment.classifiers.calibrate import calibrate
from surrogate.enrichment.classifiers.evaluate import auc_by_source
from surrogate.enrichment.classifiers.generative import fit_generative
from surrogate.enrichment.classifiers.sets import published_sets
from surrogate.enrichment.classifiers.training import (
    S_ENRICHMENT,
    prepare_patterns,
    training_set,
)
from surrogate.enrichment.features import SETS
from surrogate.enrichment.patterns import Patterns
from surrogate.learning.progress import epochs_progress
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start

CUTS = (0.5, 0.56, 0.6, 0.7, 0.8, 0.9, 1.0)
"""[dex]; at 0.56 as many models remain as the paper has."""
EPOCHS = 3000
"""After these outputs only move away from the thresholds."""
COLUMNS = ("cut [dex]", "s patterns", "log loss [nat]", "worst median AUC", "held back", "network")


def body(run: Run) -> None:
    cuts = CUTS[::3] if run.quick else CUTS
    report = Report(run, "Least barium of AGB models, on groups that were held back", COLUMNS)
    with epochs_progress("cuts", 0, len(cuts)) as done:
        for k, cut in enumerate(cuts):
            patterns = [shipped_patterns(), *published_sets(run.data, min_enrichment=cut)]
            report.add(cut, *judge(run, patterns))
            done(k + 1, {})
    report.note(f"Shipped classifiers: {S_ENRICHMENT:g}.")
    report.write()


def judge(run: Run, patterns: list[Patterns]) -> tuple[int, float, float, str, str]:
    """Number of s patterns, log loss, and the worst median AUC: of which groups and network."""
    whole = prepare_patterns(patterns, balanced=False).of("r", "s")
    loss = calibrate(fit_generative(whole), whole, jax.random.key(0))[1].log_loss
    even = prepare_patterns(patterns)
    seeds, epochs = (range(2), 300) if run.quick else (range(4), EPOCHS)
    found = []
    for name in ("er",) if run.quick else SETS:
        for size in ("L",) if run.quick else ("L", "S"):
            training = training_set(even.of("r", "s"), SETS[name])
            for fold, state, auc in auc_by_source(training, seeds, size=size, epochs=epochs):
                if state == "max":
                    found.append((float(np.median(auc)), fold, f"BC-{size}, {name.capitalize()}"))
    return whole.process.count("s"), loss, *min(found)


if __name__ == "__main__":
    start(body, __file__)
