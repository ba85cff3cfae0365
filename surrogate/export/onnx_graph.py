"""A graph of ONNX that is built node by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from surrogate.inference.optional import needs

if TYPE_CHECKING:
    from jax.extend.core import JaxprEqn
    from jaxtyping import Num

BATCH: Final = "n"
"""The axis whose length is not known; all others have one."""
OPSET: Final = 18
"""Version of the operators: the first with all that is needed, so that old runtimes serve."""
IR: Final = 8
"""Version of the file that belongs to it."""

Shape = tuple[int | str, ...]


class Tensor(NamedTuple):
    """What a node gives."""

    name: str
    shape: Shape
    """1 also along axes whose length is another one: operators repeat what lies along them."""


Value = Tensor | np.ndarray
"""What is computed, or known."""
Rule = Callable[["Graph", "JaxprEqn", Sequence[Value]], Value]
"""How an operation of JAX with one result is added to a graph."""


class Graph:
    """Nodes in order.

    Args:
        arguments: what the graph takes, each float64 of shape (n,).
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self.arguments = [Tensor(name, (BATCH,)) for name in arguments]
        self._onnx = needs("onnx", "onnx")
        self._nodes: list[Any] = []
        self._known: dict[tuple[str, Shape, bytes], Any] = {}
        self._shapes: dict[Shape, Value] = {}

    def call(self, operator: str, *values: Value, shape: Shape, **attributes: Any) -> Tensor:
        """Add a node.

        Args:
            operator: of ONNX.
            *values: what it takes.
            shape: of what it gives.
            **attributes: of the operator.

        Returns:
            What it gives.
        """
        names = [self._name(value) for value in values]
        out = Tensor(f"v{len(self._nodes)}", shape)
        node = self._onnx.helper.make_node(operator, names, [out.name], **attributes)
        self._nodes.append(node)
        return out

    def whole(self, value: Value, shape: Shape) -> Value:
        """The value with every axis as long as it stands for."""
        if value.shape == shape:
            return value
        if BATCH not in shape:
            shape_then: Value = np.array(shape, np.int64)
        else:
            shape_then = self._shapes.setdefault(shape, self._with_batch(shape))
        return self.call("Expand", value, shape_then, shape=shape)

    def cast(self, value: Value, dtype: Any) -> Tensor:
        """The value in another type."""
        to = self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self.call("Cast", value, shape=value.shape, to=to)

    def model(self, results: Mapping[str, tuple[Value, Any]], about: Mapping[str, str]) -> Any:
        """The finished model, without nodes that nothing depends on.

        Args:
            results: values by name, each with its type; every one gets shape (n,).
            about: is kept in the file.

        Returns:
            An `onnx.ModelProto`, checked.
        """
        helper = self._onnx.helper
        for name, (value, _) in results.items():
            source = self._name(self.whole(value, (BATCH,)))
            self._nodes.append(helper.make_node("Identity", [source], [name]))
        nodes, known = self._needed(set(results))

        def column(name: str, dtype: Any) -> Any:
            kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
            return helper.make_tensor_value_info(name, kind, [BATCH])

        graph = helper.make_graph(
            nodes,
            "surrogate",
            [column(x.name, np.float64) for x in self.arguments],
            [column(name, dtype) for name, (_, dtype) in results.items()],
            known,
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR)
        helper.set_model_props(model, dict(about))
        self._onnx.checker.check_model(model, full_check=True)
        return model

    def _with_batch(self, shape: Shape) -> Tensor:
        rows = self.call("Shape", self.arguments[0], shape=(1,))
        parts = [rows if k == BATCH else np.array([k], np.int64) for k in shape]
        return self.call("Concat", *parts, shape=(len(shape),), axis=0)

    def _name(self, value: Value) -> str:
        if isinstance(value, Tensor):
            return value.name
        array = np.ascontiguousarray(value).reshape(value.shape)
        key = (str(array.dtype), array.shape, array.tobytes())
        if key not in self._known:
            name = f"k{len(self._known)}"
            self._known[key] = self._onnx.numpy_helper.from_array(array, name)
        found: str = self._known[key].name
        return found

    def _needed(self, wanted: set[str]) -> tuple[list[Any], list[Any]]:
        nodes = []
        for node in reversed(self._nodes):
            if wanted.intersection(node.output):
                wanted.update(node.input)
                nodes.append(node)
        return nodes[::-1], [x for x in self._known.values() if x.name in wanted]


def integers(*numbers: int) -> Num[np.ndarray, " numbers"]:
    """Axes, places or lengths, as operators take them."""
    return np.array(numbers, np.int64)


def type_of(variable: Any) -> np.dtype[Any]:
    """The type of a variable of JAX."""
    return np.dtype(variable.aval.dtype)


def full_shape(variable: Any) -> Shape:
    """The shape of a variable of JAX."""
    return lengths(variable.aval.shape)


def lengths(shape: Sequence[Any]) -> Shape:
    """A shape of JAX as it is kept here.

    Raises:
        NotImplementedError: a length depends on the batch in another way than being it.
    """
    found = tuple(int(k) if isinstance(k, (int, np.integer)) else str(k) for k in shape)
    if any(isinstance(k, str) and k != BATCH for k in found):
        raise NotImplementedError(f"shape {found}: allowed are numbers and {BATCH!r}")
    return found


def repeated(*shapes: Shape) -> Shape:
    """The shape of what an operator makes of operands that it repeats."""
    rank = max(map(len, shapes))
    columns = zip(*((1,) * (rank - len(s)) + s for s in shapes), strict=True)
    return tuple(next((k for k in column if k != 1), 1) for column in columns)
