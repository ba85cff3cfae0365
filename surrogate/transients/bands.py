"""Bands of the surveys, their names in the wild, and what Galactic dust takes from each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from surrogate.hints import did_you_mean

if TYPE_CHECKING:
    from jax.typing import ArrayLike


class Band(NamedTuple):
    """A filter, as a top hat."""

    name: str
    wavelength: float
    """Effective wavelength [Angstrom]."""
    width: float
    """Effective width [Angstrom]."""


BANDS: Final = {
    band.name: band
    for band in (
        Band("ztfg", 4746.0, 1318.0),
        Band("ztfr", 6367.0, 1554.0),
        Band("ztfi", 7830.0, 1489.0),
        Band("lsstu", 3671.0, 510.0),
        Band("lsstg", 4827.0, 1333.0),
        Band("lsstr", 6223.0, 1338.0),
        Band("lssti", 7546.0, 1209.0),
        Band("lsstz", 8691.0, 994.0),
        Band("lssty", 9712.0, 814.0),
    )
}
"""ZTF (Bellm et al. 2019) and LSST (Ivezic et al. 2019) by name."""

_ALIASES: Final = {
    alias: f"ztf{letter}"
    for number, letter in enumerate("gri", 1)
    for alias in (f"{letter}.ztf", f"ztf_{letter}", f"p48{letter}", letter, str(number))
} | {f"{letter}.lsst": f"lsst{letter}" for letter in "ugrizy"}


def find_band(name: object) -> str:
    """The library's name of a band, of any name that surveys give it.

    Args:
        name: such as "ztfg", "g.ztf", "p48g", "ZTF_g", a bare "g" (ZTF's), or ZTF's number, 1 to 3.

    Returns:
        A key of `BANDS`.

    Raises:
        ValueError: no band is called that.
    """
    known = str(name).strip().lower()
    known = _ALIASES.get(known, known)
    if known not in BANDS:
        hint = did_you_mean(known, BANDS)
        raise ValueError(
            f"band = {name}, allowed: {', '.join(BANDS)}, or a ZTF name such as g, p48g, g.ztf"
            + (f"; {hint}" if hint else "")
        )
    return known


RV: Final = 3.1
"""A(V) / E(B-V) of the Milky Way's diffuse dust."""


def extinction(wavelength: float, rv: float = RV) -> float:
    """Extinction at a wavelength in units of that in V.

    Args:
        wavelength: [Angstrom], 3030 to 33,000.
        rv: total-to-selective extinction A(V) / E(B-V).

    Returns:
        A(lambda) / A(V).

    Source: Cardelli, Clayton & Mathis (1989), equations 1 to 3b.
    """
    x = 1e4 / wavelength  # 1/micron
    if x < 1.1:
        return 0.574 * x**1.61 - 0.527 * x**1.61 / rv  # (2a), (2b)
    y = x - 1.82
    a = _polynomial(  # (3a)
        y, 1.0, 0.17699, -0.50447, -0.02427, 0.72085, 0.01979, -0.77530, 0.32999
    )
    b = _polynomial(  # (3b)
        y, 0.0, 1.41338, 2.28305, 1.07233, -5.38434, -0.62251, 5.30260, -2.09002
    )
    return a + b / rv


def transmission(wavelength: float, ebv: ArrayLike) -> Any:
    """Share of the light that Galactic dust lets through.

    Args:
        wavelength: [Angstrom]
        ebv: reddening E(B-V) [mag], any shape.

    Returns:
        10^(-0.4 A(lambda)), of that shape.
    """
    return 10.0 ** (-0.4 * RV * extinction(wavelength) * ebv)


def _polynomial(x: float, *coefficients: float) -> float:
    value = 0.0
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return value
