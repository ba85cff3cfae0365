"""What the published networks minimise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int


def class_weights(fate: Int[Array, " rows"], n_classes: int) -> Float[Array, " classes"]:
    """Weights that make every class count the same: rows / (classes x rows of the class).

    Args:
        fate: class of each training row; every class must occur.
        n_classes: number of classes.

    Returns:
        One weight per class, dimensionless; their mean over the rows is 1.
    """
    return fate.shape[0] / (n_classes * jnp.bincount(fate, length=n_classes))


def weighted_cross_entropy(
    logits: Float[Array, "rows classes"],
    fate: Int[Array, " rows"],
    weights: Float[Array, " classes"],
) -> Float[Array, ""]:
    """Cross-entropy in which each row counts by the weight of its class (paper, section 3.3)."""
    nll = -jnp.take_along_axis(jax.nn.log_softmax(logits), fate[:, None], axis=1)[:, 0]
    w = weights[fate]
    return jnp.sum(w * nll) / jnp.sum(w)


def fraction_error(
    predicted: Float[Array, "rows 3"], true: Float[Array, "rows 3"], aux_weight: float
) -> Float[Array, ""]:
    """Mean absolute error of the mass fractions; the unbound one counts `aux_weight` (4.3)."""
    error = jnp.abs(predicted - true).mean(axis=0)
    return 0.5 * (error[0] + error[1]) + aux_weight * error[2]


def uncertainty_weighted(
    losses: Float[Array, " tasks"], c: Float[Array, " tasks"]
) -> Float[Array, ""]:
    """Sum of task losses, each weighted by a trainable scale c_k (paper, appendix B).

    L = sum_k L_k / (2 c_k^2) + ln(1 + c_k^2): Kendall et al. (2017), Eq. 10, with the
    regularisation of Liebel & Koerner (2018).
    """
    return jnp.sum(losses / (2.0 * c**2) + jnp.log1p(c**2))
