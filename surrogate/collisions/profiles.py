"""Mass profiles of the stars of an encounter, also of stars whose radii the user gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax.numpy as jnp

from surrogate.collisions.contact import HALF
from surrogate.collisions.structure import main_sequence

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float

    from surrogate.collisions.structure import StellarModel

Optional = Any
"""An array, or None where the user gives none."""


def mass_profile(
    stars: StellarModel, mass: Array, age: Array, radius: Array, half_mass_radius: Optional = None
) -> Float[Array, "... 14"]:
    """Radii r(f) that enclose the `MASS_FRACTIONS` of a star of known size.

    The main-sequence profile of that mass and age, scaled to the radius; where the half-mass
    radius is known too, stretched by the power law r -> R (r/R)^b that meets it.

    Args:
        stars: gives profiles if it has `enclosed_radii`; the shipped table does where not.
        mass: [Msun].
        age: [Gyr].
        radius: [Rsun].
        half_mass_radius: [Rsun], smaller than `radius`.

    Returns:
        r(f) [Rsun], increasing from 0 to `radius`.
    """
    r = _source(stars, "enclosed_radii").enclosed_radii(mass, age)
    return _stretch(r / r[..., -1:], r[..., HALF] / r[..., -1], radius, half_mass_radius)


def core_profile(
    stars: StellarModel, mass: Array, age: Array, radius: Array, half_mass_radius: Optional = None
) -> Float[Array, "... 2"]:
    """Radii [Rsun] that enclose 10 and 50 per cent of the mass; otherwise as `mass_profile`."""
    source = _source(stars, "core_radii")
    r, whole = source.core_radii(mass, age), source.radius(mass, age)
    return _stretch(r / whole[..., None], r[..., 1] / whole, radius, half_mass_radius)


def _source(stars: StellarModel, method: str) -> Any:
    return stars if hasattr(stars, method) else main_sequence()


def _stretch(
    x: Float[Array, "... shells"], half: Array, radius: Array, half_mass_radius: Optional
) -> Float[Array, "... shells"]:
    """Shells [Rsun] from their share x of the radius; `half` is that of the half-mass shell."""
    if half_mass_radius is not None:
        b = jnp.log(half_mass_radius / radius) / jnp.log(half)
        # The centre stays in the centre.
        inner = jnp.where(x > 0, x, 1.0)
        x = jnp.where(x > 0, jnp.exp(b[..., None] * jnp.log(inner)), 0.0)
    return radius[..., None] * x
