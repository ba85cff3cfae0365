"""Operations of JAX that move, look up, join or sum up numbers, in ONNX.

Only in the forms in which the models use them; others are told by an error. Each rule takes the
graph, the equation of JAX and the values it reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from surrogate.export.onnx_graph import (
    BATCH,
    Graph,
    Rule,
    Shape,
    Value,
    full_shape,
    integers,
    lengths,
    type_of,
)

if TYPE_CHECKING:
    from jax.extend.core import JaxprEqn


def _broadcast(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    (value,) = values
    axes = equation.params["broadcast_dimensions"]
    rank = len(equation.params["shape"])
    shape: list[int | str] = [1] * rank
    for axis, length in zip(axes, value.shape, strict=True):
        shape[axis] = length
    if isinstance(value, np.ndarray):
        return value.reshape([int(k) for k in shape])
    new = integers(*(k for k in range(rank) if k not in axes))
    return graph.call("Unsqueeze", value, new, shape=tuple(shape)) if len(new) else value


def _reshape(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    value, shape = _whole(graph, equation, values)[0], full_shape(equation.outvars[0])
    sizes = integers(*(-1 if k == BATCH else int(k) for k in shape))
    return graph.call("Reshape", value, sizes, shape=shape)


def _squeeze(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    axes = equation.params["dimensions"]
    shape = tuple(k for i, k in enumerate(values[0].shape) if i not in axes)
    return graph.call("Squeeze", values[0], integers(*axes), shape=shape)


def _transpose(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    order = equation.params["permutation"]
    shape = tuple(values[0].shape[k] for k in order)
    return graph.call("Transpose", values[0], shape=shape, perm=list(order))


def _concatenate(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    parts = [x for x in _whole(graph, equation, values) if 0 not in x.shape]
    axis = equation.params["dimension"]
    return graph.call("Concat", *parts, shape=full_shape(equation.outvars[0]), axis=axis)


def _stack(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    axis = equation.params["axis"]
    parts = []
    for x in _whole(graph, equation, values):
        shape = (*x.shape[:axis], 1, *x.shape[axis:])
        parts.append(graph.call("Unsqueeze", x, integers(axis), shape=shape))
    return graph.call("Concat", *parts, shape=full_shape(equation.outvars[0]), axis=axis)


def _slice(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    if set(equation.params["strides"] or (1,)) != {1}:
        raise NotImplementedError("slice: allowed are steps of 1")
    starts = equation.params["start_indices"]
    size = full_shape(equation.outvars[0])
    return _cut(graph, _whole(graph, equation, values)[0], starts, size)


def _cut(graph: Graph, value: Value, starts: Sequence[int], size: Shape) -> Value:
    """A block of a value."""
    axes = [k for k, length in enumerate(size) if length != value.shape[k]]
    if not axes:
        return value
    first = [int(starts[k]) for k in axes]
    last = [start + int(size[k]) for k, start in zip(axes, first, strict=True)]
    return graph.call(
        "Slice", value, integers(*first), integers(*last), integers(*axes), shape=size
    )


def _reduce(operator: str, dtype: Any = None) -> Rule:
    def rule(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
        axes = integers(*equation.params["axes"])
        value = _whole(graph, equation, values)[0]
        shape = full_shape(equation.outvars[0])
        if dtype is not None:
            value = graph.cast(value, dtype)
        out = graph.call(operator, value, axes, shape=shape, keepdims=0)
        return out if dtype is None else graph.cast(out, type_of(equation.invars[0]))

    return rule


def _cumulate(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    value, axis = _whole(graph, equation, values)[0], integers(equation.params["axis"])
    reverse = int(equation.params["reverse"])
    return graph.call("CumSum", value, axis.reshape(()), shape=value.shape, reverse=reverse)


def _argmax(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    (axis,) = equation.params["axes"]
    value, shape = _whole(graph, equation, values)[0], full_shape(equation.outvars[0])
    out = graph.call("ArgMax", value, shape=shape, axis=axis, keepdims=0)
    return graph.cast(out, equation.params["index_dtype"])


def _product(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    a, b = _whole(graph, equation, values)
    shape = full_shape(equation.outvars[0])
    (left, right), (batch_left, batch_right) = equation.params["dimension_numbers"]
    rank = len(a.shape)
    leading = tuple(range(rank - 2))
    plain = (rank, (rank - 1,), (rank - 2,), leading, leading)
    if (len(b.shape), *map(tuple, (left, right, batch_left, batch_right))) == plain:
        return graph.call("MatMul", a, b, shape=shape)
    letters = "abcdefghij"
    of_a = list(letters[:rank])
    of_b = list(letters[rank : rank + len(b.shape)])
    for i, j in zip((*left, *batch_left), (*right, *batch_right), strict=True):
        of_b[j] = of_a[i]
    batch = [of_a[i] for i in batch_left]
    rest_a = [x for i, x in enumerate(of_a) if i not in (*left, *batch_left)]
    rest_b = [x for j, x in enumerate(of_b) if j not in (*right, *batch_right)]
    text = f"{''.join(of_a)},{''.join(of_b)}->{''.join(batch + rest_a + rest_b)}"
    return graph.call("Einsum", a, b, shape=shape, equation=text)


def _gather(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    """A block at a known place, rows of a table, or one row of each encounter's table."""
    numbers, sizes = equation.params["dimension_numbers"], equation.params["slice_sizes"]
    value, index = _whole(graph, equation, values)
    out = full_shape(equation.outvars[0])
    axes, collapsed = numbers.start_index_map, numbers.collapsed_slice_dims
    if isinstance(index, np.ndarray) and index.ndim == 1:
        starts = dict(zip(map(int, axes), index, strict=True))
        places = [starts.get(k, 0) for k in range(len(sizes))]
        block = _cut(graph, value, places, lengths(sizes))
        return graph.call("Squeeze", block, integers(*collapsed), shape=out) if collapsed else block
    if tuple(axes) != tuple(collapsed) or len(axes) != 1:
        raise NotImplementedError(f"gather: {numbers}")
    if tuple(numbers.operand_batching_dims) == (0,) and axes[0] == 1:
        return graph.call("GatherND", value, graph.cast(index, np.int64), shape=out, batch_dims=1)
    kept = tuple(k for k in range(len(out)) if not axes[0] <= k < axes[0] + len(index.shape) - 1)
    if numbers.operand_batching_dims or tuple(map(int, numbers.offset_dims)) != kept:
        raise NotImplementedError(f"gather: {numbers}")
    last = integers(len(index.shape) - 1)
    rows = graph.call("Squeeze", index, last, shape=index.shape[:-1])
    return graph.call("Gather", value, rows, shape=out, axis=int(axes[0]))


