"""Abundances in the Sun, and the scales that are counted from them.

log eps(X) = 12 + log10(N_X / N_H) counts atoms, [X/Y] compares with the Sun. The tables of the Sun
differ by up to 0.3 dex in a single element, so [X/Fe] means nothing before a table is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from surrogate.enrichment.elements import SYMBOLS, atomic_number
from surrogate.hints import did_you_mean

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float


@dataclass(frozen=True)
class SolarTable:
    """A published composition of the Sun.

    Attributes:
        name: as the functions here take it.
        source: the paper and its table.
        log_eps: by symbol [dex, hydrogen = 12].
    """

    name: str
    source: str
    log_eps: Mapping[str, float]

    def __getitem__(self, element: str) -> float:
        """Log eps of an element [dex].

        Raises:
            ValueError: no such element, or the table does not have it.
        """
        symbol = SYMBOLS[atomic_number(element) - 1]
        if symbol not in self.log_eps:
            raise ValueError(
                f"element = {symbol}, allowed: those of {self.name}, {', '.join(self.log_eps)}; "
                "name another table"
            )
        return self.log_eps[symbol]


def _table(name: str, source: str, text: str) -> SolarTable:
    words = text.split()
    values = dict(zip(words[::2], map(float, words[1::2]), strict=True))
    return SolarTable(name, source, MappingProxyType(values))


ASPLUND_2009: Final = _table(
    "asplund2009",
    "Asplund et al. (2009, ARA&A 47, 481), table 1: the photosphere; As, Se, Br, Cd, Sb, Te, I, "
    "Cs, Ta, Re, Pt, Hg, Bi and U of meteorites",
    """
    H 12.00 He 10.93 Li 1.05 Be 1.38 B 2.70 C 8.43 N 7.83 O 8.69 F 4.56 Ne 7.93 Na 6.24 Mg 7.60
    Al 6.45 Si 7.51 P 5.41 S 7.12 Cl 5.50 Ar 6.40 K 5.03 Ca 6.34 Sc 3.15 Ti 4.95 V 3.93 Cr 5.64
    Mn 5.43 Fe 7.50 Co 4.99 Ni 6.22 Cu 4.19 Zn 4.56 Ga 3.04 Ge 3.65 As 2.30 Se 3.34 Br 2.54 Kr 3.25
    Rb 2.52 Sr 2.87 Y 2.21 Zr 2.58 Nb 1.46 Mo 1.88 Ru 1.75 Rh 0.91 Pd 1.57 Ag 0.94 Cd 1.71 In 0.80
    Sn 2.04 Sb 1.01 Te 2.18 I 1.55 Xe 2.24 Cs 1.08 Ba 2.18 La 1.10 Ce 1.58 Pr 0.72 Nd 1.42 Sm 0.96
    Eu 0.52 Gd 1.07 Tb 0.30 Dy 1.10 Ho 0.48 Er 0.92 Tm 0.10 Yb 0.84 Lu 0.10 Hf 0.85 Ta -0.12 W 0.85
    Re 0.26 Os 1.40 Ir 1.38 Pt 1.62 Au 0.92 Hg 1.17 Tl 0.90 Pb 1.75 Bi 0.65 Th 0.02 U -0.54
    """,
)
"""The table that JINAbase uses."""
LODDERS_2009: Final = _table(
    "lodders2009",
    "Lodders, Palme & Gail (2009, Landolt-Boernstein VI/4B, 712): present-day solar system, mostly "
    "of meteorites",
    """
    H 12.00 He 10.93 Li 3.28 Be 1.32 B 2.81 C 8.39 N 7.86 O 8.73 F 4.44 Ne 8.05 Na 6.29 Mg 7.54
    Al 6.46 Si 7.53 P 5.45 S 7.16 Cl 5.25 Ar 6.50 K 5.11 Ca 6.31 Sc 3.07 Ti 4.93 V 3.99 Cr 5.65
    Mn 5.50 Fe 7.46 Co 4.90 Ni 6.22 Cu 4.27 Zn 4.65 Ga 3.10 Ge 3.59 As 2.32 Se 3.36 Br 2.56 Kr 3.28
    Rb 2.38 Sr 2.90 Y 2.20 Zr 2.57 Nb 1.42 Mo 1.94 Ru 1.78 Rh 1.10 Pd 1.67 Ag 1.22 Cd 1.73 In 0.78
    Sn 2.09 Sb 1.03 Te 2.20 I 1.57 Xe 2.27 Cs 1.10 Ba 2.18 La 1.19 Ce 1.60 Pr 0.77 Nd 1.47 Sm 0.96
    Eu 0.53 Gd 1.09 Tb 0.34 Dy 1.14 Ho 0.49 Er 0.95 Tm 0.14 Yb 0.94 Lu 0.11 Hf 0.73 Ta -0.14 W 0.67
    Re 0.28 Os 1.37 Ir 1.36 Pt 1.64 Au 0.82 Hg 1.19 Tl 0.79 Pb 2.06 Bi 0.67 Th 0.08 U -0.52
    """,
)
TABLES: Final = {table.name: table for table in (ASPLUND_2009, LODDERS_2009)}


def solar_table(name: str | SolarTable = "asplund2009") -> SolarTable:
    """The table of a name.

    Args:
        name: one of `TABLES`, or a table of one's own, which is returned.

    Raises:
        ValueError: there is no such table.
    """
    if isinstance(name, SolarTable):
        return name
    if name not in TABLES:
        hint = did_you_mean(name, TABLES) or "choose one of them"
        raise ValueError(f"solar = {name}, allowed: {', '.join(TABLES)}; {hint}")
    return TABLES[name]


def from_x_fe(
    x_fe: ArrayLike, fe_h: ArrayLike, element: str, solar: str | SolarTable = "asplund2009"
) -> Any:
    """Turn [X/Fe] into log eps(X) = [X/Fe] + [Fe/H] + log eps_sun(X).

    Args:
        x_fe: [X/Fe] [dex], any shape.
        fe_h: [Fe/H] [dex], a shape that broadcasts.
        element: symbol of X.
        solar: name of the table that the brackets were counted from.

    Returns:
        [dex]; a number, a numpy array or a JAX array, as the arguments are.
    """
    return x_fe + fe_h + solar_table(solar)[element]


def to_x_fe(
    log_eps: ArrayLike, fe_h: ArrayLike, element: str, solar: str | SolarTable = "asplund2009"
) -> Any:
    """Turn log eps(X) into [X/Fe]: the inverse of `from_x_fe`, with its arguments."""
    return log_eps - fe_h - solar_table(solar)[element]  # type: ignore[operator]


def bracket(
    log_eps_x: ArrayLike,
    log_eps_y: ArrayLike,
    x: str,
    y: str,
    solar: str | SolarTable = "asplund2009",
) -> Any:
    """[X/Y] = log10(N_X / N_Y) - log10(N_X / N_Y)_sun.

    Args:
        log_eps_x: log eps of X [dex], any shape.
        log_eps_y: the same of Y; both may share another zero point, such as log10 of numbers.
        x: symbol of X.
        y: symbol of Y.
        solar: name of the table.

    Returns:
        [dex]; NaN where either is.
    """
    table = solar_table(solar)
    return log_eps_x - log_eps_y - (table[x] - table[y])  # type: ignore[operator]


def to_number(log_eps: ArrayLike, hydrogen: float = 1.0) -> Any:
    """Number abundance Y = Y_H 10^(log eps - 12).

    Args:
        log_eps: [dex], any shape.
        hydrogen: Y of hydrogen, the unit of the answer.
    """
    return hydrogen * 10.0 ** (log_eps - 12.0)


def from_number(y: Float[Array, ...], hydrogen: float = 1.0) -> Any:
    """Log eps = 12 + log10(Y / Y_H).

    Args:
        y: number abundance, any shape, a numpy or a JAX array.
        hydrogen: Y of hydrogen in the same unit.

    Returns:
        [dex]; NaN where y is not positive.
    """
    if isinstance(y, (float, int, np.ndarray, np.generic)):
        return 12.0 + np.log10(np.where(np.asarray(y) > 0.0, y, np.nan) / hydrogen)
    import jax.numpy as jnp

    # Both branches are finite, so that gradients are, too.
    positive = y > 0.0
    return jnp.where(positive, 12.0 + jnp.log10(jnp.where(positive, y, 1.0) / hydrogen), jnp.nan)
