"""What the scripts of this topic take: shipped classifiers, simulations, and the paper's stars."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from surrogate.collisions.download import DATA_VARIABLE
from surrogate.enrichment.classifiers.models import Models
from surrogate.enrichment.classifiers.training import (
    S_ENRICHMENT,
    TrainingSet,
    prepare_patterns,
    training_set,
)
from surrogate.enrichment.features import ER_SET
from surrogate.enrichment.jinabase import read_jinabase
from surrogate.enrichment.patterns import Patterns
from surrogate.enrichment.published import PUBLISHED
from surrogate.enrichment.readers import read_r_process, read_s_process
from surrogate.enrichment.references import find
from surrogate.enrichment.stars import Stars
from surrogate.reports.run import Run

CLASSES = tuple(row.jinabase for row in PUBLISHED)
"""Of the stars of `load_stars`."""


def find_folder(folder: Path | None = None) -> Path:
    """The folder of the public data.

    Args:
        folder: it, or one that holds it as `enrichment`; else SURROGATE_DATA, then
            `../shared/data`.

    Raises:
        FileNotFoundError: it is nowhere.
    """
    given = folder or Path(os.environ.get(DATA_VARIABLE, "../shared/data"))
    for found in (given, given / "enrichment", given.parent / "enrichment"):
        if (found / "jinabase").is_dir() and (found / "fruity").is_dir():
            return found
    raise FileNotFoundError(
        f"{given}: no folder with jinabase/ and fruity/ in it; name one that has the public data, "
        "or set SURROGATE_DATA"
    )


def load_models() -> Models:
    """The classifiers that come with the package."""
    from surrogate.enrichment.classifiers.shipped import load_shipped

    return load_shipped()


def load_stars(run: Run) -> Stars:
    """The 43 stars of the paper, in its order."""
    whole = read_jinabase(find_folder(run.data) / "jinabase").stars
    return whole.take([find(whole, row.name, row.reference) for row in PUBLISHED])


def load_patterns(run: Run, *, balanced: bool = True, published: bool = False) -> Patterns:
    """Simulations: r and i of the package's own network, s of published models of AGB stars.

    Args:
        run: says where the data are.
        balanced: take as many of r as of s.
        published: add those of r that others published.
    """
    from surrogate.enrichment.bank import shipped_patterns

    folder = find_folder(run.data)
    parts = [shipped_patterns(), read_s_process(folder, min_enrichment=S_ENRICHMENT).patterns]
    if published:
        parts.append(read_r_process(folder / "rprocess"))
    return prepare_patterns(parts, balanced=balanced)


def without_i(patterns: Patterns) -> Patterns:
    """Patterns of r and s."""
    return patterns.take(np.array([process != "i" for process in patterns.process]))


def load_training(
    run: Run, elements: tuple[str, ...] = ER_SET, *, balanced: bool = True, published: bool = False
) -> TrainingSet:
    """Features of r and s; the arguments are those of `load_patterns`."""
    patterns = load_patterns(run, balanced=balanced, published=published)
    return training_set(without_i(patterns), elements)
