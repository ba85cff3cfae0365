"""The paper's measures of fates and final masses, and measures of how sure a model is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp

from surrogate.collisions.encounter import Fate

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float, Int

SURVIVES = 0.0
"""A star survives where its true final mass exceeds this [Msun]."""
ROUNDING = 1e-6
"""Relative error that a mass or its bounds may carry in single precision."""


class Measures(NamedTuple):
    """What Tables 2, 4, 6 and 7 of the paper list. Masses in Msun, the rest dimensionless."""

    accuracy: Float[Array, ""]
    balanced_accuracy: Float[Array, ""]
    median_absolute_error_1: Float[Array, ""]
    median_absolute_error_2: Float[Array, ""]
    median_relative_error_1: Float[Array, ""]
    median_relative_error_2: Float[Array, ""]


class Confidence(NamedTuple):
    """How far a model's own doubts are to be believed; NaN where it has none. All dimensionless."""

    ece: Float[Array, ""]
    """Expected calibration error of the fates."""
    survivor_accuracy: Float[Array, ""]
    """How often the star that survives a stripping is the right one."""
    coverage68_1: Float[Array, ""]
    """Share of final masses of star 1 within their 68 per cent intervals."""
    coverage95_1: Float[Array, ""]
    coverage68_2: Float[Array, ""]
    coverage95_2: Float[Array, ""]


def as_json(measures: Measures | Confidence) -> dict[str, float | None]:
    """Each measure by name; None where it is not finite, since JSON has no NaN."""
    values = {k: float(v) for k, v in measures._asdict().items()}
    return {k: v if math.isfinite(v) else None for k, v in values.items()}


def accuracy(predicted: Int[Array, " rows"], true: Int[Array, " rows"]) -> Float[Array, ""]:
    """Share of rows whose class is right."""
    return jnp.mean(predicted == true)


def balanced_accuracy(
    predicted: Int[Array, " rows"], true: Int[Array, " rows"], n_classes: int
) -> Float[Array, ""]:
    """Accuracy within each class, averaged over the classes that occur."""
    member = true[:, None] == jnp.arange(n_classes)
    rows = member.sum(axis=0)
    recall = (member & (predicted == true)[:, None]).sum(axis=0) / jnp.maximum(rows, 1)
    return recall.sum() / jnp.count_nonzero(rows)


def median_relative_error(
    predicted: Float[Array, " rows"], true: Float[Array, " rows"]
) -> Float[Array, ""]:
    """Median of |predicted - true| / true over the rows in which the star survives."""
    survives = true > SURVIVES
    error = jnp.abs(predicted - true) / jnp.where(survives, true, 1.0)
    return jnp.nanmedian(jnp.where(survives, error, jnp.nan))


def slot_one(
    m1: Float[Array, " rows"], m2: Float[Array, " rows"], fate: Int[Array, " rows"]
) -> tuple[Float[Array, " rows"], Float[Array, " rows"]]:
    """Final masses in the paper's convention: a single survivor stands in slot 1 (section 4)."""
    swap = second_alone(m1, m2, fate)
    return jnp.where(swap, m2, m1), jnp.where(swap, m1, m2)


def second_alone(
    m1: Float[Array, " rows"], m2: Float[Array, " rows"], fate: Int[Array, " rows"]
) -> Bool[Array, " rows"]:
    """Whether star 2 is the single survivor, whom the paper calls star 1."""
    return (fate != Fate.TWO) & (m2 > m1)


def expected_calibration_error(
    probability: Float[Array, "rows classes"], true: Int[Array, " rows"], bins: int = 15
) -> Float[Array, ""]:
    """How far the probability of the predicted class differs from how often it is right.

    Rows are binned by that probability in equal widths; the mean over bins, by their rows, of
    |mean probability - accuracy| (Guo et al. 2017).

    Args:
        probability: of each class.
        true: the class that came true.
        bins: number of bins between 0 and 1.

    Returns:
        0 for a calibrated model, at most 1; NaN where there are no rows.
    """
    top = probability.max(axis=1)
    right = probability.argmax(axis=1) == true
    chosen = jnp.clip((top * bins).astype(jnp.int32), 0, bins - 1)
    excess = jnp.zeros(bins, top.dtype).at[chosen].add(top - right)
    return jnp.abs(excess).sum() / jnp.asarray(true.shape[0], top.dtype)


def survivor_accuracy(
    fate: Int[Array, " rows"],
    m1: Float[Array, " rows"],
    m2: Float[Array, " rows"],
    true_fate: Int[Array, " rows"],
    true_m1: Float[Array, " rows"],
    true_m2: Float[Array, " rows"],
    unequal: Bool[Array, " rows"],
) -> Float[Array, ""]:
    """How often the right star survives, where one is stripped both truly and as predicted.

    Args:
        fate: predicted, a `Fate`.
        m1: predicted final mass of star 1 [Msun], each star in its own slot.
        m2: of star 2.
        true_fate: simulated.
        true_m1: simulated final mass of star 1 [Msun].
        true_m2: of star 2.
        unequal: whether the stars began with different masses, and so can be told apart.

    Returns:
        A share of such rows; NaN where there are none.
    """
    counts = (fate == Fate.STRIPPED) & (true_fate == Fate.STRIPPED) & unequal
    right = (m1 > m2) == (true_m1 > true_m2)
    return (counts & right).sum() / counts.sum()


def coverage(
    low: Float[Array, " rows"],
    high: Float[Array, " rows"],
    true: Float[Array, " rows"],
    survives: Bool[Array, " rows"],
) -> Float[Array, ""]:
    """Share of the surviving stars whose final mass lies between its bounds.

    Args:
        low: lower bound [Msun].
        high: upper bound [Msun].
        true: simulated final mass [Msun].
        survives: whether there is such a star.

    Returns:
        The share; NaN where there are no survivors, or no bounds.
    """
    inside = (true >= low * (1.0 - ROUNDING)) & (true <= high * (1.0 + ROUNDING))
    share = jnp.where(jnp.isnan(low + high), jnp.nan, inside)
    return jnp.where(survives, share, 0.0).sum() / survives.sum()


def measure(
    fate: Int[Array, " rows"],
    m1: Float[Array, " rows"],
    m2: Float[Array, " rows"],
    true_fate: Int[Array, " rows"],
    true_m1: Float[Array, " rows"],
    true_m2: Float[Array, " rows"],
) -> Measures:
    """All measures of predicted fates and final masses [Msun] against the simulated ones."""
    m1, m2 = slot_one(m1, m2, fate)
    true_m1, true_m2 = slot_one(true_m1, true_m2, true_fate)
    return Measures(
        accuracy=accuracy(fate, true_fate),
        balanced_accuracy=balanced_accuracy(fate, true_fate, len(Fate)),
        median_absolute_error_1=jnp.median(jnp.abs(m1 - true_m1)),
        median_absolute_error_2=jnp.median(jnp.abs(m2 - true_m2)),
        median_relative_error_1=median_relative_error(m1, true_m1),
        median_relative_error_2=median_relative_error(m2, true_m2),
    )
