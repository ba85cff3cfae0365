"""Flax modules as pure functions of a flat dictionary of arrays.

The configuration rebuilds the module's graph and the weights stay plain arrays, so that a call
pays no module traversal and a checkpoint outlives the classes that made it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from flax import nnx
from flax.traverse_util import flatten_dict, unflatten_dict

if TYPE_CHECKING:
    from jax import Array

Params = dict[str, "Array"]
"""Weights by name, such as "body/blocks/0/linear/kernel"."""


class Functional(NamedTuple):
    """A network as two pure functions."""

    init: Callable[[Array], Params]
    """Initial weights from a random key."""
    apply: Callable[..., Any]
    """The network's output from its weights and inputs."""


def functional(build: Callable[[nnx.Rngs], nnx.Module]) -> Functional:
    """The module that `build` makes, as pure functions.

    Args:
        build: makes the module from a source of random numbers.

    Returns:
        `init(key)` and `apply(params, *inputs)`; both can be jitted, vmapped and differentiated.
    """
    graph, _ = nnx.split(nnx.eval_shape(lambda: build(nnx.Rngs(0))))

    def init(key: Array) -> Params:
        return _flatten(nnx.to_pure_dict(nnx.state(build(nnx.Rngs(key)))))

    def apply(params: Params, *inputs: Any) -> Any:
        return nnx.merge(graph, _unflatten(params))(*inputs)

    return Functional(init, apply)


def _flatten(tree: dict[Any, Any]) -> Params:
    return {"/".join(map(str, path)): leaf for path, leaf in flatten_dict(tree).items()}


def _unflatten(params: Params) -> dict[Any, Any]:
    # Lists of blocks have whole numbers for keys.
    paths = {
        tuple(int(k) if k.isdigit() else k for k in name.split("/")): leaf
        for name, leaf in params.items()
    }
    return unflatten_dict(paths)
