"""Chains of the no-U-turn sampler, by NumPyro and by BlackJAX, and whether to trust them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import jax
import numpy as np

from surrogate.inference.optional import needs

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float, Key


DEPTH, WARMUP_DEPTH = 10, 5
"""Trajectories have at most 2^10 steps, those of the warm-up 2^5: while the metric is unknown,
longer ones take most of the time and teach nothing."""


class Target(Protocol):
    """A pytree whose methods give a posterior density; `posterior.Posterior` is one."""

    def sample_prior(self, key: Key[Array, ""]) -> Float[Array, " parameters"]:
        """A point, drawn from the prior."""

    def log_prior(self, z: Float[Array, " parameters"]) -> Float[Array, ""]:
        """Logarithm of the prior density."""

    def log_likelihood(self, z: Float[Array, " parameters"]) -> Float[Array, ""]:
        """Logarithm of the likelihood."""


class Chains(NamedTuple):
    """Draws of a posterior by chains that ran side by side."""

    draws: Float[Array, "chains draws parameters"]
    diverging: Bool[Array, "chains draws"]
    """Where the integration of a trajectory went astray: the posterior is too steep there."""

    def flat(self) -> Float[Array, "all parameters"]:
        """The draws of all chains together."""
        return self.draws.reshape(-1, self.draws.shape[-1])


class Diagnosis(NamedTuple):
    """Whether chains agree."""

    rhat: Float[np.ndarray, " parameters"]
    """Split R-hat (Gelman et al. 2013, section 11.4): 1 where the chains agree."""
    ess: Float[np.ndarray, " parameters"]
    """Effective number of independent draws."""
    divergences: int


def starts(
    target: Target, key: Key[Array, ""], chains: int = 4, tries: int = 2048
) -> Float[Array, "chains parameters"]:
    """Where chains begin: draws of the prior, chosen by their likelihood.

    Args:
        target: the posterior.
        key: random key.
        chains: how many.
        tries: draws of the prior.

    Returns:
        Points, no two the same.
    """
    z, noisy = _tried(target, key, tries)
    return z[jax.lax.top_k(noisy, chains)[1]]


@partial(jax.jit, static_argnames="tries")
def _tried(target: Target, key: Key[Array, ""], tries: int) -> tuple[Array, Array]:
    """Draws of the prior and their log-weights with noise; compiled once for all `chains`."""
    key_prior, key_choice = jax.random.split(key)
    z = jax.vmap(target.sample_prior)(jax.random.split(key_prior, tries))
    weight = jax.vmap(target.log_likelihood)(z)
    # The largest of log-weights with Gumbel noise: drawn by weight, without replacement.
    return z, weight + jax.random.gumbel(key_choice, (tries,))


def nuts_numpyro(
    target: Target,
    key: Key[Array, ""],
    *,
    chains: int = 4,
    warmup: int = 1000,
    draws: int = 2000,
    accept: float = 0.9,
    progress: bool = False,
) -> Chains:
    """Draw from a posterior by the no-U-turn sampler of NumPyro.

    Args:
        target: the posterior.
        key: random key.
        chains: side by side, each with its own step size and mass matrix.
        warmup: draws that tune the sampler and are thrown away.
        draws: of each chain.
        accept: acceptance probability that the step size aims at.
        progress: show a bar.

    Returns:
        The chains.

    Raises:
        ImportError: NumPyro is not installed.
    """
    infer = needs("numpyro.infer")
    key_start, key_run = jax.random.split(key)
    kernel = infer.NUTS(
        potential_fn=lambda z: -log_density(target, z),
        dense_mass=True,
        target_accept_prob=accept,
        max_tree_depth=(WARMUP_DEPTH, DEPTH),
    )
    sampler = infer.MCMC(
        kernel,
        num_warmup=warmup,
        num_samples=draws,
        num_chains=chains,
        chain_method="vectorized",
        progress_bar=progress,
    )
    start = starts(target, key_start, chains)
    sampler.run(key_run, init_params=start, extra_fields=("diverging",))
    return Chains(
        sampler.get_samples(group_by_chain=True),
        sampler.get_extra_fields(group_by_chain=True)["diverging"],
    )


def nuts_blackjax(
    target: Target,
    key: Key[Array, ""],
    *,
    chains: int = 4,
    warmup: int = 1000,
    draws: int = 2000,
    accept: float = 0.9,
) -> Chains:
    """Draw from a posterior by the no-U-turn sampler of BlackJAX.

    Compiled once for all targets of one kind.

    Args:
        target: the posterior.
        key: random key.
        chains: side by side, each with its own step size and mass matrix.
        warmup: draws that tune the sampler and are thrown away.
        draws: of each chain.
        accept: acceptance probability that the step size aims at.

    Returns:
        The chains.

    Raises:
        ImportError: BlackJAX is not installed.
    """
    key_start, key_run = jax.random.split(key)
    start = starts(target, key_start, chains)
    return _run_blackjax(target, jax.random.split(key_run, chains), start, warmup, draws, accept)


@partial(jax.jit, static_argnames=("warmup", "draws", "accept"))
def _run_blackjax(
    target: Target,
    keys: Key[Array, " chains"],
    start: Float[Array, "chains parameters"],
    warmup: int,
    draws: int,
    accept: float,
) -> Chains:
    blackjax = needs("blackjax")
    density = partial(log_density, target)

    def chain(key: Key[Array, ""], start: Array) -> tuple[Array, Array]:
        key_warmup, key_draws = jax.random.split(key)
        adapt = blackjax.window_adaptation(
            blackjax.nuts,
            density,
            is_mass_matrix_diagonal=False,
            target_acceptance_rate=accept,
            max_num_doublings=WARMUP_DEPTH,
        )
        (state, tuned), _ = adapt.run(key_warmup, start, num_steps=warmup)
        step = blackjax.nuts(density, **{**tuned, "max_num_doublings": DEPTH}).step

        def draw(state: Any, key: Key[Array, ""]) -> tuple[Any, tuple[Array, Array]]:
            state, info = step(key, state)
            return state, (state.position, info.is_divergent)

        return jax.lax.scan(draw, state, jax.random.split(key_draws, draws))[1]

    return Chains(*jax.vmap(chain)(keys, start))


def diagnose(chains: Chains) -> Diagnosis:
    """Whether chains agree, and how much they know.

    Args:
        chains: two or more of them.

    Returns:
        R-hat and effective draws of each parameter, and divergent draws in all.

    Raises:
        ImportError: NumPyro is not installed.
    """
    diagnostics = needs("numpyro.diagnostics")
    draws = np.asarray(chains.draws)
    return Diagnosis(
        np.asarray(diagnostics.split_gelman_rubin(draws)),
        np.asarray(diagnostics.effective_sample_size(draws)),
        int(np.sum(chains.diverging)),
    )


def log_density(target: Target, z: Float[Array, " parameters"]) -> Float[Array, ""]:
    """Logarithm of a posterior density at a point, up to a constant.

    Args:
        target: the posterior.
        z: the point.
    """
    return target.log_prior(z) + target.log_likelihood(z)
