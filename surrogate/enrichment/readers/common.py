"""What the readers of patterns share."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from surrogate.enrichment.elements import atomic_number
from surrogate.enrichment.patterns import PatternReading, collect

MIN_ENRICHMENT: Final = 0.1
"""Barium in the ejecta of an AGB star over its initial amount [dex] below which a model counts as
one without third dredge-up of s-process material."""
_NUCLIDE: Final = re.compile(r"([a-z]+)-?(\d+)")


class Yield(StrEnum):
    """Which mass of an element a yield counts."""

    NET = "net"
    """What the star made: ejected less initial."""
    TOTAL = "total"
    """All that is ejected, the initial composition included."""


def nuclide(name: str) -> tuple[int, int]:
    """(Z, A) of a name such as `ba138` or `Ba-138`; n, p and d are neutron, proton and deuteron.

    Raises:
        ValueError: it is no name of a nuclide.
    """
    plain = name.strip().lower()
    light = {"n": (0, 1), "p": (1, 1), "d": (1, 2), "t": (1, 3)}
    if plain in light:
        return light[plain]
    match = _NUCLIDE.fullmatch(plain)
    if match is None:
        raise ValueError(f"nuclide = {name}, allowed: a symbol and a mass number, such as ba138")
    return atomic_number(match[1]), int(match[2])


def rows_of(path: Path, comment: str = "#") -> Iterator[tuple[int, list[str]]]:
    """Number and words of each line of a file that is no comment and not blank."""
    text = path.read_text(encoding="utf-8")
    for line, words in enumerate(text.splitlines(), 1):
        if words.strip() and not words.lstrip().startswith(comment):
            yield line, words.split()


def files_in(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder whose names fit, in order.

    Raises:
        FileNotFoundError: there are none.
    """
    files = sorted(folder.glob(pattern))
    if not files:
        raise FileNotFoundError(f"{folder}: no files {pattern}; name the folder that holds them")
    return files


def enrichment(total: Mapping[int, float], net: Mapping[int, float], z: int = 56) -> float:
    """How much more of an element a star ejects than it had [dex]: log10(total / (total - net))."""
    ejected, initial = total.get(z, 0.0), total.get(z, 0.0) - net.get(z, 0.0)
    return math.log10(ejected / initial) if ejected > 0.0 and initial > 0.0 else 0.0


def gather_agb(
    models: Sequence[tuple[str, Mapping[int, float], Mapping[int, float]]],
    kind: Yield | str,
    min_enrichment: float,
    *,
    source: str,
    group: str,
) -> PatternReading:
    """Patterns of the AGB models that dredge up s-process material.

    Args:
        models: name, total and net number abundance by Z of each.
        kind: which of the two the patterns are.
        min_enrichment: least `enrichment` of barium [dex].
        source: the publication.
        group: who computed the grid.

    Raises:
        ValueError: no such kind.
    """
    net_wanted = Yield(kind) is Yield.NET
    kept = [
        (name, net if net_wanted else total)
        for name, total, net in models
        if enrichment(total, net) >= min_enrichment
    ]
    names = {name for name, _ in kept}
    return PatternReading(
        collect(kept, process="s", source=source, group=group),
        tuple(name for name, _, _ in models if name not in names),
    )
