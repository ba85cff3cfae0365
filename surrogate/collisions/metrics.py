"""The paper's measures of a classifier and of predicted final masses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp

from surrogate.collisions.encounter import Fate

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

SURVIVES = 0.0
"""A star survives where its true final mass exceeds this [Msun]."""


class Measures(NamedTuple):
    """What Tables 2, 4, 6 and 7 of the paper list. Masses in Msun, the rest dimensionless."""

    accuracy: Float[Array, ""]
    balanced_accuracy: Float[Array, ""]
    median_absolute_error_1: Float[Array, ""]
    median_absolute_error_2: Float[Array, ""]
    median_relative_error_1: Float[Array, ""]
    median_relative_error_2: Float[Array, ""]


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
    swap = (fate != Fate.TWO) & (m2 > m1)
    return jnp.where(swap, m2, m1), jnp.where(swap, m1, m2)


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
