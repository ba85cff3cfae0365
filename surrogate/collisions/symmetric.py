"""A network of two stars that treats them alike: exchanging them exchanges its answer.

Every odd function of the stars' differences is those differences times even ones, so one body of
even features serves all: what the stars share is read off it directly, what tells them apart is
its output times the odd features. Two identical stars differ in nothing, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx

from surrogate.collisions.features import ODD_FEATURES, StructureFeatures
from surrogate.learning.blocks import linear
from surrogate.learning.functional import Params

if TYPE_CHECKING:
    from jaxtyping import Array, Float

N_ODD = len(ODD_FEATURES)


def algebraic_silu(x: Array) -> Array:
    """The shape of SiLU without an exponential: x (1 + x / sqrt(1 + x^2)) / 2."""
    return 0.5 * x * (1.0 + x * jax.lax.rsqrt(1.0 + x * x))


class Raw(NamedTuple):
    """What one network says of a collision."""

    log_probability: Float[Array, "*batch 5"]
    """Of each of `prediction.Survivors`."""
    fractions: Float[Array, "*batch 5 3"]
    """For each, mass in star 1, in star 2 and unbound over m1 + m2."""
    log_scale: Float[Array, "*batch 5 2"]
    """For each, ln of the expected error of what is left of star 1 and star 2, relative to what
    they were (of a merger's product: to m1 + m2)."""


# Where the untrained network begins: mergers lose 5 per cent, survivors 2 per cent, of which a
# tenth goes to the other star, and a stripped star loses a quarter.
_MERGER, _LOSS, _GIFT, _STRIPPED, _SCALE = -3.0, -4.0, -6.0, -1.0, -5.5


class SymmetricNetwork(nnx.Module):
    """Fate, final masses and their scatter from the structure features.

    Args:
        n_even: how many even features there are.
        width: of the residual body.
        depth: how many residual layers.
        activation: SiLU, or a cheaper function of its shape.
        rngs: source of the initial weights.
    """

    def __init__(
        self,
        *,
        n_even: int,
        width: int,
        depth: int,
        activation: Callable[[Array], Array] = jax.nn.silu,
        rngs: nnx.Rngs,
    ) -> None:
        self.activation = activation
        self.first = linear(n_even, width, rngs=rngs)
        self.layers = nnx.List(linear(width, width, rngs=rngs) for _ in range(depth))
        self.even = linear(width, 8, rngs=rngs)
        self.odd = linear(width, 4 * N_ODD, rngs=rngs)
        self.even_scale = linear(width, 3, rngs=rngs)
        self.odd_scale = linear(width, 2 * N_ODD, rngs=rngs)

    def __call__(self, x: StructureFeatures) -> Raw:
        """Log-probabilities, mass fractions and log-scales from standardised features."""
        h = self.first(x.even)
        for layer in self.layers:
            h = h + layer(self.activation(h))
        h = self.activation(h)
        e, o = self.even(h), _odd(self.odd(h), x.odd)
        scale = _log_scale(self.even_scale(h) + _SCALE, _odd(self.odd_scale(h), x.odd))
        return Raw(_log_probability(e, o), _fractions(e, o, x.shares), scale)


def apply_to_learn(apply: Callable[..., Raw], params: Params, x: StructureFeatures) -> Raw:
    """A network whose log-scales teach their own weights alone.

    How far an answer may be trusted is learned from the answers, not the other way round.

    Args:
        apply: the network's output from its weights and features.
        params: the weights.
        x: standardised features.

    Returns:
        What the network says.
    """
    own = {k: v if "_scale" in k else jax.lax.stop_gradient(v) for k, v in params.items()}
    return apply(params, x)._replace(log_scale=apply(own, x).log_scale)


def _odd(coefficients: Float[Array, "*batch n"], differences: Float[Array, "*batch 4"]) -> Array:
    """Differences of the stars times even coefficients, an odd number for each."""
    c = coefficients.reshape(*coefficients.shape[:-1], -1, N_ODD)
    return jnp.sum(c * differences[..., None, :], axis=-1)


def _log_probability(e: Array, o: Array) -> Float[Array, "*batch 5"]:
    survivor = e[..., 3]
    logits = [e[..., 0], e[..., 1], e[..., 2], survivor + o[..., 0], survivor - o[..., 0]]
    return jax.nn.log_softmax(jnp.stack(logits, axis=-1))


def _fractions(e: Array, o: Array, shares: Array) -> Float[Array, "*batch 5 3"]:
    """Mass fractions of each outcome, each of which sums to one."""
    mu1, mu2 = shares[..., 0], shares[..., 1]
    none = jnp.zeros_like(mu1)
    merged = jax.nn.sigmoid(-(e[..., 4] + _MERGER))
    kept1, given1 = _divide(e[..., 5] + o[..., 1], e[..., 6] + o[..., 2])
    kept2, given2 = _divide(e[..., 5] - o[..., 1], e[..., 6] - o[..., 2])
    two1, two2 = mu1 * kept1 + mu2 * given2, mu2 * kept2 + mu1 * given1
    first = mu1 * jax.nn.sigmoid(-(e[..., 7] + o[..., 3] + _STRIPPED))
    second = mu2 * jax.nn.sigmoid(-(e[..., 7] - o[..., 3] + _STRIPPED))
    bound1 = jnp.stack([none, merged, two1, first, none], axis=-1)
    bound2 = jnp.stack([none, none, two2, none, second], axis=-1)
    return jnp.stack([bound1, bound2, 1.0 - bound1 - bound2], axis=-1)


def _divide(loss: Array, gift: Array) -> tuple[Array, Array]:
    """Shares of its mass that a surviving star keeps and gives to the other; the rest is lost."""
    logits = jnp.stack([jnp.zeros_like(loss), gift + _GIFT, loss + _LOSS], axis=-1)
    shares = jax.nn.softmax(logits)
    return shares[..., 0], shares[..., 1]


def _log_scale(e: Array, o: Array) -> Float[Array, "*batch 5 2"]:
    merger, two, survivor = (e[..., k] for k in range(3))
    never = jnp.full_like(merger, -jnp.inf)
    star1 = jnp.stack([never, merger, two + o[..., 0], survivor + o[..., 1], never], axis=-1)
    star2 = jnp.stack([never, never, two - o[..., 0], never, survivor - o[..., 1]], axis=-1)
    return jnp.stack([star1, star2], axis=-1)
