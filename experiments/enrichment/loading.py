"""What the scripts of this topic take: simulations, and the paper's stars."""

from __future__ import annotations

from surrogate.enrichment.bank import shipped_patterns
from surrogate.enrichment.classifiers.sets import published_sets
from surrogate.enrichment.classifiers.training import (
    TrainingSet,
    prepare_patterns,
    training_set,
)
from surrogate.enrichment.features import ER_SET
from surrogate.enrichment.jinabase import read_jinabase
from surrogate.enrichment.network.places import data_folder
from surrogate.enrichment.patterns import Patterns
from surrogate.enrichment.published import PUBLISHED
from surrogate.enrichment.references import find
from surrogate.enrichment.stars import Stars
from surrogate.reports.run import Run

CLASSES = tuple(row.jinabase for row in PUBLISHED)
"""Of the stars of `load_stars`."""


def load_stars(run: Run) -> Stars:
    """The 43 stars of the paper, in its order.

    Raises:
        FileNotFoundError: there is no folder of public data.
    """
    folder = data_folder(run.data)
    if folder is None:
        raise FileNotFoundError("JINAbase: name its folder by --data, or set SURROGATE_DATA")
    whole = read_jinabase(folder / "jinabase").stars
    return whole.take([find(whole, row.name, row.reference) for row in PUBLISHED])


def load_patterns(run: Run, *, balanced: bool = True) -> Patterns:
    """Simulations that the shipped classifiers learnt: r, s, i.

    Args:
        run: says where the data are.
        balanced: take as many of r as of s.
    """
    return prepare_patterns([shipped_patterns(), *published_sets(run.data)], balanced=balanced)


def load_training(
    run: Run, elements: tuple[str, ...] = ER_SET, *, balanced: bool = True
) -> TrainingSet:
    """Features of r and s; the arguments are those of `load_patterns`."""
    return training_set(load_patterns(run, balanced=balanced).of("r", "s"), elements)
