"""One round of collisions: the rule is asked, and bodies, ledger and log are brought up to date."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.collisions.encounter import Encounter, Fate
from surrogate.nbody.aftermath import Aftermath, aftermath
from surrogate.nbody.compensated import TwoWords, add, choose
from surrogate.nbody.events import Rows, record
from surrogate.nbody.handover import Handover, encounters, hand_over
from surrogate.nbody.ledger import Entry, Involved, book, energy_change, make_entry
from surrogate.nbody.state import State

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float, Int

    from surrogate.collisions.baselines import Remnants
    from surrogate.collisions.rules import Rule

    Real = Array | float

AgesAfter = Callable[[Encounter, "Remnants"], "tuple[Array, Array]"]
"""Ages of both remnants [Gyr] from encounters and what is left of them, arrays of one shape."""
Radius = Callable[["Array", "Array"], "Array"]
"""Radius [Rsun] of stars of some mass [Msun] and age [Gyr], such as `StellarModel.radius`."""


class Update(NamedTuple):
    """What collisions change: k pairs have 2 k remnants, first all of stars 1."""

    slots: Int[Array, " r"]
    """Slots of the remnants."""
    real: Bool[Array, " r"]
    """Which rows are remnants; others are empty."""
    remnants: Involved
    """Their positions, velocities and masses."""
    r: Float[Array, " r"]
    """Their radii [Rsun]."""
    age: Float[Array, " r"]
    """Their ages [Gyr]."""
    met: Int[Array, " r"]
    """The other survivor of the pair, -1 where there is none."""
    entry: Entry
    """What has left the bodies."""
    rows: Rows
    """Rows of the log, (k,)."""


def collide(
    state: State,
    times: Float[Array, " n"],
    rule: Rule,
    softening: Real,
    *,
    pairs: int,
    ages_after: AgesAfter,
    radius: Radius,
) -> Update:
    """Let the pairs that are due collide.

    Args:
        state: the bodies, n of them.
        times: when each body collides, as `due` tells.
        rule: what is left of an encounter.
        softening: Plummer softening of the energies [Rsun].
        pairs: how many collide at most; others wait.
        ages_after: ages of the remnants.
        radius: radii of the remnants; a star that is larger than this by a factor keeps the factor.

    Returns:
        The changes.
    """
    handed = hand_over(state.x, state.v, state.m, state.field.partner, times, pairs)
    encounter = encounters(handed, state.system)
    remnants = rule(encounter)
    left = aftermath(handed.orbits, remnants)

    slots = jnp.concatenate([handed.i, handed.j])
    real = jnp.concatenate([handed.real, handed.real])
    before = _involved(state, slots, real)
    after = _after(before, left, real)
    others = state.m.at[slots].set(0.0, mode="drop")
    change = energy_change(before, after, state.x, others, softening)
    age = jnp.concatenate(ages_after(encounter, remnants))
    rows = Rows(
        time=jnp.broadcast_to(state.time.value, handed.i.shape),
        i=handed.i,
        j=handed.j,
        m1=handed.orbits.m1,
        m2=handed.orbits.m2,
        m1_final=left.m1,
        m2_final=left.m2,
        rp=handed.orbits.rp,
        vinf=jnp.asarray(encounter.vinf),
        fate=remnants.fate,
    )
    return Update(
        slots,
        real,
        after,
        radii(encounter, left, age, radius),
        age,
        _met(handed, remnants),
        make_entry(left, before.v.value, remnants.fate, handed.real, change),
        rows,
    )


def radii(encounter: Encounter, left: Aftermath, age: Array, radius: Radius) -> Array:
    """Radii of both remnants of every pair.

    Args:
        encounter: k pairs, with both ages and both radii.
        left: what is left of them.
        age: of the remnants, first all of stars 1, (2k,) [Gyr].
        radius: radii of stars; a star that is larger than this by a factor keeps the factor.

    Returns:
        In the order of the ages [Rsun]; 0 of a star that is no more, and of a star whose mass and
        age have not changed the radius that it had.
    """
    m0 = jnp.concatenate([jnp.asarray(encounter.m1), jnp.asarray(encounter.m2)])
    age0 = jnp.concatenate([jnp.asarray(encounter.age), jnp.asarray(encounter.age2)])
    r0 = jnp.concatenate([jnp.asarray(encounter.r1), jnp.asarray(encounter.r2)])
    m = jnp.concatenate([left.m1, left.m2])
    there = m > 0.0
    scaled = r0 * (radius(jnp.where(there, m, m0), age) / radius(m0, age0))
    same = (m == m0) & (age == age0)
    return jnp.where(there, jnp.where(same, r0, scaled), 0.0)


def nothing(like: Update) -> Update:
    """The update of a step without a collision.

    Args:
        like: any update, of which shapes and types are taken.
    """
    return jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), like)


def apply(state: State, update: Update) -> State:
    """The state after collisions, but for its forces."""
    slots = jnp.where(update.real, update.slots, len(state.m))  # nowhere
    after = update.remnants

    def put(values: Array, some: Array) -> Array:
        return values.at[slots].set(some, mode="drop")

    return state._replace(
        x=TwoWords(put(state.x.high, after.x.high), put(state.x.low, after.x.low)),
        v=TwoWords(put(state.v.high, after.v.high), put(state.v.low, after.v.low)),
        m=put(state.m, after.m),
        r=put(state.r, update.r),
        age=put(state.age, update.age),
        met=put(state.met, update.met),
        ledger=book(state.ledger, update.entry),
        events=record(state.events, update.real[: len(slots) // 2], update.rows),
    )


def _involved(state: State, slots: Array, real: Array) -> Involved:
    at = jnp.where(real, slots, 0)
    return Involved(state.x.at(at), state.v.at(at), jnp.where(real, state.m[at], 0.0))


def _after(before: Involved, left: Aftermath, real: Array) -> Involved:
    """Both remnants of every pair; a destroyed star stays behind, at rest and without mass."""
    m = jnp.where(real, jnp.concatenate([left.m1, left.m2]), 0.0)
    x = add(before.x, jnp.concatenate([left.x1, left.x2]))
    v = add(before.v, jnp.concatenate([left.v1, left.v2]))
    there = (m > 0.0)[:, None]
    nothing = jnp.zeros_like(v.high)
    return Involved(choose(there, x, before.x), choose(there, v, TwoWords(nothing, nothing)), m)


def _met(handed: Handover, remnants: Remnants) -> Array:
    both = (remnants.fate == Fate.TWO) | (remnants.fate < 0)
    partners = jnp.concatenate([handed.j, handed.i])
    return jnp.where(jnp.concatenate([both, both]), partners, -1)
