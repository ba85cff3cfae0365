"""The sums over pairs as one kernel of a graphics card, whose registers hold a tile of pairs.

XLA's own reduction takes twice the time: it reads every particle j again for every particle i.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float

    from surrogate.simulations.sph.pairs import Pair

ROWS: Final = 16
"""Particles i of a tile; a power of two."""
COLUMNS: Final = 64
"""Particles j of a tile; a power of two, and a multiple of `ROWS`."""
WARPS: Final = 4
"""Threads of a tile [32]."""


def sum_on_card(
    pair: Pair, particles: Any, interpret: bool = False
) -> tuple[Float[Array, " n"], ...]:
    """What `pairs.pair_sum` gives.

    Args:
        pair: see `pairs.pair_sum`.
        particles: likewise, in float32.
        interpret: whether to do without a graphics card, slowly; for tests.
    """
    from jax.experimental import pallas as pl
    from jax.experimental.pallas import triton

    n = len(particles.m)
    size = COLUMNS * math.ceil(n / COLUMNS)
    leaves, tree = jax.tree.flatten(filled(particles, size))
    one = jax.tree.map(lambda a: jax.ShapeDtypeStruct((1, 1), a.dtype), particles)
    shapes = jax.eval_shape(pair, one, one)

    def kernel(*refs: Any) -> None:
        given, results = refs[: len(leaves)], refs[len(leaves) :]
        at = pl.ds(pl.program_id(0) * ROWS, ROWS)
        own = jax.tree.unflatten(tree, [ref[at][:, None] for ref in given])

        def add(k: Array, total: tuple[Array, ...]) -> tuple[Array, ...]:
            at = pl.ds(k * COLUMNS, COLUMNS)
            terms = pair(own, jax.tree.unflatten(tree, [ref[at][None, :] for ref in given]))
            return tuple(a + b for a, b in zip(total, terms, strict=True))

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
    )(*leaves)
    return tuple(a[:n] for a in sums)


def filled(particles: Any, size: int) -> Any:
    """Particles up to a number by copies of the first without mass: nothing divides by zero."""
    n = len(particles.m)
    full = jax.tree.map(
        lambda a: jnp.concatenate([a, jnp.broadcast_to(a[:1], (size - n,))]), particles
    )
    return full._replace(m=jnp.where(jnp.arange(size) < n, full.m, 0.0))
