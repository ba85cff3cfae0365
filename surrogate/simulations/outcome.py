"""What is left at the end of a run.

Gonzalez Prieto et al. 2026, section 3. Masses and the velocities without a unit in their name are
in units of G = Msun = Rsun = 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jax
import numpy as np

from surrogate.collisions.encounter import Fate
from surrogate.orbits import two_body
from surrogate.simulations import units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surrogate.simulations.history import History


@dataclass(frozen=True, eq=False)
class Remnants:
    """Who is left of two stars, and how they move. Star by star as in the grid of collisions.

    The product of a merger stands with the heavier star, star 1 where they are equal; a single
    survivor in its own place, star 1 where they are equal. Velocities are in the frame of the
    simulation, unless another is named. What does not exist is NaN.
    """

    fate: Fate
    """Who survives."""
    m1: float
    """Bound mass of star 1 [Msun]; 0 where there is none."""
    m2: float
    """Bound mass of star 2 [Msun]; 0 where there is none."""
    unbound: float
    """Mass bound to neither [Msun]: m1 + m2 + unbound is the total, to the last bit."""
    v1: NDArray[np.float64]
    """Velocity of star 1, (3,) [code units]."""
    v2: NDArray[np.float64]
    """Velocity of star 2, (3,) [code units]."""
    kick: NDArray[np.float64]
    """Velocity of a single survivor (or product) in the frame in which the centre of mass of both
    stars was at rest at first, (3,) [code units]."""
    orbital_energy: float
    """Of two survivors as point masses [code units]; negative where they are bound."""
    semimajor_axis: float
    """Of their orbit [Rsun]; negative where they are unbound."""
    eccentricity: float
    """Of their orbit."""
    pericentre: float
    """Of their orbit [Rsun]."""
    v_infinity: float
    """Their relative speed at infinity [code units]; NaN where they are bound."""

    @property
    def bound(self) -> bool:
        """Whether two survivors are bound to each other."""
        return self.orbital_energy < 0

    @property
    def v1_kms(self) -> NDArray[np.float64]:
        """Velocity of star 1, (3,) [km/s]."""
        return self.v1 * units.SPEED

    @property
    def v2_kms(self) -> NDArray[np.float64]:
        """Velocity of star 2, (3,) [km/s]."""
        return self.v2 * units.SPEED

    @property
    def kick_kms(self) -> NDArray[np.float64]:
        """`kick`, (3,) [km/s]."""
        return self.kick * units.SPEED

    @property
    def v_infinity_kms(self) -> float:
        """`v_infinity` [km/s]."""
        return self.v_infinity * units.SPEED


def outcome(history: History, m1: float, m2: float) -> Remnants:
    """What is left after the last snapshot of a history.

    Args:
        history: from `surrogate.simulations.history.follow`.
        m1: mass of star 1 before the collision, as it is to stand in a row [Msun]: only says which
            star is heavier, or that they are equal.
        m2: the same of star 2.

    Returns:
        Two survivors also where they are bound to each other; where one component is left, a merger
        if the history says that they merged and a stripped star otherwise.

    Raises:
        ValueError: a mass is not finite and positive, or the history is empty.

    Source: Gonzalez Prieto et al. 2026, section 3.
    """
    for name, value in (("m1", m1), ("m2", m2)):
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} = {value}, allowed: finite and > 0.")
    if not len(history):
        raise ValueError("history: it holds no snapshot, allowed: at least one.")

    mass, velocity = history.mass[-1], history.velocity[-1]
    present = history.number[-1] > 0
    fate = _fate(present, bool(history.merged[-1]))
    survivor = int(np.argmax(present))
    place = survivor
    if fate == Fate.MERGER:
        place = 0 if m1 >= m2 else 1
    elif fate == Fate.STRIPPED and m1 == m2:
        place = 0
    order = [0, 1] if place == survivor else [1, 0]
    mass, velocity = mass[order], velocity[order]

    one = fate in (Fate.MERGER, Fate.STRIPPED)
    return Remnants(
        fate=fate,
        m1=float(mass[0]),
        m2=float(mass[1]),
        unbound=float(history.unbound[-1]),
        v1=velocity[0],
        v2=velocity[1],
        kick=velocity[place] - history.drift if one else np.full(3, np.nan),
        **_orbit(history, fate),
    )


def _fate(present: NDArray[np.bool_], merged: bool) -> Fate:
    if present.all():
        return Fate.TWO
    if not present.any():
        return Fate.NONE
    return Fate.MERGER if merged else Fate.STRIPPED


def _orbit(history: History, fate: Fate) -> dict[str, float]:
    """Elements of the orbit of two survivors, by the names that `Remnants` has for them."""
    names = {
        "orbital_energy": "energy",
        "semimajor_axis": "semimajor_axis",
        "eccentricity": "eccentricity",
        "pericentre": "pericentre",
        "v_infinity": "speed_at_infinity",
    }
    if fate != Fate.TWO:
        return dict.fromkeys(names, math.nan)
    x, v = (np.diff(both[-1], axis=0)[0] for both in (history.position, history.velocity))
    with jax.enable_x64(True):
        elements = two_body(x, v, *map(float, history.mass[-1]))
        return {name: float(getattr(elements, there)) for name, there in names.items()}
