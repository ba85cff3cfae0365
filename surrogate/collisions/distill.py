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
from surrogate.collisions.ensemble import Arrays, consult, in_units_of_total
from surrogate.collisions.features import StructureFeatures, quick_features
from surrogate.collisions.networks import network
from surrogate.collisions.pair import arrange
from surrogate.collisions.rows import fit_scales, prepare, prepare_pairs
from surrogate.collisions.structure import GRID_MASS_RANGE, main_sequence
from surrogate.collisions.symmetric import apply_to_learn
from surrogate.collisions.train_ensemble import LEAST_SCALE, measures, write_ensemble
from surrogate.learning.checkpoints import load_model
from surrogate.learning.fit import FitConfig, Task, fit

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.collisions.grid import Grid, Split

CONFIG = FitConfig(40, 1024, 2e-3, final_learning_rate=1e-6, weight_decay=1e-4)
"""How the fast network is trained."""
FATE_WEIGHT = 20.0
"""Weight of agreement on the outcomes against that on the masses."""
SPEEDS = (5.0, 16_000.0)
"""Velocities at infinity that the ensemble is asked about [km/s]."""
BLOCK = 16_384
"""Encounters that the ensemble answers at once."""


SEEDS = (0,)
"""One network is enough: what it lacks is size, not luck."""
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


def sample_stars(key: Array, n: int) -> tuple[Array, Array, Array]:
    """Pairs of stars all over the simulated domain.

    Args:
        key: random key.
        n: how many.

    Returns:
        Ages [Gyr] from birth to 1.1 of the shorter main sequence, and two masses [Msun], uniform in
        logarithm; each (n,).
    """
    key_mass, key_age = jax.random.split(key)
    low, high = np.log(GRID_MASS_RANGE)
    masses = jnp.exp(jax.random.uniform(key_mass, (2, n), minval=low, maxval=high))
    last = jnp.minimum(1.1 * main_sequence().tams_age(masses).min(axis=0), 15.0)
    return last * jax.random.uniform(key_age, (n,)) ** 2, masses[0], masses[1]


def sample_encounters(key: Array, age: Array, m1: Array, m2: Array) -> Encounter:
    """A collision of each pair of stars.

    Args:
        key: random key.
        age: [Gyr], (n,).
        m1: [Msun], (n,).
        m2: [Msun], (n,).

    Returns:
        Pericentres from head-on to grazing, more of them deep; speeds uniform in logarithm.
    """
    key_rp, key_v = jax.random.split(key)
    contact = main_sequence().radius(jnp.stack([m1, m2]), age).sum(axis=0)
    rp = contact * jax.random.uniform(key_rp, age.shape) ** 1.5
    low, high = np.log(SPEEDS)
    vinf = jnp.exp(jax.random.uniform(key_v, age.shape, minval=low, maxval=high))
    return Encounter(age, m1, m2, rp, vinf)


