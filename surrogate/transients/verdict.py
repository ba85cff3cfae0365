"""Is it a collision, and of what? One light curve against the bank and against the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.learning.problems import Problem
from surrogate.transients.host import DEFAULT_Z
from surrogate.transients.matching import Scan, scan, seen_as
from surrogate.transients.nights import MODEL_ERROR, Nights, by_night
from surrogate.transients.nulls import bazin, supernova, tidal_disruption
from surrogate.transients.photometry import Kind, LightCurve
from surrogate.transients.templates import TEMPERATURES, BankTemplates, Templates
from surrogate.transients.templates import Kind as Shape

if TYPE_CHECKING:
    from jaxtyping import Float
    from numpy.typing import ArrayLike

SCORE: Final = (1.771, 1.504)
"""Offset and slope of the logistic score: see `score`."""
NO_FLARE: Final = 10.0
"""Where no model has an evidence above that, in ln and relative to no flare, none is seen."""
FEWEST_NIGHTS: Final = 5
"""A shape, its start, its brightness and its colour are fitted to no less."""
FINE: Final = 0.1
"""Starts are refined to so many days."""
_ONE_SIGMA: Final = (0.15866, 0.5, 0.84134)


class Fit(NamedTuple):
    """The best flare of a model."""

    shape: int
    """Index of the template."""
    temperature: float
    """Of the blackbody [K]."""
    start: float
    """[MJD]"""
    amplitude: float
    """Mass of the ejecta for a collision [Msun]."""
    amplitude_error: float
    chi2: float
    """Over all nights, with the model's error."""
    chi2_dark: float
    """Without any flare."""


