"""Numbers and lists as people read them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

NONE: Final = "\N{EN DASH}"
"""Stands for a number that is not known."""


def number(value: float | None, digits: int = 1) -> str:
    """A number with so many digits behind the point; a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return NONE
    # No minus before a zero.
    text = f"{value:.{digits}f}"
    return text if float(text) != 0.0 else text.lstrip("-")


def rounded(value: float) -> str:
    """A number to three digits: "50", "5,000", "5e+05"."""
    return f"{float(f'{value:.3g}'):,.0f}" if 1e3 <= value < 1e5 else f"{value:.3g}"


def with_error(value: float, error: float) -> str:
    """A value and its standard deviation, to two digits of the latter at most 5 in all."""
    if not (math.isfinite(error) and error > 0.0):
        return f"{value:.2g}"
    digits = min(max(1 - math.floor(math.log10(error)), 0), 6)
    return f"{value:.{digits}f} \N{PLUS-MINUS SIGN} {error:.{digits}f}"


def listed(words: Sequence[str]) -> str:
    """Words with commas, and "and" before the last."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def count(n: int, word: str) -> str:
    """A number of things: "1 night", "2 nights"."""
    return f"{n:,} {word}" + ("" if n == 1 else "s")
