"""What has left the bodies of a run: unbound mass, its momentum, and energy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp

from surrogate.collisions.encounter import Fate
from surrogate.constants import G
from surrogate.nbody.compensated import TwoWords, add, difference, two_words
from surrogate.nbody.energy import potentials

if TYPE_CHECKING:
    from jax.typing import DTypeLike
    from jaxtyping import Array, Bool, Float, Int

    from surrogate.nbody.aftermath import Aftermath

    Real = Array | float


class Ledger(NamedTuple):
    """Sums over all collisions so far.

    The energy of the bodies plus `energy_lost.value` and `energy_unbound.value` stays what it was
    at the beginning, as well as the integrator conserves energy. The same holds of mass with
    `mass_unbound`, and of momentum with `momentum_unbound`.
    """

    mass_unbound: TwoWords
    """Mass that is bound to no body [Msun]."""
    momentum_unbound: TwoWords
    """Its momentum, (3,) [Msun km/s]."""
    energy_unbound: TwoWords
    """Its kinetic energy [Msun km^2/s^2]."""
    energy_lost: TwoWords
    """What else the bodies have lost: orbital energy turned into heat, and the potential energy of
    mass that became unbound, with all other bodies [Msun km^2/s^2]."""
    fates: Int[Array, " 4"]
    """Number of collisions by their `Fate`."""
    unanswered: Int[Array, ""]
    """Number of collisions that the rule could not answer; they change nothing."""


def empty_ledger(dtype: DTypeLike) -> Ledger:
    """A ledger at the beginning of a run whose numbers are of this type."""
    zero, vector = jnp.zeros((), dtype), jnp.zeros(3, dtype)
    mass, momentum, unbound, lost = (two_words(x) for x in (zero, vector, zero, zero))
    counts = jnp.zeros(len(Fate), jnp.int32), jnp.zeros((), jnp.int32)
    return Ledger(mass, momentum, unbound, lost, *counts)


class Involved(NamedTuple):
    """The bodies that take part in collisions, k rows."""

    x: TwoWords
    """Positions, (k, 3) [Rsun]."""
    v: TwoWords
    """Velocities, (k, 3) [km/s]."""
    m: Float[Array, " k"]
    """Masses [Msun]; 0 where there is no body."""


def energy_change(
    before: Involved, after: Involved, x: TwoWords, others: Float[Array, " n"], softening: Real
) -> Float[Array, ""]:
    """Change of the energy of all bodies, where some change their place, velocity and mass.

    Args:
        before: these as they were.
        after: as they are.
        x: positions of all bodies, (n, 3) [Rsun].
        others: masses of the bodies that did not change; 0 for those that did [Msun].
        softening: Plummer softening [Rsun].

    Returns:
        Kinetic and potential energy after less before [Msun km^2/s^2].
    """
    # Term by term, so that the far larger energy of what stays the same is not in the sum.
    outer = jnp.sum(
        after.m[:, None] * potentials(after.x, x, others, softening)
        - before.m[:, None] * potentials(before.x, x, others, softening)
    )
    inner = _inner(after, softening) - _inner(before, softening)
    kinetic = 0.5 * jnp.sum(
        after.m * jnp.sum(after.v.value**2, axis=1) - before.m * jnp.sum(before.v.value**2, axis=1)
    )
    return kinetic + outer + inner


def _inner(some: Involved, softening: Real) -> Array:
    """Potential energy of the pairs among them."""
    k = len(some.m)
    d2 = jnp.zeros((k, k), some.m.dtype) + softening**2
    for axis in range(3):
        column = some.x.at((slice(None), axis))
        d2 += difference(TwoWords(column.high[:, None], column.low[:, None]), column) ** 2
    pair = jnp.triu(jnp.outer(some.m, some.m), 1)
    counts = (pair > 0.0) & (d2 > 0.0)
    return -G * jnp.sum(jnp.where(counts, pair / jnp.sqrt(jnp.where(counts, d2, 1.0)), 0.0))


class Entry(NamedTuple):
    """What one round of collisions takes from the bodies; fields as in `Ledger`, in one word."""

    mass_unbound: Float[Array, ""]
    momentum_unbound: Float[Array, " 3"]
    energy_unbound: Float[Array, ""]
    energy_lost: Float[Array, ""]
    fates: Int[Array, " 4"]
    unanswered: Int[Array, ""]


def make_entry(
    left: Aftermath,
    v: Float[Array, "r 3"],
    fate: Int[Array, " k"],
    real: Bool[Array, " k"],
    change: Float[Array, ""],
) -> Entry:
    """What collisions take from the bodies.

    Args:
        left: what they change.
        v: velocities before, of all stars 1 and then of all stars 2, (2k, 3) [km/s].
        fate: a `Fate`, or -1 where the rule has no answer.
        real: which rows are collisions.
        change: of the energy of all bodies [Msun km^2/s^2].

    Returns:
        The entry.
    """
    lost = jnp.concatenate([jnp.where(real, left.lost1, 0.0), jnp.where(real, left.lost2, 0.0)])
    velocity = v + jnp.concatenate([left.w1, left.w2])
    carried = 0.5 * jnp.sum(lost * jnp.sum(velocity**2, axis=1))
    counts = jnp.sum(real[:, None] & (fate[:, None] == jnp.arange(len(Fate))), axis=0)
    return Entry(
        lost.sum(),
        jnp.sum(lost[:, None] * velocity, axis=0),
        carried,
        -change - carried,
        counts.astype(jnp.int32),
        jnp.sum(real & (fate < 0)).astype(jnp.int32),
    )


def book(ledger: Ledger, entry: Entry) -> Ledger:
    """The ledger with one more entry."""
    return Ledger(
        add(ledger.mass_unbound, entry.mass_unbound),
        add(ledger.momentum_unbound, entry.momentum_unbound),
        add(ledger.energy_unbound, entry.energy_unbound),
        add(ledger.energy_lost, entry.energy_lost),
        ledger.fates + entry.fates,
        ledger.unanswered + entry.unanswered,
    )
