"""All classifiers of one training, and how they are kept on disk.

A model is a folder: a card, and plain arrays by name (`learning.checkpoints`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jax
import numpy as np

from surrogate.enrichment.classifiers import binary, one_class
from surrogate.enrichment.classifiers.binary import STATES, Binary, fit_binary
from surrogate.enrichment.classifiers.calibrate import Calibration, calibrate
from surrogate.enrichment.classifiers.generative import Generative, fit_generative
from surrogate.enrichment.classifiers.one_class import OneClass, fit_one_class
from surrogate.enrichment.classifiers.svm import Boundary
from surrogate.enrichment.classifiers.training import (
    PROCESSES,
    prepare_patterns,
    random_split,
    training_set,
)
from surrogate.enrichment.features import SETS
from surrogate.learning.checkpoints import load_model, save_model, versions

if TYPE_CHECKING:
    from os import PathLike

    from surrogate.enrichment.patterns import Patterns

KIND: Final = "enrichment classifiers"
SIZES: Final = ("L", "S")
LEARNT: Final = ("r", "s")
"""Processes that one-class classifiers learn."""
SEEDS: Final = tuple(range(16))


@dataclass(frozen=True)
class Models:
    """Everything that labels a star.

    Attributes:
        binary: by set of elements (er, pb) and size.
        one_class: by set of elements, process and size.
        generative: of all processes.
        card: what they were trained on, and how.
    """

    binary: Mapping[tuple[str, str], Binary]
    one_class: Mapping[tuple[str, str, str], OneClass]
    generative: Generative
    card: Mapping[str, Any]

    @property
    def seeds(self) -> int:
        """How many networks there are of each kind."""
        return len(next(iter(self.binary.values())).epoch["max"])


def train_models(
    patterns: Sequence[Patterns] | Patterns,
    *,
    seeds: Sequence[int] = SEEDS,
    epochs: int = binary.EPOCHS,
    one_class_epochs: int = one_class.EPOCHS,
    report: Callable[[str], None] = lambda text: None,
) -> Models:
    """Train every classifier.

    Binary networks learn from as many patterns of r as of s, one-class networks and the generative
    model from all. Every seed has its own random split. Patterns of the i-process are known to the
    generative model alone.

    Args:
        patterns: of r and s, perhaps of i, from readers or from a network. Read those of the
            s-process with `min_enrichment = training.S_ENRICHMENT`.
        seeds: one network of each kind for each.
        epochs: of binary networks.
        one_class_epochs: of autoencoders.
        report: is told what is trained next.

    Raises:
        ValueError: r or s has no pattern, or too few.
    """
    whole = prepare_patterns(patterns, balanced=False)
    even = prepare_patterns(patterns)
    even = even.take(np.isin(np.array(even.process), LEARNT))
    binaries, ones = {}, {}
    for name, elements in SETS.items():
        both, every = training_set(even, elements), training_set(whole, elements)
        for size in SIZES:
            report(f"binary, {name}, {size}")
            split = random_split(len(both), seeds)
            binaries[name, size] = fit_binary(both, split, seeds, size=size, epochs=epochs)
            for process in LEARNT:
                report(f"one class, {name}, {process}, {size}")
                own = every.of(process)
                ones[name, process, size] = fit_one_class(
                    own, random_split(len(own), seeds), seeds, size=size, epochs=one_class_epochs
                )
    report("generative")
    model = fit_generative(whole)
    calibration: Calibration | None = None
    try:
        model, calibration = calibrate(model, whole, jax.random.key(seeds[0]))
    except ValueError:
        report("generative: a process has one group alone; not calibrated")
    card = {
        "kind": KIND,
        "seeds": list(seeds),
        "epochs": epochs,
        "one_class_epochs": one_class_epochs,
        "binary_patterns": _counts(even),
        "patterns": _counts(whole),
        "log_loss": None if calibration is None else calibration.log_loss,
        "versions": versions(),
    }
    return Models(binaries, ones, model, card)


def save_models(models: Models, path: str | PathLike[str]) -> None:
    """Write models to a folder; without the histories of their training.

    Args:
        models: trained.
        path: of the folder; an earlier one is replaced once the new one stands.
    """
    arrays: dict[str, Any] = {}
    for (name, size), net in models.binary.items():
        at = f"binary/{name}/{size}"
        for state in STATES:
            _add(arrays, f"{at}/{state}/params", net.params[state])
            arrays[f"{at}/{state}/threshold"] = net.threshold[state]
            arrays[f"{at}/{state}/epoch"] = net.epoch[state]
    for (name, process, size), one in models.one_class.items():
        at = f"one_class/{name}/{process}/{size}"
        _add(arrays, f"{at}/params", one.params)
        _add(arrays, f"{at}/boundary", one.boundary._asdict())
        arrays[f"{at}/epoch"] = one.epoch
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
            at = f"binary/{name}/{size}"
            binaries[name, size] = Binary(
                size=size,
                elements=tuple(elements),
                params={state: _under(arrays, f"{at}/{state}/params") for state in STATES},
                threshold={state: arrays[f"{at}/{state}/threshold"] for state in STATES},
                epoch={state: arrays[f"{at}/{state}/epoch"] for state in STATES},
                history={},
            )
            for process in LEARNT:
                at = f"one_class/{name}/{process}/{size}"
                ones[name, process, size] = OneClass(
                    process=process,
                    size=size,
                    elements=tuple(elements),
                    params=_under(arrays, f"{at}/params"),
                    boundary=Boundary(**_under(arrays, f"{at}/boundary")),
                    epoch=arrays[f"{at}/epoch"],
                    history={},
                )
    generative = Generative(
        elements=tuple(card["generative_elements"]),
        m=arrays["generative/m"],
        label=arrays["generative/label"],
        scatter=arrays["generative/scatter"],
        temperature=card["temperature"],
    )
    return Models(binaries, ones, generative, card)


def _counts(patterns: Patterns) -> dict[str, dict[str, int]]:
    """How many patterns each publication gives, by process."""
    counts: dict[str, dict[str, int]] = {p: {} for p in PROCESSES}
    for process, source in zip(patterns.process, patterns.source, strict=True):
        counts[process][source] = counts[process].get(source, 0) + 1
    return {p: sources for p, sources in counts.items() if sources}


def _add(arrays: dict[str, Any], prefix: str, values: Mapping[str, Any]) -> None:
    arrays.update({f"{prefix}/{name}": np.asarray(value) for name, value in values.items()})


def _under(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, Any]:
    start = f"{prefix}/"
    return {n.removeprefix(start): a for n, a in arrays.items() if n.startswith(start)}
