"""Table 5: the search of the hyperparameters of the mixture of experts.

Needs: the SPH grid; --full is for a GPU, or for several machines at once.

A full search trains sixty networks for 500 to 2000 epochs: more than a day on two cores. Each
machine that is given the same command and a shared --out adds trials until all are there.

As in the paper the best epoch of a trial has the least loss on the validation rows, and the best
trial the least score of appendix C. That score compares all models with each other, so it is known
only in the end. Each trial on its own is scored beside two made-up models instead: one without any
error, and one with a balanced accuracy of zero and median errors of 0.1 Msun. All else is as in
Table 1.
"""

from __future__ import annotations

import jax.numpy as jnp

from support.measures import FATE_MEASURES, MASS_MEASURES
from support.rows import load_rows
from support.study import Measures
from support.tuning import Aim, draw, tell, tune
from surrogate.collisions.scoring import model_scores
from surrogate.reports.report import show
from surrogate.reports.run import Run, start

NAMES = (FATE_MEASURES[1], MASS_MEASURES[0], MASS_MEASURES[1])
WORST = 0.1
"""Median error beyond which a trial's mass counts as no worse [Msun]; eight times the paper's."""


def alone(measures: Measures) -> float:
    """Score of a trial that needs no other trials."""
    accuracy, star1, star2 = (measures[name] for name in NAMES)
    scores = model_scores(
        jnp.array([accuracy / 100, 1.0, 0.0]),
        jnp.array([min(star1, WORST), 0.0, WORST]),
        jnp.array([min(star2, WORST), 0.0, WORST]),
    )
    return float(scores[0])


AIM = Aim("validation score of each trial alone", alone)


def body(run: Run) -> None:
    found = tune(run, load_rows(run), "mixture", AIM)
    measured = [jnp.array([trial.measures[name] for trial in found.trials]) for name in NAMES]
    scores = model_scores(measured[0] / 100, *measured[1:])
    title = "Table 5. Hyperparameters of the mixture of experts"
    report = tell(run, title, "mixture", AIM, found, found.trials[int(scores.argmin())])
    report.note(
        f"Best by the score of appendix C among all trials, {show(float(scores.min()))}. By the "
        f"score of each trial alone the best is {min(found.trials, key=lambda t: t.score).number}."
    )
    report.details["scores of appendix C"] = scores
    report.write()
    draw(run, AIM, found)


if __name__ == "__main__":
    start(body, __file__)
