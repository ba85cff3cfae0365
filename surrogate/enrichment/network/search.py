"""The root of an increasing function of one number, in few evaluations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Array, Float

FEWEST: Final = 1e-40
"""Roots are not below."""
_TRIES: Final = 30
_CLOSE: Final = 1e-4
_SMALL: Final = 1e-6
"""Changes of the root, relative, and of the function, after which the next secant step is not
looked at any more: its error is the product of the last two."""


class _Search(NamedTuple):
    """Bracket, the next point, the last one with its value and the slope there."""

    low: Array
    high: Array
    x: Array
    last: Array
    value: Array
    slope: Array
    tries: Array


def increasing_root(
    f: Callable[[Array], Array], guess: Float[Array, ""], slope: Float[Array, ""], mass: Array
) -> Float[Array, ""]:
    """Where an increasing function vanishes between 0 and `mass`: secant steps, kept in bounds.

    Args:
        f: the function.
        guess: near its root.
        slope: of the function, roughly; at least 1.
        mass: upper bound of the root.
    """

    def go_on(s: _Search) -> Array:
        moved = jnp.abs(s.x - s.last)
        moves = (moved > _CLOSE * s.x) | (moved * s.slope > _SMALL)
        return (s.tries < _TRIES) & (moves | (s.tries < 2)) & ~((s.value == 0.0) & (s.tries > 0))

    def narrow(s: _Search) -> _Search:
        value = f(s.x)
        low = jnp.where(value < 0.0, s.x, s.low)
        high = jnp.where(value < 0.0, s.high, s.x)
        apart = (s.x != s.last) & (s.tries > 0)
        rise = (value - s.value) / jnp.where(apart, s.x - s.last, 1.0)
        rise = jnp.where(apart & (rise > 0.0), rise, s.slope)
        step = s.x - value / rise
        # Where the secant leaves the bracket: towards 0 by decades.
        middle = jnp.where(low > 0.1 * high, 0.5 * (low + high), jnp.maximum(0.1 * high, 3.0 * low))
        found = jnp.where((step > low) & (step < high), step, middle)
        found = jnp.where(value == 0.0, s.x, jnp.maximum(found, FEWEST))
        return _Search(low, high, found, s.x, value, rise, s.tries + 1)

    guess = jnp.clip(guess, FEWEST, mass)
    zero = jnp.zeros_like(guess)
    # A last point of its own, so that the search begins.
    start = _Search(zero, mass, guess, -guess, zero, slope, jnp.zeros((), jnp.int32))
    return jax.lax.while_loop(go_on, narrow, start).x
