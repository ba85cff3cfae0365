"""From an encounter to an outcome: the published flowchart, in hard and in smooth form.

Everything here is pure and traceable and works elementwise on arrays of one shape. Source:
Gonzalez Prieto et al. (2026), section 6 and Fig. 9.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.collisions.encounter import Bounds, Domain, Encounter, Fate, Outcome, Regime
from surrogate.collisions.pair import Pair, arrange, unswap
from surrogate.collisions.prediction import Prediction, Survivors, fates, most_probable
from surrogate.collisions.tides import Argument, Cutoff, capture_energy, is_captured

if TYPE_CHECKING:
    from jaxtyping import Array, Int

    from surrogate.collisions.structure import StellarModel

CONTACT_TOLERANCE = 1e-4
"""Grazing encounters count as contact: 1,980 rows of the grid have r_p = R1 + R2 exactly."""
MAX_OOD = 1.0
"""Out-of-domain score above which a star counts as unlike every simulated one."""


class Smoothing(NamedTuple):
    """Widths of the sigmoid gates of the smooth mode, all dimensionless.

    Attributes:
        contact: width in r_p / (R1 + R2) of the step from collision to what lies outside.
        capture: width of the step from capture to fly-by in (dE - K) / (dE + K), with K the
            orbital energy and dE what tides dissipate of it.
        survivor: width in ln(f1 / f2) of the published models' choice of who survives a stripping.
        twins: width in ln(m1 / m2), and in ln(r1 / r2) of given radii, over which the answer for
            two identical stars, who share their fate, passes into that for different ones.
    """

    contact: float = 0.02
    capture: float = 0.1
    survivor: float = 0.1
    twins: float = 0.02


Predict = Callable[[Pair], Prediction]


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
    pair, orbital, tides, collision = meet(predict, stars, encounter, smoothing, argument, cutoff)
    regime = _regime(pair, orbital, tides)
    probability, masses = _hard(regime, collision, pair)
    bounds = _bounds(regime, collision, masses, pair)
    if smoothing is not None:
        weights = gates(pair, orbital, tides, smoothing)
        probability, masses = _smooth(weights, collision, pair)
    return _outcome(regime, probability, masses, bounds, collision.ood, pair)


def meet(
    predict: Predict,
    stars: StellarModel,
    encounter: Encounter,
    smoothing: Smoothing | None,
    argument: Argument,
    cutoff: Cutoff,
) -> tuple[Pair, Array, Array, Prediction]:
    """All that decides on an outcome.

    Args:
        predict: the networks.
        stars: gives radii where the encounter has none, and the ages of the main sequence.
        encounter: fields of one shape; both radii are None or both are arrays.
        smoothing: widths of the smooth mode; None is the hard mode.
        argument: at what the tidal fits are evaluated.
        cutoff: how tidal dissipation ends.

    Returns:
        The stars in order, their orbital energy at infinity and what tides dissipate of it [Msun
        (km/s)^2], and what the networks say of a collision.
    """
    pair = arrange(encounter, stars)
    # Inside contact the expansion in R / r_p has no meaning and diverges; hold it there.
    rp = jnp.maximum(pair.rp, 0.5 * (pair.r1 + pair.r2))
    orbital, tides = capture_energy(
        pair.m1, pair.m2, pair.r1, pair.r2, rp, pair.vinf, argument=argument, cutoff=cutoff
    )
    return pair, orbital, tides, _twins_alike(predict(pair), pair, smoothing)


def _regime(pair: Pair, orbital: Array, tides: Array) -> Int[Array, ...]:
    contact = pair.rp <= (pair.r1 + pair.r2) * (1.0 + CONTACT_TOLERANCE)
    outside = jnp.where(is_captured(orbital, tides), int(Regime.CAPTURE), int(Regime.FLYBY))
    return jnp.where(contact, int(Regime.COLLISION), outside)


def _twins_alike(prediction: Prediction, pair: Pair, smoothing: Smoothing | None) -> Prediction:
    """Identical stars share a fate, and leave equal masses with equal bounds."""
    p, f = prediction.probability, prediction.fractions
    twins = _twins(pair, smoothing)
    # Of two identical stars neither is the one that survives a stripping.
    p = p.at[..., Survivors.FIRST :].multiply(1.0 - twins[..., None])
    p = p / p.sum(axis=-1, keepdims=True)
    # A reduction, so that the compiler cannot round the sum differently for either star.
    mean = 0.5 * jnp.sum(f[..., Survivors.TWO, :2], axis=-1, keepdims=True)
    t = twins[..., None]
    f = f.at[..., Survivors.TWO, :2].set(t * mean + (1.0 - t) * f[..., Survivors.TWO, :2])
    f = f.at[..., 2].set(1.0 - f[..., 0] - f[..., 1])
    bounds = prediction.bounds
    if bounds is not None:
        # Of the product of a merger the bounds stay with the star that it is named after.
        merger = most_probable(p)[..., None] == Survivors.MERGER
        alike = jnp.where(merger, 0.0, t)[..., None]
        middle = 0.5 * jnp.sum(bounds[..., :2, :], axis=-2, keepdims=True)
        mixed = alike * middle + (1.0 - alike) * bounds[..., :2, :]
        bounds = bounds.at[..., :2, :].set(mixed)
    return prediction._replace(probability=p, fractions=f, bounds=bounds)


def _twins(pair: Pair, smoothing: Smoothing | None) -> Array:
    """How far the stars count as identical: 0 or 1 in the hard mode, in between in the smooth."""
    if smoothing is None:
        return jnp.where(pair.unlikeness == 0, 1.0, 0.0).astype(pair.total.dtype)
    return jnp.exp(-pair.unlikeness / smoothing.twins**2)


def _outside(pair: Pair) -> tuple[Array, Array]:
    """Final masses after a capture (all in the heavier star) and after a fly-by."""
    none = jnp.zeros_like(pair.total)
    captured = jnp.stack([pair.total, none, none], axis=-1)
    return captured, jnp.stack([pair.m1, pair.m2, none], axis=-1)


def _hard(regime: Array, collision: Prediction, pair: Pair) -> tuple[Array, Array]:
    """Probabilities of the outcomes, and the masses that the most probable one leaves."""
    outcome = most_probable(collision.probability)[..., None, None]
    collided = jnp.take_along_axis(collision.fractions, outcome, axis=-2)[..., 0, :]
    collided = collided * pair.total[..., None]
    certain = jax.nn.one_hot(
        jnp.where(regime == Regime.CAPTURE, int(Survivors.MERGER), int(Survivors.TWO)),
        len(Survivors),
        dtype=collided.dtype,
    )
    is_collision = (regime == Regime.COLLISION)[..., None]
    return (
        jnp.where(is_collision, collision.probability, certain),
        jnp.where(is_collision, collided, _beyond_contact(regime, pair)),
    )


def _beyond_contact(regime: Array, pair: Pair) -> Array:
    captured, passed = _outside(pair)
    return jnp.where((regime == Regime.CAPTURE)[..., None], captured, passed)


def _bounds(regime: Array, collision: Prediction, masses: Array, pair: Pair) -> Array | None:
    """Intervals of the three masses, in the order of `Bounds` along the last axis."""
    if collision.bounds is None:
        return None
    point = masses[..., None]
    collided = collision.bounds * pair.total[..., None, None]
    # The fate of identical stars may be another one than the model's most probable.
    low, high = jnp.minimum(collided[..., 0::2], point), jnp.maximum(collided[..., 1::2], point)
    pairs = [low[..., 0], high[..., 0], low[..., 1], high[..., 1]]
    # Tides and fly-bys are taken as certain.
    is_collision = (regime == Regime.COLLISION)[..., None, None]
    return jnp.where(is_collision, jnp.stack(pairs, axis=-1), point)


def gates(pair: Pair, orbital: Array, tides: Array, widths: Smoothing) -> Array:
    """Weights of collision, capture and fly-by, which sum to one, along a new last axis.

    Args:
        pair: the stars in order.
        orbital: orbital energy at infinity.
        tides: what tides dissipate of it.
        widths: of the steps.
    """
    contact = jax.nn.sigmoid((1.0 - pair.rp / (pair.r1 + pair.r2)) / widths.contact)
    energy = tides + orbital
    positive = energy > 0
    balance = jnp.where(positive, tides - orbital, 0.0) / jnp.where(positive, energy, 1.0)
    capture = jax.nn.sigmoid(balance / widths.capture)
    outside = 1.0 - contact
    return jnp.stack([contact, outside * capture, outside * (1.0 - capture)], axis=-1)


def _smooth(weights: Array, collision: Prediction, pair: Pair) -> tuple[Array, Array]:
    """Probabilities of the outcomes, and the masses expected over outcomes and regimes."""
    w_collision, w_capture, w_flyby = (weights[..., k, None] for k in range(3))
    p = w_collision * collision.probability
    p = p.at[..., Survivors.MERGER].add(w_capture[..., 0])
    p = p.at[..., Survivors.TWO].add(w_flyby[..., 0])
    fractions = jnp.sum(collision.probability[..., None] * collision.fractions, axis=-2)
    expected = fractions * pair.total[..., None]
    captured, passed = _outside(pair)
    return p, w_collision * expected + w_capture * captured + w_flyby * passed


def _outcome(
    regime: Array, p: Array, masses: Array, bounds: Array | None, ood: Array | None, pair: Pair
) -> Outcome:
    def answer(x: Array) -> Array:
        return jnp.where(pair.valid, x, jnp.asarray(jnp.nan, x.dtype))

    def code(x: Array) -> Array:
        return jnp.where(pair.valid, x, -1).astype(jnp.int32)

    unknown = jnp.full_like(pair.total, jnp.nan)

    def intervals() -> list[Bounds]:
        if bounds is None:
            return [Bounds(unknown, unknown, unknown, unknown)] * 3
        swapped = pair.swapped[..., None]
        first, second = unswap(swapped, bounds[..., 0, :], bounds[..., 1, :])
        each = (first, second, bounds[..., 2, :])
        return [Bounds(*(answer(x[..., k]) for k in range(4))) for x in each]

    shares = fates(p)
    m1, m2 = unswap(pair.swapped, masses[..., 0], masses[..., 1])
    survivor1, survivor2 = unswap(pair.swapped, p[..., Survivors.FIRST], p[..., Survivors.SECOND])
    m1_bounds, m2_bounds, unbound_bounds = intervals()
    score = unknown if ood is None else ood
    reason = pair.reason | jnp.where(pair.valid & (score > MAX_OOD), int(Domain.STRUCTURE), 0)
    return Outcome(
        regime=code(regime),
        fate=code(jnp.argmax(shares, axis=-1)),
        p_none=answer(shares[..., Fate.NONE]),
        p_merger=answer(shares[..., Fate.MERGER]),
        p_two=answer(shares[..., Fate.TWO]),
        p_stripped=answer(shares[..., Fate.STRIPPED]),
        p_survivor1=answer(survivor1),
        p_survivor2=answer(survivor2),
        m1_final=answer(m1),
        m2_final=answer(m2),
        m_unbound=answer(masses[..., 2]),
        m1_bounds=m1_bounds,
        m2_bounds=m2_bounds,
        unbound_bounds=unbound_bounds,
        ood=answer(score),
        in_domain=reason == 0,
        reason=reason.astype(jnp.int32),
    )
