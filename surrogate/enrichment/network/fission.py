"""Fission: by neutrons, of itself, and after beta decay, and the fragments.

Two fragments share what is left after `neutrons` prompt ones. The heavy one keeps the closed
shells near A = 140 where the fissioning nucleus is light, in heavy nuclei it takes half: a Gaussian
of the mass around either. The charge is shared as the mass. This is a placeholder for the
measured and computed distributions, of the kind of the systematics of Kodama & Takahashi (1975,
Nucl. Phys. A 239, 489).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.enrichment.network.captures import NO_RATE, T9_NODES
from surrogate.enrichment.network.reaclib import coefficients, nuclide, rate

if TYPE_CHECKING:
    from jaxtyping import Float

    from surrogate.enrichment.network.nuclei import Nuclei

Z_FIRST: Final = 84
"""Lightest element that fissions."""
A_FIRST: Final = 190
"""Lightest mass number of a nucleus that fissions."""
FILES: Final = (
    "fissionrates_n_induced",
    "fissionrates_spontaneous",
    "fissionrates_beta_delayed_mp22",
)
_LARGEST: Final = 1e11
_PROMPTEST: Final = 1e10
"""Largest rate of spontaneous fission [1/s]: what is faster does not live to capture."""


@dataclass(frozen=True)
class Fragments:
    """How the mass of a fissioning nucleus is shared.

    Attributes:
        neutrons: prompt ones.
        heavy: mass number of the heavy fragment of light nuclei.
        symmetric_from: mass number of the fissioning nucleus from which on the halves are equal;
            just below `softness` says how fast it changes.
        softness: width of that change [mass numbers].
        width: standard deviation of the mass of a fragment where it is asymmetric.
        width_symmetric: the same where it is symmetric.
    """

    neutrons: int = 4
    heavy: float = 140.0
    symmetric_from: float = 262.0
    softness: float = 4.0
    width: float = 6.0
    width_symmetric: float = 9.0

    def table(self, a_last: int) -> Float[np.ndarray, "a b"]:
        """Mean numbers of fragments of mass number b, of nuclei of mass number `A_FIRST` + a.

        Args:
            a_last: largest mass number that fissions.

        Returns:
            Rows that add up to 2, and weighted with b to the mass less the prompt neutrons.
        """
        rows = np.zeros((a_last - A_FIRST + 1, a_last + 1))
        for row in range(len(rows)):
            rest = A_FIRST + row - self.neutrons
            b = np.arange(1, rest)
            s = 1.0 / (1.0 + np.exp((self.symmetric_from - A_FIRST - row) / self.softness))
            heavy = np.maximum(self.heavy, rest / 2.0)
            peak = _gauss(b, heavy, self.width) + _gauss(b, rest - heavy, self.width)
            w = (1.0 - s) * peak + 2.0 * s * _gauss(b, rest / 2.0, self.width_symmetric)
            w = w + w[::-1]  # a fragment and the other one
            rows[row, b] = 2.0 * w / w.sum()
        return rows


def _gauss(x: np.ndarray, mean: float, width: float) -> np.ndarray:
    return np.exp(-0.5 * ((x - mean) / width) ** 2) * (np.abs(x - mean) < 4.0 * width) / width


class Fission(NamedTuple):
    """Rates of every nucleus."""

    ln_induced: Float[np.ndarray, "t f w"]
    """ln N_A <sigma v> of neutron-induced fission [cm^3/mol/s] on `T9_NODES`; rows from
    `Z_FIRST`."""
    spontaneous: Float[np.ndarray, "z w"]
    """[1/s]."""
    delayed: Float[np.ndarray, "z w"]
    """Probability that fission follows a beta decay of the nucleus."""


def fission(nuclei: Nuclei, folder: Path | None) -> tuple[Fission, tuple[str, ...]]:
    """Tables of fission.

    Args:
        nuclei: the chart.
        folder: with WinNet's tables in `nuclear/winnet/`: by neutrons (Panov et al. 2010),
            spontaneous (Khuyagbaatar 2020), after beta decay (Mumpower et al. 2022).

    Returns:
        The tables, and the names of missing files. Without that of spontaneous fission nuclei with
        A >= 256 fission at once, so that nothing piles up at the end of the chart.
    """
    shape = nuclei.mask.shape
    ln_induced = np.full((len(T9_NODES), shape[0] - Z_FIRST, shape[1]), NO_RATE)
    spontaneous, delayed = np.zeros(shape), np.zeros(shape)
    paths = [folder / "nuclear" / "winnet" / name if folder else Path(name) for name in FILES]
    missing = tuple(p.name for p in paths if folder is None or not p.is_file())
    if paths[0].name not in missing:
        for names, a in _entries(paths[0]):
            place = nuclide(names[-1])
            if place is not None and place in nuclei and place[0] >= Z_FIRST:
                z, column = nuclei.at(place)
                values = np.clip(rate(np.array(a), np.maximum(T9_NODES, 0.05)), 1e-300, _LARGEST)
                where = ln_induced[:, z - Z_FIRST, column]
                ln_induced[:, z - Z_FIRST, column] = np.logaddexp(where, np.log(values))
    if paths[1].name not in missing:
        for names, a in _entries(paths[1]):
            place = nuclide(names[0])
            if place is not None and place in nuclei:
                spontaneous[nuclei.at(place)] += float(rate(np.array(a), np.array([1.0]))[0])
    else:
        spontaneous[(nuclei.a >= 256) & (nuclei.z >= Z_FIRST)] = 1e3
    if paths[2].name not in missing:
        lines = paths[2].read_text().splitlines()
        for head, values in zip(lines[::2], lines[1::2], strict=False):
            place = nuclide(head.split()[0])
            if place is not None and place in nuclei:
                delayed[nuclei.at(place)] = min(1.0, sum(map(float, values.split())))
    spontaneous = np.where(nuclei.z >= Z_FIRST, np.minimum(spontaneous, _PROMPTEST), 0.0)
    return Fission(ln_induced, spontaneous * nuclei.mask, delayed * nuclei.mask), missing


def _entries(path: Path) -> list[tuple[list[str], tuple[float, ...]]]:
    """Names and coefficients of a file in the older format of REACLIB, a header on top."""
    lines = [line for line in path.read_text().splitlines()[1:] if line.strip()]
    found = []
    for head, first, second in zip(lines[::3], lines[1::3], lines[2::3], strict=False):
        names = [head[5 + 5 * k : 10 + 5 * k].strip() for k in range(6)]
        found.append(([name for name in names if name], coefficients(first, second)))
    return found
