"""Measure, on rows that an ensemble has not learned from, how far to trust it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.ensemble import Arrays, Opinion, consult
from surrogate.collisions.prediction import Survivors
from surrogate.collisions.uncertainty import LEVELS, Calibration, tempered, tilted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surrogate.collisions.pair import Pair

FEW = 30
"""Rows below which a law of scatter is not measured but shared with the other outcomes."""
TILTS = np.linspace(-1.0, 1.0, 201)
TEMPERATURES = np.geomspace(0.4, 4.0, 231)
WIDENING = (0.0, 0.6, 4.0, 1.5, 1.5)
"""How much wider masses scatter off the grid, by outcome: what the worst left-out mass between 0.4
and 32 Msun asks for (0.8 Msun; most others would do with a third of it)."""
SHARED = (
    ((Survivors.MERGER, 0), (Survivors.MERGER, 2)),
    ((Survivors.TWO, 0), (Survivors.TWO, 1)),
    ((Survivors.TWO, 2),),
    ((Survivors.FIRST, 0), (Survivors.SECOND, 1), (Survivors.FIRST, 2), (Survivors.SECOND, 2)),
)
"""Masses, by outcome and place in (star 1, star 2, unbound), that scatter by one law."""


def calibrate(name: str, arrays: Arrays, pair: Pair, rows: Any) -> Calibration:
    """Fit the temperature of the outcomes and the law of scatter of the masses.

    Args:
        name: "ensemble" or "fast".
        arrays: weights and feature scales of the members.
        pair: encounters that the members have not learned from.
        rows: what became of them.

    Returns:
        The calibration.
    """
    opinion: Any = jax.device_get(jax.jit(consult, static_argnums=0)(name, dict(arrays), pair))
    outcome = np.asarray(rows.outcome)
    true = np.asarray(rows.fractions, np.float64)
    true = np.concatenate([true, 1.0 - true.sum(axis=1, keepdims=True)], axis=1)
    tilt = fit_tilt(residuals(opinion, true, outcome), outcome, np.asarray(rows.x.shares))
    scale = tilted(jnp.asarray(opinion.scale), rows.x.shares, tilt)
    law = fit_law(residuals(opinion._replace(scale=scale), true, outcome), outcome)
    return Calibration(
        jnp.float32(fit_temperature(opinion.log_probability, outcome)),
        jnp.asarray(law, jnp.float32),
        jnp.float32(tilt),
        jnp.repeat(jnp.array(WIDENING, jnp.float32)[:, None], 3, axis=1),
    )


def fit_temperature(log_probability: NDArray[Any], outcome: NDArray[Any]) -> float:
    """Temperature that makes the outcomes most likely."""

    def nll(temperature: Any) -> Any:
        p = tempered(jnp.asarray(log_probability), temperature)
        return -jnp.take_along_axis(p, jnp.asarray(outcome)[:, None], axis=1).mean()

    values = jax.lax.map(nll, jnp.asarray(TEMPERATURES, jnp.float32))
    return float(TEMPERATURES[int(jnp.argmin(values))])


def residuals(opinion: Opinion, true: NDArray[Any], outcome: NDArray[Any]) -> NDArray[np.float64]:
    """|error| / scale of each mass given the outcome, (n, 3); NaN where a mass is certain."""
    rows = np.arange(len(outcome))
    scale = np.asarray(opinion.scale, np.float64)[rows, outcome]
    error = np.abs(np.asarray(opinion.fractions, np.float64)[rows, outcome] - true)
    return np.where(scale > 0, error / np.where(scale > 0, scale, 1.0), np.nan)


def fit_tilt(residual: NDArray[np.float64], outcome: NDArray[Any], shares: NDArray[Any]) -> float:
    """Tilt of the scale with which both of two survivors scatter alike (68 per cent of them)."""
    two = outcome == Survivors.TWO
    if two.sum() < FEW:
        return 0.0

    def gap(tilt: float) -> float:
        both = np.quantile(residual[two, :2] / (2.0 * shares[two]) ** tilt, 0.68, axis=0)
        return abs(float(np.log(both[0] / both[1])))

    return float(min(TILTS, key=gap))


def fit_law(residual: NDArray[np.float64], outcome: NDArray[Any]) -> NDArray[np.float64]:
    """Half-widths that hold `LEVELS` of the residuals, (5, 3, levels)."""
    law = np.zeros((len(Survivors), 3, len(LEVELS)))
    everything = residual[np.isfinite(residual)]
    for group in SHARED:
        found = np.concatenate([residual[outcome == k, place] for k, place in group])
        found = found[np.isfinite(found)]
        for k, place in group:
            law[k, place] = _half_widths(found if len(found) >= FEW else everything)
    return law


def _half_widths(residual: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ceil((n + 1) u)-th smallest residual for each level u: conformal, never too narrow."""
    n = len(residual)
    rank = np.ceil((n + 1) * np.array(LEVELS)).astype(int)
    return np.concatenate([[0.0], np.sort(residual)])[np.clip(rank, 0, n)] * (rank > 1)
