"""Energy that tides dissipate in a close passage, and whether it captures the stars.

Symbols follow Gonzalez Prieto et al. (2026), section 6. Every function is written for one
encounter and works elementwise on arrays that broadcast against each other.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

import jax.numpy as jnp

from surrogate.constants import G

if TYPE_CHECKING:
    from jax import Array

    Real = Array | float

# log10 T_l = A + B x + C x^2 + D x^3 + E x^4 + F x^5: Portegies Zwart & Meinen (1993), Table 1,
# by polytropic index n and multipole order l.
TIDAL_FITS: Final = {
    (1.5, 2): (-0.397, 1.678, 1.277, -12.42, 9.446, -5.550),
    (1.5, 3): (-0.909, 1.574, 12.37, -57.40, 80.10, -46.43),
    (3.0, 2): (-1.124, 0.877, -13.37, 21.55, -16.48, 4.124),
    (3.0, 3): (-1.703, 2.653, -14.34, 12.85, -0.492, -3.600),
}
T_FLOOR: Final = 1e-5
"""Smallest T_l, as in the published tool."""
ETA_MAX: Final = 10.0
"""Beyond this eta the fits end and tidal dissipation is neglected (section 6)."""
ETA_TAPER: Final = 9.0
"""Where the smooth taper to zero at `ETA_MAX` begins."""


class Cutoff(Enum):
    """How dissipation ends at eta = 10."""

    TAPER = "taper"
    """A smooth step from eta = 9 to eta = 10, so that gradients exist."""
    STEP = "step"
    """A step at eta = 10, as published."""


class Argument(Enum):
    """At what the fits T_l are evaluated."""

    ZETA = "zeta"
    """eta corrected for the eccentricity of the orbit (Mardling & Aarseth 2001)."""
    ETA = "eta"
    """eta itself, as for a parabolic orbit."""


def tidal_t(x: Real, n: float, l: int) -> Array:  # noqa: E741 - the paper's symbol
    """Dimensionless dissipation T_l of a polytrope.

    Args:
        x: eta or zeta, any shape, positive, dimensionless.
        n: polytropic index, 1.5 or 3.
        l: multipole order, 2 or 3.

    Returns:
        T_l >= 1e-5, dimensionless, of the shape of `x`.

    Source: Portegies Zwart & Meinen (1993), Table 1.
    """
    return _tidal_t(jnp.log10(x), n, l)


def _tidal_t(log_x: Real, n: float, l: int) -> Array:  # noqa: E741
    # The fits were made for 1 < x < 10. Below, the quintic explodes: a passage so fast is
    # impulsive, where T_l grows as x^2. Above, dissipation is cut off (see ETA_MAX).
    x = jnp.clip(log_x, 0.0, jnp.log10(ETA_MAX))
    fit = jnp.polyval(jnp.asarray(TIDAL_FITS[n, l][::-1], x.dtype), x)
    log_t = fit + 2.0 * jnp.minimum(log_x, 0.0)
    return 10.0 ** jnp.maximum(log_t, jnp.asarray(jnp.log10(T_FLOOR), x.dtype))


def eta(m1: Real, m2: Real, r1: Real, rp: Real) -> Array:
    """Ratio of the pericentre passage time to the dynamical time of star 1 (paper, Eq. 5).

    Args:
        m1: mass of the star that is raised [Msun].
        m2: mass of its perturber [Msun].
        r1: radius of star 1 [Rsun].
        rp: pericentre [Rsun].

    Returns:
        eta, dimensionless.
    """
    return jnp.sqrt(m1 / (m1 + m2)) * (rp / r1) ** 1.5


def eccentricity(m1: Real, m2: Real, rp: Real, vinf: Real) -> Array:
    """Eccentricity of the hyperbolic orbit of two point masses.

    Args:
        m1: mass of star 1 [Msun].
        m2: mass of star 2 [Msun].
        rp: pericentre [Rsun].
        vinf: relative velocity at infinity [km/s].

    Returns:
        e >= 1, dimensionless.
    """
    return 1.0 + jnp.asarray(rp) * vinf**2 / (G * (m1 + m2))


def zeta(eta: Real, e: Real) -> Array:
    """Eta of the parabolic orbit that raises the same tides as an orbit of eccentricity e.

    Args:
        eta: eta of the orbit, dimensionless.
        e: its eccentricity, dimensionless.

    Returns:
        zeta, dimensionless.

    Source: Mardling & Aarseth (2001), Eqs. A4-A5.
    """
    # Guarded at eta = 2, where the second derivative of |.|^{3/2} is infinite.
    d = jnp.abs((eta - 2.0) / 2.0)
    alpha = 1.0 + 0.5 * jnp.where(d > 1e-4, jnp.where(d > 1e-4, d, 1.0) ** 1.5, 0.0)
    return jnp.asarray(eta) * (2.0 / (1.0 + e)) ** (alpha / 2.0)


def polytrope_weight(m: Real) -> Array:
    """Weight of the n = 3 polytrope in a star's dissipation (paper, Eq. 6).

    Args:
        m: mass [Msun].

    Returns:
        0 below 0.4 Msun (convective), 1 above 0.8 Msun (radiative), linear in between.
    """
    return jnp.clip((jnp.asarray(m) - 0.4) / 0.4, 0.0, 1.0)


def dissipated_energy(
    m1: Real,
    m2: Real,
    r1: Real,
    rp: Real,
    vinf: Real,
    *,
    argument: Argument = Argument.ZETA,
    cutoff: Cutoff = Cutoff.TAPER,
) -> Array:
    """Orbital energy that one passage turns into oscillations of star 1.

    Args:
        m1: mass of the star that is raised [Msun].
        m2: mass of its perturber [Msun].
        r1: radius of star 1 [Rsun].
        rp: pericentre [Rsun], positive.
        vinf: relative velocity at infinity [km/s].
        argument: at what T_l is evaluated.
        cutoff: how dissipation ends at eta = 10.

    Returns:
        Delta E_1 [Msun km^2/s^2].

    Source: paper, Eqs. 4-6; Portegies Zwart & Meinen (1993).
    """
    argument, cutoff = Argument(argument), Cutoff(cutoff)
    eta1 = eta(m1, m2, r1, rp)
    # Where nothing is dissipated any more, zeta would underflow and take the gradient with it.
    x = jnp.minimum(eta1, ETA_MAX)
    if argument is Argument.ZETA:
        x = zeta(x, eccentricity(m1, m2, rp, vinf))
    log_x = jnp.log10(x)
    w = polytrope_weight(m1)

    series = jnp.zeros_like(log_x)
    for l in (2, 3):  # noqa: E741
        T_l = (1.0 - w) * _tidal_t(log_x, 1.5, l) + w * _tidal_t(log_x, 3.0, l)
        series += (r1 / rp) ** (2 * l + 2) * T_l
    return G * m2**2 / r1 * series * _cutoff(eta1, cutoff)


def _cutoff(eta1: Array, cutoff: Cutoff) -> Array:
    if cutoff is Cutoff.STEP:
        return jnp.where(eta1 > ETA_MAX, 0.0, 1.0)
    s = jnp.clip((ETA_MAX - eta1) / (ETA_MAX - ETA_TAPER), 0.0, 1.0)
    return s**3 * (10.0 - 15.0 * s + 6.0 * s**2)


def capture_energy(
    m1: Real,
    m2: Real,
    r1: Real,
    r2: Real,
    rp: Real,
    vinf: Real,
    *,
    argument: Argument = Argument.ZETA,
    cutoff: Cutoff = Cutoff.TAPER,
) -> tuple[Array, Array]:
    """Orbital energy at infinity and what tides in both stars dissipate of it.

    The stars are captured where the first does not exceed the second.

    Args:
        m1: mass of star 1 [Msun].
        m2: mass of star 2 [Msun].
        r1: radius of star 1 [Rsun].
        r2: radius of star 2 [Rsun].
        rp: pericentre [Rsun], positive.
        vinf: relative velocity at infinity [km/s].
        argument: at what T_l is evaluated.
        cutoff: how dissipation ends at eta = 10.

    Returns:
        mu vinf^2 / 2 and Delta E_1 + Delta E_2, both [Msun km^2/s^2].
    """
    m1, m2, r1, r2 = jnp.broadcast_arrays(*map(jnp.asarray, (m1, m2, r1, r2)))
    mu = m1 * m2 / (m1 + m2)
    orbital = 0.5 * mu * vinf**2
    star, other, r = jnp.stack([m1, m2]), jnp.stack([m2, m1]), jnp.stack([r1, r2])
    tides = dissipated_energy(star, other, r, rp, vinf, argument=argument, cutoff=cutoff)
    return orbital, tides.sum(axis=0)


def is_captured(orbital: Real, tides: Real) -> Array:
    """Whether tides bind the stars: mu vinf^2 / 2 - Delta E_1 - Delta E_2 <= 0."""
    return jnp.asarray(orbital) - tides <= 0.0
