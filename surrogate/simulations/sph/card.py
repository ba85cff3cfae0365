"""The sums over pairs as one kernel of a graphics card, whose registers hold a tile of pairs.

XLA's own reduction takes twice the time: it reads every particle j again for every particle i. And
a tile of pairs out of each other's reach has far less to compute; there are many of them where
neighbours in space are neighbours in memory, too (`near_order`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Bool, Float, Int

    from surrogate.simulations.sph.pairs import Pair

ROWS: Final = 16
"""Particles i of a tile; a power of two."""
COLUMNS: Final = 32
"""Particles j of a tile; a power of two, and a multiple of `ROWS`."""
WARPS: Final = 2
"""Threads of a tile [32]."""


def sum_on_card(
    pair: Pair,
    particles: Any,
    reach: Float[Array, " n"] | None = None,
    far: Pair | None = None,
    interpret: bool = False,
) -> tuple[Float[Array, " n"], ...]:
    """What `pairs.pair_sum` gives.

    Args:
        pair: see `pairs.pair_sum`.
        particles: likewise, in float32.
        reach: likewise.
        far: likewise.
        interpret: whether to do without a graphics card, slowly; for tests.
    """
    from jax.experimental import pallas as pl
    from jax.experimental.pallas import triton

    n = len(particles.m)
    size = COLUMNS * math.ceil(n / COLUMNS)
    full = filled(particles, size)
    leaves, tree = jax.tree.flatten(full)
    one = jax.tree.map(lambda a: jax.ShapeDtypeStruct((1, 1), a.dtype), particles)
    shapes = jax.eval_shape(pair, one, one)
    touching = None if reach is None else touch(full, repeat_last(reach, size)).astype(jnp.int32)

    def kernel(*refs: Any) -> None:
        given, results = refs[: len(leaves)], refs[-len(shapes) :]
        i = pl.program_id(0)
        own = jax.tree.unflatten(tree, [ref[pl.ds(i * ROWS, ROWS)][:, None] for ref in given])

        def add(k: Array, total: tuple[Array, ...]) -> tuple[Array, ...]:
            at = pl.ds(k * COLUMNS, COLUMNS)

            def by(law: Pair) -> tuple[Array, ...]:
                terms = law(own, jax.tree.unflatten(tree, [ref[at][None, :] for ref in given]))
                return tuple(a + b for a, b in zip(total, terms, strict=True))

            if touching is None:
                return by(pair)
            near = refs[len(leaves)][i, k] > 0
            return jax.lax.cond(near, lambda: by(pair), lambda: by(far) if far else total)

        zeros = tuple(jnp.zeros((ROWS, COLUMNS), s.dtype) for s in shapes)
        total = jax.lax.fori_loop(jnp.int32(0), jnp.int32(size // COLUMNS), add, zeros)
        for ref, terms in zip(results, total, strict=True):
            ref[...] = jnp.sum(terms, axis=1)

    sums = pl.pallas_call(
        kernel,
        grid=(size // ROWS,),
        out_specs=[pl.BlockSpec((ROWS,), lambda i: (i,)) for _ in shapes],
        out_shape=[jax.ShapeDtypeStruct((size,), s.dtype) for s in shapes],
        compiler_params=None if interpret else triton.CompilerParams(num_warps=WARPS),
        interpret=interpret,
    )(*leaves, *([] if touching is None else [touching]))
    return tuple(a[:n] for a in sums)


def touch(particles: Any, reach: Float[Array, " n"]) -> Bool[Array, "rows columns"]:
    """Whether a particle of one tile may be within its own or the other's reach.

    Args:
        particles: with `x`, `y` and `z`, as many as fill tiles.
        reach: of each particle, in units of these.

    Returns:
        For tiles of `ROWS` particles i and tiles of `COLUMNS` particles j; false where the boxes
        that hold them are further apart than anything in either reaches.
    """
    x = jnp.stack([particles.x, particles.y, particles.z])

    def boxes(width: int) -> tuple[Array, Array, Array]:
        parts = x.reshape(3, -1, width)
        return parts.min(axis=-1), parts.max(axis=-1), reach.reshape(-1, width).max(axis=-1)

    (low, high, ours), (lowest, highest, theirs) = boxes(ROWS), boxes(COLUMNS)
    gap = jnp.maximum(low[:, :, None] - highest[:, None], lowest[:, None] - high[:, :, None])
    apart = jnp.sum(jnp.maximum(gap, 0.0) ** 2, axis=0)
    return apart <= jnp.maximum(ours[:, None], theirs) ** 2


def near_order(x: Float[Array, "n 3"]) -> Int[Array, " n"]:
    """An order of particles in which any few that follow each other are close together.

    Args:
        x: positions.

    Returns:
        Their numbers: halved by the median along the axis of the largest variance, and each half
        again, down to a tile. Matter flung far out does not spoil the tiles of what is left.
    """
    n = len(x)
    levels = max(math.ceil(math.log2(n / ROWS)), 0)
    order = jnp.arange(ROWS << levels)
    for level in range(levels):
        parts = order.reshape(1 << level, -1)
        there = parts < n
        at = jnp.where(there[..., None], x[jnp.minimum(parts, n - 1)], 0.0)
        count = jnp.maximum(jnp.sum(there, axis=1), 1)[:, None]
        mean = jnp.sum(at, axis=1) / count
        spread = jnp.sum(jnp.where(there[..., None], at - mean[:, None], 0.0) ** 2, axis=1)
        axis = jnp.argmax(spread, axis=-1)[:, None, None]
        along = jnp.where(there, jnp.take_along_axis(at, axis, axis=-1)[..., 0], jnp.inf)
        order = jnp.take_along_axis(parts, jnp.argsort(along, axis=1), axis=1).reshape(-1)
    return order[jnp.argsort(order >= n, stable=True)][:n]


def filled(particles: Any, size: int) -> Any:
    """Particles up to a number by copies of the last without mass: nothing divides by zero."""
    n = len(particles.m)
    full = jax.tree.map(lambda a: repeat_last(a, size), particles)
    return full._replace(m=jnp.where(jnp.arange(size) < n, full.m, 0.0))


def repeat_last(a: Float[Array, " n"], size: int) -> Float[Array, " size"]:
    """An array up to a length by copies of its last element."""
    return jnp.concatenate([a, jnp.broadcast_to(a[-1:], (size - len(a),))])
