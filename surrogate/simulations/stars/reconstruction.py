"""The structure of a star from the radii that enclose some fractions of its mass.

A star in hydrostatic equilibrium is a polytrope, rho = K psi^n, whose index n varies with depth;
psi(r) = integral from r to R of G m / r^2 dr is the depth of the potential below the surface, and
dP = rho dpsi. Of all such stars that have the given radii, this is the one whose ln n varies least
along ln psi. So density is positive and falls outwards, pressure follows without another equation
of state, a polytrope is found again exactly, and in real stars n comes out near 1.5 where they are
convective, near 3 where radiative, and high where the mean molecular weight falls.

In this module G = M = R = 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

    Vector = Float[np.ndarray, " k"]

SURFACE_DEPTH: Final = 1e-4
"""Depth psi [GM/R] given to the surface, so that its density and pressure are not 0."""

# Knots of ln n; twice as many change the central density by under 1 per cent.
_KNOTS: Final = 80
# Radius beyond which n is constant: the outermost shell tells but one.
_CONSTANT_FROM: Final = 0.985
# Of ln of the masses of shells, and of the last step.
_TOLERANCE: Final = 1e-8
_MAX_STEPS: Final = 60
# The smoothness begins with much weight and ends with next to none: the shells decide.
_FIRST_WEIGHT: Final = 0.1
_WEIGHT_FACTOR: Final = 0.3
_LAST_WEIGHT: Final = 1e-6


class Structure(NamedTuple):
    """A star of mass 1 and radius 1 from its centre to its surface; G = 1."""

    r: Vector
    """Radius; the first is near 0, the last is 1."""
    m: Vector
    """Enclosed mass; the last is 1."""
    rho: Vector
    """Density."""
    P: Vector
    """Pressure."""


class _Shells(NamedTuple):
    fractions: Vector
    """Enclosed mass at the edges of the shells, from 0 to 1."""
    masses: Float[np.ndarray, "shells k"]
    """Masses of the shells = masses @ rho, by the trapezoid rule in the volume r^3."""


def mesh(core: float, points: int) -> Vector:
    """Radii at which a star is resolved: its core, its middle, and its surface.

    Args:
        core: radius of the core, in units of the star's.
        points: how many.

    Returns:
        r from 1e-3 of the core to 1, with smoothly varying steps, (points,).
    """
    surface = 1e-3
    ends = np.geomspace(1e-4, 0.5, 4000)
    r = np.concatenate([[0], core * ends, np.linspace(core, 1, 4000)[:-1], 1 - 1e-2 * ends, [1]])
    r = np.unique(r)
    count = 2 * r + np.log1p(r / (0.3 * core)) - 0.35 * np.log((1 - r + surface) / (1 + surface))
    chosen = np.interp(np.linspace(0, count[-1], points), count, r)
    chosen[0], chosen[-1] = 1e-3 * core, 1.0
    return chosen


def reconstruct(fractions: Vector, radii: Vector, points: int) -> Structure:
    """Find the smoothest star that encloses given fractions of its mass within given radii.

    Args:
        fractions: enclosed mass over that of the star, increasing from 0 to 1.
        radii: where, in units of the star's radius, increasing from 0 to 1.
        points: rows of the answer.

    Returns:
        The star; it meets the mass of every shell between the radii to 1e-8.

    Raises:
        ValueError: no such star was found; its mean density must fall outwards.
    """
    r = mesh(float(radii[1]), points)
    shells = _shells(r, fractions, radii)
    m = np.interp(r**3, radii**3, fractions)
    ln_n, ln_surface = np.full(_KNOTS, np.log(3.0)), None
    weight = _FIRST_WEIGHT
    for _ in range(_MAX_STEPS):
        psi = _depth(r, m)
        hats, spacing = _hats(r, np.log(psi / psi[0]))
        n = np.exp(hats @ ln_n)
        ln_rho, slopes = _ln_density(np.log(psi), n, hats)
        if ln_surface is None:
            ln_surface = -np.log(shells.masses.sum(axis=0) @ np.exp(ln_rho))
        rho = np.exp(ln_surface + ln_rho)
        step, miss = _newton_step(shells, rho, slopes, ln_n, weight * spacing**0.5)
        if weight == _LAST_WEIGHT and max(np.abs(miss).max(), np.abs(step).max()) < _TOLERANCE:
            density = rho / (4 / 3 * np.pi)
            return Structure(r, m, density, _pressure(psi, density, n))
        ln_n, ln_surface = ln_n + step[:-1], ln_surface + step[-1]
        m = _enclosed(r, rho, shells)
        weight = max(weight * _WEIGHT_FACTOR, _LAST_WEIGHT)
    raise ValueError(
        f"no star found that has the radii {radii} at the enclosed-mass fractions {fractions}, "
        "allowed: radii between which the mean density falls outwards."
    )


def _shells(r: Vector, fractions: Vector, radii: Vector) -> _Shells:
    volume = r**3
    inside = np.zeros((len(radii), len(r)))
    inside[:, 0] += volume[0]
    for row, edge in zip(inside[1:], radii[1:] ** 3, strict=True):
        # A part of the step in which the edge lies counts, with the density linear in the volume.
        width = np.clip(edge - volume[:-1], 0, np.diff(volume))
        upper = 0.5 * width**2 / np.diff(volume)
        row[1:] += upper
        row[:-1] += width - upper
    inside[0] = 0
    return _Shells(fractions, np.diff(inside, axis=0))


def _enclosed(r: Vector, rho: Vector, shells: _Shells) -> Vector:
    """Enclosed mass; within each shell scaled to the mass that the shell must have.

    Without the scaling, psi of a half-converged star runs away from the star's.
    """
    steps = 0.5 * (rho[1:] + rho[:-1]) * np.diff(r**3)
    m = rho[0] * r[0] ** 3 + np.concatenate([[0], np.cumsum(steps)])
    edges = np.concatenate([[0], np.cumsum(shells.masses @ rho)])
    return np.interp(m, edges, shells.fractions)


def _depth(r: Vector, m: Vector) -> Vector:
    """Depth psi = SURFACE_DEPTH + integral from r to 1 of m / r^2 dr."""
    pull = m / r**2
    steps = 0.5 * (pull[1:] + pull[:-1]) * np.diff(r)
    return SURFACE_DEPTH + np.concatenate([np.cumsum(steps[::-1])[::-1], [0]])


def _hats(r: Vector, s: Vector) -> tuple[Float[np.ndarray, "k knots"], float]:
    """Weights of knots, uniform in s = ln(psi / psi_0) <= 0, in a piecewise linear function."""
    lowest = float(np.interp(_CONSTANT_FROM, r, s))
    spacing = -lowest / (_KNOTS - 1)
    place = np.clip((s - lowest) / spacing, 0, _KNOTS - 1)
    return np.clip(1 - np.abs(place[:, None] - np.arange(_KNOTS)), 0, 1), spacing


def _ln_density(
    ln_psi: Vector, n: Vector, hats: Float[np.ndarray, "k knots"]
) -> tuple[Vector, Float[np.ndarray, "k knots"]]:
    """Integral of n dln psi from the surface, and its slopes along ln n at the knots."""
    values = np.column_stack([n, n[:, None] * hats])
    steps = 0.5 * (values[1:] + values[:-1]) * -np.diff(ln_psi)[:, None]
    sums = np.concatenate([np.cumsum(steps[::-1], axis=0)[::-1], 0 * values[:1]])
    return sums[:, 0], sums[:, 1:]


def _newton_step(
    shells: _Shells,
    rho: Vector,
    slopes: Float[np.ndarray, "k knots"],
    ln_n: Float[np.ndarray, " knots"],
    weight: float,
) -> tuple[Float[np.ndarray, " unknowns"], Float[np.ndarray, " shells"]]:
    """Step of (ln n, ln rho_surface) towards the least sum of squares of miss and weighted jumps.

    The miss is that of ln of the masses of the shells, the jumps are those of ln n.
    """
    parts = shells.masses * rho
    masses = parts.sum(axis=1)
    miss = np.log(masses / np.diff(shells.fractions))
    jumps = np.diff(np.eye(len(ln_n)), axis=0)
    ones, zeros = np.ones((len(miss), 1)), np.zeros((len(jumps), 1))
    matrix = np.block([[parts @ slopes / masses[:, None] / weight, ones / weight], [jumps, zeros]])
    step = -np.linalg.lstsq(matrix, np.concatenate([miss / weight, jumps @ ln_n]), rcond=None)[0]
    return step * min(1.0, 1.0 / np.abs(step).max()), miss


def _pressure(psi: Vector, rho: Vector, n: Vector) -> Vector:
    """P = integral of rho dpsi, of a power law in each step: exact in a polytrope."""
    steps = -np.diff(rho * psi) / (1 + 0.5 * (n[1:] + n[:-1]))
    surface = rho[-1] * psi[-1] / (1 + n[-1])
    return surface + np.concatenate([np.cumsum(steps[::-1])[::-1], [0]])
