"""The picture of a calibration: receiver curve and histograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogate.simulations.picture_style import styled
from surrogate.transients.report.figures import BANDS, make_figure
from surrogate.transients.verdict import squash

if TYPE_CHECKING:
    from jaxtyping import Float
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from surrogate.reports.receiver import Receiver


def draw_receiver(receiver: Receiver, odds: Sequence[float] = ()) -> Figure:
    """The receiver curve of a calibration, and a histogram of the ln of the odds.

    Args:
        receiver: the calibration, of ln of odds.
        odds: ln of the odds of the objects of the report, marked below the histogram.

    Returns:
        A figure of two panels that belongs to no window.

    Raises:
        ImportError: matplotlib is not installed.
    """
    with styled():
        figure, (left, right) = make_figure(2, 2.9)
        left.plot([0, 1], [0, 1], ":", color="0.5", lw=0.8)
        left.plot(receiver.false_positive, receiver.true_positive, color=BANDS["g"].colour)
        left.set(xlabel="other flares taken for collisions", ylabel="collisions found")
        left.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        left.text(0.95, 0.06, f"area {receiver.auc:.3f}", ha="right", transform=left.transAxes)
        _draw_histogram(right, receiver, np.asarray(odds, float))
        handles, labels = right.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
        return figure


def _draw_histogram(ax: Axes, receiver: Receiver, odds: Float[np.ndarray, " n"]) -> None:
    groups = {
        "collisions": (receiver.positives, BANDS["g"], "-"),
        "other flares": (receiver.negatives, BANDS["r"], "--"),
    }
    x = squash(np.concatenate([receiver.positives, receiver.negatives, odds]))
    low, high = float(x[np.isfinite(x)].min()), float(x[np.isfinite(x)].max())
    edges = np.linspace(low - 0.2, high + 0.2, 31)
    for name, (values, look, line) in groups.items():
        inside = np.clip(squash(values), edges[0], edges[-1])
        share = np.full(len(values), 1.0 / len(values))
        style: dict[str, Any] = {"color": look.colour, "linestyle": line, "label": name}
        ax.hist(inside, edges.tolist(), weights=share, histtype="step", lw=1.2, **style)
    if len(odds):
        inside = np.clip(squash(odds), edges[0], edges[-1])
        below = np.full(len(odds), -0.03)
        transform = ax.get_xaxis_transform()
        ax.plot(inside, below + 0.06, "|", color="black", ms=6, transform=transform, label="here")
    ticks = [t for t in (-1000, -30, 0, 30, 1000) if low <= squash(t) <= high]
    ax.set_xticks(squash(ticks), [f"{t:g}" for t in ticks])
    ax.set(xlabel="ln of the odds of a collision", ylabel="share")
