"""Where to look for a flare's posterior: an importance step before the likelihood is tempered.

The posterior of a flare has many narrow modes in start and time scale, which a crowd from the prior
misses. So light curves of many draws of the prior are slid along the data, to every start at once,
and the crowd begins as draws of prior x likelihood^beta: as much of the likelihood as these light
curves can follow. The rest is tempered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.inference.tempering import Tempered, tempered
from surrogate.transients.bank import find_lit, time_grid
from surrogate.transients.flare import Physics
from surrogate.transients.posterior import NAMES, FlarePosterior, Prior
from surrogate.transients.slide import TEMPERATURES, Sky, light_curves, pairs, place
from surrogate.transients.templates import daily_means

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int, Key

DRAWS: Final = 16_384
"""Of the prior."""
ENOUGH: Final = 64.0
"""Effective number of light curves and temperatures that a crowd begins with, at the least."""
COOLING: Final = 4.0
"""Ratio of the powers of the likelihood that are tried."""
POWERS: Final = 10
"""How many, after the first."""
SPARE: Final = 2
"""Candidates for each particle of a pool."""
POOL: Final = 1024
"""Particles of a pool."""
SHAPE: Final = ("log_black_hole", "log_r_init", "theta", "log_alpha", "log_aspect")
"""Parameters that a light curve's shape rests on, without drift."""


class Pool(NamedTuple):
    """Draws of prior x likelihood^beta."""

    u: Float[Array, "particles parameters"]
    """On the coordinates of the prior, of equal weight; many times the same few hundred shapes."""
    beta: Float[Array, ""]
    """Power of the likelihood."""
    log_evidence: Float[Array, ""]
    """ln of the mean of likelihood^beta over the prior."""
    effective: float
    """Effective number of light curves that they were made of."""


class Guide:
    """Light curves of many draws of the prior; made once for all objects.

    Args:
        prior: of the parameters; its redshift and its starts do not matter.
        physics: the assumptions, without drift; the same as the posteriors'.
        key: random key.
        draws: how many.

    Raises:
        ValueError: the centre of mass drifts.
    """

    def __init__(
        self, prior: Prior, physics: Physics, key: Key[Array, ""], draws: int = DRAWS
    ) -> None:
        if float(physics.drift) != 0.0:
            raise ValueError(f"physics.drift = {physics.drift}, allowed: 0")
        self.prior, self.physics, self.draws = prior, physics, draws
        u = jax.random.normal(key, (draws, len(NAMES)))
        light = np.asarray(light_curves(prior, physics, u))
        lit = find_lit(light, physics)
        days = daily_means(time_grid(), light[lit])
        # One more for all that are dark: they weigh together what they are many.
        self.shapes = jnp.asarray(np.concatenate([days, np.zeros((1, days.shape[1]))]), jnp.float32)
        self.log_many = np.log(np.append(np.ones(lit.sum()), max((~lit).sum(), 1e-30)))
        self.lit, self.dark = u[lit], u[~lit] if not lit.all() else u

    def start(self, posterior: FlarePosterior, key: Key[Array, ""], particles: int = POOL) -> Pool:
        """Draw of the prior, times as much of the likelihood as the light curves can follow.

        Candidates are drawn from what the daily means of the light curves make of the nights'
        data, and weighted by the likelihood itself: where the two differ costs candidates, not
        truth. Draws that are dark count as they are, with the likelihood of no flare.

        Args:
            posterior: of the flare.
            key: random key.
            particles: how many.

        Returns:
            The pool. Its beta is the greatest of 1, 1/4, 1/16, ... that leaves enough light curves.

        Raises:
            ValueError: the posterior's prior or physics is not the guide's.

        Source: Del Moral et al. (2006).
        """
        self._check(posterior)
        sky = Sky.of(posterior, self.shapes.shape[1])
        for k in range(POWERS + 1):
            beta = COOLING**-k
            log_z = np.asarray(pairs(self.shapes, sky, beta), float)
            if k < POWERS and _effective(log_z, self.log_many[:, None]) < ENOUGH:
                continue
            pool = self._draw(posterior, sky, beta, log_z, jax.random.fold_in(key, k), particles)
            if pool.effective >= ENOUGH:
                break
        return pool

    def _draw(
        self,
        posterior: FlarePosterior,
        sky: Sky,
        beta: float,
        log_z: Float[np.ndarray, "shapes temperatures"],
        key: Key[Array, ""],
        particles: int,
    ) -> Pool:
        """Draw candidates by their daily means, and particles of them by the likelihood."""
        n = SPARE * particles
        key_pick, key_twin, key_place, key_keep = jax.random.split(key, 4)
        log_p = (log_z + self.log_many[:, None]).ravel()
        total = np.logaddexp.reduce(log_p)
        shape, colour = np.divmod(_stratified(key_pick, np.exp(log_p - total), n), TEMPERATURES)
        twins = self.dark[jax.random.randint(key_twin, (n,), 0, len(self.dark))]
        # All that are dark have one shape, and are many.
        row = np.where(shape < len(self.lit), shape, len(self.lit) + np.arange(n))
        u = jnp.concatenate([self.lit, twins])[row]
        u, log_q = place(posterior, sky, self.shapes[shape], colour, u, beta, key_place)
        log_w = np.asarray(beta * _likelihoods(posterior, u) - log_q, float)
        mean = np.logaddexp.reduce(log_w) - np.log(n)
        p = np.exp(log_w - mean) / n
        keep = _stratified(key_keep, p, particles)
        log_evidence = mean + total - np.log(self.draws * TEMPERATURES)
        effective = 1.0 / np.sum(np.bincount(row, p) ** 2)
        return Pool(u[keep], jnp.float32(beta), jnp.float32(log_evidence), float(effective))

    def _check(self, posterior: FlarePosterior) -> None:
        for name in SHAPE:
            here, there = getattr(self.prior, name), getattr(posterior.prior, name)
            if not np.allclose(here, there):
                raise ValueError(f"posterior.prior.{name} = {there}, the guide's is {here}")
        if posterior.physics != self.physics:
            raise ValueError(
                f"posterior.physics = {posterior.physics}, the guide's: {self.physics}"
            )


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class Started:
    """A posterior whose prior is a pool's density: a target of `inference.chains`; a pytree.

    Attributes:
        posterior: of the flare.
        pool: draws of prior x likelihood^beta.
        beta: power of the likelihood that belongs to the prior now.
    """

    posterior: FlarePosterior
    pool: Float[Array, "particles parameters"]
    beta: Float[Array, ""]

    def sample_prior(self, key: Key[Array, ""]) -> Float[Array, " parameters"]:
        """A particle of the pool."""
        return self.pool[jax.random.randint(key, (), 0, len(self.pool))]

    def log_prior(self, u: Float[Array, " parameters"]) -> Float[Array, ""]:
        """Logarithm of prior x likelihood^beta."""
        return self.posterior.log_prior(u) + self.beta * self.posterior.log_likelihood(u)

    def log_likelihood(self, u: Float[Array, " parameters"]) -> Float[Array, ""]:
        """Logarithm of the rest of the likelihood."""
        return (1.0 - self.beta) * self.posterior.log_likelihood(u)


