"""Options that several commands share; the names repeat those of the library's registries."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Model(StrEnum):
    """Registered collision models (`surrogate.collisions.models.MODELS`)."""

    SEPARATE = "separate"
    MIXTURE = "mixture"


class Network(StrEnum):
    """Networks that can be trained (`surrogate.collisions.train.RECIPES`), or all of them."""

    CLASSIFIER = "classifier"
    REGRESSOR = "regressor"
    MIXTURE = "mixture"
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
    typer.Option(help="Separate classifier and regressor, or the mixture of experts."),
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
