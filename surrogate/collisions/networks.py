"""The networks by name: the three published ones here, the symmetric ones beside them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
from flax import nnx

from surrogate.collisions.symmetric import SymmetricNetwork, algebraic_silu
from surrogate.learning.blocks import NormOrder, Perceptron
from surrogate.learning.functional import Functional, functional

if TYPE_CHECKING:
    from jaxtyping import Array, Float

N_FEATURES = 5
N_FATES = 4
N_EVEN = 17
"""Even structure features; the fast network goes without the first."""
N_FRACTIONS = 3
"""Mass fractions in star 1, in star 2, and unbound (paper, Eq. 3)."""


class Classifier(nnx.Module):
    """Logits of the four fates (paper, section 3.3).

    Args:
        hidden: widths of the hidden layers.
        rngs: source of the initial weights.
    """

    def __init__(self, *, hidden: tuple[int, ...] = (512, 256, 128), rngs: nnx.Rngs) -> None:
        self.body = Perceptron(N_FEATURES, hidden, N_FATES, order="relu-norm", rngs=rngs)

    def __call__(self, x: Float[Array, "*batch 5"]) -> Float[Array, "*batch 4"]:
        """Logits of the fates from standardised features."""
        return self.body(x)


class Regressor(nnx.Module):
    """Final mass fractions, which sum to one by construction (paper, section 4.3).

    Args:
        hidden: widths of the hidden layers.
        order: "relu-norm" as section 4.3 has it, or "norm-relu" as in the mixture.
        rngs: source of the initial weights.
    """

    def __init__(
        self,
        *,
        hidden: tuple[int, ...] = (512, 256, 128),
        order: NormOrder = "relu-norm",
        rngs: nnx.Rngs,
    ) -> None:
        self.body = Perceptron(N_FEATURES, hidden, N_FRACTIONS, order=order, rngs=rngs)

    def __call__(self, x: Float[Array, "*batch 5"]) -> Float[Array, "*batch 3"]:
        """Mass fractions (star 1, star 2, unbound) from standardised features."""
        return jax.nn.softmax(self.body(x))


class MixtureOfExperts(nnx.Module):
    """Fate and, for each fate, mass fractions, from one shared backbone (paper, section 5).

    The network also holds the two scales that weight its loss terms (paper, appendix B); they are
    trained with it and play no part in a prediction.

    Args:
        backbone: widths of the shared layers.
        head: width of the layer of the classification head and of each expert.
        rngs: source of the initial weights.
    """

    def __init__(
        self, *, backbone: tuple[int, ...] = (512, 256), head: int = 128, rngs: nnx.Rngs
    ) -> None:
        self.backbone = Perceptron(N_FEATURES, backbone, None, order="norm-relu", rngs=rngs)
        width = backbone[-1]
        self.gate = Perceptron(width, (head,), N_FATES, order="norm-relu", rngs=rngs)
        self.experts = nnx.List(
            Perceptron(width, (head,), N_FRACTIONS, order="norm-relu", rngs=rngs)
            for _ in range(N_FATES)
        )
        self.task_weights = nnx.Param(jnp.ones(2))

    def __call__(
        self, x: Float[Array, "*batch 5"]
    ) -> tuple[Float[Array, "*batch 4"], Float[Array, "*batch 4 3"]]:
        """Logits of the fates, and the mass fractions that each fate's expert predicts."""
        h = self.backbone(x)
        fractions = jnp.stack([expert(h) for expert in self.experts], axis=-2)
        return self.gate(h), jax.nn.softmax(fractions)


NETWORKS: dict[str, Callable[..., nnx.Module]] = {
    "classifier": Classifier,
    "regressor": Regressor,
    "mixture": MixtureOfExperts,
    "ensemble": partial(SymmetricNetwork, n_even=N_EVEN, width=256, depth=3),
    "fast": partial(
        SymmetricNetwork, n_even=N_EVEN - 1, width=64, depth=2, activation=algebraic_silu
    ),
}
"""Every registered network by its name."""

PURPOSES = {
    "classifier": "The published fates, for comparison; one half of the model `separate`.",
    "regressor": "The published final masses, for comparison; one half of the model `separate`.",
    "mixture": "The published class-gated mixture of experts, for comparison.",
    "ensemble": "The most accurate, and says how sure it is: population synthesis, inference.",
    "fast": "A million encounters a second on two cores, for N-body codes; distilled.",
}
"""What each network is for."""


@cache
def network(name: str) -> Functional:
    """A registered network as pure functions of a dictionary of arrays."""
    return functional(lambda rngs: NETWORKS[name](rngs=rngs))
