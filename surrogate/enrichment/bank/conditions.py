"""Under which conditions the network is run: three kinds, and the library's own sets of them.

The dynamical ejecta of a merger are dense and rich in neutrons, the winds of its disk hotter, less
dense and less rich. The two sets here span what simulations of the two find (Radice et al. 2018,
ApJ 869, 130, and Just et al. 2015, MNRAS 448, 541); they are not the tracers of these simulations,
which are not public. The i-process is iron and nickel under a constant density of neutrons, for
several exposures (Dardelet et al. 2015, arXiv:1505.05500).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

HEATING: Final = 0.5


class Expanding(NamedTuple):
    """A parcel that expands; see `network.expansion.Expansion`."""

    name: str
    process: str
    y_e: float
    """Protons per baryon."""
    s: float
    """Entropy [k per baryon]."""
    tau: float
    """Expansion time [s]."""
    heating: float = HEATING
    """Share of the nuclear energy that heats the gas."""


class Irradiated(NamedTuple):
    """Iron and nickel of the Sun's proportions under a constant density of neutrons."""

    name: str
    process: str
    n_n: float
    """Free neutrons [1/cm^3]."""
    t9: float
    """Temperature [GK]."""
    exposure: float
    """n_n v_T t [1/mbarn]."""


class Simulated(NamedTuple):
    """A parcel of a hydrodynamic simulation; see `network.trajectories`."""

    name: str
    process: str
    trajectory: Path
    """File with time, temperature, density and Ye."""


Condition = Expanding | Irradiated | Simulated


def expansions(
    prefix: str, y_e: Sequence[float], s: Sequence[float], tau: Sequence[float]
) -> list[Condition]:
    """All combinations of three inputs.

    Args:
        prefix: of the names.
        y_e: protons per baryon.
        s: entropies [k per baryon].
        tau: expansion times [s].
    """
    return [
        Expanding(f"{prefix} Ye={a:g} s={b:g} tau={1e3 * c:g}ms", "r", a, b, c)
        for a, b, c in product(y_e, s, tau)
    ]


def dynamical() -> list[Condition]:
    """Dynamical ejecta of mergers: 480 expansions."""
    return expansions(
        "dynamical",
        (0.03, 0.06, 0.09, 0.12, 0.15, 0.18, 0.21, 0.24, 0.27, 0.30),
        (3.0, 6.0, 9.0, 12.0, 16.0, 22.0, 30.0, 40.0),
        (0.001, 0.002, 0.004, 0.008, 0.015, 0.03),
    )


def disk() -> list[Condition]:
    """Winds of accretion disks: 120 expansions."""
    return expansions(
        "disk",
        (0.14, 0.17, 0.20, 0.23, 0.26, 0.29),
        (12.0, 18.0, 25.0, 35.0),
        (0.015, 0.03, 0.06, 0.12, 0.24),
    )


def intermediate() -> list[Condition]:
    """The i-process: 63 irradiations that reach the lanthanides."""
    return [
        Irradiated(f"i n={n_n:.0e} exposure={exposure:g}", "i", n_n, 0.15, exposure)
        for n_n, exposure in product(
            (1e13, 2e13, 5e13, 1e14, 2e14, 5e14, 1e15),
            (2.0, 2.3, 2.6, 3.0, 3.4, 3.9, 4.5, 5.2, 6.0),
        )
    ]


SETS: Final = {"dynamical": dynamical, "disk": disk, "intermediate": intermediate}
"""By name."""
