"""Magnitudes of the galaxies that objects lie in, from a table of their own."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surrogate.learning.text_tables import find_column, number, read_text, split_table
from surrogate.transients.readers.facts import NAMES

if TYPE_CHECKING:
    from os import PathLike

G: Final = ("g", "host_g", "gmag")
R: Final = ("r", "host_r", "rmag")


def read_hosts(path: str | PathLike[str]) -> dict[str, tuple[float, ...]]:
    """Read apparent magnitudes of hosts.

    Args:
        path: a table with columns `name` (or `objectId`, `object`, `id`), `g` and `r` [AB mag], and
            perhaps `g_error` and `r_error`; capitals do not count.

    Returns:
        g, r and their errors [mag] by name; hosts without both magnitudes are left out.

    Raises:
        ValueError: a column is missing, or the file cannot be read.
        FileNotFoundError: there is no such file.
    """
    try:
        header, rows = split_table(read_text(Path(path)))
        names = [name.lower() for name in header]
        who, g, r = (find_column(names, known) for known in (NAMES, G, R))
        if who is None or g is None or r is None:
            raise ValueError(
                f"columns found: {', '.join(header)}; needed: {' or '.join(NAMES)}, "
                f"{' or '.join(G)}, and {' or '.join(R)}; rename them"
            )
        errors = [find_column(names, (name,)) for name in ("g_error", "r_error")]
        found = {
            cells[who]: (
                number(cells[g]),
                number(cells[r]),
                *(0.0 if e is None else number(cells[e]) for e in errors),
            )
            for _, cells in rows
            if len(cells) == len(header)
        }
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return {name: host for name, host in found.items() if all(map(math.isfinite, host))}
