"""Figure 7: receiver curves of a binary classifier while it learns.

Needs: `jinabase/`, `fruity/` and `monash/` (in SURROGATE_DATA or --data); two minutes.

The large network with the elements up to Er, of the first seed, is trained for as many epochs as
separate the classes, and for shares of these. The paper has minimal separation at epoch 118.
"""

from __future__ import annotations

from loading import load_training
from surrogate.enrichment.classifiers.binary import EPOCHS, fit_binary
from surrogate.enrichment.classifiers.training import random_split
from surrogate.enrichment.figures import draw_receivers, receivers_at
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import save

SEED = 0
SHARES = (0.05, 0.2, 0.5)
"""Of the epochs up to minimal separation."""


def body(run: Run) -> None:
    training = load_training(run)
    most = EPOCHS // 5 if run.quick else EPOCHS
    net = fit_binary(training, random_split(len(training), [SEED]), [SEED], epochs=most)
    apart = int(net.epoch["min"][0]) or most
    epochs = sorted({1, *(max(int(share * apart), 1) for share in SHARES), apart})
    curves = receivers_at(training, epochs, seed=SEED)
    save(draw_receivers(curves), run)
    report = Report(run, "Area below the receiver curve of the training rows", ("epoch", "AUC"))
    for epoch, curve in curves:
        report.add(epoch, curve.auc)
    if not net.epoch["min"][0]:
        report.note(f"The classes are not separated after {most} epochs.")
    report.note("Minimal separation in the paper: epoch 118.")
    report.details |= {"minimal separation": int(net.epoch["min"][0])}
    report.write()


if __name__ == "__main__":
    start(body, __file__)
