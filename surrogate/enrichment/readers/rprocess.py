"""Published element patterns of the r-process.

Every file has number abundances Y [mol/g], or mass fractions X = A Y, after decay; isotopes that
still are unstable decay as `decay.to_elements` does.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surrogate.enrichment.elements import atomic_number, is_element
from surrogate.enrichment.patterns import Patterns, collect, concatenate
from surrogate.enrichment.readers.common import files_in, nuclide, rows_of
from surrogate.enrichment.readers.decay import to_elements

if TYPE_CHECKING:
    from os import PathLike

AGE: Final = 13.0
"""Age at which patterns are taken where the file has several [Gyr]: that of the oldest stars."""
_SYSTEMS: Final = (
    "SFHO_1218 M3A8m1a2, SFHO_1218 M3A8m1a5, SFHO_13518 M3A8m1a2, SFHO_13518 M3A8m1a5, "
    "SFHX_1515 M3A8m1a2, SFHX_1515 M3A8m1a5, SFHO_145145 M3A8m1a2, SFHO_145145 M3A8m1a5, "
    "TM1_1751752 M3A8m03a2, TM1_1751755 M3A8m03a5, TMA_16162 M3A8m03a2, TMA_16165 M3A8m03a5, "
    "TM1_1123 M3A8m3a2, TM1_1123 M3A8m3a5, SFHO_1123 M3A8m3a2, SFHO_1123 M3A8m3a5, "
    "DD2_14529 M4A8m3a5, TM1_1430 M4A8m3a5, TM1_14051 M6A8m3a5"
)
SYSTEMS: Final = tuple(_SYSTEMS.split(", "))
"""Merger and remnant of the models of Just et al. (2015), their tables 1 and 2."""
MENDOZA_TEMIS: Final = {1: "WS3", 2: "HFB21", 3: "FRDM", 4: "DZ31"}
"""Mass model of the first four; Mendoza-Temis et al. (2015, PhRvC 92, 055805)."""
WU: Final = {
    **{11: "S-def", 21: "chi0.8", 31: "m0.01", 32: "m0.10", 33: "m0.10dz", 41: "M10", 51: "r75"},
    **{61: "s10", 62: "s6", 71: "alpha0.01", 72: "alpha0.02", 73: "alpha0.05", 74: "alpha0.10"},
    **{81: "y0.05", 82: "y0.15", 91: "epsilon0.1", 92: "epsilon1.0", 93: "epsilon10.0"},
    **{101: "dz31", 111: "tomis"},
}
"""Disk outflows of Wu et al. (2016, MNRAS 463, 2323), by number."""

MISPRINTS: Final = {"Ln-113": (49, 113)}
"""Indium in the file of Rosswog et al. (2014)."""


def read_just(path: str | PathLike[str], *, age: float = AGE) -> Patterns:
    """Read the mergers of Just et al. (2015, MNRAS 448, 541), dynamical ejecta and disk together.

    Args:
        path: the file `just15.csv`, with columns model, mass, age [Gyr] and an element each.
        age: at which to take the patterns [Gyr].

    Returns:
        19 patterns, named by merger and remnant.

    Raises:
        ValueError: the file has other columns, or no such age.
    """
    rows = _read_ages(Path(path), age)
    named = [(SYSTEMS[number - 1], y) for number, y in rows.items()]
    return collect(named, process="r", source="Just et al. (2015)", group="Just")


def read_wu(path: str | PathLike[str], *, age: float = AGE) -> Patterns:
    """Read Mendoza-Temis et al. (2015), dynamical ejecta, and Wu et al. (2016), disk outflows.

    Args:
        path: the file `wu.csv`, with columns model, age [Gyr] and an element each.
        age: at which to take the patterns [Gyr].

    Returns:
        4 and 20 patterns; both used one reaction network and are one group.

    Raises:
        ValueError: the file has other columns, or no such age.
    """
    rows = _read_ages(Path(path), age)
    parts = [
        collect(
            [(names[number], y) for number, y in rows.items() if number in names],
            process="r",
            source=source,
            group="Wu",
        )
        for names, source in (
            (MENDOZA_TEMIS, "Mendoza-Temis et al. (2015)"),
            (WU, "Wu et al. (2016)"),
        )
    ]
    return concatenate(parts)


def read_eichler(folder: str | PathLike[str]) -> Patterns:
    """Read Eichler et al. (2015, ApJ 808, 30): one merger, four models of fission fragments.

    Args:
        folder: it holds the files `yofz_fiss*.dat`, with Z and Y(Z).
    """
    rows = [(f.stem.removeprefix("yofz_"), _read_y(f)) for f in files_in(Path(folder), "yofz_*")]
    return collect(rows, process="r", source="Eichler et al. (2015)", group="Eichler")


def read_wu_2016(folder: str | PathLike[str]) -> Patterns:
    """Read five of the disk outflows of Wu et al. (2016) at 1 Gyr, which `read_wu` has, too.

    Args:
        folder: it holds the files `s_*_tgyr_elemplot_intd`, with Z and Y(Z).
    """
    files = files_in(Path(folder), "s_*_tgyr_elemplot_intd")
    rows = [(f.name.removesuffix("_tgyr_elemplot_intd"), _read_y(f)) for f in files]
    return collect(rows, process="r", source="Wu et al. (2016)", group="Wu")


def read_nishimura(folder: str | PathLike[str]) -> Patterns:
    """Read magnetorotational supernovae of Nishimura et al., of 2015 or of 2017.

    Numbers are X / A: in the file of one model, B12TW4.00, the column Y repeats X.

    Args:
        folder: it holds a file for each model, with name, Z, N, A, X and Y of nuclides; models of
            2017 (ApJ 836, L21) are named `L*`, those of 2015 (ApJ 810, 109) `b*`.
    """
    rows: dict[str, list[tuple[str, dict[int, float]]]] = {}
    for file in files_in(Path(folder), "*.dat"):
        year = "2017" if file.name.startswith("L") else "2015"
        nuclides = {(int(w[1]), int(w[3])): float(w[4]) / int(w[3]) for _, w in rows_of(file)}
        rows.setdefault(year, []).append((file.stem, to_elements(nuclides)))
    return concatenate(
        [
            collect(mine, process="r", source=f"Nishimura et al. ({year})", group="Nishimura")
            for year, mine in rows.items()
        ]
    )


def read_mass_fractions(path: str | PathLike[str], *, source: str, group: str) -> Patterns:
    """Read one pattern of isotopic mass fractions.

    Args:
        path: lines such as `&Ba-138 &1.2E-04`; others are not read. Rosswog et al. (2014, MNRAS
            439, 744) is such a file.
        source: the publication.
        group: who computed it.
    """
    path = Path(path)
    nuclides: dict[tuple[int, int], float] = {}
    for _, words in rows_of(path, comment="H"):
        name, *values = (word.strip("&") for word in words)
        if len(values) == 1 and "-" in name:
            key = MISPRINTS.get(name) or nuclide(name)
            nuclides[key] = float(values[0]) / key[1]
    rows = [(path.stem, to_elements(nuclides))]
    return collect(rows, process="r", source=source, group=group)


def _read_y(path: Path) -> Mapping[int, float]:
    """Y(Z) of a file of two columns; zeros, beyond the heaviest element, are there."""
    return {int(words[0]): float(words[1]) for _, words in rows_of(path)}


def _read_ages(path: Path, age: float) -> dict[int, dict[int, float]]:
    with path.open(newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    if missing := [name for name in ("model", "age", "Eu") if name not in header]:
        raise ValueError(f"{path}: missing column {', '.join(missing)}; copy the file again")
    when, which = header.index("age"), header.index("model")
    ages = sorted({round(float(cells[when]), 3) for cells in lines})
    if round(age, 3) not in ages:
        known = ", ".join(f"{known:g}" for known in ages)
        raise ValueError(f"age = {age}, allowed: {known} [Gyr]; choose one of them")
    elements = {i: atomic_number(name) for i, name in enumerate(header) if is_element(name)}
    return {
        int(cells[which]): {z: float(cells[i]) for i, z in elements.items()}
        for cells in lines
        if round(float(cells[when]), 3) == round(age, 3)
    }
