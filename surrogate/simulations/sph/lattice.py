"""A star of particles: a hexagonal close-packed lattice, stretched to the star's density.

Particles stand at the places of a uniform lattice in a sphere whose radii are stretched until the
number density is n ~ rho^equal_mass, and have the mass rho / n of their place. `equal_mass` = 1
gives all the same mass, 0 all the same distance; the simulations of the public grid have 0.5
(Gonzalez Prieto et al. 2026, section 2.3; Gibson et al. 2024, appendix A).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from surrogate.simulations import units
from surrogate.simulations.sph.state import Fluid

if TYPE_CHECKING:
    from jaxtyping import Float

    from surrogate.simulations.stars.profile import Profile


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
    if particles < 100:
        raise ValueError(f"particles = {particles}, allowed: at least 100 a star.")
    if not 0 <= equal_mass <= 1:
        raise ValueError(f"equal_mass = {equal_mass}, allowed: 0 to 1.")
    r = np.concatenate([[0.0], profile.r / units.LENGTH])
    rho = np.concatenate([profile.rho[:1], profile.rho]) / units.DENSITY
    # Radii that enclose given shares of the particles.
    inside = np.concatenate([[0.0], np.cumsum(_shells(r, rho**equal_mass))])
    places, total = _lattice(particles)
    s = np.linalg.norm(places, axis=1)
    share = 4 / 3 * math.pi * s**3 / total
    radius = np.interp(share, inside / inside[-1], r)
    x = places * (radius / np.where(s > 0, s, 1.0))[:, None]
    m = np.interp(radius, r, rho ** (1 - equal_mass))
    number = np.interp(radius, r, rho**equal_mass) * total / inside[-1]
    m *= profile.mass / math.fsum(m)
    x -= m @ x / math.fsum(m)
    energy = profile.internal_energy / units.SPECIFIC_ENERGY
    return Fluid(
        m=m,
        x=x,
        v=np.zeros_like(x),
        u=np.interp(radius, r[1:], energy),
        h=(neighbours / (32 / 3 * math.pi) / number) ** (1 / 3),
        mu=np.interp(radius, r[1:], profile.mu),
    )


def _shells(r: Float[np.ndarray, " k"], f: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k-1"]:
    """The integrals of 4 pi r^2 f between each two radii, f linear between them."""
    a, b, fa, fb = r[:-1], r[1:], f[:-1], f[1:]
    cubes, fourths = (b**3 - a**3) / 3, (b**4 - a**4) / 4
    rise = (fb - fa) / (b - a)
    return 4 * math.pi * (fa * cubes + rise * (fourths - a * cubes))


def _lattice(particles: int) -> tuple[Float[np.ndarray, "n 3"], float]:
    """About that many points of a hexagonal close-packed lattice in a sphere, one a unit volume.

    The centre stands between points, so that no direction is that of a plane of the lattice; the
    second value is the volume of the sphere in which they are.
    """
    spacing = 2 ** (1 / 6)
    reach = (3 * particles / (4 * math.pi)) ** (1 / 3) + 2 * spacing
    k = np.arange(-math.ceil(1.3 * reach / spacing), math.ceil(1.3 * reach / spacing) + 1)
    i, j, layer = (a.ravel() for a in np.meshgrid(k, k, k, indexing="ij"))
    odd = layer % 2
    points = spacing * np.column_stack(
        [
            i + 0.5 * (j % 2) + 0.5 * odd,
            3**0.5 / 2 * (j + odd / 3),
            (2 / 3) ** 0.5 * layer,
        ]
    )
    points -= spacing * np.array([0.5, 3**0.5 / 6, 0.0]) * 0.5
    distance = np.linalg.norm(points, axis=1)
    order = np.argsort(distance, kind="stable")
    # Whole shells of points at one distance: half a shell would have a dipole.
    d = distance[order]
    ends = np.flatnonzero(np.diff(d) > 1e-9 * reach) + 1
    n = int(ends[np.argmin(np.abs(ends - particles))])
    # Half a layer of the star lies outside of the last particles: at its surface they would have
    # no mass.
    return points[order[:n]], 4 / 3 * math.pi * (d[n - 1] + 0.45 * spacing) ** 3
