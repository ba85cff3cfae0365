"""What a classifier sees: abundances of nine elements, counted from europium.

log10(N_X / N_Eu) is log eps(X) - log eps(Eu) for a star and log10(Y_X / Y_Eu) for a simulation, so
that neither the Sun nor the amount of dilution enters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

    from surrogate.enrichment.patterns import Patterns
    from surrogate.enrichment.stars import Stars

SHARED: Final = ("Ba", "La", "Ce", "Pr", "Nd", "Sm", "Eu", "Dy")
ER_SET: Final = (*SHARED, "Er")
PB_SET: Final = (*SHARED, "Pb")
SETS: Final = {"er": ER_SET, "pb": PB_SET}
"""The paper's two sets of elements, section 2."""
REFERENCE: Final = "Eu"


class Features(NamedTuple):
    """Eu-normalised abundances of n stars or patterns in e elements."""

    values: Float[np.ndarray, "n e"]
    """log10(N_X / N_Eu) [dex]; 0 for Eu itself, NaN where not measured."""
    measured: Bool[np.ndarray, "n e"]
    """Where there is a value; nowhere in a row without Eu."""

    @property
    def complete(self) -> Bool[np.ndarray, " n"]:
        """The rows with a value for every element."""
        return np.asarray(self.measured.all(axis=1))


def star_features(stars: Stars, elements: Sequence[str] = ER_SET) -> Features:
    """Features of stars.

    Args:
        stars: n of them; limits count as missing.
        elements: symbols, such as `ER_SET`.
    """
    values = np.stack([stars.of(e) - stars.of(REFERENCE) for e in elements], axis=1)
    return Features(values, np.isfinite(values))


def pattern_features(patterns: Patterns, elements: Sequence[str] = ER_SET) -> Features:
    """Features of simulated patterns.

    Args:
        patterns: n of them; an abundance that is not positive counts as missing.
        elements: symbols, such as `ER_SET`.
    """
    values = np.stack([patterns.log_y(e) - patterns.log_y(REFERENCE) for e in elements], axis=1)
    return Features(values, np.isfinite(values))