def sample_lessons(key: Array, n: int, grid: Grid) -> Encounter:
    """What to ask the ensemble: half of it about any stars, half about pairs that were simulated.

    Args:
        key: random key.
        n: how many encounters.
        grid: the simulations, whose own encounters are asked about too.
    """
    keys = jax.random.split(key, 3)
    row = jax.random.randint(keys[0], (n // 2,), 0, len(grid))
    columns = (grid.age, grid.m1, grid.m2, grid.rp, grid.vinf)
    age, m1, m2, rp, vinf = (jnp.asarray(c, jnp.float32) for c in columns)
    anywhere = sample_stars(keys[1], n - n // 2)
    stars = (jnp.concatenate([a, b[row]]) for a, b in zip(anywhere, (age, m1, m2), strict=True))
    sampled = sample_encounters(keys[2], *stars)
    simulated = Encounter(age, m1, m2, rp, vinf)
    return jax.tree.map(lambda *a: jnp.concatenate(a), sampled, simulated)


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


def task() -> Task:
    """Agree with the ensemble: on the outcomes, on the masses of each, and on their scatter.

    Cross-entropy with its probabilities; the errors of the masses in units of its own, weighted by
    the probability of the outcome; and the logarithm of the scatter, which is what the ensemble
    expects of itself and what the fast network errs on top of it.
    """
    net = network("fast")

    def loss(params: Any, lessons: Lessons) -> Array:
        raw = apply_to_learn(net.apply, params, lessons.x)
        p = lessons.probability
        fate = -jnp.sum(p * raw.log_probability, axis=-1)
        error = jnp.abs(raw.fractions[..., :2] - lessons.fractions)
        mass = jnp.sum(p[..., None] * error / (lessons.scale + LEAST_SCALE), axis=(-1, -2))
        # No gradient of this reaches the answers: the network reads its scatter off them.
        scatter = in_units_of_total(raw.log_scale, lessons.x.shares)[..., :2]
        left = lessons.scale > 0
        ratio = jnp.where(left, lessons.scale + jax.lax.stop_gradient(error), 1.0)
        ratio = ratio / jnp.where(left, scatter, 1.0)
        doubt = jnp.sum(p[..., None] * jnp.abs(jnp.log(ratio)), axis=(-1, -2))
        return jnp.mean(FATE_WEIGHT * fate + mass + doubt)

    def evaluate(params: Any, rows: Any) -> dict[str, Array]:
        return measures(net.apply(params, rows.x), rows)

    return Task(net.init, loss, evaluate)


def train_fast(
    grid: Grid,
    split: Split,
    *,
    seeds: Sequence[int],
    out: Path,
    epochs: int | None = None,
    directory: Path | None = None,
    provenance: dict[str, Any] | None = None,
    teacher: Path | None = None,
    n_lessons: int = N_LESSONS,
) -> dict[str, Any]:
    """Distil the ensemble into the fast network and write the best seed's.

    Args:
        grid: the simulations; the ensemble is also asked about its training rows.
        split: rows that the ensemble was trained on, and rows that choose epoch and seed.
        seeds: one network each.
        out: folder that the model goes to.
        epochs: passes over the lessons, where not those of `CONFIG`.
        directory: where snapshots go, so that a killed run resumes.
        provenance: what to record in the model card.
        teacher: folder of the ensemble; "ensemble" beside `out` where None.
        n_lessons: encounters to ask about, beside the simulated ones.

    Returns:
        The model card.

    Raises:
        ValueError: there is no ensemble to learn from.
    """
    folder = Path(out).parent / "ensemble" if teacher is None else teacher
    try:
        arrays, teacher_card = load_model(folder)
    except ValueError as error:
        raise ValueError(f"fast learns from the ensemble; train that first. {error}") from error
    knows = {k: jnp.asarray(v) for k, v in arrays.items()}
    config = CONFIG if epochs is None else replace(CONFIG, epochs=epochs)
    train, validation = (grid.take(rows) for rows in (split.train, split.val))
    lessons = ask(knows, sample_lessons(jax.random.key(seeds[0]), n_lessons, train))
    scales = fit_scales(lessons.x)
    lessons = lessons._replace(x=scales(lessons.x))
    pair = prepare_pairs(validation)
    rows = prepare(validation, pair, scales, quick_features)

    state = fit(task(), lessons, rows, config, seeds, directory=directory, label="fast")

    best = int(np.argmin(state.best_score))
    state = state._replace(
        best_params=jax.tree.map(lambda a: a[best : best + 1], state.best_params)
    )
    record = {
        "lessons": len(lessons.probability),
        "teacher": {"network": "ensemble", "seeds": teacher_card["seeds"]},
        "seed": seeds[best],
        "fate_weight": FATE_WEIGHT,
        **(provenance or {}),
    }
    seen_arrays = {k: v for k, v in knows.items() if k.startswith("seen/")}
    return write_ensemble(
        "fast", out, state, config, seeds, scales, seen_arrays, pair, rows, record
    )
