"""All classifiers of one training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from surrogate.enrichment.classifiers.binary import Binary
from surrogate.enrichment.classifiers.generative import Generative
from surrogate.enrichment.classifiers.one_class import OneClass

KIND: Final = "enrichment classifiers"
SIZES: Final = ("L", "S")
LEARNT: Final = ("r", "s")
"""Processes that one-class classifiers learn."""


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
