"""Patterns of the s- and the r-process from published files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from surrogate.enrichment.patterns import PatternReading, Patterns, concatenate
from surrogate.enrichment.readers.common import MIN_ENRICHMENT, Yield
from surrogate.enrichment.readers.fishlock import read_fishlock
from surrogate.enrichment.readers.fruity import read_fruity
from surrogate.enrichment.readers.monash import read_karakas, read_shingles
from surrogate.enrichment.readers.rprocess import (
    AGE,
    read_eichler,
    read_just,
    read_mass_fractions,
    read_nishimura,
    read_wu,
)

if TYPE_CHECKING:
    from os import PathLike

__all__ = [
    "MIN_ENRICHMENT",
    "Yield",
    "read_eichler",
    "read_fishlock",
    "read_fruity",
    "read_just",
    "read_karakas",
    "read_mass_fractions",
    "read_nishimura",
    "read_r_process",
    "read_s_process",
    "read_shingles",
    "read_wu",
]


def read_s_process(
    folder: str | PathLike[str],
    *,
    kind: Yield | str = Yield.TOTAL,
    min_enrichment: float = MIN_ENRICHMENT,
) -> PatternReading:
    """Read all grids of AGB stars: FRUITY and the four of the Monash group.

    By default 232 of 286 models remain: 95 of 104 of FRUITY, 56 of 90 of Karakas & Lugaro (2016),
    27 of 35 of Karakas et al. (2018), 19 of 19 of Fishlock et al. (2014) and 35 of 38 of Shingles
    et al. (2015). 217 of their net patterns have all ten elements of `features`: some stars destroy
    more europium than they make, and near that the ratios of a net pattern mean little. The paper
    has 187 patterns, and does not name its cut.

    Args:
        folder: it holds `fruity/` and `monash/`.
        kind: net or total yields.
        min_enrichment: models that eject less than this times their initial barium [dex] are left
            out.

    Raises:
        ValueError: a file is damaged.
        FileNotFoundError: a file is missing.
    """
    folder = Path(folder)
    monash = folder / "monash"
    parts = [
        reader(where, kind=kind, min_enrichment=min_enrichment)
        for reader, where in (
            (read_fruity, folder / "fruity"),
            (read_karakas, monash / "vice_karakas16_18"),
            (read_fishlock, monash / "fishlock14"),
            (read_shingles, monash / "shingles15"),
        )
    ]
    return PatternReading(
        concatenate([part.patterns for part in parts]),
        tuple(name for part in parts for name in part.left_out),
    )


def read_r_process(folder: str | PathLike[str], *, age: float = AGE) -> Patterns:
    """Read all published patterns of the r-process, each model once.

    Args:
        folder: it holds `starfit/`, `alexmods/` and `nupycee/`.
        age: of the patterns that are given at several [Gyr].

    Raises:
        ValueError: a file is damaged.
        FileNotFoundError: a file is missing.
    """
    folder = Path(folder)
    rosswog = folder / "nupycee" / "r_process_rosswog_2014.txt"
    return concatenate(
        [
            read_just(folder / "starfit" / "just15.csv", age=age),
            read_wu(folder / "starfit" / "wu.csv", age=age),
            read_eichler(folder / "alexmods" / "Eichler15"),
            read_nishimura(folder / "alexmods" / "Nishimura15"),
            read_nishimura(folder / "alexmods" / "Nishimura17"),
            read_mass_fractions(rosswog, source="Rosswog et al. (2014)", group="Rosswog"),
        ]
    )
