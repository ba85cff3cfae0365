"""Two-body orbits, in units of G = Msun = Rsun = 1.

Functions are written for one pair, at the precision of what they are given; `jax.vmap` makes them
many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import jax.numpy as jnp

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

SMALL: Final = 0.1
"""Below this value of z the series of `_arcs` are used: there the closed forms cancel."""
TERMS: Final = 18
"""Terms of the series: the first one left out is below 1e-18 at z = `SMALL`."""


class Elements(NamedTuple):
    """Elements of the orbit of two point masses."""

    energy: Float[Array, ""]
    """Orbital energy, mu v^2 / 2 - m1 m2 / d; negative where the two are bound."""
    angular_momentum: Float[Array, " 3"]
    """Orbital angular momentum, mu x * v."""
    semimajor_axis: Float[Array, ""]
    """Semimajor axis; negative for a hyperbola, infinite for a parabola."""
    eccentricity: Float[Array, ""]
    """Eccentricity."""
    pericentre: Float[Array, ""]
    """Smallest distance of the orbit."""
    speed_at_infinity: Float[Array, ""]
    """Relative speed at infinity; NaN where the two are bound."""
    to_pericentre: Float[Array, " 3"]
    """Laplace-Runge-Lenz vector: as long as the eccentricity, and towards the pericentre of x."""


def two_body(x: ArrayLike, v: ArrayLike, m1: ArrayLike, m2: ArrayLike) -> Elements:
    """Elements of the orbit of two point masses.

    Args:
        x: position of one relative to the other, (3,) [Rsun]; not zero.
        v: its velocity relative to the other, (3,) [code units].
        m1: mass of one [Msun], > 0.
        m2: mass of the other [Msun], > 0.

    Returns:
        The elements, in code units. The eccentricity comes from the Laplace-Runge-Lenz vector and
        the pericentre from h^2 / (M (1 + e)), which stay accurate for circles and parabolas.
    """
    x, v, m1, m2 = jnp.asarray(x), jnp.asarray(v), jnp.asarray(m1), jnp.asarray(m2)
    total = m1 + m2
    mu = m1 * m2 / total
    distance = jnp.sqrt(jnp.sum(x**2))
    energy = jnp.sum(v**2) / 2.0 - total / distance
    h = jnp.cross(x, v)
    to_pericentre = jnp.cross(v, h) / total - x / distance
    e = jnp.sqrt(jnp.sum(to_pericentre**2))
    bound = energy < 0.0
    return Elements(
        energy=mu * energy,
        angular_momentum=mu * h,
        semimajor_axis=-total / (2.0 * energy),
        eccentricity=e,
        pericentre=jnp.sum(h**2) / (total * (1.0 + e)),
        speed_at_infinity=jnp.where(bound, jnp.nan, jnp.sqrt(jnp.where(bound, 1.0, 2.0 * energy))),
        to_pericentre=to_pericentre,
    )


def time_to_pericentre(
    separation: ArrayLike, rp: ArrayLike, vinf2: ArrayLike, mass: ArrayLike
) -> Float[Array, ...]:
    """Time that two point masses need from a separation to pericentre, or back.

    With s^2 = r - rp the radial motion r'^2 = vinf2 + 2 M / r - h^2 / r^2 becomes the integral

        t = int_0^S 2 (rp + s^2) / sqrt(A + vinf2 s^2) ds,  A = 2 M + 2 vinf2 rp,

    which has no singularity at pericentre, for a head-on orbit, or for a parabola. On an ellipse
    it is the time between pericentre and the nearer passage of that separation. Arguments broadcast
    against each other.

    Args:
        separation: distance at the start [Rsun], at least `rp`.
        rp: pericentre distance [Rsun], >= 0.
        vinf2: relative speed at infinity, squared, which is twice the orbital energy of unit
            reduced mass and negative where the two are bound [code units].
        mass: mass of both together [Msun], > 0.

    Returns:
        The time [code units]; NaN where an argument is out of its range, or the separation beyond
        the apocentre.
    """
    separation, rp = jnp.asarray(separation), jnp.asarray(rp)
    vinf2, mass = jnp.asarray(vinf2), jnp.asarray(mass)
    a, s2 = 2.0 * mass + 2.0 * vinf2 * rp, separation - rp
    inside = a + vinf2 * s2 >= 0.0  # the apocentre
    valid = (s2 >= 0.0) & (rp >= 0.0) & (mass > 0.0) & inside
    away = valid & (s2 > 0.0) & (a > 0.0)
    s2, a = jnp.where(away, s2, 1.0), jnp.where(away, a, 1.0)
    zeroth, second = _arcs(jnp.where(away, vinf2, 0.0) * s2 / a)
    time = 2.0 * jnp.sqrt(s2 / a) * (rp * zeroth + s2 * second)
    return jnp.where(away, time, jnp.where(valid, 0.0, jnp.nan))


def _arcs(z: Float[Array, ...]) -> tuple[Float[Array, ...], Float[Array, ...]]:
    """Integrals of 1 / sqrt(1 + z y^2) and of y^2 / sqrt(1 + z y^2) over y from 0 to 1; z > -1."""
    small = jnp.abs(z) < SMALL
    low = jnp.where(small, z, 0.0)
    coefficient, series0, series2 = 1.0, [], []
    for k in range(TERMS):
        series0.append(coefficient / (2 * k + 1))
        series2.append(coefficient / (2 * k + 3))
        coefficient *= -(2 * k + 1) / (2 * k + 2)  # binomial(-1/2, k + 1)
    size = jnp.where(small, 0.5, jnp.abs(z))
    closed = [jnp.where(z < 0.0, *pair) for pair in zip(_sine(size), _sinh(size), strict=True)]
    return (
        jnp.where(small, _polynomial(series0, low), closed[0]),
        jnp.where(small, _polynomial(series2, low), closed[1]),
    )


def _sinh(size: Float[Array, ...]) -> tuple[Float[Array, ...], Float[Array, ...]]:
    """Closed forms of `_arcs` at z = size."""
    root = jnp.sqrt(size)
    angle = jnp.arcsinh(root)
    return angle / root, (root * jnp.sqrt(1.0 + size) - angle) / (2.0 * root**3)


def _sine(size: Float[Array, ...]) -> tuple[Float[Array, ...], Float[Array, ...]]:
    """Closed forms of `_arcs` at z = -size."""
    # At the apocentre, z = -1, the slope is infinite; beyond it nothing is asked.
    size = jnp.minimum(size, 1.0 - jnp.finfo(size.dtype).eps)
    root = jnp.sqrt(size)
    angle = jnp.arcsin(root)
    return angle / root, (angle - root * jnp.sqrt(1.0 - size)) / (2.0 * root**3)


def _polynomial(coefficients: list[float], z: Float[Array, ...]) -> Float[Array, ...]:
    """Sum of coefficients[k] z^k, by Horner's rule."""
    value = jnp.zeros_like(z)
    for c in reversed(coefficients):
        value = value * z + c
    return value
