"""Table 6: one mixture of experts against two separate networks.

Needs: the SPH grid and the networks of tables 2 and 4, which it trains where they are missing.

    The ten mixtures of --full take two hours on two cores.
"""

from __future__ import annotations

import numpy as np

from support import paper
from support.measures import FATE_MEASURES, MASS_MEASURES, fate_measures, mass_measures
from support.networks import Fit, say_fates, say_fractions, spread, trained
from support.report import Report
from support.rows import Data, load_rows
from support.run import Run, start
from surrogate.collisions.scoring import model_scores

MEASURES = (*FATE_MEASURES, *MASS_MEASURES)


def body(run: Run) -> None:
    data = load_rows(run)
    mixtures = trained(run, data, "mixture")
    classifiers, regressors = (trained(run, data, name) for name in ("classifier", "regressor"))
    report = Report(run, "Table 6. Mixture of experts and separate networks", ["measure", *COLUMNS])
    found = {
        "mixture of experts": (judge_fates(mixtures, data), judge_masses(mixtures, data)),
        "separate networks": (judge_fates(classifiers, data), judge_masses(regressors, data)),
    }
    for i, measure in enumerate(MEASURES):
        cells: list[str] = []
        for name, (fates, masses) in found.items():
            values = fates[:, i] if i < 2 else masses[:, i - 2]
            cells += [spread(list(values), greater=i < 2), paper.TABLE_6[name][i]]
        report.add(measure, *cells)
    report.note(
        f"{len(mixtures)} mixtures, {len(classifiers)} classifiers, {len(regressors)} regressors"
    )
    fates, masses = found["mixture of experts"]
    scores = np.asarray(model_scores(fates[:, 1] / 100, masses[:, 0], masses[:, 1]))
    report.note(f"by the score of appendix C the best mixture is that of seed {scores.argmin()}")
    report.details["scores of the mixtures"] = scores
    report.details["measures"] = {
        name: {"fates": fates, "masses": masses} for name, (fates, masses) in found.items()
    }
    report.write()


COLUMNS = ("mixture of experts", "paper: mixture", "separate networks", "paper: separate")


def judge_fates(fits: list[Fit], data: Data) -> np.ndarray:
    """Accuracies of each seed, (seeds, 2)."""
    return np.array([fate_measures(say_fates(fit, data.judged), data.judged) for fit in fits])


def judge_masses(fits: list[Fit], data: Data) -> np.ndarray:
    """Errors of each seed, (seeds, 4)."""
    return np.array([mass_measures(say_fractions(fit, data.judged), data.judged) for fit in fits])


if __name__ == "__main__":
    start(body, __file__)
