"""The pairs that meet in a step: their orbits, what the rule says, and what the stars become."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.cluster.rates import collision_rate, draw_orbits
from surrogate.cluster.records import Events, Log, Records, write
from surrogate.cluster.rejuvenation import merged_age, survivor_age
from surrogate.collisions.encounter import Encounter, Fate
from surrogate.collisions.pair import STELLAR_MASS_RANGE
from surrogate.collisions.structure import MASS_RANGE, radius, tams_age

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float, Int

    from surrogate.collisions.baselines import Remnants
    from surrogate.collisions.rules import Rule

OLDEST = 15.0
"""Age up to which a rule answers [Gyr]; light stars that were stripped late can be older."""
LIGHTEST = STELLAR_MASS_RANGE[0]
"""What is left of a star with less than this counts as unbound [Msun]."""


class Living(NamedTuple):
    """What changes in a run, by lane and cell of each star."""

    m: Float[Array, "k cells"]
    """Mass [Msun]."""
    born: Float[Array, "k cells"]
    """Time since the start of the run at which the effective age was 0 [Gyr]; mostly negative.

    A date stays as it is while the star ages, so that no rounding adds up.
    """
    t_ms: Float[Array, "k cells"]
    """Main-sequence lifetime [Gyr]."""
    radius: Float[Array, "k cells"]
    """Radius on the main sequence [Rsun]."""
    collisions: Int[Array, "k cells"]
    """Collisions in contact that it went through."""


class Setting(NamedTuple):
    """What does not change in a run, by lane and cell of each star."""

    r: Float[Array, "k cells"]
    """Distance from the centre [pc]."""
    star: Int[Array, "k cells"]
    """Place of the star in the user's population."""
    dispersion: Float[Array, "k cells"]
    """Velocity dispersion in one dimension [km/s]."""
    density: Float[Array, "k cells"]
    """Density of real stars [1/pc^3]."""
    edges: Float[Array, " bins+1"]
    """Of the radial bins [pc]."""
    reach: Float[Array, ""]
    """Largest pericentre over R1 + R2."""
    mixing: Float[Array, ""]
    """See `rejuvenation.merged_age`."""


class Step(NamedTuple):
    """What an encounter needs to know of the step."""

    key: Array
    time: Float[Array, ""]
    """Its middle, since the start of the run [Gyr]."""
    dt: Float[Array, ""]
    """Its length [Gyr]."""


class Met(NamedTuple):
    """The two stars of each pair that meets, along a first axis of 2."""

    star: Int[Array, "2 block"]
    """Lane and cell as one index."""
    m: Float[Array, "2 block"]
    radius: Float[Array, "2 block"]
    age: Float[Array, "2 block"]
    t_ms: Float[Array, "2 block"]


def collide(
    rule: Rule,
    setting: Setting,
    step: Step,
    index: Int[Array, "2 block"],
    state: tuple[Living, Records, Log],
) -> tuple[Living, Records, Log]:
    """What a block of encounters changes.

    Args:
        rule: what collisions leave.
        setting: what does not change in a run.
        step: the step.
        index: both stars of each pair; beyond the last star where the block has room left.
        state: stars, sums of the step by radial bin, and the log.

    Returns:
        The state after them.
    """
    living, records, log = state
    happened = index[0] < setting.r.size
    met = _look_up(living, step.time, index)
    contact, total = met.radius.sum(axis=0), met.m.sum(axis=0)
    d = setting.reach * contact
    density, dispersion = _get(setting.density, index), _get(setting.dispersion, index)
    for_place, for_orbit = jax.random.split(step.key)
    place = _place(for_place, local_rates(density, dispersion, d, total), index)
    orbits = draw_orbits(for_orbit, d, total, jnp.sqrt(2.0) * _get(setting.dispersion, place))
    age = jnp.minimum(met.age, OLDEST)
    encounter = Encounter(
        age=age[0],
        m1=met.m[0],
        m2=met.m[1],
        rp=orbits.rp,
        vinf=orbits.vinf,
        r1=met.radius[0],
        r2=met.radius[1],
        age2=age[1],
    )
    left, answered = _answer(rule, encounter)
    touched = orbits.rp <= contact

    living = _renew(living, met, left, touched, happened, step.time, setting.mixing)
    stars = setting.star.reshape(-1).at[index].get(mode="fill", fill_value=-1)
    events = Events(
        time=jnp.full_like(contact, step.time),
        r=_get(setting.r, place),
        star1=stars[0],
        star2=stars[1],
        m1=met.m[0],
        m2=met.m[1],
        age1=met.age[0],
        age2=met.age[1],
        rp=orbits.rp,
        vinf=orbits.vinf,
        fate=jnp.where(answered, left.fate, -1),
        m1_final=left.m1_final,
        m2_final=left.m2_final,
    )
    records = _add(records, setting.edges, events, left, touched, happened)
    return living, records, write(log, events, happened)


