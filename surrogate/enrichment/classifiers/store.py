"""Classifiers on disk: a folder with a card and plain arrays by name (`learning.checkpoints`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogate.enrichment.classifiers.binary import STATES, Binary
from surrogate.enrichment.classifiers.generative import Generative
from surrogate.enrichment.classifiers.models import KIND, LEARNT, SIZES, Models
from surrogate.enrichment.classifiers.one_class import OneClass
from surrogate.enrichment.classifiers.svm import Boundary
from surrogate.enrichment.features import SETS
from surrogate.learning.checkpoints import load_model, save_model

if TYPE_CHECKING:
    from os import PathLike

Arrays = Mapping[str, np.ndarray]


def save_models(models: Models, path: str | PathLike[str]) -> None:
    """Write models to a folder; without the histories of their training.

    Args:
        models: trained.
        path: of the folder; an earlier one is replaced once the new one stands.
    """
    arrays: dict[str, Any] = {}
    for (name, size), net in models.binary.items():
        _add(arrays, f"binary/{name}/{size}", pack_binary(net))
    for (name, process, size), one in models.one_class.items():
        _add(arrays, f"one_class/{name}/{process}/{size}", pack_one_class(one))
    model = models.generative
    for field in ("m", "label", "scatter"):
        arrays[f"generative/{field}"] = getattr(model, field)
    card = {
        **models.card,
        "elements": {name: list(elements) for name, elements in SETS.items()},
        "generative_elements": list(model.elements),
        "temperature": model.temperature,
    }
    save_model(Path(path), arrays, card)


def load_models(path: str | PathLike[str]) -> Models:
    """Read models from a folder.

    Args:
        path: of the folder.

    Raises:
        ValueError: it is not a folder of such models, or damaged.
    """
    arrays, card = load_model(Path(path))
    if card.get("kind") != KIND:
        raise ValueError(f"{path}: kind = {card.get('kind')!r}, allowed: {KIND!r}; name another")
    binaries, ones = {}, {}
    for name, elements in card["elements"].items():
        for size in SIZES:
            mine = _under(arrays, f"binary/{name}/{size}")
            binaries[name, size] = unpack_binary(mine, size, tuple(elements))
            for process in LEARNT:
                mine = _under(arrays, f"one_class/{name}/{process}/{size}")
                ones[name, process, size] = unpack_one_class(mine, process, size, tuple(elements))
    generative = Generative(
        elements=tuple(card["generative_elements"]),
        m=arrays["generative/m"],
        label=arrays["generative/label"],
        scatter=arrays["generative/scatter"],
        temperature=card["temperature"],
    )
    return Models(binaries, ones, generative, card)


def pack_binary(net: Binary) -> dict[str, np.ndarray]:
    """Arrays of binary classifiers by name."""
    arrays: dict[str, np.ndarray] = {}
    for state in STATES:
        _add(arrays, f"{state}/params", net.params[state])
        arrays[f"{state}/threshold"] = np.asarray(net.threshold[state])
        arrays[f"{state}/epoch"] = np.asarray(net.epoch[state])
    return arrays


def unpack_binary(arrays: Arrays, size: str, elements: tuple[str, ...]) -> Binary:
    """The opposite of `pack_binary`."""
    return Binary(
        size=size,
        elements=elements,
        params={state: _under(arrays, f"{state}/params") for state in STATES},
        threshold={state: arrays[f"{state}/threshold"] for state in STATES},
        epoch={state: arrays[f"{state}/epoch"] for state in STATES},
        history={},
    )


def pack_one_class(one: OneClass) -> dict[str, np.ndarray]:
    """Arrays of one-class classifiers by name."""
    arrays: dict[str, np.ndarray] = {}
    _add(arrays, "params", one.params)
    _add(arrays, "boundary", one.boundary._asdict())
    arrays["epoch"] = np.asarray(one.epoch)
    return arrays


def unpack_one_class(
    arrays: Arrays, process: str, size: str, elements: tuple[str, ...]
) -> OneClass:
    """The opposite of `pack_one_class`."""
    return OneClass(
        process=process,
        size=size,
        elements=elements,
        params=_under(arrays, "params"),
        boundary=Boundary(**_under(arrays, "boundary")),
        epoch=arrays["epoch"],
        history={},
    )


def _add(arrays: dict[str, Any], prefix: str, values: Mapping[str, Any]) -> None:
    arrays.update({f"{prefix}/{name}": np.asarray(value) for name, value in values.items()})


def _under(arrays: Arrays, prefix: str) -> dict[str, Any]:
    start = f"{prefix}/"
    return {n.removeprefix(start): a for n, a in arrays.items() if n.startswith(start)}
