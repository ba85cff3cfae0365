"""Does what was seen look like what the posterior expects? Posterior predictive checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.inference.aftermath import Aftermath, log_likelihood, simulate
from surrogate.inference.posterior import Posterior

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Key


class PredictiveCheck(NamedTuple):
    """What the posterior expects to see, and whether that was seen."""

    replicated: Aftermath
    """One aftermath for each draw."""
    p_value: Float[Array, ""]
    """Share of the replicated aftermaths that are less probable than the one that was seen; below
    about 0.01 the model does not explain it."""


@jax.jit
def predictive_check(
    posterior: Posterior, draws: Float[Array, "draws parameters"], key: Key[Array, ""]
) -> PredictiveCheck:
    """Measure aftermaths of encounters drawn from the posterior.

    The discrepancy is -ln p(aftermath | encounter), which serves for any number of remnants.

    Args:
        posterior: of the encounter.
        draws: of the posterior.
        key: random key.

    Returns:
        Replicated aftermaths and the posterior predictive p value.

    Source: Gelman, Meng & Stern (1996).
    """
    seen = posterior.aftermath
    # As well as the best measured remnant, also where the replicated aftermath leaves more of them.
    worst = jnp.where(jnp.isfinite(seen.errors), seen.errors, -jnp.inf).max()
    fallback = jnp.where(jnp.isfinite(worst), worst, jnp.inf)
    errors = jnp.append(
        jnp.where(jnp.isfinite(seen.errors), seen.errors, fallback), seen.unbound_error
    )

    def one(z: Array, key: Key[Array, ""]) -> tuple[Aftermath, Array]:
        predictive = posterior.predictive(z)
        new = simulate(key, predictive, errors)
        new = new._replace(remnants=jnp.where(seen.remnants < 0, -1, new.remnants))
        return new, log_likelihood(predictive, new) <= log_likelihood(predictive, seen)

    replicated, rarer = jax.vmap(one)(draws, jax.random.split(key, len(draws)))
    return PredictiveCheck(replicated, jnp.mean(rarer))
