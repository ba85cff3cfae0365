"""What there is to say of a candidate, in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.reports.words import count, listed, number, rounded, with_error
from surrogate.transients.host import SCATTER, Relation
from surrogate.transients.report.known import Host, published_row
from surrogate.transients.report.table import host_mass
from surrogate.transients.report.view import detections
from surrogate.transients.report.words import band_name, model_name

if TYPE_CHECKING:
    from surrogate.transients.templates import BankTemplates
    from surrogate.transients.verdict import Match

COLOURS: Final = (0.3, 1.0)
"""g - r of the galaxies that the masses of hosts are calibrated with."""


def describe(match: Match, templates: BankTemplates, host: Host | None = None) -> str:
    """A few sentences on an object; what speaks against it is in `caveats`.

    Args:
        match: of the object.
        templates: of the bank that it was matched with.
        host: magnitudes of its host galaxy.

    Returns:
        Plain text: which model fits best and by how much, what the flare would be, when it would
        have started, what was observed, what the host and the paper say.
    """
    parts = [_evidence(match), _flare(match, templates), _start(match), _observed(match)]
    return " ".join(part for part in (*parts, *_host(match, host), _published(match)) if part)


def _evidence(match: Match) -> str:
    (best, most), *rest = sorted(match.log_evidence.items(), key=lambda x: -x[1])
    lead = f", by {number(most - rest[0][1])} in ln over {model_name(rest[0][0])}" if rest else ""
    return (
        f"Of the models, {model_name(best)} has the greatest evidence{lead}; relative to no flare "
        f"it is {number(most)} in ln. The ln of the odds of a collision against all others is "
        f"{number(match.log_bayes)}, its score {number(match.score, 2)}."
    )


def _flare(match: Match, templates: BankTemplates) -> str:
    M, r_init, theta, phi = match.site
    low, median, high = match.log_black_hole
    azimuth = f" and phi = {phi:.2f} rad" if templates.bank.physics.drift != 0.0 else ""
    return (
        f"As a collision, the best flare is of {with_error(*match.fit[3:5])} Msun of ejecta that a "
        f"black hole of log M = {np.log10(M):.2f} accretes (of all flares, weighed by their "
        f"probability, {number(median, 2)}, 68 % from {number(low, 2)} to {number(high, 2)}; M in "
        f"Msun). The stars meet at r_init = {rounded(r_init)} Schwarzschild radii, with their "
        f"relative velocity at theta = {theta:.2f} rad{azimuth} to the radius; the light is "
        f"that of a blackbody of {match.fit.temperature:,.0f} K. Chi^2 per night is "
        f"{number(match.reduced_chi2, 2)}, with the model's error."
    )


def _start(match: Match) -> str:
    days = detections(match)
    if len(days) == 0:
        return f"The collision would be on MJD {match.fit.start:.1f}."
    side = "before" if days[0] >= 0.0 else "after"
    return (
        f"The collision would be on MJD {match.fit.start:.1f}, {abs(days[0]):.1f} days {side} the "
        "first detection (observer's frame)."
    )


def _observed(match: Match) -> str:
    bands = [band_name(band) for band in match.nights.bands]
    return (
        f"It was observed on {count(len(match.nights), 'night')} "
        f"(each band counts by itself) in {count(len(bands), 'band')}, {listed(bands)}."
    )


def _host(match: Match, host: Host | None) -> list[str]:
    low, median, high = match.log_black_hole
    own = (high - low) / 2.0
    said = []
    for relation, name in ((Relation.AGN, "active galaxies"), (Relation.ELLIPTICAL, "ellipticals")):
        mass = host_mass(host, match.z, relation)
        if mass is None:
            return []
        off = median - mass.value
        error = float(np.hypot(np.hypot(SCATTER, mass.error), own))
        verdict = (
            ", with which the simulations agree within the scatter"
            if abs(off) <= error
            else f": the simulations lie {abs(off):.1f} dex {'above' if off > 0.0 else 'below'}, "
            f"{abs(off) / error:.1f} standard deviations"
        )
        said.append(f"by the relation of {name}, log M = {mass.value:.2f}{verdict}")
    assert host is not None
    colour = host.g - host.r
    outside = not COLOURS[0] <= colour <= COLOURS[1]
    beyond = (
        f" Its g - r = {colour:.2f} is outside the {COLOURS[0]:g} to {COLOURS[1]:g} that these "
        "masses are calibrated for."
    )
    return [f"Its host's black hole has, {'; '.join(said)}.{beyond if outside else ''}"]


def _published(match: Match) -> str:
    row = published_row(match.name)
    if row is None:
        return ""
    ejecta = f"{row.ejecta:.2f}" if row.ejecta > 0.0 else "less than 0.005"
    return (
        f"The paper's table 2 has it as {row.name}, with log M = {row.log_simulated:.1f} and "
        f"{ejecta} Msun of ejecta at z = {row.z:.2f}."
    )
