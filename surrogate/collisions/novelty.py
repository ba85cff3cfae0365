"""How far an encounter is from those that a model has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.collisions.pair import Pair

OCTAVE = float(np.log(2.0))
"""Two stars a factor of 2 apart in mass or size have a distance of 1."""
GROUP = 10
CLOSE = 1e-6
"""Keeps the gradient of a distance finite where it is zero."""


def star_coordinates(pair: Pair) -> Float[Array, "*batch 2 3"]:
    """Where each star stands: ln mass [Msun], ln half-mass radius [Rsun], ln of its share of R.

    Args:
        pair: the encounter.

    Returns:
        Coordinates of star 1 and star 2 along the second axis from the end.
    """
    rows = [
        jnp.stack([jnp.log(m), jnp.log(core[..., 1]), jnp.log(core[..., 1] / r)], axis=-1)
        for m, r, core in ((pair.m1, pair.r1, pair.core1), (pair.m2, pair.r2, pair.core2))
    ]
    return jnp.stack(rows, axis=-2)


def ood_score(
    pair: Pair, known: Float[Array, "stars 3"], speeds: Float[Array, " 2"]
) -> Float[Array, "*batch"]:
    """Out-of-domain score: 0 at encounters like those seen, 1 where one is a factor of 2 off.

    Args:
        pair: the encounter.
        known: coordinates of the stars that the model has seen, as in `star_coordinates`.
        speeds: least and greatest ln(vinf) [km/s] that it has seen.

    Returns:
        Distance of the less familiar star from the nearest known one, in factors of 2, plus that
        of a speed above the greatest; slower encounters are nearly parabolic, like the slowest.
    """
    x = jnp.moveaxis(star_coordinates(pair), -1, 0)
    square = _nearest(x, known).max(axis=-1)
    apart = jnp.sqrt(square + CLOSE**2) - CLOSE
    beyond = jnp.maximum(jnp.log(jnp.maximum(pair.vinf, 1.0)) - speeds[1], 0.0)
    return (apart + beyond) / OCTAVE


def _nearest(x: Float[Array, "3 ..."], known: Float[Array, "stars 3"]) -> Array:
    """Squared distance from the nearest known star, (*batch).

    A few stars at a time, each against the whole batch: ten times faster than all at once.
    """
    groups = -(-known.shape[0] // GROUP)
    filled = jnp.pad(known, ((0, groups * GROUP - known.shape[0]), (0, 0)), mode="edge")

    def nearer(least: Array, stars: Float[Array, "group 3"]) -> tuple[Array, None]:
        for k in range(GROUP):
            square = sum((x[c] - stars[k, c]) ** 2 for c in range(3))
            least = jnp.minimum(least, square)
        return least, None

    start = jnp.full(x.shape[1:], jnp.inf, x.dtype)
    return jax.lax.scan(nearer, start, filled.reshape(groups, GROUP, 3))[0]
