"""A step of a cluster: everyone has a partner, some meet, and the rule says what is left."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from surrogate.cluster.cells import match
from surrogate.cluster.encounters import Living, Setting, Step, collide, local_rates
from surrogate.cluster.rates import fine_uniform
from surrogate.cluster.records import Log, Records, no_records
from surrogate.collisions.structure import radius

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

    from surrogate.collisions.rules import Rule


@partial(jax.jit, static_argnames=("block", "refresh"))
def advance(
    rule: Rule,
    key: Array,
    setting: Setting,
    state: tuple[Living, Log],
    moments: tuple[Array, Array, Array],
    block: int,
    refresh: int,
) -> tuple[tuple[Living, Log], Records]:
    """Some steps of a cluster.

    Args:
        rule: what collisions leave.
        key: a random key of the whole run.
        setting: what does not change in a run.
        state: the stars, and the log.
        moments: number, start and length of every step, each of shape (steps,) [1, Gyr, Gyr].
        block: encounters that the rule answers at once.
        refresh: steps for which radii are held.

    Returns:
        The state after them, and the records of every step.
    """

    def one(
        state: tuple[Living, Log], moment: tuple[Array, Array, Array]
    ) -> tuple[tuple[Living, Log], Records]:
        number, start, dt = moment
        living, log = state
        middle = start + 0.5 * refresh * dt
        living = jax.lax.cond(number % refresh == 0, _new_radii, _same_radii, living, middle)
        step = Step(jax.random.fold_in(key, number), start + 0.5 * dt, dt)
        return _step(rule, setting, (living, log), step, block)

    return jax.lax.scan(one, state, moments)


def _new_radii(living: Living, time: Array) -> Living:
    return living._replace(radius=radius(living.m, jnp.maximum(time - living.born, 0.0)))


def _same_radii(living: Living, time: Array) -> Living:
    return living


def _step(
    rule: Rule,
    setting: Setting,
    state: tuple[Living, Log],
    step: Step,
    block: int,
) -> tuple[tuple[Living, Log], Records]:
    """One step: everyone has a partner, some meet, and the rule says what is left of those."""
    living, log = state
    for_lanes, for_luck, for_orbits = jax.random.split(step.key, 3)
    k, cells = living.m.shape
    lanes = match(for_lanes, k)
    probability = _probability(setting, living, step, lanes)
    meets = (fine_uniform(for_luck, probability.shape) < probability).reshape(-1)
    records = no_records(len(setting.edges) - 1)._replace(
        largest_probability=probability.max(),
        too_likely=(probability > 1.0).sum(dtype=jnp.int32),
    )
    # The pairs that meet; the list ends with numbers of no pair.
    pairs = meets.size
    listed = jnp.nonzero(meets, size=pairs + block, fill_value=pairs)[0]

    def resolve(number: Array, state: tuple[Living, Records, Log]) -> tuple[Living, Records, Log]:
        here = jax.lax.dynamic_slice(listed, (number * block,), (block,))
        stars = cells * lanes[:, jnp.minimum(here, pairs - 1) // cells] + here % cells
        stars = jnp.where(here < pairs, stars, living.m.size)
        draws = step._replace(key=jax.random.fold_in(for_orbits, number))
        return collide(rule, setting, draws, stars, state)

    blocks = -(-meets.sum() // block)
    living, records, log = jax.lax.fori_loop(0, blocks, resolve, (living, records, log))
    return (living, log), records


def _probability(
    setting: Setting, living: Living, step: Step, lanes: Int[Array, "2 k/2"]
) -> Float[Array, "k/2 cells"]:
    """How likely each pair meets in the step, over all speeds: those that do draw theirs later."""
    age = step.time - living.born
    alive = (living.m > 0.0) & (age >= 0.0) & (age < living.t_ms)
    r1, r2 = jnp.where(alive, living.radius, 0.0)[lanes]
    m1, m2 = living.m[lanes]
    density, dispersion = setting.density[lanes], setting.dispersion[lanes]
    rates = local_rates(density, dispersion, setting.reach * (r1 + r2), m1 + m2)
    both = (r1 > 0.0) & (r2 > 0.0)
    return jnp.where(both, rates.mean(axis=0) * step.dt, 0.0)
