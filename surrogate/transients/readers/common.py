"""What all readers share: times, magnitudes, and objects made of rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from surrogate.learning.problems import Problem
from surrogate.learning.text_tables import number
from surrogate.transients.photometry import LightCurve, Row, assemble, to_flux

JD_ZERO: Final = 2_400_000.5
"""Julian date of modified Julian date 0; a time above it is a Julian date."""
LN10_OVER_2_5: Final = math.log(10.0) / 2.5
"""Relative error of a flux per error of its magnitude."""
NO_MAGNITUDE: Final = 90.0
"""Magnitudes beyond this, of either sign, stand for none: tables write 99 or -999."""


class Facts(NamedTuple):
    """What is known of an object besides its light curve."""

    redshift: float | None = None
    ebv: float | None = None
    """Reddening E(B-V) by Galactic dust [mag]; None where unknown."""

    def filled(self, others: Facts) -> Facts:
        """These, and others where these are unknown."""
        return Facts(*(b if a is None else a for a, b in zip(self, others, strict=True)))


class Reading(NamedTuple):
    """What was found in a file or a folder."""

    light_curves: list[LightCurve]
    """In the order of the files, and of first appearance within each."""
    problems: list[Problem]
    """Of rows, objects and files; an object that is left out is named here."""


def to_mjd(value: object) -> object:
    """Modified Julian date of a Julian or modified one [days]; what is no number stays as it is."""
    time = number(value)
    if math.isnan(time):
        return value
    return time - JD_ZERO if time > JD_ZERO else time


def scale(value: object, factor: float) -> object:
    """Value times a factor; what is no number stays as it is."""
    product = number(value) * factor
    return value if math.isnan(product) else product


def magnitude(value: object) -> float:
    """AB magnitude; NaN where it is no number or stands for none."""
    mag = number(value)
    return mag if abs(mag) < NO_MAGNITUDE else math.nan


def from_magnitude(mag: object, error: object, sign: float = 1.0) -> tuple[object, object]:
    """Flux and its error of a magnitude and its error.

    Args:
        mag: AB magnitude.
        error: its standard deviation [mag].
        sign: of the flux: -1 where the source was brighter in the reference image.

    Returns:
        Both [microjansky]; what is no number is returned as a text that repeats it.
    """
    known = magnitude(mag)
    if math.isnan(known):
        return f"{mag} mag", f"{error} mag"
    flux = to_flux(known)
    width = number(error)
    return sign * flux, f"{error} mag" if math.isnan(width) else flux * width * LN10_OVER_2_5


def from_limit(mag: object) -> object:
    """Flux of a limiting AB magnitude [microjansky]; a text that repeats it where it is none."""
    known = magnitude(mag)
    return f"{mag} mag" if math.isnan(known) else to_flux(known)


def gather(
    rows: Mapping[str, Sequence[Row]],
    facts: Mapping[str, Facts],
    problems: Sequence[Problem] = (),
) -> Reading:
    """Check the rows of every object and make light curves of them.

    Args:
        rows: of each object, by its name.
        facts: what the file says of some of the objects.
        problems: those that are known already.
    """
    found: list[LightCurve] = []
    wrong = list(problems)
    for name, mine in rows.items():
        known = facts.get(name, Facts())
        curve, more = assemble(name, mine, redshift=known.redshift, ebv=known.ebv or 0.0)
        wrong += more
        if curve is not None:
            found.append(curve)
    return Reading(found, wrong)
