"""A star of particles: a hexagonal close-packed lattice, stretched to the star's density.

Particles stand at the places of a uniform lattice in a sphere whose radii are stretched until the
number density is n ~ rho^equal_mass, and have the mass rho / n of their place. `equal_mass` = 1
gives all the same mass, 0 all the same distance; the simulations of the public grid have 0.5
(Gonzalez Prieto et al. 2026, section 2.3; Gibson et al. 2024, appendix A). Below 0.4 stars with
dense cores come apart: a tenth of the star in one particle, a hundred-thousandth in another.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.integrate import cumulative_trapezoid

from surrogate.simulations import units
from surrogate.simulations.sph.state import Fluid, number_within

if TYPE_CHECKING:
    from jaxtyping import Float

    from surrogate.simulations.stars.profile import Profile


LEAST: Final = 100
"""Particles of a star."""
LEAST_POWER: Final = 0.4
"""`equal_mass` at least."""
SPACING: Final = 2 ** (1 / 6)
"""Between neighbours of the lattice, where each has a unit volume."""
INWARDS: Final = 0.05
"""How far the outermost particles are drawn inwards [SPACING]."""
_FINE: Final = 4097


def star_of_particles(
    profile: Profile, particles: int, equal_mass: float = 0.5, neighbours: float = 50.0
) -> Fluid:
    """Place the particles of a star, at rest about the origin.

    Args:
        profile: of the star.
        particles: how many, 100 or more; met to within the particles of one distance.
        equal_mass: the power of rho in the number density, 0.4 to 1.
        neighbours: for the guess of smoothing lengths.

    Returns:
        The particles in float64 and code units; their masses add up to that of the profile.

    Raises:
        ValueError: an argument is outside its range.
    """
    check_star(particles, equal_mass)
    places = _lattice(particles)
    s = np.linalg.norm(places, axis=1)
    m, radius, number = _stretched(s, profile, equal_mass)
    x = places * (radius / np.where(s > 0, s, 1.0))[:, None]
    m *= profile.mass / math.fsum(m)
    x -= m @ x / math.fsum(m)
    r, radius = profile.r / units.LENGTH, np.linalg.norm(x, axis=1)
    u = np.interp(radius, r, profile.internal_energy / units.SPECIFIC_ENERGY)
    h = (number_within(neighbours) / number) ** (1 / 3)
    parts: tuple[Any, ...] = (m, x, np.zeros_like(x), u, h, np.interp(radius, r, profile.mu))
    return Fluid(*parts)


def check_star(particles: int, equal_mass: float) -> None:
    """Raise ValueError where `star_of_particles` would refuse its arguments."""
    if not particles >= LEAST:
        raise ValueError(f"particles = {particles}, allowed: at least {LEAST} a star.")
    if not LEAST_POWER <= equal_mass <= 1:
        raise ValueError(f"equal_mass = {equal_mass}, allowed: {LEAST_POWER} to 1.")


def _stretched(
    s: Float[np.ndarray, " n"], profile: Profile, equal_mass: float
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Mass, to a factor, radius and number density of particles at these radii of the lattice."""
    r = np.concatenate([[0.0], profile.r / units.LENGTH])
    within = np.concatenate([[0.0], profile.m / profile.m[-1]])
    rho = np.concatenate([profile.rho[:1], profile.rho]) / units.DENSITY
    number = rho**equal_mass
    inside = np.concatenate([[0.0], np.cumsum(_shells(r, number))])

    def mass(below: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
        """Of a particle that has this share of all particles below it."""
        return np.interp(np.interp(below, inside / inside[-1], r), r, rho / number)

    whole = (3 * len(s) / (4 * math.pi)) ** (1 / 3)  # its radius: each has a unit volume
    below = _inwards(np.minimum((s / whole) ** 3, 1.0), whole)
    # Each stands where the profile has as large a share of the mass below it as the particles have.
    even = np.linspace(0.0, 1.0, _FINE)
    share = cumulative_trapezoid(mass(_inwards(even, whole)), even, initial=0)
    radius = np.interp(np.interp(below, even, share / share[-1]), within, r)
    return mass(below), radius, np.interp(radius, r, number) * len(s) / inside[-1]


def _shells(r: Float[np.ndarray, " k"], f: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k-1"]:
    """The integrals of 4 pi r^2 f between each two radii, f linear between them."""
    a, b, fa, fb = r[:-1], r[1:], f[:-1], f[1:]
    cubes, fourths = (b**3 - a**3) / 3, (b**4 - a**4) / 4
    rise = (fb - fa) / (b - a)
    return 4 * math.pi * (fa * cubes + rise * (fourths - a * cubes))


def _inwards(below: Float[np.ndarray, " k"], whole: float) -> Float[np.ndarray, " k"]:
    """The share of all particles that is to be below each, from that in a lattice of a radius.

    At the very surface particles would have no mass. So the outermost are drawn inwards by a part
    of the distance between them, and those below ever less.
    """
    layer = 3 * INWARDS * SPACING / whole
    return below - layer * below ** max(0.8 / layer, 1.0)


def _lattice(particles: int) -> Float[np.ndarray, "n 3"]:
    """About that many points of a hexagonal close-packed lattice in a sphere, one a unit volume.

    The centre stands between points, so that no direction is that of a plane of the lattice.
    """
    reach = (3 * particles / (4 * math.pi)) ** (1 / 3) + 2 * SPACING
    k = np.arange(-math.ceil(1.3 * reach / SPACING), math.ceil(1.3 * reach / SPACING) + 1)
    i, j, layer = (a.ravel() for a in np.meshgrid(k, k, k, indexing="ij"))
    odd = layer % 2
    points = SPACING * np.column_stack(
        [
            i + 0.5 * (j % 2) + 0.5 * odd,
            3**0.5 / 2 * (j + odd / 3),
            (2 / 3) ** 0.5 * layer,
        ]
    )
    points -= SPACING * np.array([0.5, 3**0.5 / 6, 0.0]) * 0.5
    distance = np.linalg.norm(points, axis=1)
    order = np.argsort(distance, kind="stable")
    # Whole shells of points at one distance: half a shell would have a dipole.
    d = distance[order]
    ends = np.flatnonzero(np.diff(d) > 1e-9 * reach) + 1
    n = int(ends[np.argmin(np.abs(ends - particles))])
    return points[order[:n]]
