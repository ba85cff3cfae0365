"""Operations of JAX on single numbers, in ONNX.

Each rule takes the graph, the equation of JAX and the values it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.export.onnx_graph import Graph, Rule, Tensor, Value, repeated, type_of

if TYPE_CHECKING:
    from jax.extend.core import JaxprEqn


def _same(operator: str) -> Rule:
    def rule(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
        return graph.call(operator, *values, shape=repeated(*(x.shape for x in values)))

    return rule


def _logical(of_booleans: str, of_integers: str) -> Rule:
    def rule(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
        boolean = type_of(equation.invars[0]) == np.bool_
        return _same(of_booleans if boolean else of_integers)(graph, equation, values)

    return rule


def _composed(write: Callable[..., Value]) -> Rule:
    """A function of ONNX's operators: `write(call, number, *values)`."""

    def rule(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
        def call(operator: str, *operands: Value) -> Tensor:
            return graph.call(operator, *operands, shape=repeated(*(x.shape for x in operands)))

        return write(call, lambda x: np.array(x, type_of(equation.invars[0])), *values)

    return rule


def _power(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    exponent = equation.params["y"]
    if exponent < 1:
        raise NotImplementedError(f"integer_pow: y = {exponent}, allowed is 1 or more")
    (base,) = values
    found = base
    # By the digits of the exponent after the first, as XLA does it.
    for digit in f"{exponent:b}"[1:]:
        found = _same("Mul")(graph, equation, [found, found])
        if digit == "1":
            found = _same("Mul")(graph, equation, [found, base])
    return found


def _polynomial(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    """By Horner's rule; the constant comes first."""
    x, *coefficients = values
    found = coefficients.pop()
    for coefficient in reversed(coefficients):
        product = _same("Mul")(graph, equation, [found, x])
        found = _same("Add")(graph, equation, [product, coefficient])
    return found


def _select(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    which, no, yes = values
    if type_of(equation.invars[1]) != np.bool_:
        return _same("Where")(graph, equation, [which, yes, no])
    kept = _same("And")(graph, equation, [which, yes])
    other = _same("And")(graph, equation, [_same("Not")(graph, equation, [which]), no])
    return _same("Or")(graph, equation, [kept, other])


def _convert(graph: Graph, equation: JaxprEqn, values: Sequence[Value]) -> Value:
    if type_of(equation.invars[0]) == equation.params["new_dtype"]:
        return values[0]
    return graph.cast(values[0], equation.params["new_dtype"])


_SAME: Final = {
    **{"add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "pow": "Pow"},
    **{"max": "Max", "min": "Min", "eq": "Equal", "lt": "Less", "le": "LessOrEqual"},
    **{"gt": "Greater", "ge": "GreaterOrEqual", "not": "Not", "neg": "Neg", "abs": "Abs"},
    **{"exp": "Exp", "log": "Log", "sqrt": "Sqrt", "floor": "Floor", "sign": "Sign"},
    **{"logistic": "Sigmoid", "tanh": "Tanh", "copy": "Identity", "stop_gradient": "Identity"},
}
"""Operations that ONNX has."""
ELEMENTWISE: Final[dict[str, Rule]] = {
    **{name: _same(operator) for name, operator in _SAME.items()},
    "and": _logical("And", "BitwiseAnd"),
    "or": _logical("Or", "BitwiseOr"),
    "ne": _composed(lambda call, number, x, y: call("Not", call("Equal", x, y))),
    "square": _composed(lambda call, number, x: call("Mul", x, x)),
    "rsqrt": _composed(lambda call, number, x: call("Div", number(1), call("Sqrt", x))),
    "log1p": _composed(lambda call, number, x: call("Log", call("Add", x, number(1)))),
    "expm1": _composed(lambda call, number, x: call("Sub", call("Exp", x), number(1))),
    "is_finite": _composed(lambda call, number, x: call("Less", call("Abs", x), number(np.inf))),
    "integer_pow": _power,
    "polynomial": _polynomial,  # JAX 0.12; a scan before
    "select_n": _select,
    "convert_element_type": _convert,
}
"""A rule for each operation."""
