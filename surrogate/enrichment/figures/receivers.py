"""Receiver curves of a binary classifier while it learns, as the paper's figure 7 has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from surrogate.enrichment.classifiers.binary import STATES, Binary, fit_binary
from surrogate.enrichment.classifiers.training import TrainingSet, random_split
from surrogate.reports.pictures import bare_figure
from surrogate.reports.receiver import Receiver, receiver_curve
from surrogate.simulations.picture_style import COLUMN, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINES: Final = (":", (0, (1, 1)), "-.", "--", (0, (5, 1)), "-")
MOST: Final = len(LINES)
"""Curves that can be told apart."""


class EpochReceiver(NamedTuple):
    """The receiver curve of the training rows after so many epochs."""

    epoch: int
    receiver: Receiver


def receivers_at(
    training: TrainingSet, epochs: Sequence[int], *, seed: int = 0, size: str = "L"
) -> list[EpochReceiver]:
    """Train a binary classifier anew for each number of epochs; s is what is sought.

    Args:
        training: patterns of r and s.
        epochs: numbers of them. Weights are those of the last epoch, or, after the epoch of
            minimal separation, of this one, from which on the curve stays as it is.
        seed: of the weights and of the split; the same for all.
        size: L or S.
    """
    found = []
    split = random_split(len(training), [seed])
    mine = training.take(split.train[0])
    for n in epochs:
        net = fit_binary(training, split, [seed], size=size, epochs=n)
        output = net.output(mine.x, "min")[0]
        curve = receiver_curve(output[mine.label == 1], output[mine.label == 0])
        found.append(EpochReceiver(int(net.epoch["min"][0]) or n, curve))
    return found


def receivers_of(net: Binary, training: TrainingSet, *, seed: int = 0) -> list[EpochReceiver]:
    """Receiver curves of a trained classifier at minimal and at maximal separation.

    Args:
        net: of all seeds.
        training: patterns of r and s; all are asked, whether it learnt them or not.
        seed: place of the network.

    Returns:
        Curves of the states that the training came to.
    """
    found = []
    for state in STATES:
        if epoch := int(net.epoch[state][seed]):
            output = net.output(training.x, state)[seed]
            curve = receiver_curve(output[training.label == 1], output[training.label == 0])
            found.append(EpochReceiver(epoch, curve))
    return found


def draw_receivers(curves: Sequence[EpochReceiver]) -> Figure:
    """Receiver curves of several epochs.

    Args:
        curves: as of `receivers_at` or `receivers_of`, up to `MOST`.

    Returns:
        A figure that belongs to no window: share of s simulations found against share of r
        simulations taken for s, with the area below each.

    Raises:
        ValueError: there are none, or too many.
        ImportError: matplotlib is not installed.
    """
    if not 1 <= len(curves) <= MOST:
        raise ValueError(f"curves: {len(curves)}, allowed: 1 to {MOST}; choose among them")
    with styled():
        figure = bare_figure(COLUMN, COLUMN)
        ax = figure.subplots()
        ax.plot([0.0, 1.0], [0.0, 1.0], color="0.8", lw=0.8)
        for k, (epoch, curve) in enumerate(curves):
            # From light to dark as it learns.
            shade = str(0.6 - 0.6 * k / max(len(curves) - 1, 1))
            label = f"epoch {epoch:,}: AUC {curve.auc:.4g}"
            x, y = curve.false_positive, curve.true_positive
            line = LINES[k - len(curves)]
            ax.plot(x, y, linestyle=line, color=shade, lw=1.4, label=label, clip_on=False)
        ax.set(xlim=(0.0, 1.0), ylim=(0.0, 1.02))
        ax.set(xlabel="r simulations taken for s (FPR)", ylabel="s simulations found (TPR)")
        ax.legend(loc="lower right")
        return figure
