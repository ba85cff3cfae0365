"""Distances in a flat universe with the parameters of Planck 2018."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jax.numpy as jnp
import numpy as np

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

C: Final = 299_792.458
"""Speed of light [km/s]."""
H0: Final = 67.66
"""Hubble constant [km/s/Mpc]: Planck Collaboration VI (2020), table 2, last column."""
OMEGA_M: Final = 0.30966 + 0.00141
"""Baryons and dark matter, and a neutrino of 0.06 eV, which is slow below z = 100."""
OMEGA_R: Final = 7.86e-5
"""Photons and two massless neutrinos."""
_NODES: Final = 24


def luminosity_distance(z: ArrayLike) -> Float[Array, ...]:
    """Luminosity distance.

    Args:
        z: redshift, any shape, up to about 10.

    Returns:
        (1 + z) c int_0^z dz' / H(z') [Mpc], of that shape.

    Source: Hogg (1999), equations 14, 15 and 21, with H0, Omega of Planck Collaboration VI (2020).
    """
    z = jnp.asarray(z)
    x, w = gauss_legendre(_NODES)
    a = 1.0 + z[..., None] * x
    omega_l = 1.0 - OMEGA_M - OMEGA_R
    E = jnp.sqrt(OMEGA_M * a**3 + OMEGA_R * a**4 + omega_l)  # (14)
    return (1.0 + z) * (C / H0) * z * jnp.sum(w / E, axis=-1)  # (15), (21)


def gauss_legendre(n: int) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Nodes and weights on [0, 1]; exact for polynomials up to degree 2 n - 1."""
    # New arrays each time: JAX 0.10 knows them by their identity, and what was single precision
    # in one program would stay so in another.
    x, w = np.polynomial.legendre.leggauss(n)
    return (x + 1.0) / 2.0, w / 2.0
