"""Rivals: the prescriptions that population and N-body codes use today, on the same rows.

Needs: the SPH grid.

Sticky spheres lose nothing. COMPAS: 0.3 q/(1+q)² (Wang+ 2022, after Glebbeek+ 2008). MMAMS
(Gaburov+ 2008), used in AMUSE: 8.36 % q^-2.58 (2q/(1+q))^4.28. Lombardi+ 2002:
0.157 q/(1+q)² ΣR.86/(ΣR.5 + 1.8 rp). Each also with a fair switch: stars merge only below the
escape speed at contact, and fly on unharmed above it. All answer with the radii of the simulations.
"""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np

from support.measures import SHORT, SHORT_NOTE
from support.rows import load_rows
from surrogate import load
from surrogate.collisions.baselines import BASELINES, Remnants, collide
from surrogate.collisions.encounter import Fate, Outcome
from surrogate.collisions.evaluate import ask_pipeline, compare
from surrogate.collisions.grid import Grid
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import save

Array = np.ndarray
Said = Remnants | Outcome

NAMES = {
    "sticky": "sticky spheres",
    "wang2022": "COMPAS",
    "mmams": "MMAMS",
    "lombardi2002": "Lombardi+ 2002",
}
SWITCH = " *"
"""Marks a rival whose stars merge only below the escape speed."""
MODELS = {"ensemble": "surrogate", "fast": "fast surrogate", "separate": "published"}
COLUMNS = ("model", *SHORT, "merger |ΔM|/M", "unbound |Δm| [%]")


def body(run: Run) -> None:
    rows = load_rows(run).judged.grid
    report = Report(run, "Rivals on the same rows", COLUMNS)
    errors: dict[str, Array] = {}
    for name, said in answers(rows, run.quick):
        report.add(name, *judge(said, rows))
        errors[name] = unbound_error(said, rows)
    draw(errors, rows, run)
    report.note("*: stars merge only below the escape speed at contact, and fly on above it.")
    report.note(f"{SHORT_NOTE} merger: where the simulated stars merge.")
    report.note("unbound: mean error of the unbound mass in per cent of M1 + M2.")
    report.write()


def answers(rows: Grid, quick: bool) -> Iterator[tuple[str, Said]]:
    """What each rival and each model says of the rows."""
    columns = (rows.age, rows.m1, rows.m2, rows.rp, rows.vinf, rows.r1, rows.r2)
    for below in (False, True):
        for key in BASELINES:
            name = NAMES[key] + SWITCH * below
            yield name, collide(key, *columns, below_escape_speed=below)
    for key in ["fast"] if quick else MODELS:
        yield MODELS[key], ask_pipeline(load(key), rows, own_radii=True)


def judge(said: Said, rows: Grid) -> list[float]:
    """The cells of a model."""
    found = compare(said, rows)
    return [
        100 * float(found.accuracy),
        100 * float(found.balanced_accuracy),
        float(found.median_absolute_error_1),
        float(found.median_absolute_error_2),
        float(found.median_relative_error_1),
        float(found.median_relative_error_2),
        merger_error(said, rows),
        float(unbound_error(said, rows).mean()),
    ]


def merger_error(said: Said, rows: Grid) -> float:
    """Median relative error of the heaviest remnant, where the simulated stars merge."""
    merged = rows.fate == Fate.MERGER
    product = np.maximum(np.asarray(said.m1_final), np.asarray(said.m2_final))[merged]
    true = np.maximum(rows.m1_final, rows.m2_final)[merged]
    return float(np.median(np.abs(product - true) / true))


def unbound_error(said: Said, rows: Grid) -> Array:
    """Error of the unbound mass [% of m1 + m2] of each row."""
    total = rows.m1 + rows.m2
    true = total - rows.m1_final - rows.m2_final
    return 100 * np.abs(np.asarray(said.m_unbound) - true) / total


def draw(errors: dict[str, Array], rows: Grid, run: Run) -> None:
    """Mean error of the unbound mass at each speed of the grid."""
    speeds = np.unique(rows.vinf)
    figure, axes = plt.subplots(figsize=(7.1, 3.6), layout="constrained")
    styles = zip(errors.items(), lines(), strict=False)
    for (name, error), style in styles:
        mean = [error[rows.vinf == v].mean() for v in speeds]
        axes.plot(speeds, mean, label=name, **style)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel=r"velocity at infinity $v_\infty$ [km s$^{-1}$]",
        ylabel="mean error of the unbound mass\n" r"[% of $M_1+M_2$]",
    )
    figure.legend(loc="outside right upper", fontsize=7)
    save(figure, run, run.name)


def lines() -> Iterator[dict[str, object]]:
    """Rivals grey and dashed by the switch, models in colour; a marker tells each."""
    greys = ("0.0", "0.35", "0.5", "0.65")
    for dash in ("-", "--"):
        for grey, marker in zip(greys, "osv^", strict=True):
            yield {"color": grey, "linestyle": dash, "marker": marker, "markersize": 3}
    for colour, marker in zip(("#0072B2", "#56B4E9", "#D55E00"), "DPX", strict=True):
        yield {"color": colour, "linewidth": 2, "marker": marker, "markersize": 5}


if __name__ == "__main__":
    start(body, __file__)
