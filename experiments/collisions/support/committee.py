"""A small committee of classifiers that is trained anew in seconds, whatever rows are known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from surrogate.collisions.symmetric import algebraic_silu

Array = np.ndarray
Params = Any


class Labelled(NamedTuple):
    """Rows and their classes."""

    x: Array
    """Standardised features, (n, d)."""
    fate: Array
    """(n,)."""


@dataclass(frozen=True)
class Recipe:
    """What the members are and how they are trained.

    Attributes:
        members: networks that differ in their first weights and their batches.
        width: of the residual layers.
        depth: how many hidden layers.
        steps: of AdamW, whose rate falls along a cosine.
        batch: rows a step.
        rate: first learning rate.
        decay: of the weights; so much, since the rows are few.
        classes: how many there are.
    """

    members: int = 4
    width: int = 64
    depth: int = 3
    steps: int = 2000
    batch: int = 256
    rate: float = 3e-3
    decay: float = 0.3
    classes: int = 4


def train(pool: Labelled, chosen: Array, key: jax.Array, recipe: Recipe) -> Params:
    """Train every member on the chosen rows of a pool; every class counts alike.

    The shapes are those of the pool, so that one compiled program serves any number of rows.

    Args:
        pool: all rows; the classes of those that are not chosen are not looked at.
        chosen: indices of the known rows.
        key: of weights and batches.
        recipe: how.
    """
    rows = np.zeros(len(pool.x), np.int32)
    rows[: len(chosen)] = chosen
    seen = pool.fate[chosen]
    weight = np.zeros(len(pool.x), np.float32)
    weight[chosen] = 1.0 / np.bincount(seen, minlength=recipe.classes)[seen]
    weight *= len(chosen) / weight.sum()
    return _train(*map(jnp.asarray, (*pool, weight, rows)), len(chosen), key, recipe)


@partial(jax.jit, static_argnames="recipe")
def _train(
    x: jax.Array,
    fate: jax.Array,
    weight: jax.Array,
    rows: jax.Array,
    n: int,
    key: jax.Array,
    recipe: Recipe,
) -> Params:
    schedule = optax.cosine_decay_schedule(recipe.rate, recipe.steps, alpha=1e-3)
    optimiser = optax.adamw(schedule, weight_decay=recipe.decay)

    def loss(params: Params, i: jax.Array) -> jax.Array:
        nll = optax.softmax_cross_entropy_with_integer_labels(logits(params, x[i]), fate[i])
        return jnp.mean(weight[i] * nll)

    def step(state: tuple[Params, Any], key: jax.Array) -> tuple[tuple[Params, Any], None]:
        params, opt_state = state
        batch = rows[jax.random.randint(key, (recipe.batch,), 0, n)]
        updates, opt_state = optimiser.update(jax.grad(loss)(params, batch), opt_state, params)
        return (optax.apply_updates(params, updates), opt_state), None

    def member(key: jax.Array) -> Params:
        first, batches = jax.random.split(key)
        params = initial(first, x.shape[1], recipe)
        keys = jax.random.split(batches, recipe.steps)
        return jax.lax.scan(step, (params, optimiser.init(params)), keys)[0][0]

    return jax.vmap(member)(jax.random.split(key, recipe.members))


@jax.jit
def ask(params: Params, x: jax.Array) -> jax.Array:
    """Probabilities of the classes by each member, (members, n, classes)."""
    return jax.vmap(lambda one: jax.nn.softmax(logits(one, x)))(params)


def initial(key: jax.Array, features: int, recipe: Recipe) -> Params:
    """Weights and biases of an untrained member, layer by layer."""
    sizes = [features, *[recipe.width] * recipe.depth, recipe.classes]
    # The last layer begins small: untrained members know nothing.
    gains = [2.0] * recipe.depth + [0.02]
    keys = jax.random.split(key, len(gains))
    return [
        (jax.random.normal(k, (a, b)) * (gain / a) ** 0.5, jnp.zeros(b))
        for k, a, b, gain in zip(keys, sizes, sizes[1:], gains, strict=False)
    ]


def logits(params: Params, x: jax.Array) -> jax.Array:
    """Of one member: a first layer, residual layers, and a linear last one."""
    (w, b), *layers, (last, bias) = params
    h = algebraic_silu(x @ w + b)
    for w, b in layers:
        h = h + algebraic_silu(h @ w + b)
    return h @ last + bias
