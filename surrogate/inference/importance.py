"""Posteriors by brute force: draws of the prior, weighted by the likelihood; checks samplers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.inference.chains import Target

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Key

NEGLIGIBLE = 25.0
"""Draws whose log-weight lies this far below the largest are dropped: none of them counts."""


class Weighted(NamedTuple):
    """Weighted draws of a posterior."""

    draws: Float[np.ndarray, "kept parameters"]
    weights: Float[np.ndarray, " kept"]
    """They sum to one."""
    log_evidence: float
    """Logarithm of the probability density of the data."""
    ess: float
    """Effective number of draws, 1 / sum w^2."""

    def mean(self, x: Float[np.ndarray, "kept ..."]) -> tuple[np.ndarray, np.ndarray]:
        """Posterior mean of something that was computed for each draw, and its standard error.

        Args:
            x: its values.
        """
        x = np.asarray(x, np.float64)
        w = self.weights.reshape(-1, *[1] * (x.ndim - 1))
        mean = np.sum(w * x, axis=0)
        return mean, np.sqrt(np.sum((w * (x - mean)) ** 2, axis=0))


def weigh(
    target: Target,
    key: Key[Array, ""],
    n: int,
    *,
    block: int = 65_536,
    report: Callable[[int, int], None] | None = None,
) -> Weighted:
    """Draw from the prior, many times, and weigh.

    Args:
        target: the posterior.
        key: random key.
        n: draws; rounded up to whole blocks.
        block: draws at once.
        report: told how many draws are done, and of how many, after each block.

    Returns:
        The draws that have any weight.
    """
    blocks = -(-n // block)
    drawn: list[np.ndarray] = []
    logs: list[np.ndarray] = []
    top = -np.inf
    for k in range(blocks):
        z, log_weight = jax.device_get(_block(target, jax.random.fold_in(key, k), block))
        top = max(top, float(log_weight.max()))
        kept = log_weight > top - NEGLIGIBLE
        drawn.append(z[kept])
        logs.append(log_weight[kept].astype(np.float64))
        if report is not None:
            report((k + 1) * block, blocks * block)
    log_weights = np.concatenate(logs)
    weights = np.exp(log_weights - top)
    total = weights.sum()
    weights = weights / total
    log_evidence = float(top + np.log(total / (blocks * block)))
    return Weighted(np.concatenate(drawn), weights, log_evidence, float(1.0 / np.sum(weights**2)))


@partial(jax.jit, static_argnames="n")
def _block(target: Target, key: Key[Array, ""], n: int) -> tuple[Array, Array]:
    z = jax.vmap(target.sample_prior)(jax.random.split(key, n))
    # In smaller parts, whose intermediate results stay in cache.
    return z, jnp.asarray(jax.lax.map(target.log_likelihood, z, batch_size=4096))
