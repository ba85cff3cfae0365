"""Table 2: how well k-NN, SVC and the network tell the four fates apart.

Needs: the SPH grid; --full takes about an hour and a half on two cores, for ten networks.

The searches of sections 3.1 and 3.2 choose by balanced accuracy. k-NN answers each row from all
public rows but the row itself; with the training rows alone it has a sixth fewer neighbours to
choose from and loses more than a point (second row). The paper does not say whether its SVC
weighs classes; the search tries both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from support import paper
from support.classical import answer_neighbours, neighbours_classifier, support_classifier
from support.measures import FATE_MEASURES, fate_measures
from support.networks import count, describe, judge_fates, spreads, trained
from support.rows import Data, load_rows
from surrogate.reports.report import BESIDE, Cell, Report
from surrogate.reports.run import Run, start


def body(run: Run) -> None:
    data = load_rows(run)
    report = Report(run, "Table 2. Classification", BESIDE)
    neighbours, found = neighbours_classifier(run, data)
    judge(report, data, "k-NN", answer_neighbours(neighbours, data), paper.TABLE_2["k-NN"])
    alone = KNeighborsClassifier(**found["best"]).fit(data.train.x, data.train.fate)
    judge(report, data, "k-NN, training rows alone", alone.predict(data.judged.x))
    report.note(f"k-NN: best of the search {found['best']}")
    report.details["k-NN"] = found

    machine, found = support_classifier(run, data)
    judge(report, data, "SVC", machine.predict(data.judged.x), paper.TABLE_2["SVC"])
    report.note(f"SVC: best of the search {found['best']}")
    report.details["SVC"] = found

    add_networks(report, run, data)
    report.write()


def judge(
    report: Report, data: Data, name: str, said: np.ndarray, theirs: Sequence[Cell] = (None, None)
) -> None:
    """Add a method that is fitted once."""
    report.beside(name, FATE_MEASURES, fate_measures(said, data.judged), theirs)


def add_networks(report: Report, run: Run, data: Data) -> None:
    """Add mean, spread and best of the networks."""
    fits = trained(run, data, "classifier")
    measures = judge_fates(fits, data)
    cells = spreads(measures, greater=True)
    report.beside(f"network, {count(fits)}", FATE_MEASURES, cells, paper.TABLE_2["network"])
    report.details["network"] = describe(fits, measures)


if __name__ == "__main__":
    start(body, __file__)
