"""Numbers in two words: a sum of many terms keeps what rounding would lose.

A coordinate far from the origin and a long sum of small terms both need more digits than single
precision has. What rounding cuts off an addition is known exactly (Knuth 1997, section 4.2.2) and
kept beside the sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import jax.numpy as jnp

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float


class TwoWords(NamedTuple):
    """A value and what its rounding left over; both have the same shape and unit."""

    high: Float[Array, ...]
    """The value, rounded."""
    low: Float[Array, ...]
    """What is to be added to it."""

    @property
    def value(self) -> Float[Array, ...]:
        """The value in one word."""
        return self.high + self.low

    def at(self, index: Any) -> TwoWords:
        """Both words at an index of arrays."""
        return TwoWords(self.high[index], self.low[index])


def two_words(value: ArrayLike) -> TwoWords:
    """A value with nothing left over; in single precision at least."""
    high = jnp.asarray(value, jnp.promote_types(jnp.result_type(value), jnp.float32))
    return TwoWords(high, jnp.zeros_like(high))


def add(total: TwoWords, term: ArrayLike) -> TwoWords:
    """A sum with one more term.

    Args:
        total: the sum so far.
        term: what is added, of the shape and unit of the sum.

    Returns:
        The sum; its words together are off by about the square of the rounding of one.
    """
    a, b = total.high, total.low + term
    high = a + b
    taken = high - a
    return TwoWords(high, (a - (high - taken)) + (b - taken))


def difference(a: TwoWords, b: TwoWords) -> Float[Array, ...]:
    """The difference a - b in one word, with the digits that rounded values would lack."""
    return (a.high - b.high) + (a.low - b.low)


def choose(condition: ArrayLike, a: TwoWords, b: TwoWords) -> TwoWords:
    """`a` where the condition holds, `b` elsewhere."""
    return TwoWords(jnp.where(condition, a.high, b.high), jnp.where(condition, a.low, b.low))
