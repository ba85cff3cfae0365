"""Teach the fast network what the ensemble knows.

A small network learns more from the ensemble's answers at a million encounters than from twenty
thousand simulations: they are free of noise, and they tell probabilities where a row tells a fate
(Hinton et al. 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.encounter import Encounter
from surrogate.collisions.ensemble import Arrays, Scales, consult
from surrogate.collisions.features import StructureFeatures, quick_features
from surrogate.collisions.networks import network
from surrogate.collisions.pair import arrange
from surrogate.collisions.structure import GRID_MASS_RANGE, main_sequence
from surrogate.collisions.train_ensemble import (
    FATE_WEIGHT,
    LEAST_SCALE,
    measures,
    prepare,
    prepare_pairs,
    write_ensemble,
)
from surrogate.learning.fit import FitConfig, Task, fit

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.collisions.grid import Grid, Split

CONFIG = FitConfig(60, 1024, 2e-3, final_learning_rate=1e-6, weight_decay=1e-4)
"""How the fast network is trained."""
SPEEDS = (5.0, 16_000.0)
"""Velocities at infinity that the ensemble is asked about [km/s]."""
BLOCK = 16_384
"""Encounters that the ensemble answers at once."""


N_LESSONS = 1_000_000
"""How many encounters the ensemble is asked about."""


class Lessons(NamedTuple):
    """What the fast network learns from."""

    x: StructureFeatures
    probability: Float[Array, "rows 5"]
    """The ensemble's, of each outcome."""
    fractions: Float[Array, "rows 5 2"]
    """Final masses over m1 + m2 of each outcome."""
    scale: Float[Array, "rows 5 2"]
    """How well the ensemble itself knows them, over m1 + m2; 0 where a star is destroyed."""


def sample_encounters(key: Array, n: int) -> Encounter:
    """Collisions all over the simulated domain.

    Args:
        key: random key.
        n: how many.

    Returns:
        Masses uniform in logarithm, ages from birth to 1.1 of the shorter main sequence,
        pericentres from head-on to grazing, speeds uniform in logarithm; each field (n,).
    """
    stars = main_sequence()
    keys = jax.random.split(key, 5)
    low, high = np.log(GRID_MASS_RANGE)
    m1, m2 = jnp.exp(jax.random.uniform(keys[0], (2, n), minval=low, maxval=high))
    masses = jnp.stack([m1, m2])
    last = jnp.minimum(1.1 * stars.tams_age(masses).min(axis=0), 15.0)
    age = last * jax.random.uniform(keys[1], (n,)) ** 2
    contact = stars.radius(masses, age).sum(axis=0)
    rp = contact * jax.random.uniform(keys[2], (n,)) ** 1.5
    vinf = jnp.exp(
        jax.random.uniform(keys[3], (n,), minval=np.log(SPEEDS[0]), maxval=np.log(SPEEDS[1]))
    )
    return Encounter(age, m1, m2, rp, vinf)


def ask(teacher: Arrays, encounters: Encounter) -> Lessons:
    """The ensemble's answers, with features that are not yet standardised.

    Args:
        teacher: checkpoint of the ensemble.
        encounters: fields of shape (n,).
    """

    @jax.jit
    def answer(e: Encounter) -> Lessons:
        pair = arrange(e, main_sequence())
        opinion = consult("ensemble", teacher, pair)
        return Lessons(
            quick_features(pair),
            jnp.exp(opinion.log_probability),
            opinion.fractions[..., :2],
            opinion.scale[..., :2],
        )

    n = jnp.size(encounters.m1)
    parts = [
        jax.device_get(answer(jax.tree.map(lambda a, i=i: a[i : i + BLOCK], encounters)))
        for i in range(0, n, BLOCK)
    ]
    return jax.tree.map(lambda *a: jnp.asarray(np.concatenate(a)), *parts)


def lesson_scales(lessons: Lessons) -> Scales:
    """Standardise the features of these lessons."""
    x = jax.tree.map(lambda a: np.asarray(a, np.float64), lessons.x)
    return Scales(*(v.astype(np.float32) for v in (x.even.mean(0), x.even.std(0), x.odd.std(0))))


def task() -> Task:
    """Cross-entropy with the ensemble's outcomes, and the error of each outcome's masses in
    units of the ensemble's own, weighted by the outcome's probability."""
    net = network("fast")

    def loss(params: Any, lessons: Lessons) -> Array:
        raw = net.apply(params, lessons.x)
        p = lessons.probability
        fate = -jnp.sum(p * raw.log_probability, axis=-1)
        error = jnp.abs(raw.fractions[..., :2] - lessons.fractions)
        mass = jnp.sum(p[..., None] * error / (lessons.scale + LEAST_SCALE), axis=(-1, -2))
        return jnp.mean(FATE_WEIGHT * fate + mass)

    def evaluate(params: Any, rows: Any) -> dict[str, Array]:
        return measures(net.apply(params, rows.x), rows)

    return Task(net.init, loss, evaluate)


def train_fast(
    teacher: Arrays,
    grid: Grid,
    split: Split,
    *,
    seeds: Sequence[int],
    out: Path,
    epochs: int | None = None,
    n_lessons: int = N_LESSONS,
    directory: Path | None = None,
    provenance: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Distil the ensemble into the fast network and write the best seed's.

    Args:
        teacher: checkpoint of the ensemble.
        grid: the simulations; the ensemble is also asked about its training rows.
        split: rows that the ensemble was trained on, and rows that choose epoch and seed.
        seeds: one network each.
        out: folder that the model goes to.
        epochs: passes over the lessons, where not those of `CONFIG`.
        n_lessons: random encounters to ask about.
        directory: where snapshots go, so that a killed run resumes.
        provenance: what to record in the model card.

    Returns:
        The model card.
    """
    config = CONFIG if epochs is None else replace(CONFIG, epochs=epochs)
    train, validation = (grid.take(rows) for rows in (split.train, split.val))
    e = sample_encounters(jax.random.key(seeds[0]), n_lessons)
    simulated = Encounter(*(jnp.asarray(c, jnp.float32) for c in _inputs(train)))
    lessons = ask(teacher, jax.tree.map(lambda *a: jnp.concatenate(a), e, simulated))
    scales = lesson_scales(lessons)
    lessons = lessons._replace(x=scales(lessons.x))
    pair = prepare_pairs(validation)
    rows = prepare(validation, pair, scales, quick_features)

    state = fit(task(), lessons, rows, config, seeds, directory=directory, label="fast")

    best = int(np.argmin(state.best_score))
    state = state._replace(
        best_params=jax.tree.map(lambda a: a[best : best + 1], state.best_params)
    )
    record = {"lessons": len(lessons.probability), "seed": seeds[best], **(provenance or {})}
    seen_arrays = {k: v for k, v in teacher.items() if k.startswith("seen/")}
    return write_ensemble(
        "fast", out, state, config, seeds, scales, seen_arrays, pair, rows, record
    )


def _inputs(grid: Grid) -> tuple[Any, ...]:
    return grid.age, grid.m1, grid.m2, grid.rp, grid.vinf
