"""Train all classifiers; what is finished is kept, so that an interrupted training goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import jax
import numpy as np

from surrogate.enrichment.classifiers import binary, one_class
from surrogate.enrichment.classifiers.binary import Binary, fit_binary
from surrogate.enrichment.classifiers.calibrate import Calibration, calibrate
from surrogate.enrichment.classifiers.generative import Generative, fit_generative
from surrogate.enrichment.classifiers.models import KIND, LEARNT, SIZES, Models
from surrogate.enrichment.classifiers.one_class import OneClass, fit_one_class
from surrogate.enrichment.classifiers.store import (
    pack_binary,
    pack_one_class,
    unpack_binary,
    unpack_one_class,
)
from surrogate.enrichment.classifiers.training import (
    PROCESSES,
    TrainingSet,
    prepare_patterns,
    random_split,
    training_set,
)
from surrogate.enrichment.features import SETS
from surrogate.learning.checkpoints import versions
from surrogate.learning.files import replace_file, write_json

if TYPE_CHECKING:
    from surrogate.enrichment.patterns import Patterns

SEEDS: Final = tuple(range(16))
Report = Callable[[str, int, int], None]
Net = TypeVar("Net")


def train_models(
    patterns: Sequence[Patterns] | Patterns,
    *,
    seeds: Sequence[int] = SEEDS,
    epochs: int = binary.EPOCHS,
    one_class_epochs: int = one_class.EPOCHS,
    keep: Path | None = None,
    report: Report = lambda text, done, total: None,
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
        keep: folder for networks that are finished; where it has some of the same training, they
            are not trained again.
        report: is told what is trained next, and how many of how many are finished.

    Raises:
        ValueError: r or s has no pattern, or too few; `keep` has networks of another training.
    """
    whole = prepare_patterns(patterns, balanced=False)
    even = prepare_patterns(patterns)
    even = even.of(*LEARNT)
    settings = {
        "seeds": list(seeds),
        "epochs": epochs,
        "one_class_epochs": one_class_epochs,
        "binary_patterns": _counts(even),
        "patterns": _counts(whole),
    }
    parts = _Parts(keep, {**settings, "values": _digest(whole)}, report)
    binaries, ones = {}, {}
    for name, elements in SETS.items():
        both, every = training_set(even, elements), training_set(whole, elements)
        for size in SIZES:
            binaries[name, size] = parts.get(
                f"binary {name} {size}",
                partial(_binary, both, seeds, size, epochs),
                pack_binary,
                partial(unpack_binary, size=size, elements=elements),
            )
            for process in LEARNT:
                ones[name, process, size] = parts.get(
                    f"one-class {name} {process} {size}",
                    partial(_one_class, every.of(process), seeds, size, one_class_epochs),
                    pack_one_class,
                    partial(unpack_one_class, process=process, size=size, elements=elements),
                )
    model, calibration = _generative(whole, seeds[0])
    report("generative", parts.total, parts.total)
    card = {
        "kind": KIND,
        **settings,
        "log_loss": None if calibration is None else calibration.log_loss,
        "versions": versions(),
    }
    return Models(binaries, ones, model, card)


def _binary(both: TrainingSet, seeds: Sequence[int], size: str, epochs: int) -> Binary:
    return fit_binary(both, random_split(len(both), seeds), seeds, size=size, epochs=epochs)


def _one_class(own: TrainingSet, seeds: Sequence[int], size: str, epochs: int) -> OneClass:
    return fit_one_class(own, random_split(len(own), seeds), seeds, size=size, epochs=epochs)


def _generative(whole: Patterns, seed: int) -> tuple[Generative, Calibration | None]:
    """Calibrated where r and s have two groups each."""
    model = fit_generative(whole)
    groups = {
        p: {g for g, q in zip(whole.group, whole.process, strict=True) if q == p} for p in LEARNT
    }
    if min(map(len, groups.values())) < 2:
        return model, None
    return calibrate(model, whole, jax.random.key(seed))


class _Parts:
    """Networks that are finished, in memory or in a folder."""

    total: Final = len(SETS) * len(SIZES) * (1 + len(LEARNT)) + 1

    def __init__(self, folder: Path | None, settings: Mapping[str, Any], report: Report) -> None:
        self._folder, self._report, self._done = folder, report, 0
        if folder is None:
            return
        file = folder / "training.json"
        if file.is_file() and json.loads(file.read_text()) != settings:
            raise ValueError(
                f"{folder} has networks of another training; remove it or name another"
            )
        write_json(file, settings)

    def get(
        self,
        name: str,
        fit: Callable[[], Net],
        pack: Callable[[Net], dict[str, np.ndarray]],
        unpack: Callable[[dict[str, np.ndarray]], Net],
    ) -> Net:
        """A network of the folder, or a new one."""
        self._report(name, self._done, self.total)
        self._done += 1
        file = None if self._folder is None else self._folder / f"{name.replace(' ', '-')}.npz"
        if file is not None and file.is_file():
            with np.load(file) as arrays:
                return unpack(dict(arrays))
        net = fit()
        if file is not None:
            replace_file(file, lambda scratch: np.savez(scratch, **pack(net)))  # type: ignore[arg-type]
        return net


def _digest(patterns: Patterns) -> str:
    """Of all abundances, so that a changed pattern is another training."""
    text = repr((patterns.process, patterns.group, patterns.model)).encode()
    return hashlib.sha256(text + np.ascontiguousarray(patterns.y).tobytes()).hexdigest()[:16]


def _counts(patterns: Patterns) -> dict[str, dict[str, int]]:
    """How many patterns each publication gives, by process."""
    counts: dict[str, dict[str, int]] = {p: {} for p in PROCESSES}
    for process, source in zip(patterns.process, patterns.source, strict=True):
        counts[process][source] = counts[process].get(source, 0) + 1
    return {p: sources for p, sources in counts.items() if sources}
