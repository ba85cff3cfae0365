"""What spectra say a transient is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from surrogate.hints import did_you_mean
from surrogate.learning.text_tables import number, read_text, split_table

if TYPE_CHECKING:
    from os import PathLike

COLUMNS: Final = ("name", "label", "z")
TIDAL_DISRUPTIONS: Final = {"ZTF20abjwvae": "AT2020opy"}
"""A candidate stellar collision of the paper that is a tidal disruption: its name in ZTF, and that
of the Transient Name Server. Source: Hammerstein et al. (2023, ApJ 942, 9)."""


class Label(NamedTuple):
    """What a spectrum says of a transient."""

    type: str
    """Such as "SN Ia", "TDE" or "AGN"."""
    z: float | None
    """Redshift; None where unknown."""


def read_labels(path: str | PathLike[str]) -> dict[str, Label]:
    """Read a table of spectroscopic types.

    Args:
        path: a table with columns `NAME`, `LABEL` and `Z`; capitals do not count. A redshift that
            is empty or not above 0 is unknown: tables write -1 there.

    Returns:
        Labels by name, in the order of the file.

    Raises:
        ValueError: a column is missing, a row is cut short, or a name has two types.
        FileNotFoundError: there is no such file.
    """
    labels: dict[str, Label] = {}
    try:
        header, rows = split_table(read_text(Path(path)))
        places = _find_columns(header)
        for line, cells in rows:
            if len(cells) != len(header):
                raise ValueError(f"line {line}: {len(cells)} cells, allowed: {len(header)}")
            name, label, z = (cells[place] for place in places)
            if name in labels and labels[name].type != label:
                raise ValueError(
                    f"line {line}: name = {name} is {label} here and {labels[name].type} above; "
                    "keep one of them"
                )
            redshift = number(z)
            known = math.isfinite(redshift) and redshift > 0.0
            labels[name] = Label(label, redshift if known else None)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return labels


def _find_columns(header: list[str]) -> list[int]:
    names = [name.lower() for name in header]
    if missing := [name for name in COLUMNS if name not in names]:
        hints = (did_you_mean(name, names) for name in missing)
        raise ValueError(
            f"missing column {', '.join(missing)}; found: {', '.join(header)}; needed: "
            f"{', '.join(COLUMNS)}; {' '.join(hint for hint in hints if hint) or 'rename them'}"
        )
    return [names.index(name) for name in COLUMNS]
