"""The fourth-order Hermite scheme, with a time step that all bodies share.

Source: Makino & Aarseth (1992); the corrector in the form of Hut, Makino & McMillan (1995).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp

from surrogate.nbody.compensated import TwoWords, add

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.nbody.forces import Field

    Real = Array | float


def time_step(largest: Real, accuracy: Real | None, rate2: Float[Array, " n"]) -> Float[Array, ""]:
    """Step that resolves the closest pair.

    Args:
        largest: the largest step allowed [Rsun / (km/s)].
        accuracy: the step in units of 1 / rate; None takes the largest step always.
        rate2: square of the fastest rate of each body's pairs.

    Returns:
        The step [Rsun / (km/s)].
    """
    if accuracy is None:
        return jnp.asarray(largest)
    fastest = jnp.max(rate2)
    some = fastest > 0.0
    return jnp.where(
        some, jnp.minimum(largest, accuracy / jnp.sqrt(jnp.where(some, fastest, 1.0))), largest
    )


def predict(x: TwoWords, v: TwoWords, field: Field, dt: Real) -> tuple[TwoWords, TwoWords]:
    """Positions and velocities after a step, by their Taylor series.

    Args:
        x: positions, (n, 3) [Rsun].
        v: velocities, (n, 3) [km/s].
        field: accelerations and jerks.
        dt: the step [Rsun / (km/s)].

    Returns:
        Positions and velocities.
    """
    a, j = field.a, field.j
    return (
        add(x, v.value * dt + a * (dt**2 / 2.0) + j * (dt**3 / 6.0)),
        add(v, a * dt + j * (dt**2 / 2.0)),
    )


def correct(
    x: TwoWords, v: TwoWords, before: Field, after: Field, dt: Real
) -> tuple[TwoWords, TwoWords]:
    """Positions and velocities after a step, by the forces at both of its ends.

    Args:
        x: positions at its beginning, (n, 3) [Rsun].
        v: velocities at its beginning, (n, 3) [km/s].
        before: accelerations and jerks at its beginning.
        after: the same at the predicted positions.
        dt: the step [Rsun / (km/s)].

    Returns:
        Positions and velocities.
    """
    da, dj = after.a - before.a, after.j - before.j
    dv = (before.a + after.a) * (dt / 2.0) - dj * (dt**2 / 12.0)
    mean = v.value + dv / 2.0
    return add(x, mean * dt - da * (dt**2 / 12.0)), add(v, dv)
