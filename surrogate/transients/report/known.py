"""What is known of an object beside its light curve: its host, its spectrum, the paper's row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from surrogate.transients.labels import TIDAL_DISRUPTIONS
from surrogate.transients.published import PUBLISHED, Published

if TYPE_CHECKING:
    from surrogate.transients.labels import Label

UNTELLING: Final = frozenset({"", "-", "other", "unknown", "galaxy", "lrn"})
"""Labels that leave it open; luminous red novae are stars that merge, if not destroy each other."""


class Host(NamedTuple):
    """Magnitudes of a galaxy [AB mag], as of SDSS; the paper does not correct them for dust."""

    g: float
    r: float
    g_error: float = 0.0
    r_error: float = 0.0


def published_row(name: str) -> Published | None:
    """The paper's row of an object, by its name in ZTF or that of its tidal disruption."""
    names = {name} | {ztf for ztf, iau in TIDAL_DISRUPTIONS.items() if iau == name}
    return next((row for row in PUBLISHED if row.name in names), None)


def known_disruption(name: str) -> str | None:
    """The other name of an object that is known for a tidal disruption; None for any other."""
    if name in TIDAL_DISRUPTIONS:
        return TIDAL_DISRUPTIONS[name]
    return next((ztf for ztf, iau in TIDAL_DISRUPTIONS.items() if iau == name), None)


def find_host(name: str, hosts: Mapping[str, tuple[float, ...]]) -> Host | None:
    """The host of an object: given, or the one of the paper; None where neither is known."""
    if name in hosts:
        return Host(*hosts[name])
    row = published_row(name)
    if row is None or row.g is None or row.r is None:
        return None
    return Host(row.g, row.r)


def tells(label: Label | None) -> bool:
    """Whether a spectrum says what an object is."""
    return label is not None and label.type.strip().lower() not in UNTELLING


def excluded(name: str, label: Label | None) -> bool:
    """Whether an object is known to be something else than a collision."""
    return tells(label) or known_disruption(name) is not None
