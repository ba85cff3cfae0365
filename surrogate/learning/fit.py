"""Train a model: one compiled scan per epoch, all seeds in one vmapped program, resumable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from surrogate.learning.progress import epochs_progress
from surrogate.learning.snapshots import Snapshots

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float, Int

Params = Any
Data = Any
"""A pytree of arrays whose leading axis counts the rows."""


def no_parts(params: Params, rows: Data) -> dict[str, Array]:
    """Parts of a loss that is of one piece."""
    return {}


class Task(NamedTuple):
    """What to train: pure functions of parameters and rows."""

    init: Callable[[Array], Params]
    """Initial parameters from a random key."""
    loss: Callable[[Params, Data], Float[Array, ""]]
    """What the optimiser minimises over a batch."""
    evaluate: Callable[[Params, Data], dict[str, Float[Array, ""]]]
    """Measures on the validation rows after every epoch; "score" picks the best (least)."""
    parts: Callable[[Params, Data], dict[str, Float[Array, ""]]] = no_parts
    """Terms of the loss over a batch; the history keeps their means over each epoch."""


@dataclass(frozen=True)
class Plateau:
    """Lower the learning rate each time the score has stayed where it is.

    Attributes:
        patience: epochs without a better score after which the rate is lowered, and then after as
            many again. PyTorch's `ReduceLROnPlateau` of the same patience waits one epoch longer.
        factor: what the rate is multiplied by.

    Raises:
        ValueError: a value makes no sense.
    """

    patience: int = 10
    factor: float = 0.5

    def __post_init__(self) -> None:
        if self.patience < 1:
            raise ValueError(f"patience = {self.patience}: allowed are 1 and more epochs")
        if not 0.0 < self.factor < 1.0:
            raise ValueError(f"factor = {self.factor}: allowed are values between 0 and 1")


@dataclass(frozen=True)
class FitConfig:
    """How to train: by AdamW, with a rate that falls along a cosine.

    Attributes:
        epochs: passes over the training rows.
        batch_size: rows a step; the rows left over in an epoch (other ones each time) wait.
        learning_rate: initial rate, which falls along a cosine.
        final_learning_rate: rate at the end.
        weight_decay: decoupled decay of AdamW.
        snapshot_every: epochs between two snapshots of an unfinished run.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    final_learning_rate: float = 1e-8
    weight_decay: float = 1e-2
    snapshot_every: int = 25

    @property
    def optimiser(self) -> str:
        """What takes the steps."""
        return "AdamW"

    @property
    def plateau(self) -> Plateau | None:
        """When the rate is lowered; None lets it fall along a cosine."""
        return None


@dataclass(frozen=True)
class SearchConfig(FitConfig):
    """How to train where optimiser and schedule are to be chosen as well.

    They are no fields of `FitConfig`, whose fields tell snapshots and results of earlier runs.

    Attributes:
        optimiser: "AdamW", or "SGD", which has neither momentum nor decay.
        plateau: when the rate is lowered; None lets it fall along a cosine.

    Raises:
        ValueError: no such optimiser.
    """

    optimiser: str = "AdamW"
    plateau: Plateau | None = None

    def __post_init__(self) -> None:
        if self.optimiser not in OPTIMISERS:
            raise ValueError(f"optimiser = {self.optimiser!r}: allowed are {', '.join(OPTIMISERS)}")


OPTIMISERS: Final = {
    "AdamW": lambda rate, config: optax.adamw(rate, weight_decay=config.weight_decay),
    "SGD": lambda rate, config: optax.sgd(rate),
}
"""Each one from its learning rate, which may be a schedule, and the configuration."""


class FitState(NamedTuple):
    """Everything that a resumed run needs. Arrays carry a leading axis of seeds."""

    params: Params
    opt_state: Any
    best_params: Params
    best_score: Float[Array, " seeds"]
    best_epoch: Int[Array, " seeds"]
    history: dict[str, Float[Array, "seeds epochs"]]
    epoch: Int[Array, ""]


