"""Symbols of the elements and their atomic numbers."""

from __future__ import annotations

from typing import Final

from surrogate.hints import did_you_mean

_TABLE: Final = """
    H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br
    Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho
    Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es
    Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
"""
SYMBOLS: Final = tuple(_TABLE.split())
"""From hydrogen on, in order of atomic number."""
_NUMBERS: Final = {symbol.lower(): z for z, symbol in enumerate(SYMBOLS, 1)}


def is_element(name: str) -> bool:
    """Whether a text is the symbol of an element, whatever its capitals."""
    return name.strip().lower() in _NUMBERS


def atomic_number(symbol: str) -> int:
    """Atomic number of an element.

    Args:
        symbol: such as "Eu", whatever its capitals.

    Raises:
        ValueError: there is no such element.
    """
    z = _NUMBERS.get(symbol.strip().lower())
    if z is None:
        hint = did_you_mean(symbol.strip().capitalize(), SYMBOLS)
        raise ValueError(
            f"element = {symbol}, allowed: symbols from H to Og; {hint or 'correct it'}"
        )
    return z


def symbol_of(z: int) -> str:
    """Symbol of the element with an atomic number.

    Args:
        z: from 1 (hydrogen) to 118.

    Raises:
        ValueError: z is out of range.
    """
    if not 1 <= z <= len(SYMBOLS):
        raise ValueError(f"z = {z}, allowed: 1 to {len(SYMBOLS)}; correct it")
    return SYMBOLS[z - 1]
