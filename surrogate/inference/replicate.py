"""Simulation-based calibration of the posterior of one encounter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.predictor import CollisionModel
from surrogate.inference.aftermath import Aftermath, simulate
from surrogate.inference.calibration import rank
from surrogate.inference.encounter_prior import EncounterPrior
from surrogate.inference.posterior import Posterior
from surrogate.inference.tempering import tempered

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int, Key

BLOCK = 32
"""Replicates that run side by side, and after which progress is reported."""


class Replicates(NamedTuple):
    """Encounters drawn from the prior, and where each stands among the draws of its posterior."""

    truth: Float[Array, "n parameters"]
    """Points of the prior."""
    aftermath: Aftermath
    """What each left."""
    ranks: Int[Array, "n parameters"]
    """How many draws of the posterior lie below the truth."""


def replicate(
    model: CollisionModel,
    prior: EncounterPrior,
    errors: tuple[float, float, float],
    key: Key[Array, ""],
    n: int,
    *,
    particles: int = 127,
    rounds: int = 4,
    report: Callable[[int, int], None] | None = None,
) -> Replicates:
    """Draw encounters and their aftermaths, infer each encounter, and rank the truth.

    Args:
        model: makes the aftermaths and infers; "fast" is made for this.
        prior: of the encounters.
        errors: standard deviations of the measured masses of two remnants and of the unbound mass
            [Msun]; infinite for what is not measured.
        key: random key.
        n: replicates; rounded up to a multiple of 32.
        particles: draws of each posterior.
        rounds: of moves at the end, see `tempered`; they make the draws independent.
        report: told how many replicates are done, and of how many, after each block.

    Returns:
        The replicates. Their ranks, 0 to `particles`, go to `calibration.uniformity`.

    Raises:
        ImportError: BlackJAX is not installed.

    Source: Talts et al. (2018), Algorithm 1.
    """
    blocks = -(-n // BLOCK)
    done = []
    for k in range(blocks):
        keys = jax.random.split(jax.random.fold_in(key, k), BLOCK)
        done.append(
            jax.device_get(_block(model, prior, jnp.array(errors), keys, particles, rounds))
        )
        if report is not None:
            report((k + 1) * BLOCK, blocks * BLOCK)
    return jax.tree.map(lambda *parts: np.concatenate(parts), *done)


@partial(jax.jit, static_argnames=("particles", "rounds"))
def _block(
    model: CollisionModel,
    prior: EncounterPrior,
    errors: Float[Array, " 3"],
    keys: Key[Array, " n"],
    particles: int,
    rounds: int,
) -> Replicates:
    def one(key: Key[Array, ""]) -> Replicates:
        key_truth, key_seen, key_draws = jax.random.split(key, 3)
        z = prior.sample(key_truth)
        predictive = model.predictive(prior.encounter(z, model.stars), check=False)
        seen = simulate(key_seen, predictive, errors)
        posterior = Posterior(model, prior, seen)
        draws = tempered(posterior, key_draws, particles=particles, rounds=rounds).draws
        return Replicates(z, seen, rank(draws, z))

    return jax.vmap(one)(keys)