def fit(
    task: Task,
    train: Data,
    validation: Data,
    config: FitConfig,
    seeds: Sequence[int],
    *,
    directory: Path | None = None,
    label: str = "training",
) -> FitState:
    """Train one model per seed and keep each one's best epoch on the validation rows.

    Args:
        task: what to train.
        train: training rows.
        validation: validation rows, evaluated whole after every epoch.
        config: how to train.
        seeds: one model each; a seed gives the same model alone or among others.
        directory: where snapshots of the unfinished run go; a run that finds its own there goes
            on from it. None keeps nothing.
        label: what the progress display calls this run.

    Returns:
        The final state; `best_params` are the parameters to use.

    Raises:
        ValueError: the batch is larger than the training set, or `directory` holds the
            snapshots of a run with another configuration.
    """
    n_rows = jax.tree.leaves(train)[0].shape[0]
    if not 0 < config.batch_size <= n_rows:
        raise ValueError(f"batch_size = {config.batch_size}: allowed are 1 to {n_rows} (the rows)")
    optimiser = _optimiser(config, steps=config.epochs * (n_rows // config.batch_size))
    keys = jax.vmap(jax.random.key)(jnp.asarray(seeds, dtype=jnp.uint32))
    run_epoch = _epoch_program(task, optimiser, config)
    state = _initial_state(task, optimiser, config, keys, validation)

    with Snapshots.open(
        directory, (label, config, tuple(seeds), _digest((train, validation)))
    ) as snapshots:
        state = snapshots.restore(state)
        first = int(state.epoch)
        with epochs_progress(label, first, config.epochs) as report:
            try:
                for epoch in range(first, config.epochs):
                    state = jax.block_until_ready(run_epoch(state, keys, train, validation))
                    report(epoch + 1, {k: v[:, epoch] for k, v in state.history.items()})
                    if (epoch + 1) % config.snapshot_every == 0:
                        snapshots.save(epoch + 1, state)
            except KeyboardInterrupt:
                snapshots.save(int(state.epoch), state)
                raise
        snapshots.save(config.epochs, state)
    return state


def _optimiser(config: FitConfig, steps: int) -> optax.GradientTransformation:
    make = OPTIMISERS[config.optimiser]
    if config.plateau is not None:
        # Keeps the rate in its state, where `_lower_rate` finds it.
        return optax.inject_hyperparams(lambda rate: make(rate, config))(rate=config.learning_rate)
    schedule = optax.cosine_decay_schedule(
        config.learning_rate, steps, alpha=config.final_learning_rate / config.learning_rate
    )
    return make(schedule, config)


def _lower_rate(opt_state: Any, plateau: Plateau, waited: Int[Array, " seeds"]) -> Any:
    """The optimiser's state for the next epoch, `waited` epochs after the best one."""
    rate = opt_state.hyperparams["rate"]
    lower = (waited > 0) & (waited % plateau.patience == 0)
    return opt_state._replace(hyperparams={"rate": jnp.where(lower, plateau.factor * rate, rate)})


def _initial_state(
    task: Task,
    optimiser: optax.GradientTransformation,
    config: FitConfig,
    keys: Array,
    validation: Data,
) -> FitState:
    n = keys.shape[0]
    params = jax.vmap(task.init)(keys)
    one = task.init(keys[0])
    names = [
        name
        for measures in (task.parts, task.evaluate)
        for name in jax.eval_shape(measures, one, validation)
    ]
    return FitState(
        params=params,
        opt_state=jax.vmap(optimiser.init)(params),
        best_params=params,
        best_score=jnp.full(n, jnp.inf, jnp.float32),
        best_epoch=jnp.zeros(n, jnp.int32),
        history={k: jnp.full((n, config.epochs), jnp.nan, jnp.float32) for k in ("loss", *names)},
        epoch=jnp.zeros((), jnp.int32),
    )


def _epoch_program(
    task: Task, optimiser: optax.GradientTransformation, config: FitConfig
) -> Callable[[FitState, Array, Data, Data], FitState]:
    """One epoch of every seed, compiled: shuffle, scan over batches, validate, keep the best."""

    def step(carry: tuple[Params, Any], batch: Data) -> tuple[tuple[Params, Any], dict[str, Array]]:
        params, opt_state = carry
        loss, gradient = jax.value_and_grad(task.loss)(params, batch)
        parts = {"loss": loss, **task.parts(params, batch)}
        updates, opt_state = optimiser.update(gradient, opt_state, params)
        return (optax.apply_updates(params, updates), opt_state), parts

    def one_seed(
        params: Params, opt_state: Any, key: Array, epoch: ArrayLike, train: Data, validation: Data
    ) -> tuple[Params, Any, dict[str, Array]]:
        n_rows = jax.tree.leaves(train)[0].shape[0]
        order = jax.random.permutation(jax.random.fold_in(key, epoch), n_rows)
        n_batches = n_rows // config.batch_size
        batches = order[: n_batches * config.batch_size].reshape(n_batches, config.batch_size)

        def step_on(
            carry: tuple[Params, Any], rows: Array
        ) -> tuple[tuple[Params, Any], dict[str, Array]]:
            return step(carry, jax.tree.map(lambda a: a[rows], train))

        (params, opt_state), parts = jax.lax.scan(step_on, (params, opt_state), batches)
        means = {name: values.mean() for name, values in parts.items()}
        return params, opt_state, {**means, **task.evaluate(params, validation)}

    all_seeds = jax.vmap(one_seed, in_axes=(0, 0, 0, None, None, None))

    @jax.jit
    def run_epoch(state: FitState, keys: Array, train: Data, validation: Data) -> FitState:
        params, opt_state, measures = all_seeds(
            state.params, state.opt_state, keys, state.epoch, train, validation
        )
        better = measures["score"] < state.best_score
        best_epoch = jnp.where(better, state.epoch + 1, state.best_epoch)
        if config.plateau is not None:
            opt_state = _lower_rate(opt_state, config.plateau, state.epoch + 1 - best_epoch)
        keep = partial(_where_seed, better)
        return FitState(
            params=params,
            opt_state=opt_state,
            best_params=jax.tree.map(keep, params, state.best_params),
            best_score=jnp.where(better, measures["score"], state.best_score),
            best_epoch=best_epoch,
            history={k: v.at[:, state.epoch].set(measures[k]) for k, v in state.history.items()},
            epoch=state.epoch + 1,
        )

    return run_epoch


def _digest(data: Data) -> str:
    """Tells one training set from another, so that a run never resumes on other rows."""
    digest = hashlib.sha256()
    for leaf in jax.tree.leaves(data):
        digest.update(np.asarray(leaf).tobytes())
    return digest.hexdigest()[:16]


def _where_seed(mask: Array, a: Array, b: Array) -> Array:
    return jnp.where(mask.reshape(-1, *(1,) * (a.ndim - 1)), a, b)
