"""Who may meet whom: neighbours in distance share a cell, and in every step they pair off.

Direct simulation Monte Carlo (Bird 1994; the pairing after Nanbu 1980). K neighbours in distance
are a cell. In a step every star has one partner, each of the K - 1 others equally likely, and the
two meet with the probability n <sigma v> dt, with n the density of all stars there: on average a
star meets every kind of partner as often as that kind is frequent among its living neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float, Int, Shaped


def into_cells(x: Shaped[Array, " n"], k: int, filler: ArrayLike = 0) -> Shaped[Array, "k cells"]:
    """Stars in order of distance as a table with a column a cell.

    Args:
        x: a property of the stars, in order of distance.
        k: stars in a cell, a power of two.
        filler: what fills the last cell up.

    Returns:
        Star i stands in row i mod k of column i // k: rows are the lanes that `match` pairs off,
        so that the partners of all cells are fetched as whole rows.
    """
    return jnp.pad(x, (0, -len(x) % k), constant_values=filler).reshape(-1, k).T


def out_of_cells(x: Shaped[Array, "k cells"], n: int) -> Shaped[Array, " n"]:
    """The first n stars of a table, in order of distance: the inverse of `into_cells`."""
    return x.T.reshape(-1)[:n]


def match(key: Array, k: int) -> Int[Array, "2 k/2"]:
    """Pair off the k lanes of every cell.

    Partners are i and i XOR s with a random s from 1 to k - 1: a perfect matching in which each
    partner of a star is equally likely. One s serves all cells of a step, whose stars never meet.

    Args:
        key: a random key.
        k: a power of two.

    Returns:
        Lanes of both stars of each pair.
    """
    s = 1 + (jax.random.bits(key, (), jnp.uint32) % (k - 1)).astype(jnp.int32)
    bit = s & -s
    # The numbers from 0 to k - 1 without this bit: those below it stay, the others move up.
    counter = jnp.arange(k // 2)
    low = counter & (bit - 1)
    first = ((counter - low) << 1) | low
    return jnp.stack([first, first ^ s])


def number_density(r: Float[Array, " n"], k: int, weight: Float[Array, ""]) -> Float[Array, " n"]:
    """Density of real stars where each tracked one is.

    From the distance that the k / 2 neighbours on either side span: the stars in a distance rather
    than in a volume hardly thin out over a few neighbours (not at all where n ~ r^-2), so that
    steep cusps are met to their innermost stars. A sum of k spacings has the mean inverse
    1 / (k - 1), in units of their mean: hence the k - 1, without which n would be too high.

    Args:
        r: distances of the stars [pc], in order.
        k: neighbours to count; less where there are fewer stars.
        weight: real stars that a tracked one stands for.

    Returns:
        n [1/pc^3]; 0 where there are no neighbours.
    """
    n = len(r)
    k = min(k, n - 1)
    if k < 2:
        return jnp.zeros_like(r)
    # At both ends the neighbours are those on one side.
    start = jnp.clip(jnp.arange(n) - k // 2, 0, n - 1 - k)
    span = r[start + k] - r[start]
    shell = 4.0 * jnp.pi * r**2 * span
    return (k - 1) * weight / jnp.maximum(shell, jnp.finfo(r.dtype).tiny)
