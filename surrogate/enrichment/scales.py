"""Which scale a row of abundances is on, told from its pattern.

Elements of even Z are more abundant than their odd neighbours by a factor of several, in the Sun
and in every process. log eps shows that zigzag, [X/Fe] does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from surrogate.enrichment.solar import ASPLUND_2009, SolarTable

TRIPLES: Final = (
    ("La", "Ce", "Pr"),
    ("Ce", "Pr", "Nd"),
    ("Gd", "Tb", "Dy"),
    ("Tb", "Dy", "Ho"),
    ("Dy", "Ho", "Er"),
    ("Ho", "Er", "Tm"),
)
"""Neighbours; not those of europium, which the s-process leaves out."""
HIGHEST: Final = {True: 6.0, False: 12.5}
"""log eps of no star is above this, for elements beyond zinc (True) and up to it [dex]."""
LOWEST: Final = -5.0
"""No log eps of a star that could be measured, and no bracket, is below this [dex]."""
HIGHEST_BRACKET: Final = 6.0
LEAST_ZIGZAG: Final = 0.1
"""In units of the Sun's: 0.19 is the least of the 110 rows of JINAbase that have a triple; their
[X/Fe] have 1 less, and so lie below in most rows."""
LEAST_BARIUM: Final = -0.3
"""log eps(Ba) - log eps(Eu) [dex]: 2 of the 754 rows of JINAbase are below, [Ba/Fe] - [Eu/Fe] of
most stars of class r are."""
TINY: Final = 1e-3
"""A row whose values are all smaller counts mass or number fractions."""


def zigzag(values: Mapping[str, float], solar: SolarTable = ASPLUND_2009) -> float | None:
    """How much a pattern alternates between odd and even Z, in units of the Sun's alternation.

    Args:
        values: log eps or [X/Fe] by symbol [dex]; elements that are not measured are not in it.
        solar: the table to compare with.

    Returns:
        The least-squares factor between second differences of the pattern and of the Sun over
        `TRIPLES`: about 1 for log eps and 0 for [X/Fe]. None without a triple.
    """
    up = down = 0.0
    for triple in TRIPLES:
        if all(element in values for element in triple):
            here, there = (
                table[triple[1]] - 0.5 * (table[triple[0]] + table[triple[2]])
                for table in (values, solar)
            )
            up, down = up + here * there, down + there * there
    return up / down if down else None


def doubt_log_eps(values: Mapping[str, float]) -> str:
    """Why values can hardly be log eps; empty where they can.

    Args:
        values: by symbol, measured elements only.
    """
    if len(values) > 1 and any(values.values()) and max(map(abs, values.values())) < TINY:
        return "looks like mass or number fractions"
    alternation = zigzag(values)
    if alternation is not None and alternation < LEAST_ZIGZAG:
        return "looks like [X/Fe]: elements of odd and even Z are alike"
    if "Ba" in values and "Eu" in values and values["Ba"] - values["Eu"] < LEAST_BARIUM:
        return "looks like [X/Fe]: there is less Ba than Eu"
    return ""
