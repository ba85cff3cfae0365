"""How classifiers fare on simulations that they have not seen: by source, by class, and left over.

Needs: `fruity/`, `monash/`, `rprocess/` (in SURROGATE_DATA or --data); minutes, or an hour with
    --full.

Three tables. Binary classifiers learn without one group of the r- and one of the s-process, and are
asked about these. One-class classifiers learn most of one class and are asked about the rest of it
and about the other. And r patterns that thinning left out, as the paper did with 296 of its own,
are shown to the binary classifiers that are shipped.
"""

from __future__ import annotations

import numpy as np

from loading import load_patterns, load_training
from surrogate.enrichment.classifiers.binary import STATES
from surrogate.enrichment.classifiers.evaluate import auc_by_source, one_class_rates
from surrogate.enrichment.classifiers.shipped import load_shipped
from surrogate.enrichment.classifiers.training import training_set
from surrogate.enrichment.features import SETS
from surrogate.enrichment.figures.looks import SET_NAMES
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start

FULL_EPOCHS, QUICK_EPOCHS = 10_000, 300
FULL_ONE_CLASS, QUICK_ONE_CLASS = 30_000, 1000


def body(run: Run) -> None:
    print_sources(run)
    print_rates(run)
    print_left_over(run)


def print_sources(run: Run) -> None:
    """AUC on groups that were held back."""
    columns = ("held back", "elements", "network", "separation", "median AUC", "least")
    report = Report(run, "AUC of s against r by source", columns, stem=f"{run.name}_sources")
    seeds = seeds_of(run)
    epochs = QUICK_EPOCHS if run.quick else FULL_EPOCHS
    for name, elements in SETS.items():
        training = load_training(run, elements)
        for size in ("L",) if run.quick else ("L", "S"):
            for fold, state, auc in auc_by_source(training, seeds, size=size, epochs=epochs):
                numbers = (float(np.median(auc)), float(auc.min()))
                report.add(fold, SET_NAMES[name], f"BC-{size}", f"{state}imal", *numbers)
    report.write()


def print_rates(run: Run) -> None:
    """What one-class boundaries hold of simulations that were held back."""
    columns = ("trained on", "elements", "network", "own kept [%]", "other inside [%]", "median")
    report = Report(run, "One-class boundaries", columns, stem=f"{run.name}_one_class")
    seeds = seeds_of(run)
    epochs = QUICK_ONE_CLASS if run.quick else FULL_ONE_CLASS
    for name, elements in SETS.items():
        training = load_training(run, elements, balanced=False)
        for process in ("r", "s"):
            for size in ("L", "S"):
                rates = one_class_rates(training, process, seeds, size=size, epochs=epochs)
                other = 100.0 * rates.other
                numbers = (100.0 * rates.kept.mean(), other.mean(), np.median(other))
                report.add(process, SET_NAMES[name], f"OCC-{size}", *map(float, numbers))
    report.note(f"Means of {len(seeds)} seeds; the median is of the last column but one.")
    report.write()


def print_left_over(run: Run) -> None:
    """What binary classifiers say of r patterns that they were not trained on."""
    columns = ("elements", "network", "separation", "left over", "called r [%]", "least")
    report = Report(run, "Patterns that thinning left out", columns, stem=f"{run.name}_left_over")
    even = set(zip(*(getattr(load_patterns(run), f) for f in ("source", "model")), strict=True))
    whole = load_patterns(run, balanced=False).of("r", "s")
    keys = list(zip(whole.process, whole.source, whole.model, strict=True))
    left = whole.take(np.array([p == "r" and (s, m) not in even for p, s, m in keys]))
    for (name, size), net in load_shipped().binary.items():
        x = training_set(left, SETS[name]).x
        for state in STATES:
            share = 100.0 * (net.votes(x, state) == 0).mean(axis=1)
            numbers = (len(x), float(share.mean()), float(share.min()))
            report.add(SET_NAMES[name], f"BC-{size}", f"{state}imal", *numbers)
    report.note("Means of all seeds, and the least of them.")
    report.write()


def seeds_of(run: Run) -> range:
    """Seeds of each training."""
    return range(2 if run.quick else run.seeds)


if __name__ == "__main__":
    start(body, __file__)
