"""Points at which a population's collisions are summed up.

A point is one collision: where in the cluster, which two stars, how fast, how closely. How often
it happens depends on the population; where the points are does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Array, Float


class Nodes(NamedTuple):
    """Points for each radial bin; all but `weight` are between 0 and 1."""

    place: Float[Array, "bins n"]
    """Share of the bin in ln r."""
    star1: Float[Array, "bins n"]
    """Share of the range of ln m that lies below star 1."""
    star2: Float[Array, "bins n"]
    """The same of star 2."""
    speed: Float[Array, "bins n"]
    """Share of the range of ln v that lies below the relative speed at infinity."""
    closeness: Float[Array, "bins n"]
    """Impact parameter over the largest that counts."""
    weight: Float[Array, "bins n"]
    """Of each point in a mean over them; 1 where they are spread evenly."""


AXES = len(Nodes._fields) - 1
SLACK = 0.3
"""Sums over chosen points are right to about this, in units of the error that matters."""
TINY = 1e-30
"""Stands for no importance at all."""
LEAST = 0.05
"""No weight is made smaller than this times what it was: numbers stay positive."""


def spread_nodes(bins: int, n: int, seed: int = 0) -> Nodes:
    """Points spread evenly (scrambled Sobol sequences), for sums that are to be accurate.

    Args:
        bins: radial bins.
        n: points in each; a power of two.
        seed: of the scrambling.

    Returns:
        The points, the same for the same seed.

    Raises:
        ValueError: `n` is no power of two.
    """
    from scipy.stats import qmc

    if n < 1 or n & (n - 1):
        raise ValueError(f"n = {n}: allowed are powers of two")
    cube = [qmc.Sobol(AXES, rng=np.random.default_rng([seed, k])).random(n) for k in range(bins)]
    columns = np.moveaxis(np.array(cube), -1, 0)
    place, star1, star2, speed, closeness = jnp.asarray(columns, jnp.float32)
    return Nodes(place, star1, star2, speed, closeness, jnp.ones((bins, n)))


def choose_nodes(
    many: Nodes, share: Float[np.ndarray, "sums bins m"], n: int, even: float = 0.1
) -> Nodes:
    """A few points whose weighted sums are those of many.

    Systematic resampling: points are lined up by the mass of star 1 and taken at equal steps of
    their importance. Then weights are changed as little as makes all sums right to within a third
    of their errors (the generalised regression estimator of Deville & Sarndal 1992).

    Args:
        many: evenly spread points.
        share: of each point in each of the sums that are wanted, in units of the error that
            matters.
        n: points to choose in each bin.
        even: share of the points that is chosen whatever its importance, so that no weight is
            large.

    Returns:
        `n` points in each bin; some may be there twice.
    """
    bins, m = many.weight.shape
    chosen, weight = np.empty((bins, n), int), np.empty((bins, n))
    for k in range(bins):
        importance = np.abs(share[:, k]).sum(axis=0)
        chance = even / m + (1.0 - even) * importance / max(importance.sum(), TINY)
        chance /= chance.sum()  # even where nothing matters
        line = np.argsort(np.asarray(many.star1[k]))
        steps = (np.arange(n) + 0.5) / n
        place = np.searchsorted(np.cumsum(chance[line]), steps)
        chosen[k] = line[np.minimum(place, m - 1)]
        plain = 1.0 / (m * chance[chosen[k]])
        weight[k] = plain * _balance(
            share[:, k, chosen[k]] * plain * m / n, share[:, k].sum(axis=1)
        )
    kept = jax.tree.map(lambda x: jnp.take_along_axis(x, chosen, axis=1), many)
    return kept._replace(weight=kept.weight * jnp.asarray(weight, jnp.float32))


def _balance(share: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Factors near 1 that make the sums of shares (sums, n) what they should be."""
    missing = sums - share.sum(axis=1)
    factor = 1.0 + share.T @ np.linalg.solve(
        share @ share.T + SLACK**2 * np.eye(len(sums)), missing
    )
    return np.maximum(factor, LEAST)


def random_nodes(key: Array, bins: int, n: int) -> Nodes:
    """Points drawn at random, for synthetic observations.

    Args:
        key: a random key.
        bins: radial bins.
        n: points in each.

    Returns:
        The points.
    """
    place, star1, star2, speed, closeness = jax.random.uniform(key, (AXES, bins, n))
    return Nodes(place, star1, star2, speed, closeness, jnp.ones((bins, n)))
