"""Table 4: how well k-NN, SVR and the network predict final masses.

Needs: the SPH grid; --full takes about four hours on two cores, for ten networks.

As in the paper every method answers each row whatever its fate, and relative errors count only the
stars that survive. Unlike there the survivor of a stripping keeps its own slot, for all methods
alike. k-NN answers each row from all public rows but the row itself. The optimiser of the SVR is
stopped after a number of steps (see `classical.py`); left alone it runs for hours a fit.
"""

from __future__ import annotations

import numpy as np

from support import paper
from support.classical import answer_neighbours, neighbours_regressor, support_regressor
from support.measures import MASS_MEASURES, mass_measures
from support.networks import say_fractions, spread, trained
from support.report import Report
from support.rows import Data, load_rows
from support.run import Run, start


def body(run: Run) -> None:
    data = load_rows(run)
    report = Report(
        run, "Table 4. Regression", ["method", *MASS_MEASURES, *(f"paper: {m}" for m in NAMES)]
    )
    neighbours, found = neighbours_regressor(run, data)
    said = answer_neighbours(neighbours, data)
    report.add("k-NN", *mass_measures(said, data.judged), *paper.TABLE_4["k-NN"])
    report.note(f"k-NN: best of the search {found['best']}")
    report.details["k-NN"] = found

    machines, found = support_regressor(run, data)
    said = machines.predict(data.judged.x)
    report.add("SVR", *mass_measures(said, data.judged), *paper.TABLE_4["SVR"])
    report.note(f"SVR: best of the search {[one['best'] for one in found]}")
    report.details["SVR"] = found

    add_networks(report, run, data)
    report.write()


NAMES = ("M1f [Msun]", "M2f [Msun]", "relative M1f", "relative M2f")


def add_networks(report: Report, run: Run, data: Data) -> None:
    """Add mean, spread and best of the networks."""
    fits = trained(run, data, "regressor")
    said = [say_fractions(fit, data.judged) for fit in fits]
    measures = np.array([mass_measures(fractions, data.judged) for fractions in said])
    cells = [spread(list(column), greater=False) for column in measures.T]
    report.add(f"network, {len(fits)} seeds", *cells, *paper.TABLE_4["network"])
    report.details["network"] = {
        "seeds": [fit.seed for fit in fits],
        "best epochs": [fit.card["best_epoch"][0] for fit in fits],
        "measures": measures,
        "mean": measures.mean(axis=0),
    }


if __name__ == "__main__":
    start(body, __file__)
