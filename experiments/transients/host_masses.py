"""Table 2: masses of the black holes in the hosts, beside the paper's.

Needs: nothing but the package.

Eight of the 26 transients have no host with magnitudes and are left out. Masses follow from the
relation of active galaxies and from that of ellipticals, without K-correction and extinction, as in
appendix B. The paper states no errors of the magnitudes; 0.02 mag stands for them.
"""

from __future__ import annotations

import numpy as np

from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.transients.host import SCATTER, Relation, black_hole_mass
from surrogate.transients.published import PUBLISHED

MAGNITUDE_ERROR = 0.02
DIGIT = 0.005
"""Half of the last digit that the paper prints [dex]."""
PAPER = {Relation.AGN: "log_agn", Relation.ELLIPTICAL: "log_elliptical"}
"""Where the paper's masses are."""
COLUMNS = ("transient", "g", "r", "z", "relation", "log M", "paper", "diff", "error")


def body(run: Run) -> None:
    report = Report(run, "Table 2. Masses of the hosts' black holes, log10 in Msun", COLUMNS)
    hosts = [row for row in PUBLISHED if row.g is not None]
    for row in hosts:
        for relation, name in PAPER.items():
            found = black_hole_mass(
                row.g,
                row.r,
                row.z,
                relation=relation,
                g_error=MAGNITUDE_ERROR,
                r_error=MAGNITUDE_ERROR,
            )
            here, error = float(found.log_black_hole), float(found.log_black_hole_error)
            paper = getattr(row, name)
            # The digits that single precision has.
            difference = round(here - paper, 5)
            report.add(row.name, row.g, row.r, row.z, relation, here, paper, difference, error)
    for relation in PAPER:
        off = np.array([abs(row[-2]) for row in report.rows if row[4] == relation])
        same = int((off <= DIGIT).sum())
        report.details[relation] = {"largest difference": off.max().item(), "same digits": same}
        report.note(f"{relation}: {same} of {len(hosts)} masses are the paper's to its two digits.")
    report.note(f"Errors in dex: {MAGNITUDE_ERROR:g} mag in g and in r, and the relation's own;")
    report.note(f"black holes scatter about either relation by another {SCATTER:g} dex.")
    report.write()


if __name__ == "__main__":
    start(body, __file__)
