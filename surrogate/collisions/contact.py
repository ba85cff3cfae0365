"""How deep two stars meet: the enclosed-mass fraction whose shells touch at pericentre.

The grid places its pericentres at r_p = r1(f) + r2(f), with r_i(f) the radius that encloses the
fraction f of star i (Gonzalez Prieto et al. 2026, section 2.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from surrogate.collisions.structure import MASS_FRACTIONS

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float

HALF = MASS_FRACTIONS.index(0.5)
"""Where a profile has its half-mass radius."""


def height(f: Float[np.ndarray, " shells"]) -> Float[np.ndarray, " shells"]:
    """A coordinate of shells that is nearly linear in radius, from 0 (centre) to 1 (surface).

    Near the centre f ~ r^3; near the surface 1 - f ~ (R - r)^4, as in a radiative envelope.
    """
    core, envelope = np.cbrt(f), (1.0 - f) ** 0.25
    return core / (core + envelope)


HEIGHTS = height(np.array(MASS_FRACTIONS))


def contact_height(
    rp: Float[Array, ...], profile1: Float[Array, "... 14"], profile2: Float[Array, "... 14"]
) -> Float[Array, ...]:
    """Height of the shells that touch at pericentre.

    A monotone cubic (Fritsch & Butland 1984) in r_p through the 14 shells: once continuously
    differentiable, and exact at the grid's own pericentres.

    Args:
        rp: pericentre [Rsun].
        profile1: radii r1(f) of star 1 that enclose `MASS_FRACTIONS` [Rsun].
        profile2: the same of star 2.

    Returns:
        `height(f)` with r_p = r1(f) + r2(f), 0 to 1 [1]; 1 where the stars do not touch.
    """
    nodes = profile1 + profile2
    width = nodes[..., 1:] - nodes[..., :-1]
    slope = jnp.asarray(np.diff(HEIGHTS), rp.dtype) / width
    tangent = _tangents(width, slope)
    x = jnp.clip(rp, 0.0, nodes[..., -1])[..., None]
    # Every cell is evaluated and one of them kept: no search, no gather.
    inside = (x >= nodes[..., :-1]) & (x < nodes[..., 1:])
    t = jnp.where(inside, (x - nodes[..., :-1]) / width, 0.0)
    low = jnp.asarray(HEIGHTS[:-1], rp.dtype)
    a, b = tangent[..., :-1], tangent[..., 1:]
    cubic = low + width * t * (a + t * ((3 * slope - 2 * a - b) + t * (a + b - 2 * slope)))
    found = jnp.sum(jnp.where(inside, cubic, 0.0), axis=-1)
    return jnp.where(rp >= nodes[..., -1], 1.0, found)


def _tangents(width: Float[Array, "... 13"], slope: Float[Array, "... 13"]) -> Array:
    """Slopes at the 14 nodes: weighted harmonic means, which keep the cubic monotone."""
    w, s = width, slope
    a = 2 * w[..., 1:] + w[..., :-1]
    b = w[..., 1:] + 2 * w[..., :-1]
    inner = (a + b) / (a / s[..., :-1] + b / s[..., 1:])
    return jnp.concatenate([s[..., :1], inner, s[..., -1:]], axis=-1)
