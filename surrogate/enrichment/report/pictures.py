"""Pictures of all stars of a report, with what there is to say of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

from surrogate.enrichment.classifiers.models import LEARNT
from surrogate.enrichment.classifiers.training import training_set
from surrogate.enrichment.figures import (
    draw_i_process,
    draw_latent,
    draw_outputs,
    draw_patterns,
    draw_receivers,
    receivers_of,
)
from surrogate.reports.pages import image
from surrogate.reports.pictures import to_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from surrogate.enrichment.classifiers.models import Models
    from surrogate.enrichment.figures.receivers import EpochReceiver
    from surrogate.enrichment.patterns import Patterns
    from surrogate.enrichment.stars import Stars


def pictures(
    models: Models,
    stars: Stars,
    classes: Sequence[str],
    patterns: Patterns | None = None,
    seed: int = 0,
) -> str:
    """Patterns, outputs, receiver curves and latent planes; simulations where there are some.

    Args:
        models: trained.
        stars: n of them.
        classes: process of each by JINAbase's rules; "" for none.
        patterns: simulations that the models were trained on, or others.
        seed: which networks are drawn.
    """
    drawn = []
    if patterns is not None:
        drawn += [
            _piece(
                lambda: draw_patterns(patterns, stars, classes=classes),
                "Patterns of simulations and stars against atomic number",
                "Abundances counted from europium. Thick lines are medians of the simulations; "
                "elements that networks see are named above. Marks on a frame lie beyond it.",
            )
        ]
        if set(LEARNT) <= set(patterns.process):
            drawn += [
                _piece(
                    lambda: draw_outputs(models, patterns, stars, classes=classes, seed=seed),
                    "Histograms of the outputs of binary classifiers, with the stars below",
                    f"Binary classifiers, networks {seed + 1} of {models.seeds}. The upright line "
                    "is the threshold; to the right of it is s. A star that lacks an element of a "
                    "network is not in its panels.",
                ),
                _piece(
                    lambda: draw_receivers(_receivers(models, patterns, seed)),
                    "Receiver curves of a binary classifier",
                    "How the large network with the elements up to Er tells these simulations "
                    "apart, at minimal and at maximal separation.",
                ),
            ]
    drawn += [
        _piece(
            lambda: draw_latent(models, patterns, stars, classes=classes, seed=seed),
            "Latent planes of one-class classifiers with their boundaries",
            f"One-class classifiers, networks {seed + 1} of {models.seeds}. Marks on a frame lie "
            "beyond it. Coordinates have no meaning of their own and differ between networks.",
        )
    ]
    if patterns is not None and "i" in patterns.process:
        rows = [k for k, name in enumerate(classes) if name == "i"]
        mine = stars.take(rows)
        drawn += [
            _piece(
                lambda: draw_i_process(
                    models, patterns, mine, classes=["i"] * len(rows), seed=seed
                ),
                "Patterns of the i-process beside those of r and s, and latent planes",
                "Simulations of the i-process and stars of class i. Bands hold the middle 90 % of "
                "r and of s simulations.",
            )
        ]
    return "".join(drawn)


def _receivers(models: Models, patterns: Patterns, seed: int) -> list[EpochReceiver]:
    net = models.binary["er", "L"]
    return receivers_of(net, training_set(patterns.of(*LEARNT), net.elements), seed=seed)


def _piece(draw: Callable[[], Figure], alt: str, caption: str) -> str:
    return f"{image(to_png(draw()), alt)}<p><small>{escape(caption)}</small></p>"
