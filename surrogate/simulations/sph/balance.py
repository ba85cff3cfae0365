"""Energies with which the particles of a new star carry their weight where they stand.

A kernel spreads density: over the centre of a star it is lower than that of the profile, near the
surface several times higher. Particles with the profile's energies or entropies are thus not in
equilibrium where its matter is, and the star swells or shrinks by several per cent. Its mass within
every radius decides who meets whom, so that is kept, and the energies give way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from surrogate.simulations.sph.state import Fluid
from surrogate.simulations.sph.step import begin_all

if TYPE_CHECKING:
    from surrogate.simulations.sph.state import Method

KNOTS: Final = 6
"""Of the factor to the energies, a broken line over the layers from the centre to the surface."""
_SWEEPS: Final = 3
"""Of Newton's method; a second is for radiation, whose pressure is not linear in the energy."""
_PART: Final = 0.01
"""By which energies are changed to see what accelerations do."""
_LEAST: Final = 1 / 3
"""Of its energy a particle keeps in a sweep."""


def balanced(star: Fluid, method: Method) -> Fluid:
    """Change energies so that each layer of a star is as nearly at rest as can be.

    Args:
        star: a new star about the origin, in float64; energies and smoothing lengths are guesses.
        method: numbers of the method.

    Returns:
        The star with energies that make the mass-weighted squares of radial accelerations over
        gravity least, among those that are the given times a broken line of `KNOTS` over the
        layers; so noise of the lattice is not fitted.
    """
    r = np.linalg.norm(star.x, axis=1)
    outwards = star.x / np.where(r > 0, r, 1.0)[:, None]
    order = np.argsort(r, kind="stable")
    rank = np.argsort(order)
    # Layers as far apart as the places of the lattice that they come from.
    layer = ((rank + 0.5) / len(r)) ** (1 / 3)
    knots = np.linspace(layer.min(), layer.max(), KNOTS)
    lines = np.stack([np.interp(layer, knots, unit) for unit in np.eye(KNOTS)])
    within = np.cumsum(star.m[order])[rank] - star.m / 2
    weight = np.sqrt(star.m) * r**2 / within
    copies: Any = [np.broadcast_to(part, (1 + KNOTS, *np.shape(part))) for part in star]
    alike = Fluid(*copies)
    u: Any = star.u
    for _ in range(_SWEEPS):
        tried = u * (1 + _PART * np.vstack([np.zeros_like(u), lines]))
        a = np.asarray(begin_all(alike._replace(u=tried), method).rates.a)
        now, *others = weight * np.sum(a * outwards, axis=-1)
        slopes = (np.stack(others) - now) / _PART
        change = np.linalg.lstsq(slopes.T, -now, rcond=None)[0]
        u = u * np.maximum(1 + change @ lines, _LEAST)
    return star._replace(u=u)
