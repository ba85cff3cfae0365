"""A density cusp of stars around a massive black hole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from surrogate.cluster.units import G_PC

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

    Real = Array | float


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Cusp:
    """Stars of density rho = rho0 (r / r0)^-gamma around a black hole; distances in pc.

    The defaults are the Milky Way's: 1.35e6 Msun/pc^3 at 0.25 pc (Genzel et al. 2010), with the
    slope of a relaxed cusp (Bahcall & Wolf 1976), as in the collision studies of Rose et al.
    (2022, 2023).

    Attributes:
        black_hole: its mass [Msun].
        rho0: mass density of the stars at `r0` [Msun/pc^3].
        r0: [pc].
        gamma: slope of the density, 1 < gamma < 3.
        r_min: distance of the innermost star from the black hole [pc].
        r_max: distance of the outermost star [pc].
    """

    black_hole: Real = 4.0e6
    rho0: Real = 1.35e6
    r0: Real = 0.25
    gamma: Real = 1.75
    r_min: Real = 1.0e-3
    r_max: Real = 1.0

    def density(self, r: ArrayLike) -> Float[Array, ...]:
        """Mass density of the stars.

        Args:
            r: distance from the black hole [pc], any shape.

        Returns:
            rho [Msun/pc^3], of that shape.
        """
        return self.rho0 * (jnp.asarray(r) / self.r0) ** -self.gamma

    def enclosed_mass(self, r: ArrayLike) -> Float[Array, ...]:
        """Mass of the stars within r, of a cusp that goes on to the black hole.

        Args:
            r: distance from the black hole [pc], any shape.

        Returns:
            M*(<r) = 4 pi rho(r) r^3 / (3 - gamma) [Msun], of that shape.
        """
        r = jnp.asarray(r)
        return 4.0 * jnp.pi * self.density(r) * r**3 / (3.0 - self.gamma)

    def stellar_mass(self) -> Float[Array, ""]:
        """Mass of the stars between `r_min` and `r_max` [Msun]."""
        return self.enclosed_mass(self.r_max) - self.enclosed_mass(self.r_min)

    def dispersion(self, r: ArrayLike) -> Float[Array, ...]:
        """Velocity dispersion in one dimension, isotropic, from the black hole and the cusp.

        The Jeans equation d(rho sigma^2)/dr = -rho G M(<r) / r^2 with rho ~ r^-gamma out to
        infinity: M = black hole gives an integral of r^-(gamma + 2), M = M*(<r) ~ r^(3 - gamma)
        one of r^(1 - 2 gamma), which needs gamma > 1.

        Args:
            r: distance from the black hole [pc], any shape.

        Returns:
            sigma [km/s], of that shape.
        """
        r = jnp.asarray(r)
        hole = G_PC * self.black_hole / (r * (1.0 + self.gamma))
        stars = G_PC * self.enclosed_mass(r) / (r * (2.0 * self.gamma - 2.0))
        return jnp.sqrt(hole + stars)

    def quantile(self, u: ArrayLike) -> Float[Array, ...]:
        """Distance within which a fraction of the stars from `r_min` to `r_max` lies.

        Args:
            u: fraction, 0 to 1, any shape.

        Returns:
            r [pc], of that shape; differentiable in `u` and in the attributes.
        """
        e = 3.0 - self.gamma
        inner = (self.r_min / jnp.asarray(self.r_max)) ** e
        return jnp.asarray(self.r_max) * (inner + jnp.asarray(u) * (1.0 - inner)) ** (1.0 / e)

    def sample(self, key: Array, shape: tuple[int, ...]) -> Float[Array, ...]:
        """Draw distances of stars from the black hole.

        Args:
            key: a random key.
            shape: how many.

        Returns:
            r [pc], of `shape`.
        """
        return self.quantile(jax.random.uniform(key, shape))