def sample_flare(
    posterior: FlarePosterior,
    guide: Guide,
    key: Key[Array, ""],
    *,
    particles: int = 256,
    moves: int = 3,
    leapfrogs: int = 5,
    rounds: int = 4,
) -> Tempered:
    """Draw from the posterior of a flare: a guided start, then tempering.

    Args:
        posterior: of the flare.
        guide: of the same prior and physics.
        key: random key.
        particles: draws.
        moves: as in `tempered`.
        leapfrogs: as in `tempered`.
        rounds: as in `tempered`.

    Returns:
        Draws on the coordinates of the prior, of equal weight; `posterior.parameters` gives their
        units. The evidence is relative to no flare.

    Raises:
        ImportError: BlackJAX is not installed.
        ValueError: the guide is of another prior or other physics.

    Source: Del Moral et al. (2006).
    """
    key_start, key_run = jax.random.split(key)
    pool = guide.start(posterior, key_start)
    target = Started(posterior, pool.u, pool.beta)
    found = tempered(
        target, key_run, particles=particles, moves=moves, leapfrogs=leapfrogs, rounds=rounds
    )
    return found._replace(log_evidence=found.log_evidence + pool.log_evidence)


_BATCH: Final = 64


@jax.jit
def _likelihoods(posterior: FlarePosterior, u: Float[Array, "n parameters"]) -> Float[Array, " n"]:
    return jax.lax.map(posterior.log_likelihood, u, batch_size=_BATCH)


def _effective(log_w: Float[np.ndarray, ...], log_many: Float[np.ndarray, ...]) -> float:
    """Effective number of weights, some of which stand for many equal ones."""
    once = np.logaddexp.reduce(np.ravel(log_w + log_many))
    twice = np.logaddexp.reduce(np.ravel(2.0 * log_w + log_many))
    return float(np.exp(2.0 * once - twice))


def _stratified(
    key: Key[Array, ""], p: Float[np.ndarray, " n"], draws: int
) -> Int[np.ndarray, " draws"]:
    """Indices drawn with probabilities that add up to 1, each about as often as is expected."""
    # At equal distances all draws might fall on one temperature, as these come in turns.
    at = (np.arange(draws) + np.asarray(jax.random.uniform(key, (draws,)), float)) / draws
    return np.searchsorted(np.cumsum(p) / np.sum(p), at).clip(max=len(p) - 1)
