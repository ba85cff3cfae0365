"""Figure 4: the i-process beside r and s, and where its simulations and stars are in latent planes.

Needs: `jinabase/`, `fruity/` and `monash/` (in SURROGATE_DATA or --data); a minute.

The i patterns are of the package's own network at constant neutron density. The table says which
share of them is within the boundaries of classifiers that learnt r or s alone.
"""

from __future__ import annotations

import numpy as np

from loading import CLASSES, load_patterns, load_stars
from surrogate.enrichment.classifiers.shipped import load_shipped
from surrogate.enrichment.classifiers.training import training_set
from surrogate.enrichment.figures import draw_i_process
from surrogate.enrichment.figures.looks import SET_NAMES
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import save

COLUMNS = (
    "network",
    "elements",
    "trained on",
    "i simulations inside [%]",
    "of seeds: least",
    "most",
)


def body(run: Run) -> None:
    models, stars = load_shipped(), load_stars(run)
    patterns = load_patterns(run, balanced=False)
    mine = np.array([name == "i" for name in CLASSES])
    save(draw_i_process(models, patterns, stars.take(mine), classes=["i"] * mine.sum()), run)
    report = Report(run, "Simulations of the i-process within other classes", COLUMNS)
    for (name, process, size), net in models.one_class.items():
        votes = net.votes(training_set(patterns, net.elements).of("i").x)
        share = 100.0 * (votes == 1).mean(axis=1)
        numbers = (float(share.mean()), float(share.min()), float(share.max()))
        report.add(f"OCC-{size}", SET_NAMES[name], process, *numbers)
    report.note("These networks are shipped: a full run says the same.")
    report.write()


if __name__ == "__main__":
    start(body, __file__)
