"""How the paper chooses among models of fates and masses (its appendix C)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jax.numpy as jnp

if TYPE_CHECKING:
    from jaxtyping import Array, Float

ALPHA: Final = 0.8
"""Weight of the fates."""
BETA: Final = 0.1
"""Weight of the final mass of star 1."""
ETA: Final = 0.1
"""Weight of the final mass of star 2."""
NEGLIGIBLE: Final = 0.005
"""Median absolute error below which a better mass earns nothing [Msun]."""


def model_scores(
    balanced_accuracy: Float[Array, " models"],
    medae1: Float[Array, " models"],
    medae2: Float[Array, " models"],
    *,
    alpha: float = ALPHA,
    beta: float = BETA,
    eta: float = ETA,
) -> Float[Array, " models"]:
    """Score of each of the models that are compared; the lowest is best (paper, Eq. C1).

    Args:
        balanced_accuracy: of the fates, 0 to 1.
        medae1: median absolute error of the final mass of star 1 [Msun].
        medae2: the same of star 2 [Msun].
        alpha: weight of the fates.
        beta: weight of the mass of star 1.
        eta: weight of the mass of star 2.

    Returns:
        One score per model, dimensionless; it depends on which models are compared.
    """
    BA, medae1, medae2 = map(jnp.asarray, (balanced_accuracy, medae1, medae2))
    small1, small2 = medae1 < NEGLIGIBLE, medae2 < NEGLIGIBLE
    # Eq. C2, case by case; each model has its own weights
    cases = [small1 & small2, small2, small1]
    a = jnp.select(cases, [alpha + beta + eta, alpha, alpha], alpha)
    b = jnp.select(cases, [0.0, beta + eta, 0.0], beta)
    e = jnp.select(cases, [0.0, 0.0, eta + beta], eta)
    # Eq. C1
    return a * (1.0 - BA) + b * min_max(medae1) + e * min_max(medae2)


def min_max(x: Float[Array, " models"]) -> Float[Array, " models"]:
    """Place of each value between the least (0) and the largest (1); 0 where all are equal."""
    low, width = x.min(), x.max() - x.min()
    return jnp.where(width > 0, (x - low) / jnp.where(width > 0, width, 1.0), 0.0)
