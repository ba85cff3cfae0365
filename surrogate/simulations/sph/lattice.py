"""A star of particles: a hexagonal close-packed lattice, stretched to the star's density.

Particles stand at the places of a uniform lattice in a sphere whose radii are stretched until the
number density is n ~ rho^equal_mass, and have the mass rho / n of their place. `equal_mass` = 1
gives all the same mass, 0 all the same distance; the simulations of the public grid have 0.5
(Gonzalez Prieto et al. 2026, section 2.3; Gibson et al. 2024, appendix A).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.simulations import units
from surrogate.simulations.sph.state import Fluid, number_within

if TYPE_CHECKING:
    from jaxtyping import Float

    from surrogate.simulations.stars.profile import Profile


LEAST: Final = 100
"""Particles of a star."""
SPACING: Final = 2 ** (1 / 6)
"""Between neighbours of the lattice, where each has a unit volume."""
INWARDS: Final = 0.15
"""How far the outermost particles are drawn inwards [SPACING]."""


def star_of_particles(
    profile: Profile, particles: int, equal_mass: float = 0.5, neighbours: float = 50.0
) -> Fluid:
    """Place the particles of a star, at rest about the origin.

    Args:
        profile: of the star.
        particles: how many, 100 or more; met to within the particles of one distance.
        equal_mass: the power of rho in the number density, 0 to 1.
        neighbours: for the guess of smoothing lengths.

    Returns:
        The particles in float64 and code units; their masses add up to that of the profile.

    Raises:
        ValueError: an argument is outside its range.
    """
    check_star(particles, equal_mass)
    r = np.concatenate([[0.0], profile.r / units.LENGTH])
    rho = np.concatenate([profile.rho[:1], profile.rho]) / units.DENSITY
    # Radii that enclose given shares of the particles.
    inside = np.concatenate([[0.0], np.cumsum(_shells(r, rho**equal_mass))])
    places = _lattice(particles)
    total = len(places)
    s = np.linalg.norm(places, axis=1)
    radius = np.interp(_within(s, total), inside / inside[-1], r)
    x = places * (radius / np.where(s > 0, s, 1.0))[:, None]
    m = np.interp(radius, r, rho ** (1 - equal_mass))
    number = np.interp(radius, r, rho**equal_mass) * total / inside[-1]
    m *= profile.mass / math.fsum(m)
    x -= m @ x / math.fsum(m)
    radius = np.linalg.norm(x, axis=1)
    energy = profile.internal_energy / units.SPECIFIC_ENERGY
    return Fluid(
        m=m,
        x=x,
        v=np.zeros_like(x),
        u=np.interp(radius, r[1:], energy),
        h=(number_within(neighbours) / number) ** (1 / 3),
        mu=np.interp(radius, r[1:], profile.mu),
    )


def check_star(particles: int, equal_mass: float) -> None:
    """Raise ValueError where `star_of_particles` would refuse its arguments."""
    if not particles >= LEAST:
        raise ValueError(f"particles = {particles}, allowed: at least {LEAST} a star.")
    if not 0 <= equal_mass <= 1:
        raise ValueError(f"equal_mass = {equal_mass}, allowed: 0 to 1.")


def _shells(r: Float[np.ndarray, " k"], f: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k-1"]:
    """The integrals of 4 pi r^2 f between each two radii, f linear between them."""
    a, b, fa, fb = r[:-1], r[1:], f[:-1], f[1:]
    cubes, fourths = (b**3 - a**3) / 3, (b**4 - a**4) / 4
    rise = (fb - fa) / (b - a)
    return 4 * math.pi * (fa * cubes + rise * (fourths - a * cubes))


def _within(s: Float[np.ndarray, " n"], total: int) -> Float[np.ndarray, " n"]:
    """The share of the particles within each place of the lattice, one a unit volume.

    At the very surface particles would have no mass. So the outermost are drawn inwards by a part
    of the distance between them, and those below ever less.
    """
    radius = (3 * total / (4 * math.pi)) ** (1 / 3)
    layer = 3 * INWARDS * SPACING / radius
    y = np.minimum((s / radius) ** 3, 1.0)
    return y - layer * y ** max(0.8 / layer, 1.0)


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
