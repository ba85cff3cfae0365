"""Does a star look like any of the processes, or is one only the less bad answer?

A probability compares processes with each other. Here the star is compared with what its process
makes: the share of stars drawn from the process, measured in the same elements with the same
errors, that are as unlikely as this one or more. Near 0 it belongs to none of the simulations.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.classifiers.generative import (
    LEAST,
    Generative,
    Observed,
    component_log_density,
)
from surrogate.enrichment.classifiers.training import PROCESSES

if TYPE_CHECKING:
    from jaxtyping import Array, Float

DRAWS: Final = 256


def typicality(
    model: Generative, seen: Observed, key: Array, draws: int = DRAWS
) -> Float[np.ndarray, "n processes"]:
    """How typical stars are of each of `PROCESSES`, from 0 (of none) to 1.

    Args:
        model: of the processes.
        seen: n stars, in the model's elements.
        key: of the drawn stars; the same for every star, which therefore does not depend on others.
        draws: stars drawn of each process.

    Returns:
        NaN where fewer than two elements were measured or a process has no simulations.
    """
    columns = np.full((len(seen.log_eps), len(PROCESSES)), np.nan)
    arrays = (jnp.asarray(seen.log_eps, jnp.float32), jnp.asarray(seen.error, jnp.float32))
    enough = seen.measured.sum(axis=1) >= LEAST
    for k in range(len(PROCESSES)):
        mine = model.label == k
        if mine.any():
            m = jnp.asarray(model.m[mine], jnp.float32)
            found = _shares(*arrays, m, jnp.float32(model.scatter[k]), key, draws)
            columns[:, k] = np.where(enough, np.asarray(found), np.nan)
    return columns


@partial(jax.jit, static_argnums=5)
def _shares(
    log_eps: Array, error: Array, m: Array, scatter: Array, key: Array, draws: int
) -> Array:
    which, noise = jax.random.split(key)
    parent = m[jax.random.randint(which, (draws,), 0, len(m))]
    unit = jax.random.normal(noise, parent.shape)
    tau = jnp.full(len(m), scatter)

    def one(star: tuple[Array, Array]) -> Array:
        value, sigma = star
        drawn = jnp.where(jnp.isfinite(value), parent + jnp.hypot(scatter, sigma) * unit, jnp.nan)
        both = jnp.concatenate([value[None], drawn])
        errors = jnp.broadcast_to(sigma, both.shape)
        each = component_log_density(both, errors, m, tau)
        density = jax.nn.logsumexp(each, axis=1)
        return (density[1:] <= density[0]).mean()

    return jax.lax.map(one, (log_eps, error))
