"""One-class classifiers: is a pattern of the one process that was learnt?

An autoencoder of nine abundances, 64 and 32 (large) or 32 and 16 (small) units, two numbers, and
the same widths back; mean square error, Adam, the state of least validation loss. It sees one
class alone. A boundary around the class's latent points (`svm`) then says who belongs.

The paper leaves open the activation (here ReLU, none at the bottleneck), the learning rate and the
batch (here all rows at once).

Source: "Classifying metal-poor stars with machine learning using nucleosynthesis calculations",
section 4 and appendix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import jax
import numpy as np
from flax import nnx

from surrogate.enrichment.classifiers.epochs import Objective, every_seed, train, uniform_init
from surrogate.enrichment.classifiers.svm import RETENTION, Boundary, fit_boundary
from surrogate.enrichment.classifiers.training import PROCESSES, Split, TrainingSet
from surrogate.learning.blocks import linear
from surrogate.learning.functional import Functional, Params, functional

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

HIDDEN: Final = {"L": (64, 32), "S": (32, 16)}
"""Units of the two layers before the bottleneck."""
LATENT: Final = 2
EPOCHS: Final = 30_000
LEARNING_RATE: Final = 1e-3


class Autoencoder(nnx.Module):
    """Layers down to a bottleneck and back, with ReLU between.

    Args:
        n_in: elements.
        hidden: units of the layers down; those up mirror them.
        rngs: source of the initial weights.
    """

    def __init__(self, n_in: int, hidden: Sequence[int], *, rngs: nnx.Rngs) -> None:
        widths = (n_in, *hidden, LATENT)
        self.down = nnx.List(linear(a, b, rngs=rngs) for a, b in pairwise(widths))
        self.up = nnx.List(linear(b, a, rngs=rngs) for a, b in reversed(list(pairwise(widths))))

    def __call__(
        self, x: Float[Array, "*batch e"]
    ) -> tuple[Float[Array, "*batch 2"], Float[Array, "*batch e"]]:
        """Latent point of each pattern, and the pattern rebuilt from it."""
        z = _chain(list(self.down), x)
        return z, _chain(list(self.up), z)


def _chain(layers: Sequence[nnx.Linear], h: Array) -> Array:
    for layer in layers[:-1]:
        h = jax.nn.relu(layer(h))
    return layers[-1](h)


@dataclass(frozen=True)
class OneClass:
    """Trained one-class classifiers, one for each seed.

    Attributes:
        process: which was learnt, r or s.
        size: L or S.
        elements: whose abundances it takes.
        params: weights, with a leading axis of seeds.
        boundary: around the class; its arrays have a leading axis of seeds.
        epoch: of the weights, of each seed, from 1.
        history: training and validation loss of each epoch; may be empty.
    """

    process: str
    size: str
    elements: tuple[str, ...]
    params: Params
    boundary: Boundary
    epoch: Int[np.ndarray, " seeds"]
    history: Mapping[str, Float[np.ndarray, "seeds epochs"]]

    def latent(self, x: Float[np.ndarray, "n e"]) -> Float[np.ndarray, "seeds n 2"]:
        """Latent points of patterns in each seed's plane; NaN where an element is missing.

        Args:
            x: log10(N_X / N_Eu) of `elements` [dex].
        """
        net = network(self.size, len(self.elements))
        return np.asarray(every_seed(net, self.params, x)[0])

    def margin(self, x: Float[np.ndarray, "n e"]) -> Float[np.ndarray, "seeds n"]:
        """Decision function of each seed's boundary: not negative inside."""
        planes = self.latent(x)
        each = [Boundary(*(np.asarray(a)[k] for a in self.boundary)) for k in range(len(planes))]
        return np.stack([boundary.decide(z) for boundary, z in zip(each, planes, strict=True)])

    def votes(self, x: Float[np.ndarray, "n e"]) -> Int[np.ndarray, "seeds n"]:
        """Each seed's answer: 1 is of the process, 0 is not; -1 where an element is missing."""
        margin = self.margin(x)
        return np.where(np.isfinite(margin), (margin >= 0.0).astype(int), -1)


@lru_cache
def network(size: str, n_in: int) -> Functional:
    """The autoencoder of a size, L or S, as pure functions.

    Raises:
        ValueError: no such size.
    """
    if size not in HIDDEN:
        raise ValueError(f"size = {size}, allowed: {', '.join(HIDDEN)}")
    return functional(lambda rngs: Autoencoder(n_in, HIDDEN[size], rngs=rngs))


@lru_cache
def _objective(size: str, n_in: int) -> Objective:
    net = network(size, n_in)

    def loss(params: Params, x: Array, label: Array) -> Array:
        return ((net.apply(params, x)[1] - x) ** 2).mean()

    return Objective(uniform_init(net), loss)


def fit_one_class(
    training: TrainingSet,
    split: Split,
    seeds: Sequence[int],
    *,
    size: str = "L",
    epochs: int = EPOCHS,
    learning_rate: float = LEARNING_RATE,
    retention: float = RETENTION,
) -> OneClass:
    """Train a one-class classifier for each seed.

    Args:
        training: patterns of one process, as of `TrainingSet.of`.
        split: rows of each seed, such as of `random_split`. The boundary is drawn around training
            and validation rows: the network was chosen on the latter, and the class is small.
        seeds: of the initial weights.
        size: L or S.
        epochs: steps, all rows in each.
        learning_rate: of Adam.
        retention: see `svm`.

    Raises:
        ValueError: the patterns are of several processes, or no such size.
    """
    if len(set(training.label)) != 1:
        raise ValueError("training: patterns of several processes, allowed: one; use `of`")
    trained = train(
        _objective(size, len(training.elements)),
        training,
        split,
        seeds,
        epochs=epochs,
        learning_rate=learning_rate,
    )
    net = network(size, len(training.elements))
    planes = np.asarray(every_seed(net, trained.best, training.x)[0])
    rows = np.concatenate([split.train, split.validation], axis=1)
    each = [
        fit_boundary(plane[mine], retention=retention)
        for plane, mine in zip(planes, rows, strict=True)
    ]
    return OneClass(
        process=PROCESSES[training.label[0]],
        size=size,
        elements=training.elements,
        params=trained.best,
        boundary=Boundary(*(np.stack(arrays) for arrays in zip(*each, strict=True))),
        epoch=np.asarray(trained.best_epoch),
        history={
            "loss": np.asarray(trained.loss),
            "validation": np.asarray(trained.validation_loss),
        },
    )
