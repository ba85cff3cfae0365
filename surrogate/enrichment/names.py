"""Names of stars, as different catalogues spell them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DASHES: Final = dict.fromkeys((*range(0x2010, 0x2015), 0x2212), "-")
"""Hyphens, dashes and the minus sign of Unicode."""
_NO_ZEROS: Final = re.compile(r"^((?:CS|BS)\d+-)0+(?=\d)")


def normalise_name(name: str) -> str:
    """One spelling for all that mean the same star.

    Capitals, blanks, underscores and square brackets do not count, nor do the prefixes `NAME` and
    `BPS` that Simbad puts before names, nor leading zeros in the second number of a BPS star:
    `BPS_CS_22947-0187` is `CS22947-187`, `BD-01 2582` is `BD-012582`. Signs stay, since they are
    part of the declination, but every kind of dash is a minus. That two different names belong to
    one star is not known here.

    Args:
        name: as written.
    """
    plain = unicodedata.normalize("NFKC", name).translate(_DASHES).upper()
    plain = re.sub(r"[\s_\[\]*]", "", plain)
    plain = re.sub(r"^(?:NAME|BPS)", "", plain)
    return _NO_ZEROS.sub(r"\1", plain)
