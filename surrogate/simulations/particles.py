"""Fluid particles at one moment, of whatever code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float
    from numpy import ndarray


class Particles(NamedTuple):
    """Fluid particles, every quantity at the same time, in units of G = Msun = Rsun = 1.

    Those of star 1 stand before those of star 2, and keep their places from snapshot to snapshot.
    """

    m: Float[Array | ndarray, " n"]
    """Mass."""
    x: Float[Array | ndarray, "n 3"]
    """Position."""
    v: Float[Array | ndarray, "n 3"]
    """Velocity."""
    u: Float[Array | ndarray, " n"]
    """Internal energy per mass."""
    rho: Float[Array | ndarray, " n"]
    """Density."""
    h: Float[Array | ndarray, " n"]
    """Smoothing length; the kernel ends at 2 h."""
    phi: Float[Array | ndarray, " n"]
    """Gravitational potential."""
