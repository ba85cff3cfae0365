"""Table 2: how well k-NN, SVC and the network tell the four fates apart.

Needs: the SPH grid; --full takes about an hour and a half on two cores, for ten networks.

The searches of sections 3.1 and 3.2 choose by balanced accuracy. k-NN answers each row from all
public rows but the row itself; with the training rows alone it has a sixth fewer neighbours to
choose from and loses more than a point (second row). The paper does not say whether its SVC
weighs classes; the search tries both.
"""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from support import paper
from support.classical import answer_neighbours, neighbours_classifier, support_classifier
from support.measures import FATE_MEASURES, fate_measures
from support.networks import say_fates, spread, trained
from support.report import Report
from support.rows import Data, load_rows
from support.run import Run, start


def body(run: Run) -> None:
    data = load_rows(run)
    report = Report(
        run, "Table 2. Classification", ["method", *FATE_MEASURES, *(f"paper: {m}" for m in NAMES)]
    )
    neighbours, found = neighbours_classifier(run, data)
    judge(report, data, "k-NN", answer_neighbours(neighbours, data), "k-NN")
    alone = KNeighborsClassifier(**found["best"]).fit(data.train.x, data.train.fate)
    judge(report, data, "k-NN, training rows alone", alone.predict(data.judged.x))
    report.details["k-NN"] = found

    machine, found = support_classifier(run, data)
    judge(report, data, "SVC", machine.predict(data.judged.x), "SVC")
    report.details["SVC"] = found
    for name in ("k-NN", "SVC"):
        report.note(f"{name}: best of the search {report.details[name]['best']}")

    add_networks(report, run, data)
    report.write()


NAMES = ("accuracy [%]", "balanced [%]")


def judge(report: Report, data: Data, name: str, said: np.ndarray, listed: str = "") -> None:
    """Add a method that is fitted once."""
    theirs = paper.TABLE_2.get(listed, (None, None))
    report.add(name, *fate_measures(said, data.judged), *theirs)


def add_networks(report: Report, run: Run, data: Data) -> None:
    """Add mean, spread and best of the networks."""
    fits = trained(run, data, "classifier")
    measures = np.array([fate_measures(say_fates(fit, data.judged), data.judged) for fit in fits])
    cells = [spread(list(column), greater=True) for column in measures.T]
    report.add(f"network, {len(fits)} seeds", *cells, *paper.TABLE_2["network"])
    report.details["network"] = {
        "seeds": [fit.seed for fit in fits],
        "best epochs": [fit.card["best_epoch"][0] for fit in fits],
        "measures": measures,
        "mean": measures.mean(axis=0),
    }


if __name__ == "__main__":
    start(body, __file__)
