"""Table 1: the search of the classifier's hyperparameters.

Needs: the SPH grid; --full is for a GPU, or for several machines at once.

A full search trains sixty networks for 500 to 2000 epochs: more than half a day on two cores. Each
machine that is given the same command and a shared --out adds trials until all are there.

As in the paper each trial is judged by the epoch with the highest balanced accuracy on the
validation rows, and the best trial by the same. Optuna's tree-structured Parzen estimators stand
for the Bayesian sweep of Weights and Biases; the paper does not say how many trials it had. Batch
sizes are powers of two, SGD has no momentum, and the networks of all trials start from one seed.
"""

from __future__ import annotations

from support.measures import FATE_MEASURES
from support.rows import load_rows
from support.tuning import Aim, draw, tell, tune
from surrogate.reports.run import Run, start

AIM = Aim("100 - validation balanced accuracy [%]", lambda found: 100.0 - found[FATE_MEASURES[1]])


def body(run: Run) -> None:
    found = tune(run, load_rows(run), "classifier", AIM)
    best = min(found.trials, key=lambda trial: trial.score)
    tell(run, "Table 1. Hyperparameters of the classifier", "classifier", AIM, found, best).write()
    draw(run, AIM, found)


if __name__ == "__main__":
    start(body, __file__)
