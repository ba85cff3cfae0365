"""Rows like those of the paper's table 2, one an object."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from surrogate.reports.words import NONE, number, with_error
from surrogate.transients.host import Relation, black_hole_mass
from surrogate.transients.report.known import Host, known_disruption

if TYPE_CHECKING:
    from surrogate.transients.labels import Label
    from surrogate.transients.verdict import Match

HEADS: Final = (
    "transient",
    "host g",
    "host r",
    "z",
    "log M AGN",
    "log M elliptical",
    "log M simulated (68 %)",
    "ejecta [Msun]",
    "start [days]",
    "\N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO} per night",
    "ln odds",
    "score",
    "best rival",
    "spectrum",
)
"""Heads of the columns of `cells`."""


class HostMass(NamedTuple):
    """log10 of the mass of the black hole in a host [Msun], and its error [dex]."""

    value: float
    error: float
    """Of the magnitudes and of the relation's coefficients, without its scatter."""


class Row(NamedTuple):
    """What the table says of an object; None where it is not known."""

    name: str
    host: Host | None
    z: float
    z_assumed: bool
    agn: HostMass | None
    """By the relation of active galaxies."""
    elliptical: HostMass | None
    """By that of ellipticals and classical bulges."""
    log_simulated: tuple[float, float, float]
    """16, 50 and 84 per cent quantiles of log10 M of the simulations [Msun]."""
    ejecta: float
    """[Msun]"""
    ejecta_error: float
    start: float
    """Of the flare [days since the first observation, observer's frame]."""
    reduced_chi2: float
    log_odds: float
    score: float
    rival: str
    label: str | None
    flares: bool
    """Whether a flare of any model stands out from the noise."""


def make_row(match: Match, label: Label | None = None, host: Host | None = None) -> Row:
    """A row of the table.

    Args:
        match: of the object.
        label: what a spectrum says.
        host: magnitudes of its host.
    """
    masses = {relation: host_mass(host, match.z, relation) for relation in Relation}
    return Row(
        match.name,
        host,
        match.z,
        match.z_assumed,
        masses[Relation.AGN],
        masses[Relation.ELLIPTICAL],
        match.log_black_hole,
        match.fit.amplitude,
        match.fit.amplitude_error,
        match.fit.start - float(match.curve.mjd[0]),
        match.reduced_chi2,
        match.log_bayes,
        match.score,
        match.rival,
        label.type if label else "TDE" if known_disruption(match.name) else None,
        match.seen,
    )


def cells(row: Row) -> tuple[str, ...]:
    """A row as text, in the order of `HEADS`; a dagger marks a redshift that is assumed.

    A double dagger marks the score of an object without a flare that stands out.
    """
    low, median, high = row.log_simulated
    return (
        row.name,
        number(row.host.g if row.host else None, 2),
        number(row.host.r if row.host else None, 2),
        f"{row.z:.3g}" + ("\N{DAGGER}" if row.z_assumed else ""),
        number(row.agn.value if row.agn else None, 2),
        number(row.elliptical.value if row.elliptical else None, 2),
        f"{number(median, 2)} ({number(low, 2)} to {number(high, 2)})",
        with_error(row.ejecta, row.ejecta_error),
        number(row.start),
        number(row.reduced_chi2, 2),
        number(row.log_odds),
        number(row.score, 2) + ("" if row.flares else "\N{DOUBLE DAGGER}"),
        row.rival,
        row.label or NONE,
    )


def host_mass(host: Host | None, z: float, relation: Relation) -> HostMass | None:
    """Mass of the black hole in a host, the paper's way; None where no magnitudes are known."""
    if host is None or not all(map(math.isfinite, host)):
        return None
    found = black_hole_mass(
        host.g, host.r, z, relation=relation, g_error=host.g_error, r_error=host.r_error
    )
    return HostMass(float(found.log_black_hole), float(found.log_black_hole_error))
