"""Parametrised expansions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.network.gas import density_of
from surrogate.enrichment.network.run import History

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    Real = Float[Array, ""] | float

STEPS: Final = 360
FIRST: Final = 1e-5
LAST: Final = 1e4
"""First and last time of a run [s], with `STEPS` steps that grow in proportion to time."""


class Expansion(NamedTuple):
    """A parcel of gas that expands: rho falls exponentially, then as t^-3."""

    y_e: Real
    """Protons per baryon."""
    s: Real
    """Entropy [k per baryon] at `t9`."""
    tau: Real
    """Expansion time [s]."""
    t9: Real = 6.0
    """Temperature at the start [GK], in nuclear statistical equilibrium."""
    heating: Real = 0.5
    """Share of the nuclear energy that heats the gas."""


def times(steps: int = STEPS, first: float = FIRST, last: float = LAST) -> Float[np.ndarray, " t"]:
    """Ends of the steps of a run [s], equally spaced in the logarithm."""
    return np.geomspace(first, last, steps)


def density(t: Float[Array, " t"], rho_start: Float[Array, ""], tau: Real) -> Float[Array, " t"]:
    """Density of a homologous expansion that starts exponentially.

    rho = rho_0 exp(-t / tau) until 3 tau, rho_0 (3 tau / (e t))^3 after.

    Args:
        t: since the start [s].
        rho_start: rho_0 [g/cm^3].
        tau: [s].

    Source: Lippuner & Roberts (2015, ApJ 815, 82), equation 1.
    """
    late = t > 3.0 * tau
    t_late = jnp.where(late, t, 3.0 * tau)
    return rho_start * jnp.where(
        late, (3.0 * tau / (jnp.e * t_late)) ** 3, jnp.exp(-jnp.where(late, 0.0, t) / tau)
    )


def history(
    expansion: Expansion, t: Float[Array, " t"] | Float[np.ndarray, " t"] | None = None
) -> History:
    """Density and the rest of an expansion.

    Args:
        expansion: its parameters.
        t: ends of the steps [s]; those of `times` where left out.
    """
    t = jnp.asarray(times() if t is None else t)
    y_e, s, tau, t9, heating = (jnp.asarray(x, t.dtype) for x in expansion)
    rho_start = density_of(s, t9, y_e)
    return History(t, density(t, rho_start, tau), rho_start, t9, heating)
