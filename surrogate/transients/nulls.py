"""What else flares: models that a stellar collision has to beat."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import product
from typing import Final

import numpy as np

from surrogate.transients.bands import BANDS, transmission
from surrogate.transients.templates import Kind, Templates

DAYS: Final = 1000
"""Length of the shapes."""
STRETCHES: Final = (0.75, 0.85, 0.95, 1.05, 1.15, 1.25)
"""Of the time scale of supernovae: of slow and fast decliners."""
HOST_DUST: Final = (-0.1, 0.0, 0.1, 0.2, 0.35)
"""Reddening E(B-V) of supernovae by their hosts [mag]; the bluest are bluer than the median."""
BRIGHT: Final = (-16.5, -20.5)
"""Absolute magnitudes of peaks of type Ia supernovae in g, dust included."""


def tidal_disruption() -> Templates:
    """Gaussian rise, and a decline as t^(-5/3) or exponential, as a blackbody.

    Peaks from 1e42 to 3e45 erg/s. Source: van Velzen et al. (2021), equations 1 to 3.
    """
    shapes = []
    for rise, fall in product((3.0, 6.0, 10.0, 16.0, 25.0, 40.0), np.geomspace(8.0, 250.0, 8)):
        t = np.arange(DAYS) + 0.5 - 3.0 * rise
        before, after = np.exp(-0.5 * (t / rise) ** 2), np.maximum(t, 0.0) / fall
        for decline in ((1.0 + after) ** (-5.0 / 3.0), np.exp(-after)):
            shapes.append(np.where(t < 0.0, before, decline))
    return Templates("tidal disruption", np.array(shapes), np.ones(len(shapes)), (1e-2, 30.0))


def bazin() -> Templates:
    """exp(-t / fall) / (1 + exp(-t / rise)) of any amplitude in any band (Bazin et al. 2009)."""
    shapes = []
    for rise, fall in product((1.5, 3.0, 6.0, 12.0), np.geomspace(8.0, 160.0, 8)):
        if fall <= rise:
            continue
        t = np.arange(DAYS) + 0.5 - 8.0 * rise
        shape = np.exp(-t / fall - np.logaddexp(0.0, -t / rise))
        shapes.append(shape / shape.max())
    return Templates("Bazin", np.array(shapes), np.ones(len(shapes)), (1.0, 1e5), Kind.FREE)


def supernova() -> Templates:
    """Type Ia supernovae: the median of 41 of ZTF's (Dhawan et al. 2022), stretched and reddened.

    The median light curves were made by `experiments/transients/supernova_template.py`.
    """
    file = files("surrogate.transients") / "sn_ia.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    phase = np.array(found["phase"])
    t = np.arange(0.5, phase[-1] * max(STRETCHES) - phase[0])
    shapes = [
        [
            np.interp(t / s + phase[0], phase, flux, right=0.0)
            * transmission(BANDS[band].wavelength, dust)
            for s, dust in product(STRETCHES, HOST_DUST)
        ]
        for band, flux in found["flux"].items()
    ]
    low, high = (10.0 ** (-0.4 * magnitude) for magnitude in BRIGHT)
    weight = np.ones(len(shapes[0]))
    return Templates(
        "supernova", np.array(shapes), weight, (low, high), Kind.BANDED, tuple(found["flux"])
    )
