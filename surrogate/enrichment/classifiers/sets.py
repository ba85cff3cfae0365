"""The published patterns that the classifiers learn.

Those of the s-process are net yields: what a star made, without the heavy elements that it was born
with and gives back, whose europium is mostly of the r-process. Where both processes had a part is
another question, which `mixture` asks. Near zero, net ratios mean little; so only models that eject
`S_ENRICHMENT` times the barium that they were born with are learnt.
"""

from __future__ import annotations

from pathlib import Path

from surrogate.enrichment.classifiers.training import S_ENRICHMENT
from surrogate.enrichment.network.places import data_folder
from surrogate.enrichment.patterns import Patterns
from surrogate.enrichment.readers import Yield, read_r_process, read_s_process


def published_sets(path: str | Path | None = None, *, r_process: bool = True) -> list[Patterns]:
    """Patterns of the s- and, if wanted, of the r-process.

    Args:
        path: folder of public tables, of `network.places.data_folder`.
        r_process: whether to read those of the r-process, too.

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
    s = read_s_process(folder, kind=Yield.NET, min_enrichment=S_ENRICHMENT).patterns
    return [read_r_process(folder / "rprocess"), s] if r_process else [s]
