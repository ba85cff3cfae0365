"""Numbers as Fortran writes them."""

from __future__ import annotations

import re

_FLOAT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[edq]?([+-]\d+)|[edq](\d+))?", re.IGNORECASE)


def fortran_float(text: str) -> float:
    """Read a number as Fortran writes it: `1.d30`, `0.5E-3`, `1.2-103`, `NaN`.

    Raises:
        ValueError: it is no number, such as the stars that Fortran writes where one does not fit.
    """
    match = _FLOAT.fullmatch(text)
    if match is None:
        return float(text)
    return float(f"{match[1]}e{match[2] or match[3] or 0}")
