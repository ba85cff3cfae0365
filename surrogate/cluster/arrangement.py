"""A population into cells before a run, and back into the user's order after it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from surrogate.cluster.cells import into_cells, number_density, out_of_cells
from surrogate.cluster.encounters import Living, Setting
from surrogate.collisions.structure import tams_age

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array

    from surrogate.cluster.population import Stars


@partial(jax.jit, static_argnames=("cell",))
def arrange(
    stars: Stars,
    order: Array,
    dispersion: Array,
    cell: int,
    edges: Array,
    reach: ArrayLike,
    mixing: ArrayLike,
) -> tuple[Setting, Living]:
    """Put a population into cells.

    Args:
        stars: the population, in any order.
        order: indices that sort it by distance.
        dispersion: velocity dispersion in one dimension, in that order [km/s].
        cell: stars in a cell.
        edges: of the radial bins [pc].
        reach: largest pericentre over R1 + R2.
        mixing: see `rejuvenation.merged_age`.

    Returns:
        The stars by lane and cell; the last cell is filled up with places of no mass.
    """
    r, m = stars.r[order], stars.m[order]
    dtype = r.dtype
    setting = Setting(
        r=into_cells(r, cell, 1.0),
        star=into_cells(order.astype(jnp.int32), cell, -1),
        dispersion=into_cells(dispersion.astype(dtype), cell, 1.0),
        density=into_cells(number_density(r, cell, stars.weight), cell),
        edges=edges,
        reach=jnp.asarray(reach, dtype),
        mixing=jnp.asarray(mixing, dtype),
    )
    living = Living(
        m=into_cells(m, cell),
        born=into_cells(-stars.age[order], cell),
        t_ms=into_cells(tams_age(m), cell, 1.0),
        radius=into_cells(jnp.zeros_like(m), cell),
        collisions=into_cells(stars.collisions[order], cell),
    )
    return setting, living


def as_given(stars: Stars, living: Living, order: Array, end: Array) -> Stars:
    """The population in the user's order.

    Args:
        stars: as it was given.
        living: as it is now.
        order: indices that sorted it.
        end: time since the start of the run [Gyr].

    Returns:
        The population at that time.
    """

    def back(x: Array) -> Array:
        x = out_of_cells(x, len(order))
        return jnp.zeros_like(x).at[order].set(x)

    return stars._replace(
        m=back(living.m), age=end - back(living.born), collisions=back(living.collisions)
    )
