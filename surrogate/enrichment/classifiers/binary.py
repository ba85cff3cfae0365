"""Binary classifiers: is a pattern of the r- (0) or of the s-process (1)?

Nine Eu-normalised abundances, one hidden layer of 25 (large) or 5 (small) units, a sigmoid; binary
cross entropy, Adam. Two states of a training are kept. At minimal separation the outputs of the
two classes have just ceased to overlap: it is the epoch after the last one whose training AUC is
under 1. At maximal separation the validation loss is least. Thresholds are read from the ROC curve.

The paper leaves open the units' activation (here ReLU), the learning rate and the batch (here all
rows at once).

Source: "Classifying metal-poor stars with machine learning using nucleosynthesis calculations",
section 3 and appendix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from surrogate.enrichment.classifiers.epochs import Objective, every_seed, train, uniform_init
from surrogate.enrichment.classifiers.training import Split, TrainingSet
from surrogate.learning.blocks import linear
from surrogate.learning.functional import Functional, Params, functional

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

HIDDEN: Final = {"L": 25, "S": 5}
"""Units of the hidden layer of the large and the small network."""
STATES: Final = ("min", "max")
"""Minimal and maximal separation."""
EPOCHS: Final = 10_000
LEARNING_RATE: Final = 1e-3


class BinaryNetwork(nnx.Module):
    """Linear, ReLU, linear; the output is the logit of the s-process.

    Args:
        n_in: elements.
        hidden: units.
        rngs: source of the initial weights.
    """

    def __init__(self, n_in: int, hidden: int, *, rngs: nnx.Rngs) -> None:
        self.hidden = linear(n_in, hidden, rngs=rngs)
        self.out = linear(hidden, 1, rngs=rngs)

    def __call__(self, x: Float[Array, "*batch e"]) -> Float[Array, "*batch"]:
        """Logit of the s-process of each pattern."""
        return self.out(jax.nn.relu(self.hidden(x)))[..., 0]


@dataclass(frozen=True)
class Binary:
    """Trained binary classifiers, one for each seed.

    Attributes:
        size: L or S.
        elements: whose abundances it takes.
        params: weights by state, with a leading axis of seeds.
        threshold: by state, of each seed; above it is s.
        epoch: by state, of each seed, from 1; 0 where a training never came to that state.
        history: training loss, validation loss and training AUC of each epoch; may be empty.
    """

    size: str
    elements: tuple[str, ...]
    params: Mapping[str, Params]
    threshold: Mapping[str, Float[np.ndarray, " seeds"]]
    epoch: Mapping[str, Int[np.ndarray, " seeds"]]
    history: Mapping[str, Float[np.ndarray, "seeds epochs"]]

    def output(
        self, x: Float[np.ndarray, "n e"], state: str = "max"
    ) -> Float[np.ndarray, "seeds n"]:
        """Output of each seed's network, from 0 (r) to 1 (s); NaN where an element is missing.

        Args:
            x: log10(N_X / N_Eu) of `elements` [dex].
            state: min or max separation.
        """
        net = network(self.size, len(self.elements))
        logit = every_seed(net, self.params[state], x)
        return np.asarray(jax.nn.sigmoid(logit))

    def votes(self, x: Float[np.ndarray, "n e"], state: str = "max") -> Int[np.ndarray, "seeds n"]:
        """Each seed's answer: 0 is r, 1 is s; -1 where it has none.

        It has none where an element is missing, or where its training never came to the state.
        """
        output = self.output(x, state)
        is_s = (output > self.threshold[state][:, None]).astype(int)
        able = np.isfinite(output) & (self.epoch[state][:, None] > 0)
        return np.where(able, is_s, -1)


@lru_cache
def network(size: str, n_in: int) -> Functional:
    """The network of a size, L or S, as pure functions.

    Raises:
        ValueError: no such size.
    """
    if size not in HIDDEN:
        raise ValueError(f"size = {size}, allowed: {', '.join(HIDDEN)}")
    return functional(lambda rngs: BinaryNetwork(n_in, HIDDEN[size], rngs=rngs))


@lru_cache
def _objective(size: str, n_in: int) -> Objective:
    net = network(size, n_in)

    def loss(params: Params, x: Array, label: Array) -> Array:
        return optax.sigmoid_binary_cross_entropy(net.apply(params, x), label).mean()

    def score(params: Params, x: Array, label: Array) -> Array:
        return auc(net.apply(params, x), label)

    return Objective(uniform_init(net), loss, score)


def fit_binary(
    training: TrainingSet,
    split: Split,
    seeds: Sequence[int],
    *,
    size: str = "L",
    epochs: int = EPOCHS,
    learning_rate: float = LEARNING_RATE,
) -> Binary:
    """Train a binary classifier for each seed.

    Args:
        training: patterns of the r- and the s-process; others are not allowed.
        split: rows of each seed, such as of `random_split`.
        seeds: of the initial weights.
        size: L or S.
        epochs: steps, all rows in each.
        learning_rate: of Adam.

    Raises:
        ValueError: a pattern is neither r nor s, or no such size.
    """
    if not np.isin(training.label, (0, 1)).all():
        raise ValueError("training: has patterns of the i-process, allowed: r and s")
    trained = train(
        _objective(size, len(training.elements)),
        training,
        split,
        seeds,
        epochs=epochs,
        learning_rate=learning_rate,
    )
    params = {"min": trained.separated, "max": trained.best}
    epoch = {"min": np.asarray(trained.separated_epoch), "max": np.asarray(trained.best_epoch)}
    bare = Binary(size, training.elements, params, {}, epoch, {})
    threshold = {}
    for state in STATES:
        outputs = bare.output(training.x, state)
        threshold[state] = np.array(
            [
                roc_threshold(output[rows], training.label[rows])
                for output, rows in zip(outputs, split.train, strict=True)
            ],
            np.float32,
        )
    history = {
        "loss": np.asarray(trained.loss),
        "validation": np.asarray(trained.validation_loss),
        "auc": np.asarray(trained.score),
    }
    return Binary(size, training.elements, params, threshold, epoch, history)


def auc(output: Float[Array, " n"], label: Float[Array, " n"]) -> Float[Array, ""]:
    """Area under the ROC curve: how often an s pattern's output is above an r pattern's.

    Equal outputs count half.
    """
    above = jnp.sign(output[:, None] - output[None, :]) * 0.5 + 0.5
    pairs = (label[:, None] > label[None, :]).astype(above.dtype)
    # Counts are whole or half numbers, so that a perfect separation is exactly 1.
    return (above * pairs).sum() / jnp.maximum(pairs.sum(), 1.0)


def roc_threshold(output: Float[np.ndarray, " n"], label: Int[np.ndarray, " n"]) -> float:
    """The output above which a pattern is of the s-process, from the ROC curve.

    The point of the curve nearest to (0, 1) is taken. A range of thresholds gives that point; the
    middle of the range is returned, which after perfect separation is the mean of the extreme
    thresholds. Of several points as near, the lowest is taken.

    Args:
        output: of the training patterns, from 0 to 1.
        label: 0 for r, 1 for s.
    """
    levels = np.unique(np.concatenate([[0.0], np.asarray(output, float), [1.0]]))
    middle = 0.5 * (levels[1:] + levels[:-1])
    is_s = output[None, :] > middle[:, None]
    found = (is_s & (label == 1)).sum(axis=1) / max((label == 1).sum(), 1)
    false = (is_s & (label == 0)).sum(axis=1) / max((label == 0).sum(), 1)
    return float(middle[np.argmin(np.hypot(1.0 - found, false))])
