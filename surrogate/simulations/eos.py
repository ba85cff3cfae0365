"""Equation of state of the simulations: ideal gas plus radiation, cgs.

    u = 3/2 k T / mu + a T^4 / rho,    P = rho k T / mu + a T^4 / 3

(Gonzalez Prieto et al. 2026, section 2.3), with mu the mean mass of a particle in grams. Every
function works on one point and, as arguments broadcast, on arrays; all of them can be jitted,
vmapped and differentiated, and keep float32 in its range.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp

from surrogate.collisions.splines import floating

if TYPE_CHECKING:
    from jax import Array
    from jax.typing import ArrayLike
    from jaxtyping import Float

K_BOLTZMANN: Final = 1.380658e-16
"""Boltzmann's constant k [erg / K]: CODATA 1986, as in StarSmasher."""
PLANCK: Final = 6.6260755e-27
"""Planck's constant h [erg s]: CODATA 1986, as in StarSmasher."""
SPEED_OF_LIGHT: Final = 2.99792458e10
"""Speed of light c [cm / s]."""
A_RADIATION: Final = 8 * math.pi**5 * K_BOLTZMANN**4 / (15 * (PLANCK * SPEED_OF_LIGHT) ** 3)
"""Radiation constant a [erg / (cm^3 K^4)]: 7.56591e-15."""

_ROOT_A: Final = A_RADIATION**0.25
# Beyond this range of c one term is below the rounding of the other, and c^2 would overflow float32
_C_RANGE: Final = (1e-8, 1e8)
_NEWTON_STEPS: Final = 2


@jax.jit
def temperature(rho: ArrayLike, u: ArrayLike, mu: ArrayLike) -> Float[Array, ...]:
    """Temperature of matter of given internal energy.

    Solves u = 3/2 k T / mu + a T^4 / rho (Gonzalez Prieto et al. 2026, section 2.3).

    Args:
        rho: density [g / cm^3], any shape.
        u: internal energy per mass [erg / g], broadcasts.
        mu: mean mass of a particle [g], broadcasts.

    Returns:
        T [K], the broadcast shape; NaN where an argument is not positive.
    """
    rho, u, mu = floating(rho, u, mu)
    rho, u, mu, valid = _positive(rho, u, mu)
    T_rad = _fourth_root(rho) * _fourth_root(u) / _ROOT_A
    T_gas = u * (mu / K_BOLTZMANN) * (2 / 3)
    return jnp.where(valid, T_rad * _scaled_root(T_rad / T_gas), jnp.nan)


@jax.jit
def temperature_from_pressure(rho: ArrayLike, P: ArrayLike, mu: ArrayLike) -> Float[Array, ...]:
    """Temperature of matter of given pressure.

    Solves P = rho k T / mu + a T^4 / 3 (Gonzalez Prieto et al. 2026, section 2.3).

    Args:
        rho: density [g / cm^3], any shape.
        P: pressure [erg / cm^3], broadcasts.
        mu: mean mass of a particle [g], broadcasts.

    Returns:
        T [K], the broadcast shape; NaN where an argument is not positive.
    """
    rho, P, mu = floating(rho, P, mu)
    rho, P, mu, valid = _positive(rho, P, mu)
    T_rad = _fourth_root(P) * (3**0.25 / _ROOT_A)
    T_gas = P / rho * (mu / K_BOLTZMANN)
    return jnp.where(valid, T_rad * _scaled_root(T_rad / T_gas), jnp.nan)


@jax.jit
def pressure(rho: ArrayLike, T: ArrayLike, mu: ArrayLike) -> Float[Array, ...]:
    """Pressure P = rho k T / mu + a T^4 / 3 (Gonzalez Prieto et al. 2026, section 2.3).

    Args:
        rho: density [g / cm^3], any shape.
        T: temperature [K], broadcasts.
        mu: mean mass of a particle [g], broadcasts.

    Returns:
        P [erg / cm^3], the broadcast shape.
    """
    rho, T, mu = floating(rho, T, mu)
    return rho * (T / (mu / K_BOLTZMANN)) + (T * _ROOT_A) ** 4 / 3


@jax.jit
def internal_energy(rho: ArrayLike, T: ArrayLike, mu: ArrayLike) -> Float[Array, ...]:
    """Internal energy u = 3/2 k T / mu + a T^4 / rho (Gonzalez Prieto et al. 2026, section 2.3).

    Args:
        rho: density [g / cm^3], any shape.
        T: temperature [K], broadcasts.
        mu: mean mass of a particle [g], broadcasts.

    Returns:
        u per mass [erg / g], the broadcast shape.
    """
    rho, T, mu = floating(rho, T, mu)
    return 1.5 * T / (mu / K_BOLTZMANN) + (T * _ROOT_A) ** 4 / rho


def _scaled_root(c: Float[Array, ...]) -> Float[Array, ...]:
    """Solve z^4 + c z = 1 for z > 0, where c > 0; z = T / T_rad and c = T_rad / T_gas.

    T_gas and T_rad are the temperatures that gas alone and radiation alone would have. Ferrari's
    method needs one root y > 0 of the cubic y^3 + y = c^2 / 8. Since (c^2 / 8 y) = y^2 + 1, the
    quadratic z^2 + b z = d that is left has b = sqrt(2 y) and d = sqrt(y^2 + 1) - y, which
    `_ferrari` writes without a difference of nearly equal numbers. (Lombardi et al. 2006 solve
    the same quartic, unscaled.)
    """
    z = jax.lax.stop_gradient(_ferrari(jnp.clip(c, *_C_RANGE)))
    # Newton's steps polish the root and carry its derivatives, which Ferrari's square roots and
    # the clipping would spoil at both ends of the range.
    for _ in range(_NEWTON_STEPS):
        z = (1 + 3 * z**4) / (4 * z**3 + c)
    return z


def _ferrari(c: Float[Array, ...]) -> Float[Array, ...]:
    y = 2 / 3**0.5 * jnp.sinh(jnp.arcsinh(27**0.5 / 16 * c**2) / 3)
    b = jnp.sqrt(2 * y)
    d = 1 / (y + jnp.sqrt(1 + y**2))
    return 2 * d / (b + jnp.sqrt(2 * y + 4 * d))


def _fourth_root(x: Float[Array, ...]) -> Float[Array, ...]:
    return jnp.sqrt(jnp.sqrt(x))


def _positive(*arguments: Array) -> tuple[Array, ...]:
    """Replace what is not positive by 1, so that no gradient is NaN; the mask comes last."""
    valid = arguments[0] > 0
    for x in arguments[1:]:
        valid = valid & (x > 0)
    return *(jnp.where(valid, x, 1.0) for x in arguments), valid