@dataclass(frozen=True)
class Match:
    """What the bank makes of an object.

    Attributes:
        curve: as observed.
        nights: what was matched.
        z: redshift that was taken.
        z_assumed: it is not known.
        fit: the most probable flare of the bank.
        site: M [Msun], r_init [Schwarzschild radii], theta, phi [rad] of it.
        log_black_hole: 16, 50 and 84 per cent quantiles of log10 M [Msun], over all flares.
        log_black_hole_mode: log10 of the most probable M of the bank.
        log_evidence: of the bank and of every other model, relative to no flare.
    """

    curve: LightCurve
    nights: Nights
    z: float
    z_assumed: bool
    fit: Fit
    site: tuple[float, float, float, float]
    log_black_hole: tuple[float, float, float]
    log_black_hole_mode: float
    log_evidence: dict[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of the object."""
        return self.curve.name

    @property
    def reduced_chi2(self) -> float:
        """Chi^2 of the best flare per night; start, mass, temperature and shape are free."""
        return self.fit.chi2 / max(len(self.nights) - 4, 1)

    @property
    def log_bayes(self) -> float:
        """Log of the odds of a collision against all other models, which are equally likely."""
        others = [z for name, z in self.log_evidence.items() if name != COLLISION]
        return (
            self.log_evidence[COLLISION] - float(np.logaddexp.reduce(others)) + np.log(len(others))
        )

    @property
    def rival(self) -> str:
        """The best of the other models."""
        others = {name: z for name, z in self.log_evidence.items() if name != COLLISION}
        return max(others, key=others.__getitem__)

    @property
    def seen(self) -> bool:
        """Whether there is a flare at all, of whatever kind."""
        return max(self.log_evidence.values()) > NO_FLARE

    @property
    def score(self) -> float:
        """Calibrated probability of a collision, see `score`; 0 where no flare is seen."""
        return score(self.log_bayes) if self.seen else 0.0


COLLISION: Final = "collision"


class Matcher:
    """The bank and the models it is weighed against, ready for many objects.

    Args:
        templates: of the bank.
        nulls: other models; tidal disruptions, Bazin's curve and supernovae where left out.
        temperatures: of blackbodies that are tried [K].
        model_error: error of any model, in units of the brightest night of a band.
    """

    def __init__(
        self,
        templates: BankTemplates,
        nulls: Sequence[Templates] | None = None,
        temperatures: Sequence[float] = TEMPERATURES,
        model_error: float = MODEL_ERROR,
    ) -> None:
        self.templates = templates
        self.nulls = tuple((tidal_disruption(), bazin(), supernova()) if nulls is None else nulls)
        self.temperatures = tuple(temperatures)
        self.model_error = model_error

    def match(self, curve: LightCurve, z: float | None = None) -> Match:
        """Weigh all flares at all starts.

        Args:
            curve: the light curve.
            z: redshift, where not the light curve's own; 0.1, as in the paper, where unknown.

        Returns:
            The match.

        Raises:
            ValueError: fewer than `FEWEST_NIGHTS` nights.
        """
        known = z if z is not None else curve.redshift
        z = DEFAULT_Z if known is None else known
        nights = by_night(curve, z, self.model_error)
        if len(nights) < FEWEST_NIGHTS:
            raise ValueError(
                f"{curve.name}: {len(nights)} nights with data, needed: at least {FEWEST_NIGHTS}"
            )
        found = scan(nights, self.templates, ebv=curve.ebv, temperatures=self.temperatures)
        evidence = {COLLISION: found.log_evidence}
        for null in self.nulls:
            if null.kind is not Shape.BANDED or set(nights.bands) <= set(null.bands):
                other = scan(nights, null, ebv=curve.ebv, temperatures=self.temperatures)
                evidence[null.name] = other.log_evidence
        fit = refine(nights, self.templates, found, curve.ebv, self.temperatures)
        M, quantiles = _black_hole(self.templates, found)
        return Match(
            curve,
            nights,
            z,
            z_assumed=known is None,
            fit=fit,
            site=tuple(self.templates.sites[fit.shape].tolist()),
            log_black_hole=quantiles,
            log_black_hole_mode=M,
            log_evidence=evidence,
        )

    def match_all(self, curves: Iterable[LightCurve]) -> Iterator[Match | Problem]:
        """Match many objects, one after another; what cannot be matched is a problem."""
        for curve in curves:
            try:
                yield self.match(curve)
            except ValueError as error:
                yield refused(curve, error)


def refused(curve: LightCurve, error: ValueError) -> Problem:
    """The problem of an object that cannot be matched, from the error that says so."""
    reason = str(error).removeprefix(f"{curve.name}: ")
    return Problem(Kind.TOO_FEW, curve.name, f"{reason}; the object is left out")


def refine(
    nights: Nights,
    templates: BankTemplates,
    found: Scan,
    ebv: float,
    temperatures: Sequence[float],
    tries: int = 8,
) -> Fit:
    """The best of the most probable flares, with starts between the days of the scan.

    Args:
        nights: the light curve.
        templates: of the bank.
        found: the scan of them.
        ebv: reddening by Galactic dust [mag].
        temperatures: those of the scan [K].
        tries: how many flares, the most probable first.
    """
    dark = float(np.sum((nights.flux / nights.error) ** 2))
    weight = 1.0 / nights.error**2
    best: Fit | None = None
    for index in np.argsort(found.log_posterior, axis=None)[::-1][:tries]:
        row, shape = np.unravel_index(index, found.log_posterior.shape)
        T = temperatures[row]
        per_light = seen_as(nights, ebv, T)
        for start in found.start[row, shape] + np.arange(-1.0, 1.0 + FINE, FINE):
            model = per_light * templates.light(int(shape), nights.time - start)
            S = float(np.sum(weight * model**2))
            if S == 0.0:
                continue
            B = float(np.sum(weight * nights.flux * model))
            A = float(np.clip(B / S, *templates.amplitudes))
            chi2 = dark - 2.0 * A * B + A**2 * S
            if best is None or chi2 < best.chi2:
                mjd = nights.start + start * nights.stretch
                best = Fit(int(shape), T, float(mjd), A, S**-0.5, chi2, dark)
    if best is None:  # nothing of any flare falls on a night
        return Fit(0, temperatures[0], nights.start, templates.amplitudes[0], np.inf, dark, dark)
    return best


def predicted(
    match: Match, templates: BankTemplates, mjd: Float[np.ndarray, " n"], band: str
) -> Float[np.ndarray, " n"]:
    """Flux of the best flare.

    Args:
        match: of the object.
        templates: of the bank that it was matched with.
        mjd: times [MJD].
        band: a key of `bands.BANDS`.

    Returns:
        [microjansky]
    """
    nights = replace(match.nights, bands=(band,), band=np.zeros(1, int))
    per_light = seen_as(nights, match.curve.ebv, match.fit.temperature)
    t = (np.asarray(mjd) - match.fit.start) / (1.0 + match.z)
    return per_light[0] * match.fit.amplitude * templates.light(match.fit.shape, t)


def _black_hole(templates: BankTemplates, found: Scan) -> tuple[float, tuple[float, float, float]]:
    """Most probable log M among the bank's, and quantiles, each M spread over its share."""
    log_M, index = np.unique(np.round(np.log10(templates.sites[:, 0]), 9), return_inverse=True)
    p = np.bincount(index.ravel(), np.exp(found.log_posterior).sum(axis=0))
    middle = (log_M[1:] + log_M[:-1]) / 2.0
    edges = np.concatenate([log_M[:1], middle, log_M[-1:]])
    below = np.concatenate([[0.0], np.cumsum(p) / p.sum()])
    low, median, high = np.interp(_ONE_SIGMA, below, edges)
    return float(log_M[p.argmax()]), (float(low), float(median), float(high))


def score(log_bayes: float) -> float:
    """Probability of a collision, of as many collisions as other flares.

    The odds from evidences are too sure of themselves: no model is right to its error, and nights
    are not independent of each other. A logistic curve in sign(x) ln(1 + |x|), x = ln(odds), was
    fitted to known events and to flares injected into their own skies
    (`experiments/transients/controls.py`).
    """
    offset, slope = SCORE
    return float(1.0 / (1.0 + np.exp(-offset - slope * squash(log_bayes))))


def squash(log_odds: ArrayLike) -> Float[np.ndarray, ...]:
    """sign(x) ln(1 + |x|) of log odds, any shape."""
    x = np.asarray(log_odds, float)
    return np.sign(x) * np.log1p(np.abs(x))
