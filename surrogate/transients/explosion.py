"""The explosion itself, before anything is accreted: the gas of the collision cools as it flies.

Most of it is over within days (Hu & Loeb 2024b); it comes before the accretion flare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

    Real = Array | float

BETA: Final = 13.8
"""Arnett's integral for a uniform density, 4 pi^3 / 9."""
_MSUN: Final = 1.98841e33
_RSUN: Final = 6.957e10
_C: Final = 2.99792458e10
_DAY: Final = 86400.0


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Explosion:
    """Hot gas that expands freely.

    Attributes:
        ejecta: its mass [Msun].
        energy: kinetic energy [1e50 erg]; the heat at the start is as much.
        radius: at the start [Rsun].
        opacity: [cm^2/g]; electrons of ionised solar gas.
    """

    ejecta: Real = 0.1
    energy: Real = 1.0
    radius: Real = 1.0
    opacity: Real = 0.34

    def speed(self) -> Float[Array, ""]:
        """Speed of the surface of a uniform sphere [cm/s]: E = (3 / 10) M v^2."""
        return jnp.sqrt(10.0 / 3.0 * self.energy * (1e50 / _MSUN) / self.ejecta)

    def luminosity(self, t: ArrayLike) -> Float[Array, ...]:
        """Light curve, the radiative-zero solution.

        Args:
            t: time since the collision [days, rest frame], any shape.

        Returns:
            L [1e44 erg/s], 0 before the collision.

        Source: Arnett (1980), equations 17 to 22, (1996), chapter 13, without radioactivity.
        """
        t = jnp.asarray(t)
        R0 = self.radius * _RSUN
        hydrodynamic = R0 / self.speed() / _DAY
        diffusion = self.opacity * self.ejecta * (_MSUN / (BETA * _C * _DAY)) / R0
        after = jnp.maximum(t, 0.0)
        phi = jnp.exp(-(after / diffusion) * (1.0 + after / (2.0 * hydrodynamic)))
        light = self.energy * (1e50 / 1e44 / _DAY) / diffusion
        return jnp.where(t >= 0.0, light * phi, 0.0)
