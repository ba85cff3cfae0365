"""From an encounter to an outcome: the published flowchart, in hard and in smooth form.

Everything here is pure and traceable and works elementwise on arrays of one shape. The stars are
put in order (heavier first) before anything is computed and back into the caller's order at the
end, so that swapping them swaps the answer bit for bit. Source: Gonzalez Prieto et al. (2026),
section 6 and Fig. 9.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.collisions.encounter import Domain, Encounter, Fate, Outcome, Regime
from surrogate.collisions.inputs import ALLOWED
from surrogate.collisions.structure import GRID_MASS_RANGE, StellarModel
from surrogate.collisions.tides import Argument, Cutoff, capture_energy, is_captured

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float, Int

CONTACT_TOLERANCE = 1e-4
"""Grazing encounters count as contact: 1,980 rows of the grid have r_p = R1 + R2 exactly."""
MAX_SIMULATED_SPEED = 16_000.0
"""Highest velocity at infinity of the grid [km/s]."""
AGE_TOLERANCE = 1e-3
"""Rounding that a ZAMS age may carry, relative."""
TAMS_TOLERANCE = 1.1
"""A star may be older than its TAMS by 10 per cent (section 6)."""
RADIUS_TOLERANCE = 2.0
"""Factor by which a user's radius may differ from the structure model's within the domain."""

NOTHING = 1e-12
"""A mass fraction too small to matter; keeps logarithms and their gradients finite."""


class Smoothing(NamedTuple):
    """Widths of the sigmoid gates of the smooth mode, all dimensionless.

    Attributes:
        contact: width in r_p / (R1 + R2) of the step from collision to what lies outside.
        capture: width of the step from capture to fly-by in (dE - K) / (dE + K), with K the
            orbital energy and dE what tides dissipate of it.
        survivor: width in ln(f1 / f2) of the choice of who survives a stripping.
    """

    contact: float = 0.02
    capture: float = 0.1
    survivor: float = 0.1


class Prediction(NamedTuple):
    """What networks say of a collision; star 1 is the heavier."""

    probability: Float[Array, "*batch 4"]
    """Of each fate."""
    fractions: Float[Array, "*batch 4 3"]
    """For each fate, mass in star 1, in star 2 and unbound over m1 + m2."""


Predict = Callable[[Encounter], Prediction]


class _Pair(NamedTuple):
    """An encounter in order: star 1 is the heavier (the larger, where masses are equal)."""

    encounter: Encounter
    swapped: Bool[Array, ...]
    identical: Bool[Array, ...]


def run(
    predict: Predict,
    stars: StellarModel,
    encounter: Encounter,
    smoothing: Smoothing | None,
    argument: Argument,
    cutoff: Cutoff,
) -> Outcome:
    """Outcome of encounters whose fields are arrays of one shape and one float type.

    Args:
        predict: the networks.
        stars: gives radii where the encounter has none, and the ages of the main sequence.
        encounter: fields of one shape; both radii are None or both are arrays.
        smoothing: widths of the smooth mode; None is the hard mode.
        argument: at what the tidal fits are evaluated.
        cutoff: how tidal dissipation ends.

    Returns:
        The outcome; NaN masses and a regime and fate of -1 where an input is invalid.
    """
    valid = _is_valid(encounter)
    pair = _in_order(_replace_invalid(encounter, valid), stars)
    sorted_encounter = pair.encounter
    orbital, tides = _capture_energy(sorted_encounter, argument, cutoff)
    regime = _regime(sorted_encounter, orbital, tides)
    collision = _consistent(predict(sorted_encounter), pair.identical, smoothing)

    if smoothing is None:
        probability, fractions = _hard(regime, collision, sorted_encounter)
    else:
        weights = _gates(sorted_encounter, orbital, tides, smoothing)
        probability, fractions = _smooth(weights, collision, sorted_encounter)
    reason = jnp.where(valid, _domain(sorted_encounter, encounter.r1 is not None, stars),
                       int(Domain.INVALID))
    return _outcome(regime, probability, fractions, pair, valid, reason)


def _is_valid(encounter: Encounter) -> Bool[Array, ...]:
    # Masses beyond those answered are flagged, not refused: a cluster must go on.
    e = encounter._replace(m1=jnp.where(encounter.m1 > 0, 1.0, encounter.m1))
    valid = jnp.isfinite(encounter.m1) & jnp.isfinite(encounter.m2)
    valid &= (encounter.m1 > 0) & (encounter.m2 > 0)
    for name in ("age", "rp", "vinf", "r1", "r2"):
        value = getattr(e, name)
        if value is not None:
            valid &= ALLOWED[name].accepts(value)
    return valid


def _replace_invalid(encounter: Encounter, valid: Bool[Array, ...]) -> Encounter:
    """Harmless numbers in place of invalid ones, so that their gradients are harmless too."""
    harmless = Encounter(age=1.0, m1=1.0, m2=1.0, rp=1.0, vinf=10.0, r1=1.0, r2=1.0)
    return Encounter(
        *(None if x is None else jnp.where(valid, x, y)
          for x, y in zip(encounter, harmless, strict=True))
    )


def _in_order(e: Encounter, stars: StellarModel) -> _Pair:
    given = e.r1 is not None
    equal = e.m1 == e.m2
    swapped = (e.m2 > e.m1) | (equal & (e.r2 > e.r1)) if given else e.m2 > e.m1
    identical = equal & (e.r1 == e.r2) if given else equal
    m1, m2 = _swap(swapped, e.m1, e.m2)
    if given:
        r1, r2 = _swap(swapped, e.r1, e.r2)
    else:
        r1, r2 = stars.radius(m1, e.age), stars.radius(m2, e.age)
    return _Pair(Encounter(e.age, m1, m2, e.rp, e.vinf, r1, r2), swapped, identical)


def _swap(swapped: Bool[Array, ...], a: Array, b: Array) -> tuple[Array, Array]:
    return jnp.where(swapped, b, a), jnp.where(swapped, a, b)


def _capture_energy(e: Encounter, argument: Argument, cutoff: Cutoff) -> tuple[Array, Array]:
    # Inside contact the expansion in R / r_p has no meaning and diverges; hold it there.
    rp = jnp.maximum(e.rp, 0.5 * (e.r1 + e.r2))
    return capture_energy(e.m1, e.m2, e.r1, e.r2, rp, e.vinf, argument=argument, cutoff=cutoff)


def _regime(e: Encounter, orbital: Array, tides: Array) -> Int[Array, ...]:
    contact = e.rp <= (e.r1 + e.r2) * (1.0 + CONTACT_TOLERANCE)
    outside = jnp.where(is_captured(orbital, tides), int(Regime.CAPTURE), int(Regime.FLYBY))
    return jnp.where(contact, int(Regime.COLLISION), outside)


def _consistent(
    prediction: Prediction, identical: Bool[Array, ...], smoothing: Smoothing | None
) -> Prediction:
    """Make masses agree with fates (section 6), and identical stars share a fate."""
    p, f = prediction
    # Of two identical stars neither is the one that survives a stripping.
    p = p.at[..., Fate.STRIPPED].multiply(jnp.where(identical, 0.0, 1.0))
    p = p / p.sum(axis=-1, keepdims=True)

    f1, f2 = f[..., 0], f[..., 1]
    zero = jnp.zeros_like(f1[..., 0])
    # A reduction, so that the compiler cannot round the sum differently for either star.
    mean = 0.5 * jnp.sum(f[..., Fate.TWO, :2], axis=-1)
    two_1 = jnp.where(identical, mean, f1[..., Fate.TWO])
    two_2 = jnp.where(identical, mean, f2[..., Fate.TWO])
    s1, s2 = f1[..., Fate.STRIPPED], f2[..., Fate.STRIPPED]
    heavier = _heavier_survives(s1, s2, smoothing)
    bound_1 = jnp.stack([zero, f1[..., Fate.MERGER], two_1, heavier * s1], axis=-1)
    bound_2 = jnp.stack([zero, zero, two_2, (1.0 - heavier) * s2], axis=-1)
    return Prediction(p, jnp.stack([bound_1, bound_2, 1.0 - bound_1 - bound_2], axis=-1))


def _heavier_survives(s1: Array, s2: Array, smoothing: Smoothing | None) -> Array:
    if smoothing is None:
        return jnp.where(s1 >= s2, 1.0, 0.0)
    return jax.nn.sigmoid((jnp.log(s1 + NOTHING) - jnp.log(s2 + NOTHING)) / smoothing.survivor)


def _outside(e: Encounter) -> tuple[Array, Array]:
    """Mass fractions after a capture (all in the heavier star) and after a fly-by."""
    share = e.m1 / (e.m1 + e.m2)
    zero = jnp.zeros_like(share)
    captured = jnp.stack([zero + 1.0, zero, zero], axis=-1)
    return captured, jnp.stack([share, 1.0 - share, zero], axis=-1)


def _hard(regime: Array, collision: Prediction, e: Encounter) -> tuple[Array, Array]:
    """Probabilities of the fates, and the mass fractions of the most probable one."""
    fate = jnp.argmax(collision.probability, axis=-1)[..., None, None]
    collided = jnp.take_along_axis(collision.fractions, fate, axis=-2)[..., 0, :]
    captured, passed = _outside(e)
    certain = jax.nn.one_hot(
        jnp.where(regime == Regime.CAPTURE, int(Fate.MERGER), int(Fate.TWO)), len(Fate),
        dtype=collided.dtype,
    )
    regime = regime[..., None]
    fractions = jnp.where(regime == Regime.CAPTURE, captured, passed)
    is_collision = regime == Regime.COLLISION
    return (
        jnp.where(is_collision, collision.probability, certain),
        jnp.where(is_collision, collided, fractions),
    )


def _gates(e: Encounter, orbital: Array, tides: Array, widths: Smoothing) -> Array:
    """Weights of collision, capture and fly-by, which sum to one, along a new last axis."""
    contact = jax.nn.sigmoid((1.0 - e.rp / (e.r1 + e.r2)) / widths.contact)
    energy = tides + orbital
    positive = energy > 0
    balance = (tides - orbital) / jnp.where(positive, energy, 1.0)
    capture = jax.nn.sigmoid(jnp.where(positive, balance, 0.0) / widths.capture)
    outside = 1.0 - contact
    return jnp.stack([contact, outside * capture, outside * (1.0 - capture)], axis=-1)


def _smooth(weights: Array, collision: Prediction, e: Encounter) -> tuple[Array, Array]:
    """Probabilities of the fates, and the mass fractions expected over fates and regimes."""
    w_collision, w_capture, w_flyby = (weights[..., k, None] for k in range(3))
    p = w_collision * collision.probability
    p = p.at[..., Fate.MERGER].add(w_capture[..., 0]).at[..., Fate.TWO].add(w_flyby[..., 0])
    expected = jnp.sum(collision.probability[..., None] * collision.fractions, axis=-2)
    captured, passed = _outside(e)
    return p, w_collision * expected + w_capture * captured + w_flyby * passed


def _domain(e: Encounter, given: bool, stars: StellarModel) -> Int[Array, ...]:
    low, high = GRID_MASS_RANGE
    young = (1.0 + AGE_TOLERANCE) * e.age < jnp.maximum(stars.zams_age(e.m1), stars.zams_age(e.m2))
    lifetime = jnp.minimum(stars.tams_age(e.m1), stars.tams_age(e.m2))
    broken = {
        Domain.MASS: (e.m2 < low) | (e.m1 > high),
        Domain.PRE_ZAMS: young,
        Domain.POST_TAMS: e.age > TAMS_TOLERANCE * lifetime,
        Domain.VELOCITY: e.vinf > MAX_SIMULATED_SPEED,
    }
    if given:
        broken[Domain.RADIUS] = _unlike(e.r1, stars.radius(e.m1, e.age)) | _unlike(
            e.r2, stars.radius(e.m2, e.age)
        )
    return sum((jnp.where(b, int(reason), 0) for reason, b in broken.items()),
               start=jnp.zeros_like(e.m1, jnp.int32))


def _unlike(r: Array, expected: Array) -> Bool[Array, ...]:
    return jnp.maximum(r / expected, expected / r) > RADIUS_TOLERANCE


def _outcome(
    regime: Array, p: Array, fractions: Array, pair: _Pair, valid: Array, reason: Array
) -> Outcome:
    e = pair.encounter
    total = e.m1 + e.m2
    m1, m2 = _swap(pair.swapped, fractions[..., 0] * total, fractions[..., 1] * total)
    nan = jnp.asarray(jnp.nan, total.dtype)

    def answer(x: Array) -> Array:
        return jnp.where(valid, x, nan)

    return Outcome(
        regime=jnp.where(valid, regime, -1).astype(jnp.int32),
        fate=jnp.where(valid, jnp.argmax(p, axis=-1), -1).astype(jnp.int32),
        p_none=answer(p[..., Fate.NONE]),
        p_merger=answer(p[..., Fate.MERGER]),
        p_two=answer(p[..., Fate.TWO]),
        p_stripped=answer(p[..., Fate.STRIPPED]),
        m1_final=answer(m1),
        m2_final=answer(m2),
        m_unbound=answer(fractions[..., 2] * total),
        in_domain=reason == 0,
        reason=reason,
    )
