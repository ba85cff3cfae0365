"""Options that several commands share; the names repeat those of the library's registries."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Model(StrEnum):
    """Registered collision models (`surrogate.collisions.models.MODELS`)."""

    ENSEMBLE = "ensemble"
    FAST = "fast"
    SEPARATE = "separate"
    MIXTURE = "mixture"


class Network(StrEnum):
    """Networks that can be trained (`surrogate.collisions.trainers.TRAINERS`), or all of them."""

    CLASSIFIER = "classifier"
    REGRESSOR = "regressor"
    MIXTURE = "mixture"
    ENSEMBLE = "ensemble"
    FAST = "fast"
    ALL = "all"


class FoldKind(StrEnum):
    """What is left out of a training (`surrogate.collisions.folds.KINDS`), or each in turn."""

    MASS = "mass"
    AGE = "age"
    BEYOND = "beyond"
    TAMS = "tams"
    ALL = "all"


class SplitName(StrEnum):
    """How rows are divided into training, validation and test rows."""

    PUBLISHED = "published"
    STRATIFIED = "stratified"


class Part(StrEnum):
    """Rows of a grid."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    ALL = "all"


ModelOption = Annotated[
    Model,
    typer.Option(
        help="The ensemble, the fast network distilled from it, or the published ones: separate "
        "classifier and regressor, or the mixture of experts."
    ),
]
GridOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="PATH", help="Grid (csv, h5) or its folder; see `surrogate data where`."
    ),
]
SeedsOption = Annotated[
    str | None,
    typer.Option(
        metavar="N,N,...",
        help="One network each: the members of an ensemble; of a published network the best is "
        "kept. Each network's own if left out.",
    ),
]
CheckpointsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Folder of trained networks; those of the package where not given."
    ),
]
SplitOption = Annotated[
    SplitName,
    typer.Option(help="The published split, or a random one with the same mix of fates."),
]
SplitsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH", help="The published split (npz) or its folder; see `surrogate data where`."
    ),
]
SplitSeedOption = Annotated[int, typer.Option(min=0, help="Seed of the stratified split.")]


def parse_seeds(text: str | None) -> tuple[int, ...] | None:
    """Read the seeds of `SeedsOption`.

    Raises:
        ValueError: they are no different whole numbers.
    """
    if text is None:
        return None
    try:
        seeds = tuple(int(part) for part in text.split(","))
    except ValueError:
        seeds = ()
    if not seeds or len(set(seeds)) < len(seeds) or not all(0 <= s < 2**32 for s in seeds):
        raise ValueError(
            f"--seeds = {text!r}, allowed: different whole numbers >= 0, such as 0,1,2"
        )
    return seeds
