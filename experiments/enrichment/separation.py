"""Figure 2: outputs of binary classifiers for the simulations and for the stars.

Needs: `jinabase/`, `fruity/` and `monash/` (in SURROGATE_DATA or --data); a minute.

Of the shipped networks the first of each kind is drawn. Stars are marked by the class that
JINAbase gives in the paper. The thresholds are written down beside the picture.
"""

from __future__ import annotations

from loading import CLASSES, load_patterns, load_stars
from surrogate.enrichment.classifiers.binary import STATES
from surrogate.enrichment.classifiers.shipped import load_shipped
from surrogate.enrichment.figures import draw_outputs
from surrogate.enrichment.figures.looks import SET_NAMES
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import save

COLUMNS = ("network", "elements", "separation", "threshold", "epoch", "median epoch of all seeds")


def body(run: Run) -> None:
    models = load_shipped()
    save(draw_outputs(models, load_patterns(run), load_stars(run), classes=CLASSES), run)
    report = Report(run, "Thresholds of the networks of figure 2", COLUMNS)
    for (name, size), net in models.binary.items():
        for state in STATES:
            epochs = sorted(net.epoch[state].tolist())
            numbers = (float(net.threshold[state][0]), int(net.epoch[state][0]))
            median = epochs[len(epochs) // 2]
            report.add(f"BC-{size}", SET_NAMES[name], f"{state}imal", *numbers, median)
    report.note("The paper has minimal separation with Er and BC-L at epoch 118.")
    report.note("These networks are shipped: a full run says the same.")
    report.write()


if __name__ == "__main__":
    start(body, __file__)
