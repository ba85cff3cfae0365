"""Which patterns of the r-process to train on: a main r-process, and none twice over.

The paper maps 420 patterns to 124: the nearest neighbour of every pattern is found, only patterns
that are somebody's neighbour stay, and that again until nothing changes any more (420, 302, 261,
250, 248). The patterns are then pairs that choose each other, of which one can stand for both. It
searches by stumpy's approximate matching of z-normalised series. Here neighbours are exact, by
Euclidean distance in dex, and patterns are counted from europium as the classifiers see them.

The rule thins where patterns are dense. It is none for outliers: a pattern far from all others is
nobody's nearest neighbour and goes in the first round.

Source: "Classifying metal-poor stars with machine learning using nucleosynthesis calculations",
section 2 and appendix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.enrichment.elements import symbol_of
from surrogate.enrichment.features import pattern_features

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

    from surrogate.enrichment.patterns import Patterns

MAIN: Final = tuple(z for z in range(54, 84) if z != 61)
"""Xenon to bismuth without promethium, which has no stable isotope."""
LANTHANIDES: Final = tuple(z for z in range(57, 72) if z != 61)
THIRD_PEAK: Final = (76, 77, 78)
LEAST_THIRD_PEAK: Final = 0.2
"""Atoms of the third peak to those of lanthanides: a tenth of what the Sun's r-process has."""
FLOOR: Final = -6.0
"""Abundances less than this over europium [dex] are equal: too rare to tell patterns apart."""


def main_r_process(
    patterns: Patterns, least_third_peak: float = LEAST_THIRD_PEAK
) -> Bool[np.ndarray, " n"]:
    """Which patterns have a main r-process, from Z = 54 to 83.

    The paper asks for one between Z = 54 and 83 and between A = 120 and 210, without saying what
    counts. The stable isotopes of xenon to bismuth have A = 124 to 209, so that for patterns of
    elements the one range is the other. Here a pattern counts if europium is there, and if the
    flow went through the lanthanides to the third peak: atoms of Os, Ir and Pt together are at
    least `least_third_peak` of those of the lanthanides. What was made below Z = 54 does not
    matter, since no classifier sees it.

    Args:
        patterns: n of them.
        least_third_peak: ratio of numbers of atoms; the Sun's r-process has about 2.
    """
    y = np.nan_to_num(np.clip(patterns.y, 0.0, None))
    lanthanides, peak = y[:, LANTHANIDES].sum(axis=1), y[:, THIRD_PEAK].sum(axis=1)
    return np.asarray((y[:, 63] > 0.0) & (peak >= least_third_peak * lanthanides))


def whole_patterns(patterns: Patterns) -> Float[np.ndarray, "n z"]:
    """log10(Y / Y_Eu) of every element from Z = 54 to 83 that all patterns know [dex]."""
    values = pattern_features(patterns, [symbol_of(z) for z in MAIN]).values
    known = np.isfinite(patterns.y[:, MAIN]).all(axis=0)
    return np.clip(np.nan_to_num(values[:, known], nan=FLOOR), FLOOR, None)


def nearest(x: Float[np.ndarray, "n e"]) -> tuple[Int[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Index of each row's nearest other row, and how far it is."""
    squares = ((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=-1)
    np.fill_diagonal(squares, np.inf)
    index = squares.argmin(axis=1)
    return index, np.sqrt(squares[np.arange(len(x)), index])


def saturate(x: Float[np.ndarray, "n e"], least: int = 2) -> Int[np.ndarray, " m"]:
    """Keep rows that are somebody's nearest neighbour, until all that are left are.

    Args:
        x: patterns [dex].
        least: a round that would leave fewer is not taken.

    Returns:
        The rows that stay, in order. They do not depend on the order of the rows, identical ones
        aside.
    """
    keep = _sorted(x)
    while len(keep) > 1:
        chosen = np.unique(nearest(x[keep])[0])
        if len(chosen) == len(keep) or len(chosen) < least:
            break
        keep = keep[chosen]
    return np.sort(keep)


def thin(x: Float[np.ndarray, "n e"], size: int) -> Int[np.ndarray, " size"]:
    """Thin patterns to a number of them, the most redundant first.

    Rounds of `saturate` as long as they leave enough. What is still too much goes one by one: of
    the two rows that are nearest to each other, the one whose next neighbour is nearer.

    Args:
        x: n patterns [dex].
        size: how many shall stay; all do where there are no more.

    Returns:
        The rows that stay, in order.

    Raises:
        ValueError: the size is less than 1.
    """
    if size < 1:
        raise ValueError(f"size = {size}, allowed: 1 and more patterns")
    if len(x) <= size:
        return np.arange(len(x))
    keep = saturate(x, least=size)
    keep = keep[_sorted(x[keep])]
    squares = ((x[keep][:, None, :] - x[keep][None, :, :]) ** 2).sum(axis=-1)
    np.fill_diagonal(squares, np.inf)
    while len(keep) > size:
        a, b = np.unravel_index(squares.argmin(), squares.shape)
        others = np.ones(len(keep), bool)
        others[[a, b]] = False
        beside = [squares[i, others].min(initial=np.inf) for i in (a, b)]
        drop = a if beside[0] < beside[1] else b
        keep = np.delete(keep, drop)
        squares = np.delete(np.delete(squares, drop, axis=0), drop, axis=1)
    return np.sort(keep)


def _sorted(x: Float[np.ndarray, "n e"]) -> Int[np.ndarray, " n"]:
    """Order of the rows by their values, so that ties do not depend on the order of the input."""
    return np.lexsort(x.T[::-1])
