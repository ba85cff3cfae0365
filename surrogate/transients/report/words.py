"""Names as people read them."""

from __future__ import annotations

from typing import Final

MODELS: Final = {
    "collision": "a stellar collision",
    "tidal disruption": "a tidal disruption",
    "supernova": "a type Ia supernova",
    "Bazin": "Bazin's curve (any rise and fall)",
}
"""Names of the models in a sentence."""


def band_name(band: str) -> str:
    """A band as people call it: "ZTF g" of "ztfg"."""
    return f"{band[:-1].upper()} {band[-1]}"


def model_name(name: str) -> str:
    """A model in a sentence."""
    return MODELS.get(name, name)
