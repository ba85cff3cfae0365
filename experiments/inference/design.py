"""Design of encounters: a stripped core of 0.5 Msun from a star of 2 Msun, and other wishes.

Needs: nothing but the package.

The other star, the depth and the speed are found by gradients of the fast surrogate; the ensemble,
in its hard mode, judges. How well a field must be known follows from the slopes of the masses.
"""

from __future__ import annotations

import jax
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from surrogate import Fate, load
from surrogate.collisions.predictive import Way
from surrogate.collisions.predictor import CollisionModel
from surrogate.collisions.structure import radius
from surrogate.inference.design import Design, design
from surrogate.inference.wish import Wish
from surrogate.learning.progress import epochs_progress
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import CONTACT_LABEL, FATES, PAGE, VINF_LABEL, save

AGE = 0.5  # Gyr
M1 = 2.0  # Msun
FREE = {"m2": (0.2, 2.0), "depth": (0.0, 1.0), "vinf": (10.0, 16_000.0)}
WISHES = {
    "core of 0.5": Wish(Way.FIRST, {"m1_final": (0.5, 0.02)}),
    "merger, 0.5 lost": Wish(Way.MERGER, {"m1_final": (2.5, 0.02), "m_unbound": (0.5, 0.02)}),
    "both, 0.2 lost": Wish(Way.TWO, {"m_unbound": (0.2, 0.01)}),
}
"""Masses in Msun: a stripped core, a merger product and its gas, two stars that lose a little."""
COLUMNS = ("wish", "M2", "depth", "vinf", "P", "mass", "68 %", "judged", "granted", "ood")


def body(run: Run) -> None:
    starts, steps, nodes = (128, 200, 60) if run.quick else (1024, 800, 240)
    model, judge = load("fast"), load()
    report = Report(run, f"Designed encounters of a star of {M1:g} Msun", COLUMNS)
    found = {}
    with epochs_progress("design", 0, len(WISHES)) as done:
        for k, (name, wish) in enumerate(WISHES.items()):
            found[name] = design(
                model,
                wish,
                fixed={"age": AGE, "m1": M1},
                free=FREE,
                key=jax.random.key(k),
                starts=starts,
                steps=steps,
                judge=judge,
            )
            add(report, name, wish, found[name])
            done(k + 1, {})
    for what in ("granted", "blur", "leeway"):
        values = {name: np.asarray(getattr(d, what)).tolist() for name, d in found.items()}
        report.details[what] = values
    report.note("Masses in Msun, depth = rp / (R1 + R2), vinf in km/s; P of the wished way.")
    report.note(
        "mass: the first wished for; 68 %: half-width of its interval; judged: by the ensemble."
    )
    report.note(
        "In the JSON: how far M2, depth and vinf may be off, as the mass is not known better"
    )
    report.note("(blur) and before it leaves its tolerance (leeway).")
    core = next(iter(found.values()))
    if core.granted.any():
        draw(run, judge, core, nodes)
    report.write()


def add(report: Report, name: str, wish: Wish, found: Design) -> None:
    """A row for each solution."""
    target = next(iter(wish.masses))
    column = ("m1_final", "m2_final", "m_unbound").index(target)
    judged = np.asarray(getattr(found.outcome, target))
    for i, values in enumerate(np.asarray(found.values)):
        report.add(
            name,
            *map(float, values),
            float(found.probability[i]),
            float(found.masses[i, column]),
            float(found.scale[i, column]),
            float(judged[i]),
            "yes" if found.granted[i] else "no",
            float(found.outcome.ood[i]),
        )


def draw(run: Run, judge: CollisionModel, found: Design, nodes: int) -> None:
    """Solutions with the lightest, the middle and the heaviest partner, over the judge's fates."""
    solutions = sorted(np.asarray(found.values)[found.granted].tolist())
    solutions = [solutions[k] for k in sorted({0, len(solutions) // 2, len(solutions) - 1})]
    columns = len(solutions)
    figure, axes = plt.subplots(1, columns, figsize=(PAGE, 2.7), sharey=True, squeeze=False)
    depth, vinf = np.linspace(0.0, 0.6, nodes), np.geomspace(300.0, 16_000.0, nodes)
    colours = ListedColormap([FATES[fate].colour for fate in Fate])
    for i, ax in enumerate(axes[0]):
        m2, x, v = solutions[i]
        contact = float(radius(M1, AGE) + radius(m2, AGE))
        out = judge(AGE, M1, m2, depth[None, :] * contact, vinf[:, None])
        ax.pcolormesh(depth, vinf, out.fate, cmap=colours, vmin=-0.5, vmax=3.5, rasterized=True)
        core = np.where(np.asarray(out.fate) == Fate.STRIPPED, np.asarray(out.m1_final), np.nan)
        lines = ax.contour(depth, vinf, core, [0.25, 0.5, 1.0, 1.5], colors="black", linewidths=0.6)
        ax.clabel(lines, fontsize=6)
        ax.plot(x, v, "*", color="white", markeredgecolor="black", markersize=11)
        ax.set(yscale="log", xlabel=CONTACT_LABEL, title=rf"$M_2$ = {m2:.2f} M$_\odot$")
    axes[0, 0].set_ylabel(VINF_LABEL)
    patches = [Patch(facecolor=f.colour, edgecolor="0.3", label=f.label) for f in FATES.values()]
    star = Line2D([], [], marker="*", color="white", markeredgecolor="black", markersize=9)
    star.set_label("designed")
    line = Line2D([], [], color="black", linewidth=0.6, label=r"core [M$_\odot$]")
    figure.legend(handles=[*patches, star, line], loc="outside lower center", ncols=6)
    save(figure, run)


if __name__ == "__main__":
    start(body, __file__)
