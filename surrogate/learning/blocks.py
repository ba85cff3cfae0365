"""Network parts that the surrogates share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import jax
import jax.numpy as jnp
from flax import nnx

if TYPE_CHECKING:
    from jaxtyping import Array, Float

# PyTorch's epsilon, with which the published networks were trained.
LAYER_NORM_EPSILON = 1e-5

NormOrder = Literal["relu-norm", "norm-relu"]


def linear(n_in: int, n_out: int, *, rngs: nnx.Rngs) -> nnx.Linear:
    """A linear layer with PyTorch's initial weights and biases: uniform in +-1/sqrt(n_in).

    With few inputs the biases matter: Flax's zeros put the kink of every unit of the first layer
    at the origin, and the published regressor then learns half as fast.
    """
    bound = n_in**-0.5

    def uniform(
        key: Array, shape: Sequence[int], dtype: Any = jnp.float32, out_sharding: Any = None
    ) -> Array:
        return jax.random.uniform(key, shape, dtype, -bound, bound)

    # Graphics cards else round the factors to 10 bits, and probabilities are off by 1e-3.
    precise = jax.lax.Precision.HIGHEST
    return nnx.Linear(
        n_in, n_out, precision=precise, kernel_init=uniform, bias_init=uniform, rngs=rngs
    )


class DenseBlock(nnx.Module):
    """A fully connected layer with a ReLU and layer normalisation, in either order.

    Args:
        n_in: width of the input.
        n_out: width of the output.
        order: "relu-norm" activates first, "norm-relu" normalises first.
        rngs: source of the initial weights.
    """

    def __init__(self, n_in: int, n_out: int, *, order: NormOrder, rngs: nnx.Rngs) -> None:
        self.linear = linear(n_in, n_out, rngs=rngs)
        self.norm = nnx.LayerNorm(n_out, epsilon=LAYER_NORM_EPSILON, rngs=rngs)
        self.order = order

    def __call__(self, x: Float[Array, "*batch n_in"]) -> Float[Array, "*batch n_out"]:
        """Apply the layer along the last axis."""
        h = self.linear(x)
        return self.norm(jax.nn.relu(h)) if self.order == "relu-norm" else jax.nn.relu(self.norm(h))


class Perceptron(nnx.Module):
    """Dense blocks one after the other, then a linear layer.

    Args:
        n_in: width of the input.
        hidden: widths of the blocks.
        n_out: width of the output; None ends with the last block.
        order: see `DenseBlock`.
        rngs: source of the initial weights.
    """

    def __init__(
        self,
        n_in: int,
        hidden: Sequence[int],
        n_out: int | None,
        *,
        order: NormOrder,
        rngs: nnx.Rngs,
    ) -> None:
        widths = (n_in, *hidden)
        self.blocks = nnx.List(
            DenseBlock(a, b, order=order, rngs=rngs) for a, b in pairwise(widths)
        )
        self.out = None if n_out is None else linear(widths[-1], n_out, rngs=rngs)

    def __call__(self, x: Float[Array, "*batch n_in"]) -> Float[Array, "*batch n_out"]:
        """Apply the blocks and the last layer along the last axis."""
        for block in self.blocks:
            x = block(x)
        return x if self.out is None else self.out(x)
