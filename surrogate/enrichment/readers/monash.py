"""Elemental yields of AGB stars by the Monash group.

Sources: Karakas & Lugaro (2016, ApJ 825, 26), Z = 0.007, 0.014 and 0.03; Karakas et al. (2018,
MNRAS 477, 421), Z = 0.0028; Shingles et al. (2015, MNRAS 452, 2804), Z = 0.0006 and various helium.
Their tables have one line an element: log eps, [X/H] and [X/Fe], averaged over the ejecta and after
decay, then masses. The number of atoms per hydrogen atom is 10^(log eps - 12).

The tables of 2016 and 2015 have no net yields. They follow from [X/Fe], since neither iron nor the
elements beyond it change before the star becomes one of the giant branch: an element began with
[X/Fe] = 0, or with the value in `INITIAL` where the network lacks some of its isotopes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from surrogate.enrichment.patterns import PatternReading, concatenate
from surrogate.enrichment.readers.common import (
    MIN_ENRICHMENT,
    Yield,
    files_in,
    gather_agb,
    rows_of,
)

if TYPE_CHECKING:
    from os import PathLike

GROUP: Final = "Monash"
IRON: Final = 26
COLUMNS: Final = 7
"""At least: symbol, Z, log eps, [X/H], [X/Fe], and masses or mass fractions."""
INITIAL: Final = {
    **{24: -0.0193, 32: -0.0344, 34: -0.0439, 36: -0.0016, 42: -0.1212, 44: -0.1309, 46: -0.0592},
    **{48: -0.0397, 49: -0.0190, 50: -0.0624, 51: -0.2425, 52: -0.4674, 54: -0.0371, 56: -0.0009},
    **{58: -0.0019, 60: -0.0250, 62: -0.1297, 66: -0.0007, 68: -0.0076, 70: -0.0610, 71: -0.0021},
    **{75: -0.0459, 76: 0.0034, 78: -0.0323, 80: -0.0316},
}
"""[X/Fe] by Z of the initial composition where it is not 0: that of the ejecta of all models of
1 Msun, which have no third dredge-up, in Karakas & Lugaro (2016) and Karakas et al. (2018)."""
SOURCES: Final = {
    "yield_z007.dat": "Karakas & Lugaro (2016)",
    "yield_z014.dat": "Karakas & Lugaro (2016)",
    "yield_z03.dat": "Karakas & Lugaro (2016)",
    "yields_z0028.dat": "Karakas et al. (2018)",
}
_TITLE: Final = re.compile(r"#\s*Initial mass\s*=\s*([\d.]+),\s*Z\s*=\s*([\d.]+),.*?(M_mix.*)")


class _Element(NamedTuple):
    log_eps: float
    x_fe: float


def read_karakas(
    folder: str | PathLike[str],
    *,
    kind: Yield | str = Yield.TOTAL,
    min_enrichment: float = MIN_ENRICHMENT,
) -> PatternReading:
    """Read the grids of 2016 and 2018.

    Args:
        folder: it holds the files of `SOURCES`.
        kind: net or total yields.
        min_enrichment: least enrichment of barium in the ejecta [dex], as of `fruity.read_fruity`.

    Returns:
        One pattern a model, named by mass, metallicity and the mass of its 13C pocket.

    Raises:
        ValueError: a file is damaged.
        FileNotFoundError: a file is missing.
    """
    parts = [
        gather_agb(
            [_both(name, cells) for name, cells in _read_models(Path(folder) / file)],
            kind,
            min_enrichment,
            source=source,
            group=GROUP,
        )
        for file, source in SOURCES.items()
    ]
    return PatternReading(
        concatenate([part.patterns for part in parts]),
        tuple(name for part in parts for name in part.left_out),
    )


def read_shingles(
    folder: str | PathLike[str],
    *,
    kind: Yield | str = Yield.TOTAL,
    min_enrichment: float = MIN_ENRICHMENT,
) -> PatternReading:
    """Read the grid of Shingles et al. (2015), with the arguments of `read_karakas`.

    Args:
        folder: it holds a folder for each model, with `yieldselemental.txt`.
        kind: net or total yields.
        min_enrichment: least enrichment of barium in the ejecta [dex].

    Returns:
        One pattern a model, named by its folder: mass, Z, helium (y24 is 0.24), alpha enhancement
        (a4 is 0.4 dex) and pocket.

    Raises:
        ValueError: a file is damaged.
        FileNotFoundError: there are none.
    """
    files = files_in(Path(folder), "*/yieldselemental.txt")
    models = [_both(file.parent.name, _read_model(file)) for file in files]
    return gather_agb(models, kind, min_enrichment, source="Shingles et al. (2015)", group=GROUP)


def _both(name: str, cells: dict[int, _Element]) -> tuple[str, dict[int, float], dict[int, float]]:
    """Name, and total and net number abundances per hydrogen atom."""
    total = {z: 10.0 ** (cell.log_eps - 12.0) for z, cell in cells.items()}
    net = {
        z: total[z] * (1.0 - 10.0 ** (INITIAL.get(z, 0.0) - cell.x_fe))
        for z, cell in cells.items()
        if z > IRON
    }
    return name, total, net


def _read_models(file: Path) -> list[tuple[str, dict[int, _Element]]]:
    """The models of a file that lists them one after the other."""
    models: list[tuple[str, dict[int, _Element]]] = []
    for line, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if title := _TITLE.match(text):
            name = f"m{title[1]} z{title[2]} {title[3].strip()}"
            models.append((name, {}))
        elif not text.startswith("#") and len(words := text.split()) >= COLUMNS:
            if not models:
                raise ValueError(f"{file}, line {line}: abundances before a model; copy it again")
            models[-1][1].update(_read_element(file, line, words))
    return models


def _read_model(file: Path) -> dict[int, _Element]:
    """The one model of a file."""
    cells: dict[int, _Element] = {}
    for line, words in rows_of(file):
        # The last line has seven ratios and no symbol.
        if len(words) == COLUMNS and words[0].isalpha():
            cells.update(_read_element(file, line, words))
    return cells


def _read_element(file: Path, line: int, words: list[str]) -> dict[int, _Element]:
    try:
        return {int(words[1]): _Element(float(words[2]), float(words[4]))}
    except ValueError as error:
        raise ValueError(f"{file}, line {line}: {error}; copy the file again") from error
