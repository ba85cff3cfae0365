"""The measures of Tables 2, 4, 6 and 7, of a method's answers to the judged rows."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from support.rows import Rows
from surrogate.collisions import metrics
from surrogate.collisions.networks import N_FATES

Array = np.ndarray

FATE_MEASURES = ("accuracy [%]", "balanced accuracy [%]")
MASS_MEASURES = (
    "median |error| M1f [Msun]",
    "median |error| M2f [Msun]",
    "median relative error M1f",
    "median relative error M2f",
)
SHORT = ("acc. [%]", "bal. [%]", "|ΔM1f| [Msun]", "|ΔM2f| [Msun]", "|ΔM1f| /M1f", "|ΔM2f| /M2f")
"""The same in a table of many columns."""
SHORT_NOTE = "acc., bal.: accuracy and balanced accuracy; the other columns are medians."


def fate_measures(said: Array, rows: Rows) -> tuple[float, float]:
    """Accuracy and balanced accuracy [%]."""
    fate, true = jnp.asarray(said), jnp.asarray(rows.fate)
    return (
        100 * float(metrics.accuracy(fate, true)),
        100 * float(metrics.balanced_accuracy(fate, true, N_FATES)),
    )


def mass_measures(fractions: Array, rows: Rows) -> tuple[float, float, float, float]:
    """Median absolute errors [Msun] of both stars, then relative ones of those that survive."""
    said, true = (_masses(f, rows) for f in (fractions, rows.fractions))
    absolute = [float(np.median(np.abs(a - b))) for a, b in zip(said, true, strict=True)]
    relative = [
        float(metrics.median_relative_error(jnp.asarray(a), jnp.asarray(b)))
        for a, b in zip(said, true, strict=True)
    ]
    return (*absolute, *relative)


def mass_errors(fractions: Array, rows: Rows) -> Array:
    """Absolute errors of both final masses [Msun], (2, n)."""
    return np.abs(np.stack(_masses(fractions, rows)) - np.stack(_masses(rows.fractions, rows)))


def _masses(fractions: Array, rows: Rows) -> tuple[Array, Array]:
    total = rows.grid.m1 + rows.grid.m2
    return fractions[:, 0] * total, fractions[:, 1] * total
