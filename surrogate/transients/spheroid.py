"""The stars around the black hole, and how fast they meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp

from surrogate.transients.cosmology import C, gauss_legendre

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float, Key

    Real = Array | float

G_PC: Final = 4.30091e-3
"""Gravitational constant [pc (km/s)^2 / Msun]."""
SCHWARZSCHILD_PC: Final = 2.0 * G_PC / C**2
"""Schwarzschild radius of a solar mass [pc]."""
_NODES: Final = 48


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Spheroid:
    """A stellar spheroid of the eta family, of a size that goes with its black hole.

    rho = eta / (4 pi) M_sph r_s / (r^(3 - eta) (r_s + r)^(1 + eta)) (Tremaine et al. 1994), of
    which eta = 2 is Hernquist's (1990). Which M_sph and r_s belong to a black hole is not written
    in the paper; the defaults are the relations of Kormendy & Ho (2013), equations 10 and 7, and
    Hernquist's model: they matter beyond the black hole's sphere of influence only.

    Attributes:
        eta: 1 to 3; the inner slope of the density is 3 - eta.
        mass_per_1e9: M_sph / 1e11 Msun of a black hole of 1e9 Msun.
        mass_slope: d ln(M_sph) / d ln(M).
        sigma_per_1e9: velocity dispersion of the spheroid of a black hole of 1e9 Msun [km/s].
        sigma_slope: d ln(sigma) / d ln(M).
        compactness: sigma^2 r_s / (G M_sph); Hernquist's central dispersion is 0.1.
    """

    eta: Real = 2.0
    mass_per_1e9: Real = 1.84
    mass_slope: Real = 0.855
    sigma_per_1e9: Real = 261.0
    sigma_slope: Real = 0.228
    compactness: Real = 0.1

    def mass(self, black_hole: ArrayLike) -> Float[Array, ...]:
        """M_sph [Msun] of a black hole [Msun], any shape."""
        return 1e11 * self.mass_per_1e9 * (jnp.asarray(black_hole) / 1e9) ** self.mass_slope

    def scale(self, black_hole: ArrayLike) -> Float[Array, ...]:
        """r_s [pc] of a black hole [Msun], any shape."""
        sigma = self.sigma_per_1e9 * (jnp.asarray(black_hole) / 1e9) ** self.sigma_slope
        return self.compactness * G_PC * self.mass(black_hole) / sigma**2

    def dispersion(self, black_hole: ArrayLike, r_init: ArrayLike) -> Float[Array, ...]:
        """One-dimensional velocity dispersion of isotropic stars.

        Args:
            black_hole: its mass [Msun]; shapes broadcast.
            r_init: distance from it [Schwarzschild radii].

        Returns:
            sigma in units of the speed sqrt(G M / r) of a circular orbit around the black hole.

        Source: the Jeans equation, d(rho sigma^2)/dr = -rho G (M + M_sph(<r)) / r^2, integrated
        over u = r / r'.
        """
        black_hole, r_init = jnp.asarray(black_hole), jnp.asarray(r_init)
        s = (r_init * SCHWARZSCHILD_PC * black_hole / self.scale(black_hole))[..., None]
        ratio = (self.mass(black_hole) / black_hole)[..., None]
        u, weight = gauss_legendre(_NODES)
        enclosed = 1.0 + ratio * (s / (s + u)) ** self.eta
        density = u**4 * ((1.0 + s) / (s + u)) ** (1.0 + self.eta)
        return jnp.sqrt(jnp.sum(weight * density * enclosed, axis=-1))


def relative_speed(sigma: ArrayLike, key: Key[Array, ""] | None = None) -> Float[Array, ...]:
    """Speed at which two stars meet, from the Maxwellian of dispersion sqrt(2) sigma.

    Args:
        sigma: one-dimensional dispersion of the stars, any unit and shape.
        key: random key of draws; the mean speed where it is left out.

    Returns:
        The speed in the unit of sigma, of its shape.
    """
    sigma = jnp.asarray(sigma)
    if key is None:
        return 4.0 / jnp.sqrt(jnp.pi) * sigma
    normal = jax.random.normal(key, (*sigma.shape, 3), sigma.dtype)
    return jnp.sqrt(2.0) * sigma * jnp.linalg.norm(normal, axis=-1)
