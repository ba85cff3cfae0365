"""From an encounter to an outcome: the published flowchart, in hard and in smooth form.

Everything here is pure and traceable and works elementwise on arrays of one shape. Source:
Gonzalez Prieto et al. (2026), section 6 and Fig. 9.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.collisions.encounter import Encounter, Fate, Outcome, Regime
from surrogate.collisions.models import Prediction
from surrogate.collisions.pair import Pair, arrange, unswap
from surrogate.collisions.tides import Argument, Cutoff, capture_energy, is_captured

if TYPE_CHECKING:
    from jaxtyping import Array, Int

    from surrogate.collisions.structure import StellarModel

CONTACT_TOLERANCE = 1e-4
"""Grazing encounters count as contact: 1,980 rows of the grid have r_p = R1 + R2 exactly."""
NOTHING = 1e-12
"""A mass fraction too small to matter; keeps logarithms and their gradients finite."""


class Smoothing(NamedTuple):
    """Widths of the sigmoid gates of the smooth mode, all dimensionless.

    Attributes:
        contact: width in r_p / (R1 + R2) of the step from collision to what lies outside.
        capture: width of the step from capture to fly-by in (dE - K) / (dE + K), with K the
            orbital energy and dE what tides dissipate of it.
        survivor: width in ln(f1 / f2) of the choice of who survives a stripping.
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
    pair = arrange(encounter, stars)
    # Inside contact the expansion in R / r_p has no meaning and diverges; hold it there.
    rp = jnp.maximum(pair.rp, 0.5 * (pair.r1 + pair.r2))
    orbital, tides = capture_energy(
        pair.m1, pair.m2, pair.r1, pair.r2, rp, pair.vinf, argument=argument, cutoff=cutoff
    )
    regime = _regime(pair, orbital, tides)
    collision = _consistent(predict(pair), pair, smoothing)
    if smoothing is None:
        probability, masses = _hard(regime, collision, pair)
    else:
        weights = _gates(pair, orbital, tides, smoothing)
        probability, masses = _smooth(weights, collision, pair)
    return _outcome(regime, probability, masses, pair)


def _regime(pair: Pair, orbital: Array, tides: Array) -> Int[Array, ...]:
    contact = pair.rp <= (pair.r1 + pair.r2) * (1.0 + CONTACT_TOLERANCE)
    outside = jnp.where(is_captured(orbital, tides), int(Regime.CAPTURE), int(Regime.FLYBY))
    return jnp.where(contact, int(Regime.COLLISION), outside)


def _consistent(prediction: Prediction, pair: Pair, smoothing: Smoothing | None) -> Prediction:
    """Make masses agree with fates (section 6), and identical stars share a fate."""
    p, f = prediction
    twins = _twins(pair, smoothing)
    # Of two identical stars neither is the one that survives a stripping.
    p = p.at[..., Fate.STRIPPED].multiply(1.0 - twins)
    p = p / p.sum(axis=-1, keepdims=True)

    merged = f[..., Fate.MERGER, 0]
    # A reduction, so that the compiler cannot round the sum differently for either star.
    mean = 0.5 * jnp.sum(f[..., Fate.TWO, :2], axis=-1)
    two_1, two_2 = (twins * mean + (1.0 - twins) * f[..., Fate.TWO, k] for k in (0, 1))
    s1, s2 = f[..., Fate.STRIPPED, 0], f[..., Fate.STRIPPED, 1]
    heavier = _heavier_survives(s1, s2, smoothing)

    none = jnp.zeros_like(merged)
    bound_1 = jnp.stack([none, merged, two_1, heavier * s1], axis=-1)
    bound_2 = jnp.stack([none, none, two_2, (1.0 - heavier) * s2], axis=-1)
    return Prediction(p, jnp.stack([bound_1, bound_2, 1.0 - bound_1 - bound_2], axis=-1))


def _twins(pair: Pair, smoothing: Smoothing | None) -> Array:
    """How far the stars count as identical: 0 or 1 in the hard mode, in between in the smooth."""
    if smoothing is None:
        return jnp.where(pair.unlikeness == 0, 1.0, 0.0).astype(pair.total.dtype)
    return jnp.exp(-pair.unlikeness / smoothing.twins**2)


