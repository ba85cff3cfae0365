"""Which points tell most about what a survey sees.

Sums over a few points are to be right for any population that may turn out to be the true one, so
the points are chosen, and their weights balanced, on several.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.inference.nodes import Nodes, choose_nodes, spread_nodes
from surrogate.inference.population import Population, Site, ask
from surrogate.inference.survey import Survey, sources

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.collisions.predictor import CollisionModel

MANY = 32_768
"""Points of which a few are chosen."""
FEW = 3.0
"""An expected number below this need not be right to within its own Poisson error."""


def seeing_nodes(
    model: CollisionModel, likely: Sequence[Population], site: Site, n: int, seed: int = 0
) -> Nodes:
    """Points where mergers and strippings happen, so that few of them do.

    Args:
        model: the surrogate.
        likely: populations for which sums are to be right, such as draws of a prior.
        site: the cluster.
        n: points in each radial bin.
        seed: of the points.

    Returns:
        The points, fixed from here on.
    """
    many = spread_nodes(len(site.edges) - 1, MANY, seed)
    told = jax.jit(lambda population: _tell(model, population, site, many))
    return choose_nodes(many, np.concatenate([told(population) for population in likely]), n)


def _tell(
    model: CollisionModel, population: Population, site: Site, nodes: Nodes
) -> Float[Array, "4 bins n"]:
    """Shares of points in the numbers of both kinds and in their mean masses, over the error."""
    made = sources(*ask(model, population, site, nodes), Survey())
    bins, n = nodes.weight.shape
    # Two ways for each point; then come interlopers, of which there are none.
    number, mass = (x[..., : 2 * n].reshape(2, bins, n, 2) for x in (made.number, made.mass))
    expected = number.sum(axis=(2, 3), keepdims=True)
    mean = (number * mass).sum(axis=(2, 3), keepdims=True) / jnp.maximum(expected, 1e-30)
    share = number / jnp.sqrt(expected + FEW)
    return jnp.concatenate([share, share * (mass - mean)]).sum(axis=-1)
