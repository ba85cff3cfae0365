"""What else flares: models that a stellar collision has to beat."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.transients.templates import Kind, Templates

if TYPE_CHECKING:
    pass

DAYS: Final = 1000
"""Length of the shapes."""
_BEFORE: Final = 4.0
"""Shapes start so many rise times before their peak, or their middle."""


def tidal_disruption() -> Templates:
    """Gaussian rise, t^(-5/3) decline, as a blackbody (van Velzen et al. 2021, equations 1 to 3).

    Peaks from 1e42 to 3e45 erg/s.
    """
    shapes = []
    for rise, fall in product((3.0, 6.0, 10.0, 16.0, 25.0, 40.0), np.geomspace(8.0, 250.0, 8)):
        t = np.arange(DAYS) + 0.5 - min(_BEFORE, 3.0) * rise
        shapes.append(
            np.where(
                t < 0.0,
                np.exp(-0.5 * (t / rise) ** 2),
                (1.0 + np.maximum(t, 0.0) / fall) ** (-5 / 3),
            )
        )
    return Templates("tidal disruption", np.array(shapes), np.ones(len(shapes)), (1e-2, 30.0))


def bazin() -> Templates:
    """exp(-t / fall) / (1 + exp(-t / rise)) of any amplitude in any band (Bazin et al. 2009)."""
    shapes = []
    for rise, fall in product((1.5, 3.0, 6.0, 12.0), np.geomspace(8.0, 160.0, 8)):
        if fall <= rise:
            continue
        t = np.arange(DAYS) + 0.5 - 2.0 * _BEFORE * rise
        shape = np.exp(-t / fall - np.logaddexp(0.0, -t / rise))
        shapes.append(shape / shape.max())
    return Templates("Bazin", np.array(shapes), np.ones(len(shapes)), (1.0, 1e5), Kind.FREE)
