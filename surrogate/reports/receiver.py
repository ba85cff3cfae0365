"""The receiver curve: how much of what is sought is found at the price of how many others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float
    from numpy.typing import ArrayLike


class Receiver(NamedTuple):
    """Rates at every threshold, from the strictest to none, and what they were counted from."""

    false_positive: Float[np.ndarray, " thresholds"]
    """Share of the negatives at or above a threshold, from 0 to 1."""
    true_positive: Float[np.ndarray, " thresholds"]
    """Share of the positives at or above it."""
    threshold: Float[np.ndarray, " thresholds"]
    """In descending order; the first is infinite: nothing passes."""
    auc: float
    """Area under the curve: how often a positive is above a negative, ties counting half."""
    positives: Float[np.ndarray, " positives"]
    """Scores, or ln of the odds, of what is sought."""
    negatives: Float[np.ndarray, " negatives"]
    """The same of the others."""


def receiver_curve(positives: ArrayLike, negatives: ArrayLike) -> Receiver:
    """Count what passes every threshold.

    Args:
        positives: scores of what is sought, such as ln of the odds, one axis.
        negatives: the same of the others.

    Returns:
        The curve, with one point for each distinct value.

    Raises:
        ValueError: either is empty, or has a value that is not a number.
    """
    yes, no = (np.sort(np.asarray(x, float).ravel()) for x in (positives, negatives))
    for name, values in (("positives", yes), ("negatives", no)):
        if len(values) == 0 or np.isnan(values).any():
            raise ValueError(
                f"{name}: {len(values)} values, {np.isnan(values).sum()} of them not a number; "
                "allowed: 1 or more, all numbers"
            )
    threshold = np.append(np.inf, np.unique(np.concatenate([yes, no]))[::-1])
    # All that have the same value pass together: a tie is a slope, not a step.
    true, false = (1.0 - np.searchsorted(x, threshold) / len(x) for x in (yes, no))
    true[0] = false[0] = 0.0
    return Receiver(false, true, threshold, float(np.trapezoid(true, false)), yes, no)
