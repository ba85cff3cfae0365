"""The likelihood of what a collision left: remnants that were weighed, and the gas around them.

It is a mixture over the ways in which the encounter may have ended. Given the way, masses scatter
by the surrogate's own error, whose law was measured, and by that of the measurement, a Gaussian.
The surrogate conserves mass, so that its error of the unbound mass is minus the sum of those of the
remnants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.predictive import Predictive

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int, Key

REMNANTS = np.array([0, 1, 2, 1, 1, 1, 2], np.int32)
"""Stars that are left, for each `predictive.Way`."""
LEAST_PROBABILITY = 1e-12
"""Added to every probability: nothing is quite impossible, and every likelihood is finite."""
SHARES = (0.12, 0.71, 0.17)
"""The model's errors are wider in the tails than a Gaussian: shares of three Gaussians ..."""
SPREADS = (0.15, 0.95, 2.5)
"""... and their standard deviations over `Predictive.scale`. On the validation rows 68, 90, 95 and
99 per cent of the errors lie within 1.00, 1.9-2.1, 2.5-2.9 and 3.8-5.3 scales (one Gaussian: 1.00,
1.65, 1.97, 2.59); of this law within 1.00, 1.96, 2.69 and 4.7."""
LEAST_ERROR = 1e-6
"""Added in quadrature to every error [Msun]: single precision knows no mass better."""


class Aftermath(NamedTuple):
    """What was found after a collision. Made by `observed` or `simulate`."""

    remnants: Int[Array, "*batch"]
    """Stars seen, 0 to 2; -1 where nobody looked."""
    masses: Float[Array, "*batch 2"]
    """Of the remnants, in any order [Msun]; what stands for one that is not there is not read."""
    errors: Float[Array, "*batch 2"]
    """Standard deviation of each [Msun]; infinite where it was not weighed."""
    unbound: Float[Array, "*batch"]
    """Mass of the ejecta [Msun]."""
    unbound_error: Float[Array, "*batch"]
    """Its standard deviation [Msun]; infinite where it was not measured."""


def observed(
    *masses: tuple[float, float] | None,
    ejecta: tuple[float, float] | None = None,
    counted: bool = True,
) -> Aftermath:
    """What was found after a collision.

    Args:
        *masses: mass of each remnant and its standard deviation [Msun]; None for a remnant that is
            there but was not weighed. None at all: no star is left.
        ejecta: unbound mass and its standard deviation [Msun], where it was measured.
        counted: False where nobody knows how many stars are left, so that only the ejecta count.

    Returns:
        The aftermath.

    Raises:
        ValueError: more than two remnants, a mass or an error that has no meaning, or nothing that
            was found.
    """
    if len(masses) > 2:
        raise ValueError(f"masses: {len(masses)} remnants; a collision of two leaves 0, 1 or 2")
    if not counted and masses:
        raise ValueError("counted = False: leave out masses, or count the remnants")
    if not counted and ejecta is None:
        raise ValueError("nothing was found: give masses, ejecta, or count the remnants")
    found = [*masses, None, None][:2]
    (m1, e1), (m2, e2), (u, eu) = (_checked(x) for x in (*found, ejecta))
    return Aftermath(
        jnp.int32(len(masses) if counted else -1),
        jnp.float32([m1, m2]),
        jnp.float32([e1, e2]),
        jnp.float32(u),
        jnp.float32(eu),
    )


def _checked(found: tuple[float, float] | None) -> tuple[float, float]:
    if found is None:
        return 0.0, np.inf
    mass, error = found
    if not np.isfinite(mass):
        raise ValueError(f"mass = {mass} Msun: allowed are finite numbers; None if not weighed")
    if not error > 0:
        raise ValueError(
            f"error = {error} Msun: allowed are standard deviations > 0; the model's own error is "
            "added by the likelihood"
        )
    return mass, error


@jax.jit
def log_likelihood(predictive: Predictive, aftermath: Aftermath) -> Float[Array, "*batch"]:
    """Logarithm of the probability density of an aftermath, given how the encounter may end.

    Remnants bear no names: where two are left, each may be either star. Fields broadcast against
    each other, and `jax.vmap` goes over either.

    Args:
        predictive: what the encounter may leave, as `model.predictive` says.
        aftermath: what was found.

    Returns:
        ln p [in Msun^-k for k measured masses]; finite, with finite gradients.
    """
    return jax.nn.logsumexp(log_ways(predictive, aftermath), axis=-1)


@jax.jit
def way_probability(predictive: Predictive, aftermath: Aftermath) -> Float[Array, "*batch 7"]:
    """Which way the encounter ended, given what it left.

    Args:
        predictive: what the encounter may leave.
        aftermath: what was found.

    Returns:
        Probability of each `Way`; they sum to one.
    """
    return jax.nn.softmax(log_ways(predictive, aftermath), axis=-1)