def _scatter(combine: str | None) -> Rule:
    """A block at a known place is replaced, or combined with what is there."""

    def rule(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
        numbers = equation.params["dimension_numbers"]
        value, index, update = _whole(graph, equation, values)
        inserted = numbers.inserted_window_dims
        if not isinstance(index, np.ndarray) or index.ndim != 1 or numbers.operand_batching_dims:
            raise NotImplementedError(f"scatter: {numbers}")
        axes = dict(zip(numbers.scatter_dims_to_operand_dims, index, strict=True))
        shape = list(update.shape)
        for k in inserted:
            shape.insert(k, 1)
        if inserted:
            update = graph.call("Unsqueeze", update, integers(*inserted), shape=tuple(shape))
        place = np.ones((1,) * len(shape), bool)
        before, after = [0] * len(shape), [0] * len(shape)
        for axis, start in axes.items():
            length, block = int(value.shape[axis]), int(shape[axis])
            before[axis], after[axis] = int(start), length - int(start) - block
            along = np.arange(length)
            here = (along >= start) & (along < start + block)
            place = place & here.reshape([-1 if k == axis else 1 for k in range(len(shape))])
        update = graph.call("Pad", update, integers(*before, *after), shape=value.shape)
        if combine is not None:
            update = graph.call(combine, value, update, shape=value.shape)
        return graph.call("Where", place, update, value, shape=value.shape)

    return rule


def _whole(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> list[Value]:
    return [graph.whole(x, full_shape(v)) for x, v in zip(values, equation.invars, strict=True)]


MOVES: Final[dict[str, Rule]] = {
    "broadcast_in_dim": _broadcast,
    "reshape": _reshape,
    "squeeze": _squeeze,
    "transpose": _transpose,
    "concatenate": _concatenate,
    "stack": _stack,
    "slice": _slice,
    "gather": _gather,
    "scatter": _scatter(None),
    "scatter-mul": _scatter("Mul"),
    "reduce_sum": _reduce("ReduceSum"),
    "reduce_max": _reduce("ReduceMax"),
    "reduce_min": _reduce("ReduceMin"),
    "reduce_or": _reduce("ReduceMax", np.int32),
    "reduce_and": _reduce("ReduceMin", np.int32),
    "cumsum": _cumulate,
    "argmax": _argmax,
    "dot_general": _product,
}
"""A rule for each operation."""
