"""Where relaxed stars are kept: a folder each, shared by all collisions that need it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from surrogate.simulations.starsmasher.twin import write_twin

if TYPE_CHECKING:
    from surrogate.simulations.stars.profile import Profile

PROFILE = "profile.dat"


class Star(NamedTuple):
    """A star that collisions need."""

    key: str
    """Tells its profile, its number of particles and its settings from others."""
    radius: float
    """[Rsun]."""


def place_star(folder: Path, profile: Profile, settings: Mapping[str, Any]) -> Star:
    """Write the profile of a star where its relaxed model is or will be.

    Args:
        folder: of all stars; made where it is missing.
        profile: of the star.
        settings: what else the relaxed star depends on.

    Returns:
        The star; its own folder bears its key.

    Raises:
        ValueError: the profile is not one of a star.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f".{PROFILE}"
    write_twin(scratch, profile)
    told = json.dumps(settings, sort_keys=True).encode()
    key = hashlib.sha256(scratch.read_bytes() + told).hexdigest()[:12]
    (folder / key).mkdir(exist_ok=True)
    scratch.replace(folder / key / PROFILE)
    return Star(key, profile.radius)
