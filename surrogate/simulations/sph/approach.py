"""Two stars on their way to each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import jax
import numpy as np

if TYPE_CHECKING:
    from surrogate.simulations.engine import Orbit
    from surrogate.simulations.sph.state import Fluid


def approach(star1: Fluid, star2: Fluid, orbit: Orbit) -> Fluid:
    """Put two relaxed stars on their orbit.

    Args:
        star1: the particles of one star, wherever they are.
        star2: those of the other.
        orbit: its pericentre may be beyond the separation only by rounding.

    Returns:
        All particles, star 1 first, the centre of mass at rest in the origin; the orbit lies in the
        x-y plane and runs counterclockwise.

    Raises:
        ValueError: the orbit does not reach the separation.
    """
    m1, m2 = (math.fsum(np.asarray(star.m)) for star in (star1, star2))
    total, s = m1 + m2, orbit.separation
    turning = orbit.rp**2 * orbit.vinf2 + 2 * total * orbit.rp  # angular momentum squared
    across2 = turning / s**2
    along2 = orbit.vinf2 + 2 * total / s - across2
    if not along2 >= -1e-9 * across2:
        raise ValueError(
            f"separation = {s:g} Rsun, allowed: {orbit.rp:g} Rsun (the pericentre) to where the "
            "orbit turns back."
        )
    x = np.array([s, 0.0, 0.0])
    v = np.array([-math.sqrt(max(along2, 0.0)), math.sqrt(across2), 0.0])
    one = _moved(star1, m2 / total * x, m2 / total * v)
    two = _moved(star2, -m1 / total * x, -m1 / total * v)
    return jax.tree.map(lambda *both: np.concatenate(both), one, two)


def _moved(star: Fluid, x: np.ndarray, v: np.ndarray) -> Fluid:
    star = jax.tree.map(lambda part: np.asarray(part, np.float64), star)
    share = star.m / math.fsum(star.m)
    return star._replace(x=star.x - share @ star.x + x, v=star.v - share @ star.v + v)
