"""A cloud of patterns as fewer centres, each the mean of some neighbours.

The cloud is cut in halves across its widest direction, and the halves again, until no cell has more
than a few patterns. All cells then have about as many, and their means stand for the same share of
the cloud. Nothing of a single simulation is left in them but where the cloud is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

CELL: Final = 4
"""Most patterns of a cell."""


def condense(m: Float[np.ndarray, "n e"], cell: int = CELL) -> Float[np.ndarray, "k e"]:
    """Centres of the cells of a cloud.

    Args:
        m: n patterns [dex], without gaps.
        cell: most patterns of one.

    Raises:
        ValueError: there are no patterns, or the cell is empty.
    """
    if not len(m) or cell < 1:
        raise ValueError(f"m: {len(m)} patterns, cell = {cell}, allowed: 1 and more of either")
    if len(m) <= cell:
        return m.mean(axis=0, keepdims=True)
    order = np.argsort(m @ _widest(m), kind="stable")
    half = len(m) // 2
    return np.concatenate([condense(m[order[:half]], cell), condense(m[order[half:]], cell)])


def _widest(m: Float[np.ndarray, "n e"]) -> Float[np.ndarray, " e"]:
    """Direction of the largest variance; of the two signs the one with a positive largest part."""
    axis = np.linalg.svd(m - m.mean(axis=0), full_matrices=False)[2][0]
    return axis * np.sign(axis[np.abs(axis).argmax()])
