"""The grid of the paper, by its own rules: which stars meet, when, how fast and how closely."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Final

import jax
import numpy as np

from surrogate.collisions.structure import enclosed_radii, tams_age, zams_age

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jaxtyping import Bool, Float
    from numpy import ndarray
    from numpy.typing import ArrayLike

AGE_DECIMALS: Final = 9
"""Ages are rounded to so many decimals of a Gyr, as in the public file."""
BASE_AGES: Final = (
    *(round(10.0**k, AGE_DECIMALS) for k in (-3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1)),
    13.7,
)
"""Ages [Gyr] at which all main-sequence stars meet each other; the last is the Hubble time."""
MASSES: Final = (0.2, 0.4, 0.8, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""[Msun]"""
VELOCITIES: Final = (10.0, 100.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
"""[km/s]"""
ZAMS_FROM: Final = 4.0
"""Stars from this mass on [Msun] are also simulated at their zero-age main sequence."""
FULL_TAMS_FROM: Final = 8.0
"""At the TAMS of stars from this mass on [Msun], lighter stars meet each other, too; at that of
less massive ones they do not. Section 2.1 does not tell; the public grid has it so. A reason may be
that from then on (0.1 Gyr) even the lightest stars are on the main sequence, on which they stay as
they are, so that their collisions at the base ages stand for those at the TAMS of another."""
MISSING: Final = ((round(10.0**-1.5, AGE_DECIMALS), 8.0),)
"""Age [Gyr] and mass [Msun] of the one main-sequence star that the rules ask for at a base age and
the public grid does not have. It is at 80 per cent of its main-sequence lifetime; others are there
at 75 to 89 per cent of theirs, so no limit on the age explains it."""

RADIUS_DECIMALS: Final = 7
"""Radii are rounded to so many decimals of a solar radius, as in the public file."""
PERICENTRE_DIGITS: Final = 6
"""Pericentres have so many significant digits, as in the public file."""
PERICENTRE_DECIMALS: Final = 5
"""And at most so many decimals of a solar radius. Rounded values are the same on every machine, and
so are the names made from them."""


def on_main_sequence(mass: ArrayLike, age: ArrayLike) -> Bool[ndarray, ...]:
    """Whether stars are on the main sequence: t_ZAMS <= age <= t_TAMS, to the digits of an age.

    Args:
        mass: [Msun], any shape.
        age: [Gyr], broadcasts against `mass`.

    Source: structure model of the package, for Gonzalez Prieto et al. 2026, section 2.1.
    """
    mass = np.asarray(mass, np.float64)
    with jax.enable_x64(True):
        first, last = (np.asarray(end(mass)) for end in (zams_age, tams_age))
    digit = 10.0**-AGE_DECIMALS
    return (np.asarray(age) >= first - digit) & (np.asarray(age) <= last + digit)


def paper_columns() -> dict[str, Float[ndarray, " n"]]:
    """The columns of a `Design` of the paper's grid, from the rules and the structure model.

    220 pairs of stars and ages, each with nine velocities and fourteen pericentres
    r1(f) + r2(f): 27,720 rows, in which m1 >= m2.

    Returns:
        age, m1, m2, rp, vinf, r1 and r2, each (27720,), in the units of a `Design` and in the
        order of age, m1, m2, rp and vinf, each ascending.

    Source: Gonzalez Prieto et al. 2026, section 2.1.
    """
    age, m1, m2 = np.array(sorted(_pairs())).T
    with jax.enable_x64(True):
        inner1, inner2 = (np.asarray(enclosed_radii(m, age)) for m in (m1, m2))
    sums = [float(f"{r:.{PERICENTRE_DIGITS}g}") for r in (inner1 + inner2).ravel().tolist()]
    rp = np.reshape(sums, (*inner1.shape, 1)).round(PERICENTRE_DECIMALS)
    radii = (np.round(inner[:, -1], RADIUS_DECIMALS) for inner in (inner1, inner2))
    age, m1, m2, r1, r2 = (column[:, None, None] for column in (age, m1, m2, *radii))
    columns = {"age": age, "m1": m1, "m2": m2, "rp": rp, "vinf": VELOCITIES, "r1": r1, "r2": r2}
    full = np.broadcast_arrays(*columns.values())
    return {name: column.ravel() for name, column in zip(columns, full, strict=True)}


def _pairs() -> Iterator[tuple[float, float, float]]:
    """Yield age [Gyr], m1 and m2 [Msun] of all pairs of stars, m1 >= m2."""
    masses = np.array(MASSES)

    def there(age: float) -> list[float]:
        return masses[on_main_sequence(masses, age)].tolist()

    for age in BASE_AGES:
        yield from _meet(age, [mass for mass in there(age) if (age, mass) not in MISSING])
    with jax.enable_x64(True):
        young, old = (np.asarray(end(masses)).round(AGE_DECIMALS) for end in (zams_age, tams_age))
    for mass, zams, tams in zip(MASSES, young.tolist(), old.tolist(), strict=True):
        if mass >= ZAMS_FROM:
            yield from _meet(zams, there(zams), mass)
        if tams <= max(BASE_AGES):
            yield from _meet(tams, there(tams), None if mass >= FULL_TAMS_FROM else mass)


def _meet(
    age: float, masses: list[float], star: float | None = None
) -> Iterator[tuple[float, float, float]]:
    """Yield all pairs of `masses`, or only those with `star` where it is given."""
    for m2, m1 in combinations_with_replacement(masses, 2):
        if star is None or star in (m1, m2):
            yield age, m1, m2
