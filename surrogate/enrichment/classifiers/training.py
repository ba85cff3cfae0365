"""Training sets: patterns of the processes as features, and what to hold back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import numpy as np

from surrogate.enrichment.classifiers.thinning import main_r_process, thin, whole_patterns
from surrogate.enrichment.features import ER_SET, pattern_features
from surrogate.enrichment.patterns import Patterns, concatenate

if TYPE_CHECKING:
    from jaxtyping import Float, Int, Shaped

PROCESSES: Final = ("r", "s", "i")
"""A pattern's label is its place here, so that r is 0 and s is 1, as in the paper."""
S_ENRICHMENT: Final = 0.9
"""Least barium in the ejecta of an AGB star over its initial amount [dex], for
`readers.read_s_process`. Total yields hold what the star was born with, in which the Sun's europium
is of the r-process: patterns of less enriched models are mixtures. From 0.5 to 1.0 it is the one
under which unseen groups of simulations are told apart best (`experiments/enrichment`); 148 of 286
models remain."""
TRAIN: Final = 0.6
VALIDATION: Final = 0.2
"""Shares of the paper's random split; the rest is the test set."""


@dataclass(frozen=True)
class TrainingSet:
    """Features and labels of n simulations.

    Attributes:
        x: log10(N_X / N_Eu) by element [dex].
        label: index in `PROCESSES`.
        elements: what the columns of x are.
        group: who computed it; patterns of one group are neighbours on one grid.
        source: the publication.
        model: its name there.
    """

    x: Float[np.ndarray, "n e"]
    label: Int[np.ndarray, " n"]
    elements: tuple[str, ...]
    group: tuple[str, ...]
    source: tuple[str, ...]
    model: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.label)

    def take(self, rows: Shaped[np.ndarray, " m"] | Sequence[int]) -> TrainingSet:
        """The simulations of some rows, a mask or indices."""
        rows = np.asarray(rows)
        index = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(int)
        texts = {k: tuple(getattr(self, k)[i] for i in index) for k in ("group", "source", "model")}
        return TrainingSet(self.x[index], self.label[index], self.elements, **texts)

    def of(self, process: str) -> TrainingSet:
        """The simulations of one process."""
        return self.take(self.label == PROCESSES.index(process))


class Split(NamedTuple):
    """Rows of a training set, one line for each seed."""

    train: Int[np.ndarray, "seeds t"]
    validation: Int[np.ndarray, "seeds v"]
    test: Int[np.ndarray, "seeds w"]


class Fold(NamedTuple):
    """A split by source: no group has simulations on both sides."""

    name: str
    """The groups that are held back."""
    rest: Int[np.ndarray, " a"]
    test: Int[np.ndarray, " b"]


def prepare_patterns(
    patterns: Sequence[Patterns] | Patterns, *, balanced: bool = True, cut: bool = True
) -> Patterns:
    """The simulations to train on, of all that there are.

    Args:
        patterns: of the r- and the s-process, perhaps of the i-process, in any order.
        balanced: thin the larger of r and s to the size of the smaller. The paper has 188 of the r-
            against 187 of the s-process. Patterns of the i-process stay as they are.
        cut: keep those r patterns alone that have a main r-process.

    Returns:
        The patterns of r, then s, then i. Order within a process is that of the input.

    Raises:
        ValueError: r or s has no pattern.
    """
    whole = patterns if isinstance(patterns, Patterns) else concatenate(patterns)
    parts = {p: whole.of(p) for p in PROCESSES}
    if cut:
        parts["r"] = parts["r"].take(main_r_process(parts["r"]))
    sizes = {p: len(parts[p]) for p in ("r", "s")}
    if empty := [p for p, n in sizes.items() if n == 0]:
        raise ValueError(f"patterns: none of process {empty[0]} are left; give some")
    if balanced:
        for process in ("r", "s"):
            mine = parts[process]
            parts[process] = mine.take(thin(whole_patterns(mine), min(sizes.values())))
    return concatenate(list(parts.values()))


def training_set(patterns: Patterns, elements: Sequence[str] = ER_SET) -> TrainingSet:
    """Features and labels of patterns; those that lack an element are left out.

    Args:
        patterns: such as of `prepare_patterns`.
        elements: symbols, such as `ER_SET` or `PB_SET`.
    """
    features = pattern_features(patterns, elements)
    whole = patterns.take(features.complete)
    return TrainingSet(
        x=features.values[features.complete].astype(np.float32),
        label=np.array([PROCESSES.index(p) for p in whole.process], int),
        elements=tuple(elements),
        group=whole.group,
        source=whole.source,
        model=whole.model,
    )


def random_split(
    rows: Int[np.ndarray, " n"] | int, seeds: Sequence[int], *, test: bool = True
) -> Split:
    """The paper's random split, 60, 20 and 20 per cent, anew for each seed.

    Args:
        rows: which to split, or how many there are.
        seeds: one split each; a seed gives the same split alone or among others.
        test: whether to hold a test set back; without one it is a split of 75 and 25 per cent.

    Raises:
        ValueError: there are fewer than 5 rows.
    """
    index = np.arange(rows) if isinstance(rows, int) else np.asarray(rows)
    if (n := len(index)) < 5:
        raise ValueError(f"rows: {n}, allowed: 5 and more; give more patterns")
    shares = np.array([TRAIN, VALIDATION]) / (1.0 if test else TRAIN + VALIDATION)
    a, b = np.round(np.cumsum(shares) * n).astype(int)
    order = np.stack([np.asarray(jax.random.permutation(_key(seed), n)) for seed in seeds])
    shuffled = index[order]
    return Split(shuffled[:, :a], shuffled[:, a:b], shuffled[:, b:])


def source_folds(training: TrainingSet) -> list[Fold]:
    """Every way to hold back one group of the r- and one of the s-process.

    Raises:
        ValueError: r or s comes from a single group.
    """
    groups = np.array(training.group)
    mine = {p: sorted(set(groups[training.label == PROCESSES.index(p)])) for p in ("r", "s")}
    if lone := [p for p, names in mine.items() if len(names) < 2]:
        raise ValueError(f"process {lone[0]}: 1 group, allowed: 2 and more, to hold one back")
    folds = []
    for r in mine["r"]:
        for s in mine["s"]:
            held = (groups == r) | (groups == s)
            folds.append(Fold(f"{r}, {s}", np.flatnonzero(~held), np.flatnonzero(held)))
    return folds


def _key(seed: int) -> jax.Array:
    return jax.random.fold_in(jax.random.key(seed), 1)
