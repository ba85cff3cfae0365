"""FRUITY: yields of AGB stars of 1.3 to 6 Msun and Z = 2e-5 to 0.02.

Source: Cristallo et al. (2015, ApJS 219, 40), and the papers of the series. A file has the columns
isotope, A, Z and yield [Msun]; the name says mass, metallicity and initial rotation [km/s].
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from surrogate.enrichment.patterns import PatternReading
from surrogate.enrichment.readers.common import (
    MIN_ENRICHMENT,
    Yield,
    files_in,
    gather_agb,
    rows_of,
)
from surrogate.enrichment.readers.decay import to_elements

if TYPE_CHECKING:
    from os import PathLike

SOURCE = "Cristallo et al. (2015)"


def read_fruity(
    folder: str | PathLike[str],
    *,
    kind: Yield | str = Yield.TOTAL,
    min_enrichment: float = MIN_ENRICHMENT,
) -> PatternReading:
    """Read the whole grid.

    Isotopes decay to stable ones, as `decay.to_elements` does; masses become numbers by division by
    A. The cut needs net and total yields both, whichever is returned.

    Args:
        folder: it holds `net/` and `tot/` with a file for each model.
        kind: net or total yields.
        min_enrichment: models that eject less than this times their initial barium [dex] are left
            out: those without third dredge-up, and those whose few episodes drown in the envelope.

    Returns:
        One pattern a model, named such as `m2p0z1m3_000` (2.0 Msun, Z = 1e-3, no rotation).

    Raises:
        ValueError: a cell is no number, or a model has only one of its two files.
        FileNotFoundError: the folders are not there.
    """
    folder = Path(folder)
    net, total = (
        {_model(file): _read(file) for file in files_in(folder / part, f"yields_{part}_*.txt")}
        for part in ("net", "tot")
    )
    if lonely := sorted(set(net) ^ set(total)):
        raise ValueError(f"{folder}: {lonely[0]} lacks its net or its total yields; copy both")
    models = [(name, total[name], net[name]) for name in total]
    return gather_agb(models, kind, min_enrichment, source=SOURCE, group="FRUITY")


def _model(file: Path) -> str:
    return "_".join(file.stem.split("_")[2:4])


def _read(file: Path) -> dict[int, float]:
    nuclides: dict[tuple[int, int], float] = {}
    for line, words in rows_of(file, comment="Isotope"):
        try:
            _, a, z, mass = words
            nuclides[int(z), int(a)] = float(mass) / int(a)
        except ValueError as error:
            raise ValueError(f"{file}, line {line}: {error}; copy the file again") from error
    return to_elements(nuclides)
