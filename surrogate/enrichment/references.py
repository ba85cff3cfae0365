"""Stars that several papers measured: which row is meant, and which to take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.enrichment.names import normalise_name

if TYPE_CHECKING:
    from os import PathLike

    from jaxtyping import Int

    from surrogate.enrichment.stars import Stars

REFERENCES: Final = "jinabase_ref.txt"


def read_references(path: str | PathLike[str]) -> dict[str, str]:
    """What JINAbase's keys of publications stand for.

    Args:
        path: the file of `REFERENCES`.

    Returns:
        Such as "Roederer et al. (2014b)" by "ROE14b".
    """
    rows = (line.split() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return {cells[1]: cells[2].replace("_", " ") for cells in rows if cells and cells[0].isdigit()}


def find(stars: Stars, name: str, reference: str | None = None) -> int:
    """The row of a star, in one publication or in the preferred one.

    Names agree as `names.normalise_name` has it, and may be the star's own or Simbad's. Where no
    row has the reference, rows of the same author and year count whose letter differs, since
    releases of the database give letters anew (AOK02b of one is AOK02 of another). Of several rows,
    the first of `priority` 1 is taken, else the first.

    Args:
        stars: as of `jinabase.read_jinabase`.
        name: of the star.
        reference: key of the publication; None takes all.

    Raises:
        ValueError: there is no such star, or not in that publication.
    """
    wanted = normalise_name(name)
    simbad = stars.labels.get("simbad", ("",) * len(stars))
    names = zip(stars.name, simbad, strict=True)
    rows = [i for i, both in enumerate(names) if wanted in map(normalise_name, both)]
    if not rows:
        raise ValueError(f"name = {name}, allowed: one of the {len(stars)} stars; correct it")
    if reference is not None:
        exact = [i for i in rows if stars.reference[i] == reference]
        near = [i for i in rows if _author_year(stars.reference[i]) == _author_year(reference)]
        if not (exact or near):
            found = ", ".join(sorted({stars.reference[i] for i in rows}))
            raise ValueError(
                f"reference = {reference}, allowed for {name}: {found}; choose one of them"
            )
        rows = exact or near
    priority = stars.labels.get("priority", ("",) * len(stars))
    return min(rows, key=lambda i: priority[i] != "1")


def choose_references(stars: Stars, elements: Sequence[str]) -> Int[np.ndarray, " m"]:
    """One row a star: that with the most of some elements measured.

    Ties go to the row that JINAbase prefers (`priority` 1), then to the later publication, then to
    the first. Rows are of one star where Simbad's identifiers agree.

    Args:
        stars: as of `jinabase.read_jinabase`.
        elements: symbols.

    Returns:
        The rows, ascending.
    """
    counts = sum(np.isfinite(stars.of(element)).astype(int) for element in elements)
    best: dict[str, tuple[tuple[int, bool, int, int], int]] = {}
    for i, key in enumerate(map(normalise_name, stars.labels["simbad"])):
        rank = (
            int(np.asarray(counts)[i]) if len(elements) else 0,
            stars.labels["priority"][i] == "1",
            _year(stars.reference[i]),
            -i,
        )
        best[key] = max(best.get(key, (rank, i)), (rank, i))
    return np.array(sorted(i for _, i in best.values()), int)


def _author_year(reference: str) -> str:
    return reference.rstrip("abcdefghijklmnopqrstuvwxyz")


def _year(reference: str) -> int:
    digits = _author_year(reference)[-2:]
    two = int(digits) if digits.isdigit() else 0
    return 1900 + two if two > 50 else 2000 + two