def local_rates(
    density: Float[Array, "2 ..."],
    dispersion: Float[Array, "2 ..."],
    d: Float[Array, ...],
    total: Float[Array, ...],
) -> Float[Array, "2 ..."]:
    """How often a star meets the like of its partner, where either of the two is.

    A pair meets at the mean of both rates. The two are not quite at one distance; with half the
    pair's encounters at the place of each, the sum over the stars is that of the cluster.

    Args:
        density: of real stars where star 1 and where star 2 is [1/pc^3].
        dispersion: of their velocities in one dimension, likewise [km/s].
        d: largest pericentre [Rsun].
        total: mass of both [Msun].

    Returns:
        n <sigma v> at the distance of star 1, and of star 2 [1/Gyr].
    """
    return collision_rate(density, d, total, dispersion)


def _place(key: Array, rates: Float[Array, "2 block"], index: Int[Array, "2 block"]) -> Array:
    """The star at whose distance the pair meets."""
    here = jax.random.uniform(key, rates[0].shape) * rates.sum(axis=0) < rates[0]
    return jnp.where(here, index[0], index[1])


def _get(x: Array, index: Array) -> Array:
    # Where there is no star, any number that does no harm will do.
    return x.reshape(-1).at[index].get(mode="fill", fill_value=1.0)


def _look_up(living: Living, time: Float[Array, ""], index: Array) -> Met:
    m, born, t_ms, size = (
        _get(x, index) for x in (living.m, living.born, living.t_ms, living.radius)
    )
    return Met(index, m, size, jnp.clip(time - born, 0.0, t_ms), t_ms)


def _answer(rule: Rule, encounter: Encounter) -> tuple[Remnants, Bool[Array, " block"]]:
    """What the rule leaves, and whether it had an answer; where not, the stars as they were."""
    left = rule(encounter)
    before = jnp.stack([jnp.asarray(encounter.m1), jnp.asarray(encounter.m2)])
    after = jnp.stack([left.m1_final, left.m2_final])
    known = (left.fate >= 0) & jnp.isfinite(after.sum(axis=0) + left.m_unbound)
    crumbs = jnp.where(after < LIGHTEST, after, 0.0).sum(axis=0)
    after = jnp.where(after < LIGHTEST, 0.0, after)
    m1, m2 = jnp.where(known, after, before)
    fate = jnp.where(known, left.fate, int(Fate.TWO))
    unbound = jnp.where(known, left.m_unbound + crumbs, 0.0)
    return left._replace(fate=fate, m1_final=m1, m2_final=m2, m_unbound=unbound), known


def _renew(
    living: Living,
    met: Met,
    left: Remnants,
    touched: Bool[Array, " block"],
    happened: Bool[Array, " block"],
    time: Float[Array, ""],
    mixing: Float[Array, ""],
) -> Living:
    """The stars with the masses and effective ages that the encounters leave."""
    m = jnp.stack([left.m1_final, left.m2_final])
    t_ms = tams_age(m)
    s = met.age / met.t_ms
    divisor = jnp.where(m > 0.0, m, 1.0)
    product = merged_age(met.m[0], met.m[1], s[0], s[1], divisor, t_ms, mixing)
    age = jnp.where(left.fate == Fate.MERGER, product, survivor_age(met.m, s, divisor, t_ms))
    # A star that kept its mass keeps its age to the last digit, too.
    nowhere = living.m.size
    changed = jnp.where(happened & (m != met.m), met.star, nowhere)
    hit = jnp.where(happened & touched, met.star, nowhere)

    def put(old: Array, new: Array) -> Array:
        return old.reshape(-1).at[changed].set(new, mode="drop").reshape(old.shape)

    counts = living.collisions
    return Living(
        m=put(living.m, m),
        born=put(living.born, time - age),
        t_ms=put(living.t_ms, t_ms),
        radius=put(living.radius, radius(m, age)),
        collisions=counts.reshape(-1).at[hit].add(1, mode="drop").reshape(counts.shape),
    )


def _add(
    records: Records,
    edges: Float[Array, " bins+1"],
    events: Events,
    left: Remnants,
    touched: Bool[Array, " block"],
    happened: Bool[Array, " block"],
) -> Records:
    """The sums of the step with a block of encounters added."""
    bins = records.encounters.shape[0]
    place = jnp.searchsorted(edges, events.r, side="right") - 1
    # Beyond the edges nothing is summed: an index past the end is dropped.
    place = jnp.where(happened & (place >= 0), place, bins)

    def add(old: Array, new: Array) -> Array:
        return old.at[place].add(new.astype(old.dtype), mode="drop")

    low, high = MASS_RANGE
    light, heavy = jnp.minimum(events.m1, events.m2), jnp.maximum(events.m1, events.m2)
    answered = events.fate >= 0
    merged = left.fate == Fate.MERGER
    return records._replace(
        encounters=add(records.encounters, happened),
        collisions=add(records.collisions, touched),
        fates=records.fates.at[place, left.fate].add(answered.astype(jnp.int32), mode="drop"),
        unbound=add(records.unbound, left.m_unbound),
        products=add(records.products, jnp.where(merged, left.m1_final + left.m2_final, 0.0)),
        outside=add(records.outside, (light < low) | (heavy > high)),
        invalid=add(records.invalid, ~answered),
    )
