"""The classes that JINAbase gives metal-poor stars, by thresholds on a few ratios.

    r-I        0.3 <= [Eu/Fe] <= 1 and [Ba/Eu] < 0
    r-II       [Eu/Fe] > 1 and [Ba/Eu] < 0
    limited-r  [Eu/Fe] < 0.3, [Sr/Ba] > 0.5 and [Sr/Eu] > 0
    s          [Ba/Fe] > 1, [Ba/Eu] > 0.5 and [Ba/Pb] > -1.5
    i          0 < [La/Eu] < 0.6 and [Hf/Ir] ~ 1

The rules are tried in this order, and the first one that holds gives the class: many stars of
class s or r-II have [La/Eu] between 0 and 0.6, too.

What is not measured, or only limited, is missing. A rule with a missing ratio does not hold, with
two exceptions: without Pb the other two criteria decide on s, without Hf or Ir the first one
decides on i, as JINAbase does. Where no rule holds, the class is `NONE` if every rule has a
criterion that a measured ratio fails, and `UNDECIDED` if a missing ratio could still make one hold.

Source: Abohalima & Frebel (2018, ApJS 238, 36), and Frebel (2018, ARNPS 68, 237) for i.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.enrichment.solar import SolarTable

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

    from surrogate.enrichment.stars import Stars

HF_IR_WIDTH: Final = 0.5
"""[Hf/Ir] is about 1 within this [dex]: the rule gives no width, this is half of 1."""
DIGITS: Final = 6
"""Ratios are rounded to so many: 0.3 must not miss a threshold of 0.3 by the float's last bit."""


class StarClass(StrEnum):
    """What the rules say of a star."""

    R_I = "r-I"
    R_II = "r-II"
    LIMITED_R = "limited-r"
    S = "s"
    I = "i"  # noqa: E741
    NONE = "none"
    UNDECIDED = "undecided"

    @property
    def process(self) -> str:
        """The process: r, s or i; empty where the rules say none."""
        return {"r-I": "r", "r-II": "r", "limited-r": "r", "s": "s", "i": "i"}.get(self.value, "")


class _Criterion(NamedTuple):
    """Low < [x/y] < high, where the ends may be allowed."""

    x: str
    y: str
    low: float = -np.inf
    high: float = np.inf
    closed: bool = False
    """Whether the ends are allowed."""
    needed: bool = True
    """Whether the rule fails without it."""


RULES: Final = {
    StarClass.R_I: (
        _Criterion("Eu", "Fe", 0.3, 1.0, closed=True),
        _Criterion("Ba", "Eu", high=0.0),
    ),
    StarClass.R_II: (_Criterion("Eu", "Fe", low=1.0), _Criterion("Ba", "Eu", high=0.0)),
    StarClass.LIMITED_R: (
        _Criterion("Eu", "Fe", high=0.3),
        _Criterion("Sr", "Ba", low=0.5),
        _Criterion("Sr", "Eu", low=0.0),
    ),
    StarClass.S: (
        _Criterion("Ba", "Fe", low=1.0),
        _Criterion("Ba", "Eu", low=0.5),
        _Criterion("Ba", "Pb", low=-1.5, needed=False),
    ),
    StarClass.I: (
        _Criterion("La", "Eu", 0.0, 0.6),
        _Criterion("Hf", "Ir", 1.0 - HF_IR_WIDTH, 1.0 + HF_IR_WIDTH, closed=True, needed=False),
    ),
}
"""In the order in which they are tried."""


def classify(stars: Stars, solar: str | SolarTable = "asplund2009") -> list[StarClass]:
    """Class of each star.

    Args:
        stars: with as many of Sr, Ba, La, Eu, Hf, Ir and Pb as there are, and [Fe/H].
        solar: the table that the ratios are counted from.
    """
    found = [StarClass.NONE] * len(stars)
    for name in (StarClass.UNDECIDED, *reversed(RULES)):
        # The first rule is written last, over the others.
        which = _open(stars, solar) if name is StarClass.UNDECIDED else _holds(stars, name, solar)
        for i in np.flatnonzero(which):
            found[i] = name
    return found


def _holds(stars: Stars, name: StarClass, solar: str | SolarTable) -> Bool[np.ndarray, " n"]:
    held = [
        _test(ratio := _ratio(stars, rule, solar), rule) | (np.isnan(ratio) & (not rule.needed))
        for rule in RULES[name]
    ]
    return np.logical_and.reduce(held)


def _open(stars: Stars, solar: str | SolarTable) -> Bool[np.ndarray, " n"]:
    """Where a rule would hold if every missing ratio were right."""
    could = [
        np.logical_and.reduce(
            [
                _test(ratio := _ratio(stars, rule, solar), rule) | np.isnan(ratio)
                for rule in criteria
            ]
        )
        for criteria in RULES.values()
    ]
    return np.logical_or.reduce(could)


def _ratio(stars: Stars, rule: _Criterion, solar: str | SolarTable) -> Float[np.ndarray, " n"]:
    return np.round(stars.ratio(rule.x, rule.y, solar), DIGITS)


def _test(ratio: Float[np.ndarray, " n"], rule: _Criterion) -> Bool[np.ndarray, " n"]:
    if rule.closed:
        return (ratio >= rule.low) & (ratio <= rule.high)
    return (ratio > rule.low) & (ratio < rule.high)
