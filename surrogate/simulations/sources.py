"""Where the profile of a star comes from: the structure model, or files of the user."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from surrogate.simulations.stars.profile import Profile

SAME = 1e-3
"""Relative difference of masses or ages that count as the same."""
POINTS = 500
"""Rows of the profiles of the structure model: many more than a star of particles resolves."""
NAMES = ("mass", "age", "mesa", "polytrope", "radius")


class Source(NamedTuple):
    """A star of the user, one entry [[stars]] of campaign.toml."""

    mass: float
    """[Msun]."""
    age: float | None = None
    """[Gyr]; every age where None."""
    mesa: Path | None = None
    """A MESA profile file."""
    polytrope: float | None = None
    """Index of a polytrope."""
    radius: float | None = None
    """Of the polytrope [Rsun]."""

    def fits(self, mass: float, age: float) -> bool:
        """Whether this is the star of that mass [Msun] and age [Gyr]."""
        same_age = self.age is None or math.isclose(self.age, age, rel_tol=SAME)
        return same_age and math.isclose(self.mass, mass, rel_tol=SAME)


def read_sources(entries: Any, folder: Path) -> tuple[Source, ...]:
    """Check the entries [[stars]] of a configuration.

    Args:
        entries: as TOML gives them.
        folder: from which paths are seen.

    Raises:
        ValueError: an entry is incomplete, or has an unknown name or value.
    """
    if not isinstance(entries, list):
        raise ValueError("stars: allowed are entries [[stars]]")
    return tuple(_read(entry, number, folder) for number, entry in enumerate(entries, start=1))


def _read(entry: dict[str, Any], number: int, folder: Path) -> Source:
    where = f"[[stars]] number {number}"
    if unknown := entry.keys() - set(NAMES):
        raise ValueError(f"{where}: {min(unknown)} is unknown: allowed are {', '.join(NAMES)}")
    numbers = {key: value for key, value in entry.items() if key != "mesa"}
    for key, value in numbers.items():
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not good or not (value > 0 or (key == "polytrope" and value == 0)):
            raise ValueError(f"{where}: {key} = {value!r}, allowed: a number > 0")
    mesa = entry.get("mesa")
    if "mass" not in entry or (mesa is None) == ("polytrope" not in entry):
        raise ValueError(f"{where}: give mass, and either mesa or polytrope")
    if ("polytrope" in entry) != ("radius" in entry):
        raise ValueError(f"{where}: polytrope and radius go together")
    if mesa is not None and not (folder / mesa).is_file():
        raise ValueError(f"{where}: mesa = {mesa!r}: there is no such file in {folder}")
    floats = {key: float(value) for key, value in numbers.items()}
    return Source(mesa=None if mesa is None else (folder / mesa).absolute(), **floats)


def profile_of(mass: float, age: float, sources: Sequence[Source] = ()) -> Profile:
    """Profile of a star: the user's where there is one, else that of the structure model.

    Args:
        mass: [Msun].
        age: [Gyr].
        sources: stars of the user; the first that fits is taken.

    Raises:
        ValueError: mass or age lie outside the structure model, or a file cannot be used.
    """
    from surrogate.simulations.stars.main_sequence import main_sequence_star
    from surrogate.simulations.stars.mesa import read_mesa
    from surrogate.simulations.stars.polytrope import polytrope

    source = next((source for source in sources if source.fits(mass, age)), None)
    if source is None:
        return main_sequence_star(mass, age, POINTS)
    if source.polytrope is not None and source.radius is not None:
        return polytrope(source.polytrope, mass, source.radius)
    profile = read_mesa(source.mesa)  # type: ignore[arg-type]
    if not math.isclose(profile.mass, mass, rel_tol=0.01):
        raise ValueError(
            f"{source.mesa}: its mass is {profile.mass:.5g} Msun, but campaign.toml has it for a "
            f"star of {mass:g} Msun; allowed: within 1 %"
        )
    return profile
