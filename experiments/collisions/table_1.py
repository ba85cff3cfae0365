"""Table 1: the search of the classifier's hyperparameters.

Needs: the SPH grid. The sixty trainings of --full, of 500 to 2000 epochs each, are for a GPU or

    for several machines that share --out: each one that is given the same command adds trials
    until all are there. One machine of two cores needs more than half a day.

As in the paper each trial is judged by the epoch with the highest balanced accuracy on the
validation rows, and the best trial by the same. Optuna's tree-structured Parzen estimators stand
for the Bayesian sweep of Weights and Biases; the paper does not say how many trials it had. Batch
sizes are powers of two, SGD has no momentum, and the networks of all trials start from one seed.
"""

from __future__ import annotations

from support.measures import FATE_MEASURES
from support.rows import load_rows
from support.run import Run, start
from support.tuning import Aim, draw, tell, tune

AIM = Aim(
    "balanced error on validation rows [%]", lambda measures: 100.0 - measures[FATE_MEASURES[1]]
)


def body(run: Run) -> None:
    found = tune(run, load_rows(run), "classifier", AIM)
    best = min(found.trials, key=lambda trial: trial.score)
    tell(run, "Table 1. Hyperparameters of the classifier", "classifier", AIM, found, best).write()
    draw(run, AIM, found)


if __name__ == "__main__":
    start(body, __file__)
