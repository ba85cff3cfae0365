"""Derivatives of functions that make many numbers of one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
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
        f: a function of a number and of pytrees; returns a pytree of arrays.

    Returns:
        The same function.
    """

    def rule(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        x, *others = primals
        dx, *d_others = jax.tree.map(_dense, tangents, is_leaf=_untouched)
        value, slope = jax.jvp(lambda x: f(x, *others), (x,), (jnp.ones_like(x),))
        along = jax.tree.map(lambda s: s * dx, slope)
        if all(map(_untouched, jax.tree.leaves(tangents[1:], is_leaf=_untouched))):
            return value, along
        across = jax.jvp(lambda *o: f(x, *o), tuple(others), tuple(d_others))[1]
        return value, jax.tree.map(jnp.add, along, across)

    same = jax.custom_jvp(f)
    same.defjvp(rule, symbolic_zeros=True)
    return wraps(f)(same)


def _untouched(tangent: Any) -> bool:
    """Is this argument none that is differentiated by?"""
    return isinstance(tangent, SymbolicZero)


def _dense(tangent: Any) -> Any:
    return np.zeros(tangent.shape, tangent.dtype) if _untouched(tangent) else tangent
