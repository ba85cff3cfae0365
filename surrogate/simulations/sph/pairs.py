"""Sums over all pairs of particles, in tiles: memory grows with the number of particles."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.simulations.sph.card import filled, sum_on_card

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float

Pair = Callable[[Any, Any], tuple["Float[Array, ...]", ...]]
"""What particle j does to particle i, as a tuple of terms."""
_UNROLL: Final = 4


class Place(NamedTuple):
    """Where particles are, and how far they reach."""

    m: Array
    x: Array
    y: Array
    z: Array
    h: Array


def on_card(kind: jnp.dtype) -> bool:
    """Whether sums in this precision are done by the kernel of a graphics card."""
    return jax.default_backend() == "gpu" and kind == jnp.float32


def pair_sum(
    pair: Pair,
    particles: Any,
    width: int = 0,
    *,
    reach: Float[Array, " n"] | None = None,
    far: Pair | None = None,
) -> tuple[Float[Array, " n"], ...]:
    """Sum what all particles do to each of them, themselves included.

    Args:
        pair: of the properties of particles i and of particles j, which it may broadcast; what a
            particle of no mass does must be 0.
        particles: properties, a named tuple of arrays (n,); `m` is the mass, and where there is a
            reach `x`, `y` and `z` are the position.
        width: how many particles j at once; 0 leaves it to the device: one at a time on a
            processor, whose registers then hold the sums of several particles i, and on a graphics
            card all (float64) or a kernel of its own (float32), which takes half the time.
        reach: of each particle; beyond the reach of both, `pair` gives what `far` gives. That saves
            time on a graphics card.
        far: see `reach`; nothing where None.

    Returns:
        The sums, one (n,) for each term.
    """
    n = len(particles.m)
    if not width and on_card(particles.m.dtype):
        return sum_on_card(pair, particles, reach, far)
    width = width or (n if jax.default_backend() == "gpu" else 1)
    rows = jax.tree.map(lambda a: a[:, None], particles)
    if width >= n:
        return _total(pair(rows, jax.tree.map(lambda a: a[None, :], particles)), n)
    tiles = math.ceil(n / width)
    full = filled(particles, tiles * width)
    columns = jax.tree.map(lambda a: a.reshape(tiles, 1, width), full)

    def add(total: tuple[Array, ...], column: Any) -> tuple[tuple[Array, ...], None]:
        terms = _total(pair(rows, column), n)
        return tuple(a + b for a, b in zip(total, terms, strict=True)), None

    shapes = jax.eval_shape(pair, rows, jax.tree.map(lambda a: a[0], columns))
    zeros = tuple(jnp.zeros(n, s.dtype) for s in shapes)
    return jax.lax.scan(add, zeros, columns, unroll=min(_UNROLL, tiles))[0]


def _total(terms: tuple[Array, ...], n: int) -> tuple[Array, ...]:
    """Sum all terms over j in one loop, so that what they share is computed once."""
    if terms[0].shape[1] == 1:
        return tuple(jnp.broadcast_to(a[:, 0], (n,)) for a in terms)
    zeros = tuple(jnp.zeros((), a.dtype) for a in terms)

    def add(a: tuple[Array, ...], b: tuple[Array, ...]) -> tuple[Array, ...]:
        return tuple(x + y for x, y in zip(a, b, strict=True))

    return tuple(jax.lax.reduce(terms, zeros, add, (1,)))
