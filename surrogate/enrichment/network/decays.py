"""Beta and alpha decays of the ground states."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.enrichment.network.reaclib import Entry, nuclide, rate

if TYPE_CHECKING:
    from jaxtyping import Float

    from surrogate.enrichment.network.nuclei import Nuclei
    from surrogate.enrichment.network.reaclib import Nuclide

NEUTRONS: Final = 4
"""Numbers of delayed neutrons that are told apart: 0 to 3."""
_ALPHA: Final = (2, 2)
_NEUTRON: Final = (0, 1)


class Decays(NamedTuple):
    """Rates [1/s] of every nucleus."""

    beta: Float[np.ndarray, "z w"]
    """Beta decay, to the next element."""
    emitted: Float[np.ndarray, "k z w"]
    """Probabilities that 0, 1, 2, 3 neutrons follow it; they add up to 1."""
    plus: Float[np.ndarray, "z w"]
    """Positron decay and electron capture, to the element before."""
    alpha: Float[np.ndarray, "z w"]
    """Alpha decay."""


def decays(entries: Iterable[Entry], nuclei: Nuclei, folder: Path | None = None) -> Decays:
    """Beta and alpha decays.

    Rates are those of a bare neutral atom in the dark: they do not depend on temperature. Where
    more than three neutrons follow a decay three are counted, where a daughter is not on the chart
    the next that is. Protons and alpha particles that follow positron or beta decays stay inside:
    those nuclei are far from any path of neutron captures.

    Args:
        entries: of REACLIB: measured half-lives, else those of Moeller et al. (2003), with the
            delayed neutrons of Mumpower et al. (2016).
        nuclei: the chart.
        folder: with `nuclear/winnet/alpha_decays.dat`, for alpha decays that REACLIB lacks.
    """
    shape = nuclei.mask.shape
    beta = np.zeros((NEUTRONS, *shape))
    plus, alpha = np.zeros(shape), np.zeros(shape)
    found: dict[Nuclide, dict[tuple[str, int], float]] = defaultdict(lambda: defaultdict(float))
    one = np.array([1.0])
    for e in entries:
        if len(e.reactants) == 1 and not e.reverse and e.reactants[0] in nuclei:
            kind = _kind(e)
            if kind is not None:
                found[e.reactants[0]][kind] += float(rate(np.array(e.a), one)[0])
    for (z, n), channels in found.items():
        for (channel, k), value in channels.items():
            place = nuclei.at((z, n))
            if channel == "beta":
                k = min(k, NEUTRONS - 1)
                on = [j for j in (*range(k, NEUTRONS), *range(k)) if (z + 1, n - 1 - j) in nuclei]
                if on:
                    beta[(on[0], *place)] += value
            elif channel == "plus" and (z - 1, n + 1) in nuclei:
                plus[place] += value
            elif channel == "alpha" and (z - 2, n - 2) in nuclei:
                alpha[place] += value
    if folder is not None:
        _add_alpha(folder / "nuclear" / "winnet" / "alpha_decays.dat", nuclei, alpha)
    total = beta.sum(0)
    emitted = np.where(total > 0.0, beta / np.where(total > 0.0, total, 1.0), 0.0)
    return Decays(total, emitted, plus, alpha)


def _kind(e: Entry) -> tuple[str, int] | None:
    """What a decay is, and how many neutrons it sets free."""
    z, n = e.reactants[0]
    heavy = max(e.products, key=sum)
    free = e.products.count(_NEUTRON)
    if e.weak and len(e.products) == 1 and e.q < 0.0:
        return None  # in a hot plasma only
    if heavy[0] == z + 1 or (e.weak and heavy[0] == z - 1 and _ALPHA in e.products):
        return "beta", free
    if e.weak and heavy[0] < z:
        return "plus", 0
    if not e.weak and len(e.products) == 2 and heavy == (z - 2, n - 2):
        return "alpha", 0
    return None


def _add_alpha(path: Path, nuclei: Nuclei, alpha: Float[np.ndarray, "z w"]) -> None:
    """Half-lives [s] by name, two columns."""
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split()
        try:
            one, value = nuclide(words[0]), float(words[1])
        except (IndexError, ValueError) as error:
            raise ValueError(f"{path}, line {number}: {error}; expected a name, seconds") from error
        if one is None or one not in nuclei or (one[0] - 2, one[1] - 2) not in nuclei:
            continue
        place = nuclei.at(one)
        if alpha[place] == 0.0 and 0.0 < value < math.inf:
            alpha[place] = math.log(2.0) / value
