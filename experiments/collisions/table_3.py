"""Table 3: the search of the regressor's hyperparameters.

Needs: the SPH grid; --full is for a GPU, or for several machines at once.

A full search trains sixty networks for 500 to 2000 epochs: more than half a day on two cores. Each
machine that is given the same command and a shared --out adds trials until all are there.

As in the paper the best trial has the least median absolute error of the final mass of star 1 on
the validation rows. Its best epoch has the least median relative error there; the paper's, the
least loss (see `regressor_task`). All else is as in Table 1.
"""

from __future__ import annotations

from support.measures import MASS_MEASURES
from support.rows import load_rows
from support.tuning import Aim, draw, tell, tune
from surrogate.reports.run import Run, start

AIM = Aim("validation median |error| M1f [Msun]", lambda found: found[MASS_MEASURES[0]])


def body(run: Run) -> None:
    found = tune(run, load_rows(run), "regressor", AIM)
    best = min(found.trials, key=lambda trial: trial.score)
    tell(run, "Table 3. Hyperparameters of the regressor", "regressor", AIM, found, best).write()
    draw(run, AIM, found)


if __name__ == "__main__":
    start(body, __file__)
