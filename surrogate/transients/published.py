"""The 26 flares that the paper shows, their hosts and the simulations that match them best.

Source: Hu & Loeb (2025), table 2.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Published(NamedTuple):
    """A row of the paper's table 2, with its digits; None where it says N/A."""

    name: str
    """ZTF's name of the transient."""
    g: float | None
    """Magnitude of the host in g, of SDSS DR18 [AB mag]."""
    r: float | None
    """The same in r."""
    z: float
    """Redshift by Sherlock; 0.10 stands for an unknown one, too."""
    sherlock: str
    """Sherlock's class: NT, in a galaxy's nucleus, or SN, a supernova."""
    log_agn: float | None
    """log10 of the black hole's mass by the relation of active galaxies [Msun]."""
    log_elliptical: float | None
    """The same by the relation of ellipticals and classical bulges."""
    log_simulated: float
    """The same in the simulation."""
    ejecta: float
    """Mass of the ejecta there [Msun]; 0.00 is less than 0.005."""
    offset: float
    """Added to the times of the observations [days, observer frame]."""


PUBLISHED: Final = (
    Published("ZTF18aarlukc", 17.16, 16.33, 0.06, "NT", 7.27, 8.71, 9.0, 0.02, 3.0),
    Published("ZTF19abbwbrw", 21.28, 20.7, 0.1, "SN", 5.64, 6.53, 8.0, 0.01, -8.0),
    Published("ZTF19abcvrpm", 22.06, 21.6, 0.1, "SN", 5.12, 5.84, 7.7, 0.01, -30.0),
    Published("ZTF19acchink", 20.48, 19.63, 0.09, "SN", 6.3, 7.41, 7.7, 0.01, -28.0),
    Published("ZTF19acgonwy", None, None, 0.1, "SN", None, None, 8.0, 0.03, 0.0),
    Published("ZTF20aabqiqd", 20.0, 19.46, 0.1, "SN", 6.11, 7.17, 8.0, 0.01, -3.0),
    Published("ZTF20aagnrdd", None, None, 0.1, "SN", None, None, 8.0, 0.02, -3.0),
    Published("ZTF20aajcbhr", 19.04, 18.65, 0.1, "NT", 6.28, 7.39, 7.7, 0.01, 2.0),
    Published("ZTF20aakkluy", None, None, 0.1, "SN", None, None, 9.0, 0.45, 0.0),
    Published("ZTF20aavrhnd", None, None, 0.1, "SN", None, None, 7.7, 0.01, -10.0),
    Published("ZTF20aavsjuv", None, None, 0.1, "SN", None, None, 8.0, 0.02, 0.0),
    Published("ZTF20aawoojh", 15.61, 15.02, 0.1, "NT", 8.03, 9.73, 8.0, 0.01, -5.0),
    Published("ZTF20aazkyhp", 20.93, 20.28, 0.1, "SN", 5.89, 6.88, 7.7, 0.01, -11.0),
    Published("ZTF20aazrlbt", 20.0, 19.69, 0.1, "SN", 5.75, 6.68, 8.0, 0.01, 8.0),
    Published("ZTF20abeonvo", 18.04, 17.28, 0.1, "NT", 7.28, 8.72, 8.0, 0.01, -7.0),
    Published("ZTF20abjwvae", 19.74, 18.97, 0.1, "SN", 6.58, 7.79, 8.0, 0.03, 20.0),
    Published("ZTF20abnvbzq", None, None, 0.1, "SN", None, None, 8.7, 0.0, -3.0),
    Published("ZTF20abzcokk", 22.39, 22.5, 0.1, "SN", 4.09, 4.46, 6.7, 0.03, 0.0),
    Published("ZTF20abzjtsn", 21.98, 21.44, 0.1, "SN", 5.28, 6.06, 7.7, 0.0, 0.0),
    Published("ZTF20abzkfbf", 21.32, 20.97, 0.1, "SN", 5.26, 6.03, 5.7, 0.01, 0.0),
    Published("ZTF20acbeanu", None, None, 0.1, "NT", None, None, 8.0, 0.02, -5.0),
    Published("ZTF21achiyue", 19.24, 18.71, 0.1, "SN", 6.42, 7.57, 8.0, 0.01, -5.0),
    Published("ZTF24aarxtma", None, None, 0.1, "SN", None, None, 7.7, 0.02, 10.0),
    Published("ZTF24aatxyli", 22.52, 22.15, 0.1, "SN", 4.79, 5.4, 5.7, 0.02, 0.0),
    Published("ZTF24abocnoi", 20.03, 19.46, 0.1, "SN", 6.15, 7.21, 6.7, 0.03, 5.0),
    Published("ZTF24abxvoop", 18.71, 17.89, 0.1, "SN", 7.09, 8.47, 8.0, 0.03, -5.0),
)
"""All rows, in the paper's order."""
