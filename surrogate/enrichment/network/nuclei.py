"""Which nuclei there are, and where each stands in arrays with a row an element.

Row z holds the isotopes of element z in order of neutron number, `n = first[z] + column`: along a
row runs the neutron capture, a tridiagonal system, and beta decay leads from a row to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Int

    from surrogate.enrichment.network.reaclib import Nuclide

Z_LAST: Final = 111
"""Heaviest element with rates of neutron capture."""
_RICH: Final = 6
"""Protons above the line of stability that a nucleus may have: captures of neutrons never lead
further."""


@dataclass(frozen=True)
class Nuclei:
    """The chart of nuclides.

    Attributes:
        first: neutron number of column 0, of rows Z = 0 to `Z_LAST`; row 0 is empty: free
            neutrons are counted apart.
        mask: True where there is a nucleus.
    """

    first: Int[np.ndarray, " z"]
    mask: Bool[np.ndarray, "z w"]

    @property
    def n(self) -> Int[np.ndarray, "z w"]:
        """Neutron number of every place."""
        return self.first[:, None] + np.arange(self.mask.shape[1])

    @property
    def z(self) -> Int[np.ndarray, "z w"]:
        """Atomic number of every place."""
        return np.broadcast_to(np.arange(len(self.first))[:, None], self.mask.shape)

    @property
    def a(self) -> Int[np.ndarray, "z w"]:
        """Mass number of every place."""
        return self.z + self.n

    def __len__(self) -> int:
        return int(self.mask.sum())

    def __contains__(self, nuclide: Nuclide) -> bool:
        z, n = nuclide
        if not 0 < z < len(self.first):
            return False
        column = n - self.first[z]
        return bool(0 <= column < self.mask.shape[1] and self.mask[z, column])

    def at(self, nuclide: Nuclide) -> tuple[int, int]:
        """Row and column of a nucleus."""
        return nuclide[0], int(nuclide[1] - self.first[nuclide[0]])


def stable_charge(a: Int[np.ndarray, " n"] | int) -> np.ndarray:
    """Z of the line of stability, by the liquid drop: Z = A / (1.98 + 0.0155 A^(2/3))."""
    a = np.asarray(a, float)
    return a / (1.98 + 0.0155 * a ** (2.0 / 3.0))


def chart(nuclides: Iterable[Nuclide]) -> Nuclei:
    """Arrange nuclei in rows.

    Args:
        nuclides: Z and N of all; those far on the proton-rich side and above `Z_LAST` are left out.
    """
    kept = {
        (z, n)
        for z, n in nuclides
        if 0 < z <= Z_LAST and (z <= stable_charge(z + n) + _RICH or z + n <= 4)
    }
    rows: list[list[int]] = [sorted(n for z, n in kept if z == row) for row in range(Z_LAST + 1)]
    first = np.array([row[0] if row else 0 for row in rows])
    # The neutron number of column 0 never falls: beta decay shifts to the left only.
    first = np.minimum.accumulate(first[::-1])[::-1]
    width = max(row[-1] - start + 1 for row, start in zip(rows, first, strict=True) if row)
    mask = np.zeros((len(rows), width), bool)
    for z, row in enumerate(rows):
        mask[z, np.array(row, int) - first[z]] = True
    return Nuclei(first, mask)
