"""A model as ONNX: for ONNX Runtime and whatever else reads it.

JAX writes down every operation of the model, and each is put in ONNX by one of its `RULES`: nothing
but the package onnx is needed. The networks and what they read is single precision, everything
else double.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from surrogate import __version__
from surrogate.export.arrays import ARGUMENTS, FIELDS, answer
from surrogate.export.onnx_elementwise import ELEMENTWISE
from surrogate.export.onnx_graph import BATCH, Graph, Value, full_shape, type_of
from surrogate.export.onnx_moves import MOVES
from surrogate.learning.files import write_bytes

if TYPE_CHECKING:
    from jax.extend.core import Jaxpr, JaxprEqn

    from surrogate.collisions.predictor import CollisionModel

RULES: Final = ELEMENTWISE | MOVES
"""How each operation is put in ONNX: all that the models use; an error names any other."""
INLINED: Final = {"jit": "jaxpr", "custom_jvp_call": "call_jaxpr"}
"""Operations that are functions, and where those are."""


def export_onnx(model: CollisionModel, folder: Path, *, prefix: str = "surrogate") -> list[Path]:
    """Write a model as ONNX.

    Args:
        model: any; its structure and tides are kept.
        folder: is made where it is missing; a file of the same name is replaced.
        prefix: of the file.

    Returns:
        PREFIX.onnx. Arguments are age, m1, m2, rp and vinf, each float64 of shape (n,); results
        are `FIELDS`: masses and probabilities float64, codes int32, `in_domain` bool.

    Raises:
        ImportError: onnx is not installed.
        NotImplementedError: the model's stars use an operation that has no rule.
    """
    graph = Graph(ARGUMENTS)
    with jax.enable_x64(True):
        column = jax.ShapeDtypeStruct(jax.export.symbolic_shape(BATCH), jnp.float64)
        traced = jax.make_jaxpr(answer(model, jnp.float32))(*[column] * len(ARGUMENTS))
        values = _function(graph, traced, graph.arguments)
    types = [type_of(variable) for variable in traced.jaxpr.outvars]
    results = dict(zip(FIELDS, zip(values, types, strict=True), strict=True))
    about = {"model": model.kind, "surrogate": __version__}
    file = folder / f"{prefix}.onnx"
    write_bytes(file, [graph.model(results, about).SerializeToString()])
    return [file]


def translate(
    graph: Graph, jaxpr: Jaxpr, constants: Sequence[Any], arguments: Sequence[Value]
) -> list[Value]:
    """Add what a function of JAX computes to a graph.

    Args:
        graph: is added to.
        jaxpr: the function.
        constants: what it holds.
        arguments: what it is called with.

    Returns:
        Its results.

    Raises:
        NotImplementedError: an operation has no rule.
    """
    known: dict[Any, Value] = dict(zip(jaxpr.constvars, map(np.asarray, constants), strict=True))
    known |= dict(zip(jaxpr.invars, arguments, strict=True))

    def read(variable: Any) -> Value:
        if hasattr(variable, "val"):
            return np.asarray(variable.val, variable.aval.dtype)
        return known[variable]

    for equation in jaxpr.eqns:
        values = [read(x) for x in equation.invars]
        found = _equation(graph, equation, values)
        known |= dict(zip(equation.outvars, found, strict=True))
    return [read(x) for x in jaxpr.outvars]


def _equation(graph: Graph, equation: JaxprEqn, values: list[Value]) -> Sequence[Value]:
    name = equation.primitive.name
    if name in INLINED:
        return _function(graph, equation.params[INLINED[name]], values)
    if name == "scan":
        return _scan(graph, equation, values)
    if _is_known(equation, values):
        found = equation.primitive.bind(*values, **equation.params)
        return [np.asarray(x) for x in (found if equation.primitive.multiple_results else [found])]
    if name not in RULES:
        raise NotImplementedError(
            f"{name}: no such operation in ONNX yet; allowed: {sorted(RULES)}"
        )
    return [RULES[name](graph, equation, values)]


def _is_known(equation: JaxprEqn, values: Sequence[Value]) -> bool:
    """Whether nothing depends on the arguments, nor on how many encounters there are."""
    return all(
        isinstance(x, np.ndarray) and x.shape == full_shape(v)
        for x, v in zip(values, equation.invars, strict=True)
    ) and all(BATCH not in full_shape(v) for v in equation.outvars)


def _scan(graph: Graph, equation: JaxprEqn, values: list[Value]) -> Sequence[Value]:
    """A loop over known rows, written out.

    What it is made of is read off the shapes: how JAX names it changes from version to version.
    """
    body = equation.params["jaxpr"]
    inner = getattr(body, "jaxpr", body)
    pairs = zip(equation.invars, inner.invars, strict=True)
    held = sum(full_shape(x) == full_shape(y) for x, y in pairs) - len(inner.outvars)
    carried = len(inner.outvars)
    constants, state, rows = values[:held], values[held : held + carried], values[held + carried :]
    same = zip(equation.outvars, inner.outvars, strict=True)
    if any(full_shape(x) != full_shape(y) for x, y in same) or any(
        not isinstance(x, np.ndarray) for x in rows
    ):
        raise NotImplementedError("scan: allowed are known rows and no results but the last")
    steps = range(equation.params["length"])
    for k in reversed(steps) if equation.params["reverse"] else steps:
        now = [x[k] for x in rows if isinstance(x, np.ndarray)]
        state = _function(graph, body, [*constants, *state, *now])
    return state


def _function(graph: Graph, function: Any, values: Sequence[Value]) -> list[Value]:
    """A function that is called by another; it may or may not hold its constants."""
    inner = getattr(function, "jaxpr", function)
    return translate(graph, inner, getattr(function, "consts", ()), values)
