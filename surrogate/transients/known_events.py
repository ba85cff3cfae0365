"""Flares whose nature is known: what a score is calibrated with and judged by."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from surrogate.collisions.download import DATA_VARIABLE
from surrogate.reports.receiver import Receiver, receiver_curve
from surrogate.transients.labels import read_labels
from surrogate.transients.readers import read, read_facts

if TYPE_CHECKING:
    from surrogate.transients.photometry import LightCurve

OPY = "AT2020opy"
"""A candidate of the paper that is a tidal disruption, ZTF20abjwvae to ZTF."""
MILKY_WAY = 0.03
"""Reddening of events away from the Galactic plane whose own is not known [mag]."""


class KnownEvents(NamedTuple):
    """Light curves with redshifts, by kind."""

    tidal_disruptions: list[LightCurve]
    """Without AT2020opy."""
    supernovae: list[LightCurve]
    """Type Ia."""
    opy: LightCurve

    @property
    def controls(self) -> list[LightCurve]:
        """What is no collision."""
        return [*self.tidal_disruptions, *self.supernovae]


def find_folder(folder: Path | None = None) -> Path:
    """The folder of the known events.

    Args:
        folder: it, or one that holds it as `transients`; else SURROGATE_DATA, then
            `../shared/data`.

    Raises:
        FileNotFoundError: it is nowhere.
    """
    given = folder or Path(os.environ.get(DATA_VARIABLE, "../shared/data"))
    for found in (given, given / "transients", given.parent / "transients"):
        if (found / "sne_ia").is_dir() and (found / "tde").is_dir():
            return found
    raise FileNotFoundError(
        f"{given}: no folder with sne_ia/ and tde/ in it; name one that has the known events, or "
        "set SURROGATE_DATA"
    )


def load_known_events(folder: Path | None = None) -> KnownEvents:
    """Read the tidal disruptions and the supernovae, with their redshifts.

    Args:
        folder: as of `find_folder`.

    Raises:
        FileNotFoundError: it is nowhere.
    """
    folder = find_folder(folder)
    facts = read_facts(folder / "tde" / "sources_meta.csv")
    disruptions = read(folder / "tde" / "ztf_forced_photometry.csv.gz", facts=facts).light_curves
    labels = read_labels(folder / "spectroscopic_labels.csv")
    supernovae = [
        replace(curve, redshift=labels[curve.name].z, ebv=MILKY_WAY)
        if curve.name in labels
        else replace(curve, ebv=MILKY_WAY)
        for curve in read(folder / "sne_ia").light_curves
    ]
    return KnownEvents(
        [curve for curve in disruptions if curve.name != OPY],
        supernovae,
        next(curve for curve in disruptions if curve.name == OPY),
    )


def shipped_receiver() -> Receiver | None:
    """The receiver curve of `experiments/transients/controls.py`; None before it was made."""
    file = files("surrogate.transients") / "known_odds.json"
    if not file.is_file():
        return None
    found = json.loads(file.read_text(encoding="utf-8"))
    controls = [*found["supernovae"].values(), *found["tidal_disruptions"].values()]
    return receiver_curve([odds for odds, _ in found["injections"]], controls)
