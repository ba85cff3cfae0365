"""What the structure model is calibrated on: the stars of the SPH grid, and PARSEC tracks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surrogate.collisions.structure import MASS_FRACTIONS

if TYPE_CHECKING:
    from pathlib import Path

Array = np.ndarray


@dataclass(frozen=True)
class Stars:
    """The stars of the grid, one row a star."""

    mass: Array
    """[Msun], shape (n,)."""
    age: Array
    """[Gyr], shape (n,)."""
    radii: Array
    """r(f) [Rsun] at `MASS_FRACTIONS`, shape (n, 14)."""

    def only(self, keep: Array) -> Stars:
        """The stars for which `keep` is true."""
        return Stars(self.mass[keep], self.age[keep], self.radii[keep])


@dataclass(frozen=True)
class Tracks:
    """Main-sequence tracks, one row a mass, one column an evolutionary point."""

    ln_mass: Array
    """Natural log of M [Msun], shape (n,)."""
    ln_age: Array
    """Natural log of age [Gyr], shape (n, 41)."""
    ln_radius: Array
    """Natural log of R [Rsun], shape (n, 41)."""


def read_stars(path: Path) -> Stars:
    """Read the 97 stars and their profiles off the SPH grid, r_p = r1(f) + r2(f)."""
    rows = np.genfromtxt(path, delimiter=",", skip_header=1)
    slabs: dict[tuple[float, float, float], list[float]] = {}
    surface: dict[tuple[float, float], float] = {}
    for _, age, rp, _, m1, m2, r1, r2, *_ in rows:
        slabs.setdefault((age, m1, m2), []).append(rp)
        surface[m1, age], surface[m2, age] = r1, r2
    sums = {key: _distinct(np.array(rp), len(MASS_FRACTIONS)) for key, rp in slabs.items()}
    equal = {(m, age): rp / 2 for (age, m, other), rp in sums.items() if m == other}
    # Elsewhere subtract the smallest partner: the rounding of r_p then weighs least.
    radii = dict(equal)
    by_partner = sorted(sums.items(), key=lambda item: -surface[item[0][2], item[0][0]])
    for (age, m1, m2), rp in by_partner:
        for star, partner in (((m1, age), (m2, age)), ((m2, age), (m1, age))):
            if star not in equal and partner in equal:
                radii[star] = rp - equal[partner]
    keys = sorted(surface)
    profile = np.array([radii[key] for key in keys])
    profile[:, -1] = [surface[key] for key in keys]
    mass, age = np.array(keys).T
    return Stars(mass, age, profile)


def _distinct(values: Array, count: int) -> Array:
    """Distinct values, merging the closest (twins by rounding) until `count` are left."""
    values = np.unique(values)
    while len(values) > count:
        k = int(np.argmin(np.diff(values)))
        values = np.r_[values[:k], values[k : k + 2].mean(), values[k + 2 :]]
    if len(values) < count:
        raise ValueError(f"a slab has {len(values)} pericentres, {count} are needed")
    return values


def read_tracks(path: Path) -> Tracks:
    """Read the tracks (columns: mass, EEP, log10 age [yr], log10 R)."""
    rows = np.genfromtxt(path, delimiter=",", skip_header=1)
    mass = np.unique(rows[:, 0])
    ln_age, ln_radius = (
        np.log(10.0) * np.array([rows[rows[:, 0] == m, k] for m in mass]) for k in (2, 3)
    )
    return Tracks(np.log(mass), ln_age - 9 * np.log(10.0), ln_radius)
