"""Uniform cubic B-splines in one and two dimensions: C2, and no search for the knots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

if TYPE_CHECKING:
    from jax import Array
    from jax.typing import ArrayLike
    from jaxtyping import Float


def floating(*values: ArrayLike) -> tuple[Array, ...]:
    """The values as arrays of one shape and one floating type, float32 at least.

    Args:
        *values: numbers or arrays that broadcast against each other, any unit.

    Returns:
        As many arrays, each of the broadcast shape.
    """
    dtype = jnp.promote_types(jnp.result_type(*values), jnp.float32)
    return tuple(jnp.broadcast_arrays(*(jnp.asarray(value, dtype) for value in values)))


def _cell(q: Array, limits: tuple[float, float], coefficients: int) -> tuple[Array, Array]:
    """First of the four coefficients that matter at q, and their weights along a last axis."""
    low, high = limits
    cells = coefficients - 3
    position = (q - low) * (cells / (high - low))
    index = jnp.clip(jnp.floor(position), 0, cells - 1)
    weights = _weights(position - index)
    # NaN stays in the weights and so in the answer; the index must merely be a valid one.
    return jnp.nan_to_num(index).astype(jnp.int32), jnp.stack(weights, axis=-1)


def _weights(t: Any) -> tuple[Any, ...]:
    """Of the four coefficients about a place t (0 to 1) in a cell."""
    r = 1 - t
    return (
        r * r * r / 6,
        (4 - 3 * t * t * (2 - t)) / 6,
        (4 - 3 * r * r * (2 - r)) / 6,
        t * t * t / 6,
    )


def places(coefficients: int) -> Float[np.ndarray, " coefficients"]:
    """Where a spline is determined by its values: the knots and the middles of the outer cells.

    As many places as coefficients, from 0 to 1 between the first and the last knot.
    """
    cells = coefficients - 3
    return np.sort(np.concatenate([np.arange(cells + 1), [0.5, cells - 0.5]])) / cells


def basis(
    coefficients: int, at: Float[np.ndarray, " places"]
) -> Float[np.ndarray, "places coefficients"]:
    """Values of every cubic B-spline at places between the first knot, 0, and the last, 1.

    With V the values of a function at the `places` of m and n coefficients, the coefficients of the
    surface through them are A^-1 V B^-T, where A = basis(m, places(m)) and B = basis(n, places(n)).
    """
    cells = coefficients - 3
    cell = np.minimum((at * cells + 1e-9).astype(int), cells - 1)
    matrix = np.zeros((len(at), coefficients))
    for k, weight in enumerate(_weights(at * cells - cell)):
        matrix[np.arange(len(at)), cell + k] = weight
    return matrix


def _take(table: Array, index: Array) -> Array:
    return table.at[index].get(mode="promise_in_bounds")


def curve(table: ArrayLike, x: Float[Array, ...], limits: tuple[float, float]) -> Float[Array, ...]:
    """Cubic B-spline.

    Args:
        table: coefficients, one more than knots on each side, shape (cells + 3,).
        x: where, any shape; the outer cells are continued beyond `limits`.
        limits: first and last knot, in the unit of x.

    Returns:
        The spline at x, of the shape and type of x.
    """
    table = jnp.asarray(table, x.dtype)
    i, weights = _cell(x, limits, table.shape[0])
    taps = np.arange(4).reshape((1,) * x.ndim + (4,))
    return jnp.sum(weights * _take(table, i[..., None] + taps), axis=-1)


def surface(
    table: ArrayLike,
    x: Float[Array, ...],
    y: Float[Array, ...],
    x_limits: tuple[float, float],
    y_limits: tuple[float, float],
) -> Float[Array, ...]:
    """Tensor-product cubic B-spline.

    Args:
        table: coefficients, shape (x cells + 3, y cells + 3) or with a third axis of channels.
        x: where along the first axis, any shape.
        y: where along the second, the shape of x.
        x_limits: first and last knot, in the unit of x.
        y_limits: first and last knot, in the unit of y.

    Returns:
        The spline, the shape of x and, where the table has them, an axis of channels.
    """
    table = jnp.asarray(table, x.dtype)
    rows, columns, *channels = table.shape
    i, wx = _cell(x, x_limits, rows)
    j, wy = _cell(y, y_limits, columns)
    # One gather of all sixteen coefficients: unrolled, it would take seconds to compile.
    block = columns * np.arange(4)[:, None] + np.arange(4)
    taps = (i * columns + j)[..., None, None] + block.reshape((1,) * x.ndim + (4, 4))
    weights = wx[..., :, None] * wy[..., None, :]
    weights = weights.reshape(*weights.shape, *(1,) * len(channels))
    first = x.ndim
    return jnp.sum(weights * _take(table.reshape(-1, *channels), taps), axis=(first, first + 1))
