"""Who survives and what is lost, over pericentre and velocity: the picture of the README.

python experiments/collisions/outcome_map.py --out docs/outcome_map.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, to_rgb

import surrogate
from surrogate import Fate
from surrogate.collisions.structure import radius

AGE, M1, M2 = 1.0, 1.0, 0.6  # Gyr, Msun, Msun
# Ordered in brightness, so that the map reads in grey; from the colour-blind safe Okabe-Ito set.
COLOURS = {
    Fate.NONE: "#332288",
    Fate.STRIPPED: "#CC6677",
    Fate.MERGER: "#88CCEE",
    Fate.TWO: "#F4F1DE",
}
# Where each region is named, in the units of the axes.
LABELS = {
    Fate.NONE: ("none", 0.13, 7e3),
    Fate.STRIPPED: ("one, stripped", 0.7, 9e3),
    Fate.MERGER: ("merger", 0.4, 30.0),
    Fate.TWO: ("both survive", 0.75, 1.5e3),
}
STRIPPED_BAND = (0.36, 9e3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/outcome_map.png"))
    out = parser.parse_args().out

    contact = float(radius(M1, AGE) + radius(M2, AGE))
    x = np.linspace(0.0, 1.6, 481)
    vinf = np.geomspace(5.0, 16_000.0, 401)
    rp, v = np.meshgrid(x * contact, vinf)
    outcome = surrogate.load()(AGE, M1, M2, rp, v)
    lost = 100.0 * np.asarray(outcome.m_unbound) / (M1 + M2)

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True, layout="constrained")
    draw_fates(left, x, vinf, np.asarray(outcome.fate))
    norm = LogNorm(0.1, 100.0, clip=True)
    mesh = right.pcolormesh(x, vinf, lost, cmap="cividis_r", norm=norm, rasterized=True)
    figure.colorbar(mesh, ax=right, label="unbound mass [% of $M_1+M_2$]", extend="min")
    for axes in (left, right):
        axes.axvline(1.0, color="black", linestyle="--", linewidth=1)
        axes.set(xlabel=r"pericentre $r_p\,/\,(R_1+R_2)$", yscale="log")
    left.set_ylabel(r"velocity at infinity $v_\infty$ [km s$^{-1}$]")
    left.set_title(rf"who survives: {M1:g} + {M2:g} $M_\odot$ at {AGE:g} Gyr")
    right.set_title("what is lost (dashed: contact)")
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=130)


def draw_fates(axes: Axes, x: np.ndarray, vinf: np.ndarray, fate: np.ndarray) -> None:
    """Fill each region and name it."""
    picture = np.zeros((*fate.shape, 3))
    for which, colour in COLOURS.items():
        picture[fate == which] = to_rgb(colour)
    axes.pcolormesh(x, vinf, picture, rasterized=True)
    for which, (text, at_x, at_v) in LABELS.items():
        dark = np.mean(to_rgb(COLOURS[which])) < 0.4
        style = {"ha": "center", "color": "white" if dark else "black", "fontsize": 9}
        if which == Fate.STRIPPED:  # a narrow band, which its name does not fit in
            arrow = {"arrowstyle": "-", "linewidth": 0.8}
            axes.annotate(text, STRIPPED_BAND, (at_x, at_v), arrowprops=arrow, va="center", **style)
        else:
            axes.text(at_x, at_v, text, **style)


if __name__ == "__main__":
    main()
