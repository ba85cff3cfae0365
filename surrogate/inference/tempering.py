"""Posteriors of several modes: from the prior to the posterior by degrees, in a crowd.

Particles drawn from the prior meet the likelihood raised to a power that grows from 0 to 1. They
are weighted and resampled, and moved by Hamiltonian Monte Carlo: modes keep their weights, which a
single chain, that cannot cross from one to another, never learns (Del Moral et al. 2006).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.inference.chains import Target
from surrogate.inference.optional import needs

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int, Key

ACCEPT = 0.8
"""Acceptance probability that step sizes aim at."""
LEARN = 2.0
"""How fast they follow: d ln(step) / d(acceptance)."""
JITTER = 0.3
"""Relative scatter of the step sizes of a crowd, so that no trajectory closes on itself."""


class Tempered(NamedTuple):
    """Draws of a posterior by tempered sequential Monte Carlo."""

    draws: Float[Array, "particles parameters"]
    log_evidence: Float[Array, ""]
    """Logarithm of the probability density of the data."""
    steps: Int[Array, ""]
    """Powers that the likelihood was raised to."""
    acceptance: Float[Array, ""]
    """Mean acceptance probability of the moves at the end."""


class _State(NamedTuple):
    smc: Any
    step: Float[Array, ""]
    log_evidence: Float[Array, ""]
    steps: Int[Array, ""]
    left: Int[Array, ""]
    """Rounds of moves at the full likelihood that are still to come."""
    acceptance: Float[Array, ""]


@partial(jax.jit, static_argnames=("particles", "moves", "leapfrogs", "rounds", "most"))
def tempered(
    target: Target,
    key: Key[Array, ""],
    *,
    particles: int = 1024,
    moves: int = 4,
    leapfrogs: int = 6,
    rounds: int = 4,
    ess: float = 0.7,
    most: int = 100,
) -> Tempered:
    """Draw from a posterior by adaptive tempered sequential Monte Carlo of BlackJAX.

    Compiled once for all targets of one kind; traceable, so that `jax.vmap` goes over targets.

    Args:
        target: the posterior.
        key: random key.
        particles: size of the crowd.
        moves: Hamiltonian trajectories of each particle at each power of the likelihood.
        leapfrogs: steps of a trajectory.
        rounds: `moves` that are made in the end, at the full likelihood.
        ess: share of the particles that a step may reduce the effective ones to.
        most: steps after which to give up; the draws are NaN then.

    Returns:
        Draws of equal weight.

    Raises:
        ImportError: BlackJAX is not installed.
    """
    blackjax = needs("blackjax")
    resample = needs("blackjax.smc.resampling").systematic
    key_start, key_run = jax.random.split(key)

    def algorithm(state: _State, key: Key[Array, ""]) -> Any:
        z = state.smc.particles
        jitter = 1.0 + JITTER * jax.random.uniform(key, (particles,), minval=-1.0, maxval=1.0)
        tuned = {
            "step_size": state.step * jitter,
            "inverse_mass_matrix": _covariance(z, state.smc.weights)[None],
            "num_integration_steps": jnp.full((1,), leapfrogs),
        }
        return blackjax.adaptive_tempered_smc(
            target.log_prior,
            target.log_likelihood,
            blackjax.hmc.build_kernel(),
            blackjax.hmc.init,
            tuned,
            resample,
            ess,
            num_mcmc_steps=moves,
        )

    def advance(state: _State) -> _State:
        key_jitter, key_step = jax.random.split(jax.random.fold_in(key_run, state.steps))
        smc, info = algorithm(state, key_jitter).step(key_step, state.smc)
        accepted = info.update_info.acceptance_rate.mean()
        return _State(
            smc,
            state.step * jnp.exp(LEARN * (accepted - ACCEPT)),
            state.log_evidence + info.log_likelihood_increment,
            state.steps + 1,
            # A step moves particles before it weighs them; so those at full power come after it.
            jnp.where(smc.tempering_param < 1.0, rounds, state.left - 1),
            accepted,
        )

    def going(state: _State) -> Array:
        return (state.left >= 0) & (state.steps < most)

    start = jax.vmap(target.sample_prior)(jax.random.split(key_start, particles))
    zero, none = jnp.zeros((), start.dtype), jnp.int32(0)
    smc = blackjax.smc.tempered.init(start)._replace(tempering_param=zero)
    first = _State(smc, zero + 0.5, zero, none, none + rounds, zero)
    end = jax.lax.while_loop(going, advance, first)
    draws = jnp.where(end.left < 0, end.smc.particles, jnp.nan)
    return Tempered(draws, end.log_evidence, end.steps, end.acceptance)


def _covariance(z: Float[Array, "particles d"], weights: Float[Array, " particles"]) -> Array:
    """Covariance of a weighted crowd, with room for directions in which it has collapsed."""
    apart = z - weights @ z
    return (weights[:, None] * apart).T @ apart + 1e-6 * jnp.eye(z.shape[1], dtype=z.dtype)
