"""Redshifts and reddenings of many objects, from a table of their own."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surrogate.learning.text_tables import find_column, number, read_text, split_table
from surrogate.transients.readers.common import Facts

if TYPE_CHECKING:
    from os import PathLike

NAMES: Final = ("name", "objectid", "object", "id")
REDSHIFTS: Final = ("z", "redshift")
REDDENINGS: Final = ("ebv", "ebv_sfd", "e_bv", "mwebv")


def read_facts(path: str | PathLike[str]) -> dict[str, Facts]:
    """Read what is known of objects besides their light curves.

    Args:
        path: a table with a column `name` (or `objectId`, `object`, `id`), and `z` (or `redshift`),
            `ebv` (or `ebv_sfd`, `e_bv`, `mwebv`) [mag] or both; capitals do not count.

    Returns:
        Facts by name; a redshift that is not above 0 and a reddening below 0 are unknown, for
        tables write -1 there.

    Raises:
        ValueError: a column is missing, or the file cannot be read.
        FileNotFoundError: there is no such file.
    """
    try:
        header, rows = split_table(read_text(Path(path)))
        names = [name.lower() for name in header]
        who, z, ebv = (find_column(names, known) for known in (NAMES, REDSHIFTS, REDDENINGS))
        if who is None or (z is None and ebv is None):
            raise ValueError(
                f"columns found: {', '.join(header)}; needed: {' or '.join(NAMES)}, with "
                f"{' or '.join(REDSHIFTS)}, {' or '.join(REDDENINGS)} or both; rename them"
            )
        return {
            cells[who]: pick_facts(cells, z, ebv) for _, cells in rows if len(cells) == len(header)
        }
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def pick_facts(cells: list[str], z: int | None, ebv: int | None) -> Facts:
    """Facts in a row of a table.

    Args:
        cells: of the row.
        z: where the redshift stands.
        ebv: where the reddening stands.
    """
    redshift = math.nan if z is None else number(cells[z])
    reddening = math.nan if ebv is None else number(cells[ebv])
    return Facts(
        redshift if math.isfinite(redshift) and redshift > 0.0 else None,
        reddening if math.isfinite(reddening) and reddening >= 0.0 else None,
    )
