"""Table 3: the search of the regressor's hyperparameters.

Needs: the SPH grid. The sixty trainings of --full, of 500 to 2000 epochs each, are for a GPU or

    for several machines that share --out: each one that is given the same command adds trials
    until all are there. One machine of two cores needs more than half a day.

As in the paper the best trial has the least median absolute error of the final mass of star 1 on
the validation rows. Its best epoch has the least median relative error there; the paper's, the
least loss (see `regressor_task`). All else is as in Table 1.
"""

from __future__ import annotations

from support.measures import MASS_MEASURES
from support.rows import load_rows
from support.run import Run, start
from support.tuning import Aim, draw, tell, tune

AIM = Aim(
    r"median $|\Delta M_{1,f}|$ on validation rows [$M_\odot$]",
    lambda measures: measures[MASS_MEASURES[0]],
)


def body(run: Run) -> None:
    found = tune(run, load_rows(run), "regressor", AIM)
    best = min(found.trials, key=lambda trial: trial.score)
    tell(run, "Table 3. Hyperparameters of the regressor", "regressor", AIM, found, best).write()
    draw(run, AIM, found)


if __name__ == "__main__":
    start(body, __file__)
