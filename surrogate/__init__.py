"""Fast, differentiable stand-ins for expensive stellar-astrophysics simulations, in JAX."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from surrogate.collisions.encounter import (
        Bounds,
        Domain,
        Encounter,
        Fate,
        Outcome,
        Regime,
    )
    from surrogate.collisions.pipeline import Smoothing
    from surrogate.collisions.predictor import CollisionModel, load

__version__ = "0.1.0"

_HOMES = {
    "Bounds": "encounter",
    "CollisionModel": "predictor",
    "Domain": "encounter",
    "Encounter": "encounter",
    "Fate": "encounter",
    "Outcome": "encounter",
    "Regime": "encounter",
    "Smoothing": "pipeline",
    "load": "predictor",
}

__all__ = [
    "Bounds",
    "CollisionModel",
    "Domain",
    "Encounter",
    "Fate",
    "Outcome",
    "Regime",
    "Smoothing",
    "load",
]


def __getattr__(name: str) -> Any:
    # JAX and Flax are imported by the first name that needs them.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.collisions.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