def _heavier_survives(s1: Array, s2: Array, smoothing: Smoothing | None) -> Array:
    if smoothing is None:
        return jnp.where(s1 >= s2, 1.0, 0.0)
    return jax.nn.sigmoid((jnp.log(s1 + NOTHING) - jnp.log(s2 + NOTHING)) / smoothing.survivor)


def _outside(pair: Pair) -> tuple[Array, Array]:
    """Final masses after a capture (all in the heavier star) and after a fly-by."""
    none = jnp.zeros_like(pair.total)
    captured = jnp.stack([pair.total, none, none], axis=-1)
    return captured, jnp.stack([pair.m1, pair.m2, none], axis=-1)


def _hard(regime: Array, collision: Prediction, pair: Pair) -> tuple[Array, Array]:
    """Probabilities of the fates, and the masses that the most probable one leaves."""
    fate = jnp.argmax(collision.probability, axis=-1)[..., None, None]
    collided = jnp.take_along_axis(collision.fractions, fate, axis=-2)[..., 0, :]
    collided = collided * pair.total[..., None]
    captured, passed = _outside(pair)
    certain = jax.nn.one_hot(
        jnp.where(regime == Regime.CAPTURE, int(Fate.MERGER), int(Fate.TWO)),
        len(Fate),
        dtype=collided.dtype,
    )
    regime = regime[..., None]
    outside = jnp.where(regime == Regime.CAPTURE, captured, passed)
    is_collision = regime == Regime.COLLISION
    return (
        jnp.where(is_collision, collision.probability, certain),
        jnp.where(is_collision, collided, outside),
    )


def _gates(pair: Pair, orbital: Array, tides: Array, widths: Smoothing) -> Array:
    """Weights of collision, capture and fly-by, which sum to one, along a new last axis."""
    contact = jax.nn.sigmoid((1.0 - pair.rp / (pair.r1 + pair.r2)) / widths.contact)
    energy = tides + orbital
    positive = energy > 0
    balance = jnp.where(positive, tides - orbital, 0.0) / jnp.where(positive, energy, 1.0)
    capture = jax.nn.sigmoid(balance / widths.capture)
    outside = 1.0 - contact
    return jnp.stack([contact, outside * capture, outside * (1.0 - capture)], axis=-1)


def _smooth(weights: Array, collision: Prediction, pair: Pair) -> tuple[Array, Array]:
    """Probabilities of the fates, and the masses expected over fates and regimes."""
    w_collision, w_capture, w_flyby = (weights[..., k, None] for k in range(3))
    p = w_collision * collision.probability
    p = p.at[..., Fate.MERGER].add(w_capture[..., 0]).at[..., Fate.TWO].add(w_flyby[..., 0])
    fractions = jnp.sum(collision.probability[..., None] * collision.fractions, axis=-2)
    expected = fractions * pair.total[..., None]
    captured, passed = _outside(pair)
    return p, w_collision * expected + w_capture * captured + w_flyby * passed


def _outcome(regime: Array, p: Array, masses: Array, pair: Pair) -> Outcome:
    m1, m2 = unswap(pair.swapped, masses[..., 0], masses[..., 1])

    def answer(x: Array) -> Array:
        return jnp.where(pair.valid, x, jnp.asarray(jnp.nan, x.dtype))

    def code(x: Array) -> Array:
        return jnp.where(pair.valid, x, -1).astype(jnp.int32)

    return Outcome(
        regime=code(regime),
        fate=code(jnp.argmax(p, axis=-1)),
        p_none=answer(p[..., Fate.NONE]),
        p_merger=answer(p[..., Fate.MERGER]),
        p_two=answer(p[..., Fate.TWO]),
        p_stripped=answer(p[..., Fate.STRIPPED]),
        m1_final=answer(m1),
        m2_final=answer(m2),
        m_unbound=answer(masses[..., 2]),
        in_domain=pair.reason == 0,
        reason=pair.reason.astype(jnp.int32),
    )
