"""Pressure and speed of sound of the particles, in code units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jax.numpy as jnp

from surrogate.simulations import eos, units

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float

GAMMA: Final = 5 / 3


def pressure(
    rho: Float[Array, " n"], u: Float[Array, " n"], mu: Float[Array, " n"], radiation: bool
) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """Pressure and speed of sound.

    Args:
        rho: density [code units].
        u: internal energy per mass [code units].
        mu: mean mass of a particle of the gas [g].
        radiation: whether radiation adds to that of the gas.

    Returns:
        P and c [code units]; c^2 = Gamma_1 P / rho.

    Source: Gonzalez Prieto et al. 2026, section 2.3; Gamma_1: Chandrasekhar 1939, chapter 2.
    """
    if not radiation:
        P = (GAMMA - 1) * rho * u
        return P, jnp.sqrt(GAMMA * P / rho)
    density, energy = rho * units.DENSITY, u * units.SPECIFIC_ENERGY
    T = eos.temperature(density, energy, mu)
    P = eos.pressure(density, T, mu) / units.PRESSURE
    share = density * (T / (mu / eos.K_BOLTZMANN)) / (P * units.PRESSURE)  # of the gas
    gamma1 = (32 - 24 * share - 3 * share**2) / (24 - 21 * share)
    return P, jnp.sqrt(gamma1 * P / rho)
