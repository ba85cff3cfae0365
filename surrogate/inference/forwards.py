"""Derivatives of functions that make many numbers of a few."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_derivatives import SymbolicZero


def forwards(f: Callable[..., Any]) -> Callable[..., Any]:
    """Differentiate a function by its first argument forwards, even inside `jax.grad`.

    One number in and thousands out: the derivatives of them all cost about one more evaluation,
    where going backwards keeps every intermediate array and costs several. Derivatives by the
    other arguments, and higher ones, are as ever.

    Args:
        f: a function of a number, or of a short vector, and of pytrees; returns a pytree of arrays.

    Returns:
        The same function.
    """

    def rule(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        x, *others = primals
        dx, *d_others = jax.tree.map(_dense, tangents, is_leaf=_untouched)
        basis = jnp.eye(x.size, dtype=x.dtype).reshape(x.size, *x.shape)
        # The value does not depend on the direction, and is computed once.
        value, slopes = jax.vmap(
            lambda along: jax.jvp(lambda x: f(x, *others), (x,), (along,)), out_axes=(None, 0)
        )(basis)
        along = jax.tree.map(partial(_combine, jnp.ravel(dx)), slopes)
        if all(map(_untouched, jax.tree.leaves(tangents[1:], is_leaf=_untouched))):
            return value, along
        across = jax.jvp(lambda *o: f(x, *o), tuple(others), tuple(d_others))[1]
        return value, jax.tree.map(jnp.add, along, across)

    same = jax.custom_jvp(f)
    same.defjvp(rule, symbolic_zeros=True)
    return wraps(f)(same)


def _combine(amounts: Any, slopes: Any) -> Any:
    return sum(slope * amount for slope, amount in zip(slopes, amounts, strict=True))


def _untouched(tangent: Any) -> bool:
    """Is this argument none that is differentiated by?"""
    return isinstance(tangent, SymbolicZero)


def _dense(tangent: Any) -> Any:
    return np.zeros(tangent.shape, tangent.dtype) if _untouched(tangent) else tangent
