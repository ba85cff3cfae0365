"""Flares of the prior, injected into skies: trials of whatever claims to find them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.transients.bank import find_lit, simulate_light, time_grid
from surrogate.transients.flare import Physics
from surrogate.transients.injection import inject
from surrogate.transients.observer import Spectrum
from surrogate.transients.photometry import LightCurve

if TYPE_CHECKING:
    from jaxtyping import Float

    from surrogate.transients.bank import Sites

EJECTA: Final = (1e-3, 1.0)
"""Bounds of the mass of the ejecta, log-uniform [Msun]."""
TEMPERATURES: Final = (1.0e4, 4.0e4)
"""Bounds of the temperature, log-uniform [K]."""
REDSHIFTS: Final = (0.02, 0.2)
"""Bounds of redshifts that are not given."""
SEEN: Final = (5.0, 5)
"""A flare is found by a survey from so many standard deviations on so many visits."""
_TRIES: Final = 200


class Trial(NamedTuple):
    """An injected flare."""

    curve: LightCurve
    """As observed."""
    site: Float[np.ndarray, 4]
    """M [Msun], r_init [Schwarzschild radii], theta, phi [rad]."""
    ejecta: float
    """[Msun]"""
    start: float
    """[MJD]"""
    signal_to_noise: float
    """Of a filter that knows the flare."""


class Flares:
    """Light curves at given sites that are not dark.

    Args:
        sites: rows of M, r_init, theta, phi.
        physics: the assumptions; the defaults where left out.
    """

    def __init__(self, sites: Sites, physics: Physics | None = None) -> None:
        physics = physics or Physics()
        light, self._times = simulate_light(sites, physics), time_grid()
        lit = find_lit(light, physics)
        self.sites, self._light = np.asarray(sites)[lit], light[lit]

    def __len__(self) -> int:
        return len(self.sites)

    def light(self, index: int, t: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Light [1e44 erg/s per Msun] at times since the collision [days, rest frame]."""
        return np.interp(t, self._times, self._light[index], left=0.0, right=0.0)


def make_trial(
    flares: Flares, sky: LightCurve, random: np.random.Generator, z: float | None = None
) -> Trial | None:
    """Inject a flare that a survey would find.

    Args:
        flares: of which one is drawn, with its start, mass and temperature.
        sky: times, bands and errors.
        random: draws all that is drawn.
        z: redshift; drawn evenly where left out.

    Returns:
        The trial; None where no flare that was tried is seen in this sky.
    """
    for _ in range(_TRIES):
        index = int(random.integers(len(flares)))
        ejecta, T = (
            float(np.exp(random.uniform(*np.log(bounds)))) for bounds in (EJECTA, TEMPERATURES)
        )
        redshift = random.uniform(*REDSHIFTS) if z is None else z
        start = random.uniform(sky.mjd[0] - 200.0, sky.mjd[-1] - 10.0)

        def light(t: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
            return ejecta * flares.light(index, t)  # noqa: B023 - used in this round only

        curve, clean = inject(sky, light, start, redshift, random, spectrum=Spectrum(T))
        ratio = clean / curve.error
        if np.sum(ratio > SEEN[0]) >= SEEN[1]:
            S_N = float(np.sqrt(np.sum(ratio**2)))
            return Trial(curve, flares.sites[index], ejecta, start, S_N)
    return None


def make_trials(
    flares: Flares,
    skies: Sequence[LightCurve],
    random: np.random.Generator,
    redshifts: Sequence[float | None],
) -> list[Trial]:
    """A flare in each sky in which one is seen; arguments as of `make_trial`."""
    made = (make_trial(flares, s, random, z) for s, z in zip(skies, redshifts, strict=True))
    return [trial for trial in made if trial is not None]
