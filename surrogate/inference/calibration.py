"""Simulation-based calibration: do posteriors say what they should?

Parameters are drawn from the prior, data from the model, and draws from the posterior of that data.
If all is well, the true value's rank among its posterior draws is uniform (Talts et al. 2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int
    from numpy.typing import ArrayLike, NDArray


def rank(draws: Float[Array, " n *shape"], truth: Float[Array, "*shape"]) -> Int[Array, "*shape"]:
    """How many draws of a posterior lie below the truth.

    Args:
        draws: independent draws of the posterior (thinned, where they come from a chain).
        truth: the values that made the data.

    Returns:
        Ranks from 0 to the number of draws.

    Source: Talts et al. (2018), Theorem 1.
    """
    return jnp.sum(draws < truth, axis=0)


def uniformity(ranks: ArrayLike, n_draws: int, bins: int = 20) -> NDArray[np.float64]:
    """How probable it is that uniform ranks are spread as unevenly as these: a chi^2 test.

    Args:
        ranks: rank of each replicate along the first axis, (replicates, ...), 0 to `n_draws`.
        n_draws: draws of each posterior.
        bins: of the histogram; at least 5 replicates a bin are needed.

    Returns:
        The p value of each parameter, of the shape of one replicate. A small one says that the
        posteriors are biased, too narrow or too wide.

    Raises:
        ValueError: a rank is out of range, there are more bins than ranks, or too few replicates.

    Source: Talts et al. (2018), section 4.
    """
    from scipy.stats import chi2

    counts, expected = histogram(ranks, n_draws, bins)
    if expected.min() < 5.0:
        raise ValueError(
            f"bins = {bins}: {len(np.asarray(ranks))} replicates are {expected.min():.1f} in a "
            "bin; a chi^2 test needs at least 5. Take fewer bins or more replicates"
        )
    shape = np.shape(ranks)[1:]
    expected = expected.reshape(bins, *[1] * len(shape))
    statistic = np.sum((counts - expected) ** 2 / expected, axis=0)
    return np.asarray(chi2.sf(statistic, bins - 1))


def histogram(
    ranks: ArrayLike, n_draws: int, bins: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Ranks in each bin, and how many uniform ones are expected there.

    Args:
        ranks: rank of each replicate along the first axis, (replicates, ...), 0 to `n_draws`.
        n_draws: draws of each posterior.
        bins: of the histogram. Where n_draws + 1 is no multiple of it, some hold one rank more.

    Returns:
        Counts (bins, ...) and expected counts (bins,).

    Raises:
        ValueError: a rank is out of range, or there are more bins than ranks.
    """
    found = np.asarray(ranks)
    if found.size == 0 or found.min() < 0 or found.max() > n_draws:
        raise ValueError(f"ranks: allowed are 0 to n_draws = {n_draws}, of one replicate or more")
    if not 2 <= bins <= n_draws + 1:
        raise ValueError(f"bins = {bins}: allowed are 2 to n_draws + 1 = {n_draws + 1}")
    bin_of_rank = np.arange(n_draws + 1) * bins // (n_draws + 1)
    expected = len(found) * np.bincount(bin_of_rank, minlength=bins) / (n_draws + 1)
    inside = bin_of_rank[found.astype(np.int64)]
    return np.stack([np.sum(inside == k, axis=0) for k in range(bins)]), expected
