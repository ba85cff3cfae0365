"""Mass gain: the grazing encounter of section 7, in which the heavier star gains mass.

Needs: nothing but the shipped models.
"""

from __future__ import annotations

from surrogate import Fate, load
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start

AGE, M1, M2, RP, VINF = 0.79, 1.593, 1.128, 0.568, 584.0
"""Gyr, Msun, Msun, Rsun, km/s."""
SIMULATED = (1.599, 1.104, 0.017)
"""Final masses and unbound mass of the paper's simulation [Msun]."""
PAPER = 1.63
"""Final mass of star 1 that the paper's networks predict [Msun]."""


def body(run: Run) -> None:
    report = Report(
        run,
        f"Mass gain: {M1} + {M2} Msun at {AGE} Gyr, rp {RP} Rsun, vinf {VINF:g} km/s",
        ["model", "fate", "M1f [Msun]", "M2f [Msun]", "unbound [Msun]", "gain of star 1 [Msun]"],
    )
    report.add("SPH (paper)", "two", *SIMULATED, SIMULATED[0] - M1)
    report.add("collAIder (paper)", "two", PAPER, None, None, PAPER - M1)
    for name in ["separate"] if run.quick else ["ensemble", "fast", "separate", "mixture"]:
        said = load(name)(AGE, M1, M2, RP, VINF)
        masses = [float(m) for m in (said.m1_final, said.m2_final, said.m_unbound)]
        report.add(name, Fate(int(said.fate)).name.lower(), *masses, masses[0] - M1)
        if name == "ensemble":
            bounds = said.m1_bounds
            report.note(
                f"ensemble: 95 % interval of M1f {float(bounds.low95):.3f} to "
                f"{float(bounds.high95):.3f} Msun, out-of-domain score {float(said.ood):.2f}"
            )
    report.write()


if __name__ == "__main__":
    start(body, __file__)
