"""The published patterns that the classifiers learn.

Those of the s-process are total yields: what a companion or the next generation of stars is given,
with what the star was born with and gives back. Models that add little to that are mixtures, and
are left out (`training.S_ENRICHMENT`).
"""

from __future__ import annotations

from pathlib import Path

from surrogate.enrichment.classifiers.training import S_ENRICHMENT
from surrogate.enrichment.network.places import data_folder
from surrogate.enrichment.patterns import Patterns
from surrogate.enrichment.readers import read_r_process, read_s_process


def published_sets(
    path: str | Path | None = None,
    *,
    r_process: bool = True,
    min_enrichment: float = S_ENRICHMENT,
) -> list[Patterns]:
    """Patterns of the s- and, if wanted, of the r-process.

    Args:
        path: folder of public tables, of `network.places.data_folder`.
        r_process: whether to read those of the r-process, too.
        min_enrichment: of the models of the s-process, as `readers.read_s_process` takes it [dex].

    Raises:
        FileNotFoundError: there is no such folder, or a file is missing in it.
        ValueError: a file is damaged.
    """
    folder = data_folder(path)
    if folder is None:
        raise FileNotFoundError(
            "published patterns: no folder with fruity/ and monash/ is known; name it (--data), or "
            "set SURROGATE_DATA"
        )
    s = read_s_process(folder, min_enrichment=min_enrichment).patterns
    return [read_r_process(folder / "rprocess"), s] if r_process else [s]
