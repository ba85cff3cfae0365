"""What speaks against a candidate, or against trusting its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.reports.words import listed, rounded
from surrogate.transients.report.known import known_disruption, tells
from surrogate.transients.report.words import band_name
from surrogate.transients.templates import TEMPERATURES

if TYPE_CHECKING:
    from surrogate.transients.labels import Label
    from surrogate.transients.templates import BankTemplates
    from surrogate.transients.verdict import Match

_EDGE: Final = 0.01
"""What is nearer to an end of its range than this is at it [dex]."""


def caveats(match: Match, templates: BankTemplates, label: Label | None = None) -> list[str]:
    """Sentences on what speaks against an object; none where nothing does.

    Args:
        match: of the object.
        templates: of the bank that it was matched with.
        label: what a spectrum says.
    """
    said = [_spectrum(label), _disruption(match.name), _nothing(match), _redshift(match)]
    return [text for text in (*said, *edges(match, templates), _colour(match)) if text]


def edges(match: Match, templates: BankTemplates) -> list[str]:
    """Which parameters of the best flare are at an end of what was tried."""
    masses = templates.bank.sites[:, 0]
    ranges = {
        "The black hole's mass": (match.site[0], masses.min(), masses.max(), "Msun"),
        "The ejecta's mass": (match.fit.amplitude, *templates.amplitudes, "Msun"),
        "The temperature": (match.fit.temperature, TEMPERATURES[0], TEMPERATURES[-1], "K"),
    }
    found = []
    for name, (value, low, high, unit) in ranges.items():
        near = [end for end in (low, high) if abs(np.log10(value / end)) < _EDGE]
        if near and low < high:
            side = "lower" if near[0] == low else "upper"
            found.append(
                f"{name} is at the {side} end of what was tried, {rounded(near[0])} {unit}: "
                "it is a limit, no measurement."
            )
    return found


def _spectrum(label: Label | None) -> str:
    if label is None:
        return ""
    return f"Spectra say {label.type}" + (": not a collision." if tells(label) else ".")


def _disruption(name: str) -> str:
    other = known_disruption(name)
    return f"{name} ({other}) is a known tidal disruption: not a collision." if other else ""


def _nothing(match: Match) -> str:
    if match.seen:
        return ""
    return "No flare of any model stands out from the noise: the odds mean nothing, the score is 0."


def _redshift(match: Match) -> str:
    if not match.z_assumed:
        return ""
    return (
        f"Its redshift is not known; z = {match.z:g} is assumed, which the masses of ejecta and "
        "black hole rest on."
    )


def _colour(match: Match) -> str:
    if len(match.nights.bands) > 1:
        return ""
    bands = listed([band_name(band) for band in match.nights.bands])
    return f"It was seen in {bands} only: its colour, and so its temperature, is not known."
