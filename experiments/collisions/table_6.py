"""Table 6: one mixture of experts against two separate networks.

Needs: the SPH grid and the networks of tables 2 and 4, which it trains where they are missing;
    the ten mixtures of --full take two hours on two cores.
"""

from __future__ import annotations

import numpy as np

from support import paper
from support.measures import FATE_MEASURES, MASS_MEASURES
from support.networks import describe, judge_fates, judge_masses, spreads, trained
from support.recipes import NORM_FIRST
from support.rows import load_rows
from surrogate.collisions.scoring import model_scores
from surrogate.reports.report import BESIDE, Report
from surrogate.reports.run import Run, start

MEASURES = (*FATE_MEASURES, *MASS_MEASURES)
MIXTURE, SEPARATE = paper.TABLE_6


def body(run: Run) -> None:
    data = load_rows(run)
    mixtures, classifiers, regressors = (
        trained(run, data, name) for name in ("mixture", "classifier", NORM_FIRST)
    )
    report = Report(run, "Table 6. Mixture of experts and separate networks", BESIDE)
    for name, fated, massed in (
        (MIXTURE, mixtures, mixtures),
        (SEPARATE, classifiers, regressors),
    ):
        fates, masses = judge_fates(fated, data), judge_masses(massed, data)
        cells = spreads(fates, greater=True) + spreads(masses, greater=False)
        report.beside(name, MEASURES, cells, paper.TABLE_6[name])
        report.details[name] = [describe(fated, fates), describe(massed, masses)]
        if name == MIXTURE:
            scores = np.asarray(model_scores(fates[:, 1] / 100, masses[:, 0], masses[:, 1]))
    report.details["scores"] = scores
    report.note(
        f"Seeds: mixture {len(mixtures)}, classifier {len(classifiers)}, "
        f"regressor {len(regressors)}. "
        f"By the score of appendix C the mixture of seed {scores.argmin()} is the best."
    )
    report.write()


if __name__ == "__main__":
    start(body, __file__)
