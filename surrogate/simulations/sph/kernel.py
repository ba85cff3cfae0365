"""The Wendland C4 kernel, and the gravity of matter spread by it.

Everything is dimensionless, a function of q = r / h; the kernel ends at q = 2:

    W = w(q) / h^3,    dW/dr = q slope(q) / h^4,    phi = potential(q) / h

with phi the potential of a unit mass spread by W: Poisson's equation with 4 pi W on its right side
(Price & Monaghan 2007, section 3.1). Beyond q = 2 a spread mass acts like a point.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import jax.numpy as jnp

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float

SUPPORT: Final = 2.0
"""Where the kernel ends [h]."""
CENTRE: Final = 495 / (256 * math.pi)
"""w(0)."""
_SLOPE: Final = 1155 / (128 * math.pi)
_PULL: Final = (
    165 / 64,
    0.0,
    -231 / 64,
    0.0,
    2475 / 512,
    -1155 / 256,
    1925 / 1024,
    -99 / 256,
    525 / 16384,
)
_POTENTIAL: Final = (
    -55 / 32,
    0.0,
    165 / 128,
    0.0,
    -231 / 256,
    0.0,
    825 / 1024,
    -165 / 256,
    1925 / 8192,
    -11 / 256,
    105 / 32768,
)


def w(q: Float[Array, ...]) -> Float[Array, ...]:
    """The kernel W h^3 (Wendland 1995)."""
    t = _inside(q)
    return CENTRE * (t * t * t) ** 2 * ((35 / 12 * q + 3) * q + 1)


def slope(q: Float[Array, ...]) -> Float[Array, ...]:
    """Its slope over q, w'(q) / q, which is finite at q = 0: gradients are this times a vector."""
    t = _inside(q)
    return -_SLOPE * (t * t) ** 2 * t * (2.5 * q + 1)


def pull(q: Float[Array, ...]) -> Float[Array, ...]:
    """The mass within q over q^3, for q <= 2: the acceleration is -pull(q) x / h^3."""
    return _polynomial(_PULL, q)


def potential(q: Float[Array, ...]) -> Float[Array, ...]:
    """The potential phi h of a unit mass, -1 / q beyond the kernel."""
    return jnp.where(q < SUPPORT, _polynomial(_POTENTIAL, q), -1 / jnp.maximum(q, SUPPORT))


def potential_by_h(q: Float[Array, ...]) -> Float[Array, ...]:
    """The derivative of the potential by the smoothing length, dphi/dh h^2."""
    t = _inside(q)
    return 55 / 256 * (t * t * t) ** 2 * t * (3 * q + 2) * ((7 * q + 8) * q + 4)


def _inside(q: Float[Array, ...]) -> Float[Array, ...]:
    return jnp.maximum(1 - 0.5 * q, 0.0)


def _polynomial(coefficients: tuple[float, ...], q: Float[Array, ...]) -> Float[Array, ...]:
    value = jnp.full_like(q, coefficients[-1])
    for c in coefficients[-2::-1]:
        value = value * q + c
    return value