def log_ways(predictive: Predictive, aftermath: Aftermath) -> Float[Array, "*batch 7"]:
    """Logarithm of the joint probability density of an aftermath and each `Way`.

    Args:
        predictive: what the encounter may leave.
        aftermath: what was found.
    """
    log_p = jnp.log(predictive.probability + LEAST_PROBABILITY)
    mass, scale = remnants_of(predictive)
    # Along the third axis from the end: the components of the law of the model's errors.
    scales = scale[..., None, :, :] * jnp.asarray(SPREADS, scale.dtype)[:, None, None]
    means = mass[..., None, :, :], predictive.masses[..., None, :, 2]
    # Along the last axis: the ways, and of the remnants' masses the two remnants.
    n, _, _, gas, gas_error = (x[..., None, None] for x in aftermath)
    seen, error = (x[..., None, None, :] for x in (aftermath.masses, aftermath.errors))
    named = [
        jax.nn.logsumexp(
            _log_density(*means, scales, n, x, e, gas, gas_error), axis=-2, b=_column(SHARES)
        )
        for x, e in ((seen, error), (seen[..., ::-1], error[..., ::-1]))
    ]
    # Either name is as good as the other; of one remnant there is only one.
    both = jnp.logaddexp(*named) - np.log(2.0)
    log_density = jnp.where(REMNANTS == 2, both, named[0])
    remnants = aftermath.remnants[..., None]
    possible = (remnants == REMNANTS) | (remnants < 0)
    return log_p + jnp.where(possible, log_density, -jnp.inf)


def remnants_of(predictive: Predictive) -> tuple[Float[Array, "*batch 7 2"], ...]:
    """Masses and scales of the remnants of each `Way`, the only one first.

    Args:
        predictive: what the encounter may leave.
    """
    # A single survivor has its mass in one slot, and nothing in the other.
    alone = (REMNANTS < 2)[:, None] * np.array([[1.0, 0.0]], np.float32)
    return tuple(
        jnp.where((REMNANTS == 2)[:, None], x, x.sum(axis=-1, keepdims=True) * alone)
        for x in (predictive.masses[..., :2], predictive.scale[..., :2])
    )


def _log_density(
    mass: Float[Array, "*batch 1 7 2"],
    unbound: Float[Array, "*batch 1 7"],
    scale: Float[Array, "*batch 3 7 2"],
    n: Int[Array, "*batch 1 1"],
    seen: Float[Array, "*batch 1 1 2"],
    error: Float[Array, "*batch 1 1 2"],
    gas: Float[Array, "*batch 1 1"],
    gas_error: Float[Array, "*batch 1 1"],
) -> Float[Array, "*batch 3 7"]:
    """Logarithm of the density of what was measured, for each way, the remnants being named.

    With x = A d + noise, d ~ N(0, diag(s1^2, s2^2)) and A = [[1, 0], [0, 1], [-1, -1]]: the density
    of the remnants times that of the unbound mass given the remnants, which needs no matrix.
    """
    weighed = jnp.isfinite(error) & (np.arange(2) < REMNANTS[:, None])
    weighed &= (n >= 0)[..., None]
    s2 = scale**2
    e2 = jnp.where(weighed, error, 1.0) ** 2 + LEAST_ERROR**2
    v = e2 + s2
    residual = jnp.where(weighed, seen - mass, 0.0)
    remnants = jnp.sum(jnp.where(weighed, _log_normal(residual, v), 0.0), axis=-1)
    # What the remnants tell of the model's error: its mean, and what is left of its variance.
    told = jnp.where(weighed, s2 / v, 0.0)
    mean = unbound - jnp.sum(told * residual, axis=-1)
    left = jnp.sum(s2 * jnp.where(weighed, e2 / v, 1.0), axis=-1)
    measured = jnp.isfinite(gas_error)
    eu2 = jnp.where(measured, gas_error, 1.0) ** 2 + LEAST_ERROR**2
    of_gas = _log_normal(jnp.where(measured, gas - mean, 0.0), eu2 + left)
    return remnants + jnp.where(measured, of_gas, 0.0)


def _column(x: tuple[float, ...]) -> np.ndarray:
    return np.array(x, np.float32)[:, None]


def _log_normal(residual: Array, variance: Array) -> Array:
    return -0.5 * (residual**2 / variance + jnp.log(2.0 * np.pi * variance))


def simulate(
    key: Key[Array, ""],
    predictive: Predictive,
    errors: Sequence[float] | Float[Array, " 3"],
) -> Aftermath:
    """An aftermath of one encounter, drawn from the same law as `log_likelihood`.

    Args:
        key: random key.
        predictive: what the encounter may leave, of one encounter; `jax.vmap` makes them many.
        errors: standard deviations of the measured masses of two remnants and of the unbound mass
            [Msun]; infinite for what is not measured.

    Returns:
        The aftermath, its remnants in a random order.
    """
    key_way, key_law, key_model, key_noise, key_order = jax.random.split(key, 5)
    dtype = predictive.masses.dtype
    errors = jnp.asarray(errors, dtype)
    way = jax.random.categorical(key_way, jnp.log(predictive.probability + LEAST_PROBABILITY))
    mass, scale = (x[way] for x in remnants_of(predictive))
    spread = jnp.asarray(SPREADS, dtype)[jax.random.categorical(key_law, np.log(SHARES))]
    model = scale * spread * jax.random.normal(key_model, (2,), dtype)
    x = jnp.append(mass + model, predictive.masses[way, 2] - model.sum())
    noise = jnp.where(jnp.isfinite(errors), errors, 0.0) * jax.random.normal(key_noise, (3,), dtype)
    x = x + noise
    n = jnp.asarray(REMNANTS)[way]
    swap = (n == 2) & jax.random.bernoulli(key_order)
    masses = jnp.where(swap, x[1::-1], x[:2])
    error = jnp.where(swap, errors[1::-1], errors[:2])
    return Aftermath(n, masses, error, x[2], errors[2])
