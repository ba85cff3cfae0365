"""How good the classifiers are: on simulations they have not seen, and beside the paper's table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.classifiers import binary, one_class
from surrogate.enrichment.classifiers.binary import STATES, auc, fit_binary
from surrogate.enrichment.classifiers.label import MISSING, StarLabel
from surrogate.enrichment.classifiers.one_class import fit_one_class
from surrogate.enrichment.classifiers.training import (
    Split,
    TrainingSet,
    random_split,
    source_folds,
)

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from surrogate.enrichment.published import Published


class SourceAuc(NamedTuple):
    """AUC of s against r, on groups that were held back."""

    fold: str
    """The groups."""
    state: str
    """Minimal or maximal separation."""
    auc: Float[np.ndarray, " seeds"]


class Rates(NamedTuple):
    """What the boundaries of one-class classifiers hold; a share for each seed."""

    kept: Float[np.ndarray, " seeds"]
    """Of the class's own simulations that were held back."""
    other: Float[np.ndarray, " seeds"]
    """Of the other process's simulations, none of which was seen."""


class Agreement(NamedTuple):
    """Labels beside those of the paper, for stars that the paper labels."""

    stars: int
    overall_paper: int
    """Stars with the paper's overall label."""
    overall_jinabase: int
    """Stars whose overall label is JINAbase's."""
    likeliest_paper: int
    """Stars whose likeliest process is the paper's overall label."""
    likeliest_jinabase: int
    cells: int
    """Cells of the paper's table that have an answer."""
    cells_paper: int
    """Of these, the ones with the same answer."""


def auc_by_source(
    training: TrainingSet,
    seeds: Sequence[int],
    *,
    size: str = "L",
    epochs: int = binary.EPOCHS,
) -> list[SourceAuc]:
    """Train binary classifiers without one group of r and one of s, and ask them about these.

    Args:
        training: patterns of r and s, each of two groups or more; others are left out.
        seeds: of weights and of the split into training and validation rows.
        size: L or S.
        epochs: of each training.

    Returns:
        For every pair of groups, at minimal and at maximal separation.

    Raises:
        ValueError: r or s comes from a single group.
    """
    training = training.take(np.isin(training.label, (0, 1)))
    folds = source_folds(training)
    splits = [random_split(fold.rest, seeds, test=False) for fold in folds]
    results = []
    for fold, split in zip(folds, _of_one_shape(splits), strict=True):
        net = fit_binary(training, split, seeds, size=size, epochs=epochs)
        for state in STATES:
            outputs = net.output(training.x[fold.test], state)
            label = training.label[fold.test]
            each = [float(auc(jnp.asarray(output), label)) for output in outputs]
            results.append(SourceAuc(fold.name, state, np.array(each)))
    return results


def _of_one_shape(splits: Sequence[Split]) -> list[Split]:
    """Splits with some rows repeated, so that one compiled program trains all of them."""

    def filled(parts: Sequence[Int[np.ndarray, "seeds _"]]) -> list[Int[np.ndarray, "seeds n"]]:
        n = max(part.shape[1] for part in parts)
        return [part[:, np.arange(n) % part.shape[1]] for part in parts]

    train, validation = (filled([getattr(s, f) for s in splits]) for f in ("train", "validation"))
    return [
        split._replace(train=rows, validation=held)
        for split, rows, held in zip(splits, train, validation, strict=True)
    ]


def one_class_rates(
    training: TrainingSet,
    process: str,
    seeds: Sequence[int],
    *,
    size: str = "L",
    epochs: int = one_class.EPOCHS,
) -> Rates:
    """Train one-class classifiers on a random split, and ask about what is held back.

    Args:
        training: patterns of r and s.
        process: which to learn.
        seeds: of weights and splits.
        size: L or S.
        epochs: of each training.
    """
    own = training.of(process)
    other = training.of("s" if process == "r" else "r")
    split = random_split(len(own), seeds)
    net = fit_one_class(own, split, seeds, size=size, epochs=epochs)
    votes = net.votes(own.x)
    kept = [votes[k, rows].mean() for k, rows in enumerate(split.test)]
    return Rates(np.array(kept), net.votes(other.x).mean(axis=1))


def agreement(labels: Sequence[StarLabel], published: Sequence[Published]) -> Agreement:
    """Compare labels with the paper's.

    Args:
        labels: of the stars, in the paper's order.
        published: the paper's rows.

    Raises:
        ValueError: there are not as many labels as rows.
    """
    if len(labels) != len(published):
        raise ValueError(f"labels: {len(labels)}, allowed: {len(published)}, one for each row")
    pairs = list(zip(labels, published, strict=True))
    cells = [
        (ours, theirs)
        for label, row in pairs
        for name, theirs_all in (("er", row.er), ("pb", row.pb))
        # Rows of table 2 have the last four columns.
        for ours, theirs in zip(label.cells[name][-len(theirs_all) :], theirs_all, strict=True)
        if theirs != MISSING
    ]
    return Agreement(
        stars=len(pairs),
        overall_paper=sum(label.overall == row.overall for label, row in pairs),
        overall_jinabase=sum(label.overall == row.jinabase for label, row in pairs),
        likeliest_paper=sum(label.process == row.overall for label, row in pairs),
        likeliest_jinabase=sum(label.process == row.jinabase for label, row in pairs),
        cells=len(cells),
        cells_paper=sum(ours == theirs for ours, theirs in cells),
    )
