"""Train small networks on whole sets: one scan over the epochs, all seeds in one program."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

    from surrogate.enrichment.classifiers.training import Split, TrainingSet
    from surrogate.learning.functional import Functional, Params


class Objective(NamedTuple):
    """What to train; hashable, so that a program is compiled once."""

    init: Callable[[Array], Params]
    """Weights from a random key."""
    loss: Callable[[Params, Array, Array], Float[Array, ""]]
    """Of weights, features (n, e) and labels (n)."""
    score: Callable[[Params, Array, Array], Float[Array, ""]] | None = None
    """AUC of the training rows; where it becomes 1 for good, weights are kept as well."""


class Trained(NamedTuple):
    """What is kept of a training; every array has a leading axis of seeds."""

    best: Params
    """Weights of the least validation loss."""
    best_epoch: Int[Array, " seeds"]
    """Counted from 1."""
    separated: Params
    """Weights of the epoch after the last one with a score under 1; of the last epoch where there
    is no such epoch."""
    separated_epoch: Int[Array, " seeds"]
    """0 where the score of the last epoch is under 1, or there is no score."""
    loss: Float[Array, "seeds epochs"]
    validation_loss: Float[Array, "seeds epochs"]
    score: Float[Array, "seeds epochs"]


def uniform_init(net: Functional) -> Callable[[Array], Params]:
    """A network's initial weights from one draw, uniform in +-1/sqrt(n_in) as `blocks.linear` has.

    One draw for each layer would give the same distribution, and take as long to compile as all
    the rest of a training.

    Args:
        net: of linear layers alone, each with a kernel and a bias.
    """
    shapes = {name: a.shape for name, a in jax.eval_shape(net.init, jax.random.key(0)).items()}
    sizes = [math.prod(shape) for shape in shapes.values()]
    bounds = {name: shapes[f"{name.rpartition('/')[0]}/kernel"][0] ** -0.5 for name in shapes}

    def init(key: Array) -> Params:
        draw = jax.random.uniform(key, (sum(sizes),), minval=-1.0, maxval=1.0)
        parts = jnp.split(draw, np.cumsum(sizes)[:-1])
        return {
            name: bounds[name] * part.reshape(shapes[name])
            for name, part in zip(shapes, parts, strict=True)
        }

    return init


def every_seed(net: Functional, params: Mapping[str, Array], x: Float[np.ndarray, "n e"]) -> Any:
    """What the network of each seed makes of features, with a leading axis of seeds.

    Args:
        net: the network.
        params: weights, with a leading axis of seeds.
        x: features [dex].
    """
    return jax.vmap(net.apply, in_axes=(0, None))(dict(params), jnp.asarray(x, jnp.float32))


def train(
    objective: Objective,
    training: TrainingSet,
    split: Split,
    seeds: Sequence[int],
    *,
    epochs: int,
    learning_rate: float,
) -> Trained:
    """Train one network for each seed by Adam, all rows in every step.

    Args:
        objective: what to train.
        training: features [dex] and labels.
        split: training and validation rows of each seed.
        seeds: of the weights.
        epochs: steps.
        learning_rate: of Adam; its other settings are Optax's, which are PyTorch's.

    Raises:
        ValueError: there are no epochs, or not one line of rows a seed.
    """
    if epochs < 1:
        raise ValueError(f"epochs = {epochs}, allowed: 1 and more")
    rows, held = split.train, split.validation
    if not len(seeds) == len(rows) == len(held):
        raise ValueError(f"rows: {len(rows)} lines, allowed: {len(seeds)}, one for each seed")
    keys = jax.vmap(jax.random.key)(jnp.asarray(list(seeds), jnp.uint32))
    data = (jnp.asarray(a, jnp.float32) for a in (training.x, training.label))
    return _train(objective, epochs, learning_rate, keys, *data, rows, held)


@partial(jax.jit, static_argnums=(0, 1, 2))
def _train(
    objective: Objective,
    epochs: int,
    rate: float,
    keys: Array,
    x: Array,
    label: Array,
    rows: Array,
    validation: Array,
) -> Trained:
    adam = optax.adam(rate)

    def one(key: Array, mine: Array, held: Array) -> Trained:
        here, there = (x[mine], label[mine]), (x[held], label[held])
        params = objective.init(key)
        zero = jnp.zeros((), jnp.int32)

        def step(carry: tuple, epoch: Array) -> tuple[tuple, tuple[Array, Array, Array]]:
            params, state, best, least, best_epoch, apart, apart_epoch = carry
            loss, gradient = jax.value_and_grad(objective.loss)(params, *here)
            updates, state = adam.update(gradient, state, params)
            params = optax.apply_updates(params, updates)
            held_loss = objective.loss(params, *there)
            better = held_loss < least
            best = jax.tree.map(lambda a, b: jnp.where(better, a, b), params, best)
            score = jnp.zeros(()) if objective.score is None else objective.score(params, *here)
            perfect = score >= 1.0
            # Weights are taken at the first perfect epoch, and forgotten at the next that is not.
            take = ~(perfect & (apart_epoch > 0))
            apart = jax.tree.map(lambda a, b: jnp.where(take, a, b), params, apart)
            apart_epoch = jnp.where(perfect, jnp.where(take, epoch, apart_epoch), 0)
            best_epoch = jnp.where(better, epoch, best_epoch)
            least = jnp.where(better, held_loss, least)
            carry = (params, state, best, least, best_epoch, apart, apart_epoch)
            return carry, (loss, held_loss, score)

        start = (params, adam.init(params), params, jnp.inf, zero, params, zero)
        end, (loss, held_loss, score) = jax.lax.scan(step, start, jnp.arange(1, epochs + 1))
        _, _, best, _, best_epoch, apart, apart_epoch = end
        return Trained(best, best_epoch, apart, apart_epoch, loss, held_loss, score)

    return jax.vmap(one)(keys, rows, validation)
