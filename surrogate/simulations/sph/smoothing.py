"""Smoothing lengths: every particle has as many neighbours as every other.

    h_i^3 n_i = const,    n_i = sum_j W(r_ij, h_i)

Numbers are counted, not mass (Gaburov et al. 2010, appendix A): when stars mix whose particles
differ in mass, m_i / rho_i would leave light particles among heavy ones without neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp

from surrogate.simulations.sph import kernel
from surrogate.simulations.sph.pairs import Place, pair_sum

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float

MOST: Final = 50
"""Newton steps at most; a warm start takes two."""
_FACTOR: Final = 1.5
"""By how much a step may change h."""


def tolerance(dtype: jnp.dtype) -> float:
    """Relative error allowed to h: 1e-10 in float64."""
    return 1e-10 if dtype == jnp.float64 else 3e-6


def smoothing_lengths(
    m: Float[Array, " n"], x: Float[Array, "n 3"], h: Float[Array, " n"], number: float
) -> Float[Array, " n"]:
    """Solve h^3 sum_j W(r_ij, h) = number for all particles by Newton's method.

    Args:
        m: masses; particles of no mass are not counted.
        x: positions.
        h: a guess.
        number: h^3 n; more than the kernel's own w(0) = 0.62.

    Returns:
        h, to 1e-10 in float64 and to 3e-6 in float32.
    """

    def look(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        h, _, count = carry
        place = Place(m, x[:, 0], x[:, 1], x[:, 2], h)
        found, by_ln_h = pair_sum(_count, place, reach=kernel.SUPPORT * h)
        # A particle alone has no slope: its h grows by the largest step until it finds others.
        step = (number - found) / jnp.maximum(by_ln_h, 1e-6 * number)
        step = jnp.clip(step, 1 / _FACTOR - 1, _FACTOR - 1)
        change = jnp.max(jnp.where(m > 0, jnp.abs(step), 0.0))
        return h * (1 + step), change, count + 1

    def unsolved(carry: tuple[Array, Array, Array]) -> Array:
        _, change, count = carry
        # Newton's error after a step is about the square of the step.
        return (change > tolerance(h.dtype) ** 0.5 / 3) & (count < MOST)

    start = (h, jnp.asarray(jnp.inf, h.dtype), jnp.asarray(0))
    return jax.lax.while_loop(unsolved, look, start)[0]


def _count(i: Place, j: Place) -> tuple[Array, Array]:
    """The terms of h^3 n and of its derivative by ln h."""
    dx, dy, dz = i.x - j.x, i.y - j.y, i.z - j.z
    q = jnp.sqrt(dx * dx + dy * dy + dz * dz) / i.h
    there = j.m > 0
    return jnp.where(there, kernel.w(q), 0.0), jnp.where(there, -kernel.slope(q) * q * q, 0.0)
