"""How sure a prediction is: a calibrated predictive distribution of each final mass.

Given the outcome, a mass scatters about its prediction in units of a learned scale. The law of that
scatter is measured on rows that the networks have not learned from (split conformal prediction:
Papadopoulos et al. 2002; Lei et al. 2018). The outcomes, weighted by their probabilities, make up
the distribution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
import numpy as np

from surrogate.collisions.prediction import Survivors, most_probable

if TYPE_CHECKING:
    from jaxtyping import Array, Float

SIGMA = 0.68
"""Share of the scatter that counts as one standard deviation."""
LEVELS = (0.0, 0.2, 0.4, 0.55, SIGMA, 0.8, 0.9, 0.95, 0.975, 0.99, 1.0)
"""Shares of the scatter at which its law is tabulated."""
OFF_GRID = 0.1
"""Out-of-domain score at which most of the widening is reached: left-out masses err alike whether
their nearest neighbour is a fifth or a factor of 2 away."""
TAILS = (0.16, 0.84, 0.025, 0.975)
"""Quantiles that bound 68 and 95 per cent, in the order of `Bounds`."""


class Calibration(NamedTuple):
    """What was measured on rows that the networks have not learned from."""

    temperature: Float[Array, ""]
    """The logits are divided by it."""
    law: Float[Array, "5 3 levels"]
    """Half-widths of the interval that holds a share `LEVELS` of the scatter, in units of the
    scale: for each outcome, of star 1, star 2 and the unbound mass."""
    tilt: Float[Array, ""]
    """Where both stars survive, the scale of each counts times (2 m / (m1 + m2))^tilt."""
    widening: Float[Array, "5 3"]
    """How much wider the scatter is among stars unlike those learned from, relative."""


def tempered(
    log_probability: Float[Array, "*batch 5"], temperature: Float[Array, ""]
) -> Float[Array, "*batch 5"]:
    """Log-probabilities p^(1/T), normalised (Guo et al. 2017)."""
    z = log_probability / temperature
    z = z - z.max(axis=-1, keepdims=True)
    return z - jnp.log(jnp.sum(jnp.exp(z), axis=-1, keepdims=True))


def widened(
    scale: Float[Array, "*batch 5 3"],
    shares: Float[Array, "*batch 2"],
    calibration: Calibration,
    ood: Float[Array, "*batch"],
) -> Float[Array, "*batch 5 3"]:
    """The scale of the scatter, tilted between two survivors and wider off the grid.

    Args:
        scale: learned scale of each mass; 0 where a mass is certain, as that of a destroyed star.
        shares: initial mass of each star over m1 + m2.
        calibration: what was measured.
        ood: out-of-domain score.
    """
    away = -jnp.expm1(-ood / OFF_GRID)[..., None, None]
    return tilted(scale, shares, calibration.tilt) * (1.0 + calibration.widening * away)


def mass_bounds(
    probability: Float[Array, "*batch 5"],
    fractions: Float[Array, "*batch 5 3"],
    scale: Float[Array, "*batch 5 3"],
    shares: Float[Array, "*batch 2"],
    calibration: Calibration,
    ood: Float[Array, "*batch"],
) -> Float[Array, "*batch 3 4"]:
    """Where 68 and 95 per cent of each mass lies.

    Args:
        probability: of the outcomes.
        fractions: masses that each leaves, over m1 + m2.
        scale: their learned scatter; 0 where a mass is certain, as that of a destroyed star.
        shares: initial mass of each star over m1 + m2.
        calibration: the law of the scatter.
        ood: out-of-domain score.

    Returns:
        For star 1, star 2 and the unbound mass over m1 + m2: 68 per cent low and high, 95 per cent
        low and high, within 0 and 1; the most probable outcome's mass always lies between.
    """
    wide = widened(scale, shares, calibration, ood)
    chosen = most_probable(probability)[..., None, None]
    point = jnp.take_along_axis(fractions, chosen, axis=-2)[..., 0, :]
    bounds = []
    for k, tail in enumerate(TAILS):
        edge = _quantile(probability, fractions, wide, calibration.law, tail)
        edge = jnp.minimum(edge, point) if k % 2 == 0 else jnp.maximum(edge, point)
        bounds.append(jnp.clip(edge, 0.0, 1.0))
    low68, high68, low95, high95 = bounds
    nested = [low68, high68, jnp.minimum(low95, low68), jnp.maximum(high95, high68)]
    return jnp.stack(nested, axis=-1)


def tilted(
    scale: Float[Array, "*batch 5 3"], shares: Float[Array, "*batch 2"], tilt: Array | float
) -> Float[Array, "*batch 5 3"]:
    """The scale with that of two survivors tilted towards the heavier or the lighter star.

    One law of scatter can then serve both, and two identical stars get identical bounds.
    """
    factor = (2.0 * shares) ** tilt
    return scale.at[..., Survivors.TWO, :2].multiply(factor)


def _quantile(
    probability: Array, centre: Array, scale: Array, law: Array, tail: float
) -> Float[Array, "*batch 3"]:
    """Quantile of the mixture of outcomes, taken as apart from each other.

    Outcomes are passed in the order of their masses until `tail` of the probability is reached;
    the rest is the quantile of that outcome's own scatter.
    """
    p = probability[..., None]
    before = jnp.sum(
        jnp.where(_comes_before(centre), p[..., None, :, :], 0.0), axis=-2
    )  # of each outcome: the probability of smaller masses
    share = (tail - before) / jnp.maximum(p, 1e-12)
    reached = (share > 0) & (share <= 1)
    # Rounding may leave the last outcome just short of the whole.
    share = jnp.clip(share, 0.0, 1.0)
    side = 2.0 * share - 1.0
    edge = centre + jnp.sign(side) * scale * _half_width(jnp.abs(side), law)
    found = jnp.sum(jnp.where(reached, edge, 0.0), axis=-2)
    point = jnp.max(jnp.where(share > 0, centre, -jnp.inf), axis=-2)
    return jnp.where(reached.any(axis=-2), found, point)


def _comes_before(centre: Float[Array, "*batch 5 3"]) -> Array:
    """Whether outcome j leaves less mass than outcome i, or as much and is named first: (i, j)."""
    i, j = centre[..., :, None, :], centre[..., None, :, :]
    first = np.tri(5, k=-1, dtype=bool)[:, :, None]
    return (j < i) | ((j == i) & first)


def _half_width(share: Float[Array, "*batch 5 3"], law: Float[Array, "5 3 levels"]) -> Array:
    """The law of the scatter, linear between its levels."""
    levels = jnp.asarray(LEVELS, share.dtype)
    x = share[..., None]
    t = jnp.clip((x - levels[:-1]) / (levels[1:] - levels[:-1]), 0.0, 1.0)
    return law[..., 0] + jnp.sum(t * (law[..., 1:] - law[..., :-1]), axis=-1)
