"""Isotopic yields of AGB stars of 1 to 7 Msun and Z = 0.001 by the Monash group.

Source: Fishlock et al. (2014, ApJ 797, 44). A file has the columns species, A, net yield, mass
lost, mass that the same wind would have had initially [Msun each], then mean and initial mass
fractions, which are not read: those of two files add up to 7 and 15.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from surrogate.enrichment.patterns import PatternReading
from surrogate.enrichment.readers.common import (
    MIN_ENRICHMENT,
    Yield,
    files_in,
    gather_agb,
    nuclide,
    rows_of,
)
from surrogate.enrichment.readers.decay import to_elements

if TYPE_CHECKING:
    from os import PathLike

SOURCE: Final = "Fishlock et al. (2014)"
ISOMERS: Final = {"al-6": (13, 26), "al*6": (13, 26), "kr-5": (36, 85), "kr*5": (36, 85)}
"""Ground states and isomers, whose names leave no room for a mass number."""


def read_fishlock(
    folder: str | PathLike[str],
    *,
    kind: Yield | str = Yield.TOTAL,
    min_enrichment: float = MIN_ENRICHMENT,
) -> PatternReading:
    """Read the grid.

    Isotopes decay to stable ones, as `decay.to_elements` does.

    Args:
        folder: it holds a file `yields-*.dat` for each model.
        kind: net or total yields.
        min_enrichment: least enrichment of barium in the ejecta [dex], as of `fruity.read_fruity`.

    Returns:
        One pattern a model, named such as `m3.25z001.pmz1e-3` (3.25 Msun, Z = 0.001, a 13C pocket
        of 1e-3 Msun).

    Raises:
        ValueError: a file is damaged.
        FileNotFoundError: there are none.
    """
    models = []
    for file in files_in(Path(folder), "yields-*.dat"):
        net, total = _read(file)
        models.append((file.stem.removeprefix("yields-"), total, net))
    return gather_agb(models, kind, min_enrichment, source=SOURCE, group="Monash")


def _read(file: Path) -> tuple[dict[int, float], dict[int, float]]:
    net: dict[tuple[int, int], float] = {}
    total: dict[tuple[int, int], float] = {}
    for line, words in rows_of(file):
        try:
            key = ISOMERS.get(words[0]) or nuclide(words[0])
            made, lost = float(words[2]), float(words[3])
        except (ValueError, IndexError) as error:
            raise ValueError(f"{file}, line {line}: {error}; copy the file again") from error
        net[key] = net.get(key, 0.0) + made / key[1]
        total[key] = total.get(key, 0.0) + lost / key[1]
    return to_elements(net), to_elements(total)
