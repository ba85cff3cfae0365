"""The JINA REACLIB library of reaction rates, read from its own text format.

The text is read here and not through `pynucastro`'s classes: one object a rate takes a minute to
build, the text takes a second, and a copy from elsewhere works as well. `pynucastro` carries the
file, which is what the optional extra `enrichment` is for.

Source: Cyburt et al. (2010, ApJS 189, 240).
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.enrichment.elements import SYMBOLS
from surrogate.enrichment.network.places import pynucastro_folder

if TYPE_CHECKING:
    from jaxtyping import Float

_PRODUCTS: Final = {
    1: (1, 1),
    2: (1, 2),
    3: (1, 3),
    4: (2, 1),
    5: (2, 2),
    6: (2, 3),
    7: (2, 4),
    8: (3, 1),
    9: (3, 2),
    10: (4, 2),
    11: (1, 4),
}
"""Numbers of reactants and products of a chapter."""
_LIGHT: Final = {"n": (0, 1), "p": (1, 0), "d": (1, 1), "t": (1, 2)}
# Elements without a name of their own in old tables: 112, 113, ...
_SYSTEMATIC: Final = {"cn": 112, "nh": 113, "fl": 114, "mc": 115, "lv": 116, "ts": 117, "og": 118}
_NUMBERS: Final = {s.lower(): z for z, s in enumerate(SYMBOLS, 1)} | _SYSTEMATIC
_NAME: Final = re.compile(r"([a-z]+)(\d+)$")

Nuclide = tuple[int, int]
"""Z and N."""


class Entry(NamedTuple):
    """One set of seven coefficients."""

    reactants: tuple[Nuclide, ...]
    products: tuple[Nuclide, ...]
    label: str
    """Who evaluated it."""
    weak: bool
    reverse: bool
    """Whether it follows from another by detailed balance, without partition functions."""
    q: float
    """Energy released [MeV]."""
    a: tuple[float, ...]
    """ln rate = a0 + sum a_i T9^((2i - 5) / 3) + a6 ln T9, i = 1 to 5."""


def nuclide(name: str) -> Nuclide | None:
    """Z and N of a name such as fe56; None where it is an isomer or no nucleus."""
    if name in _LIGHT:
        return _LIGHT[name]
    match = _NAME.match(name)
    if match is None or match[1] not in _NUMBERS:
        return None
    z = _NUMBERS[match[1]]
    return z, int(match[2]) - z


def coefficients(first: str, second: str) -> tuple[float, ...]:
    """The seven coefficients of two lines of four and three fields of 13 characters."""
    fields = [first[13 * i : 13 * i + 13] for i in range(4)]
    fields += [second[13 * i : 13 * i + 13] for i in range(3)]
    return tuple(float(field) for field in fields)


def read_reaclib(path: str | Path) -> Iterator[Entry]:
    """The entries of a library in the format REACLIB 2, with the chapter before every entry.

    Args:
        path: text, or text in an xz.

    Yields:
        Entries of known nuclides, one by one.

    Raises:
        ValueError: the text is in another format.
    """
    path = Path(path)
    with lzma.open(path, "rt") if path.suffix == ".xz" else open(path) as file:
        lines = file.read().splitlines()
    for i in range(0, len(lines) - 3, 4):
        head = lines[i + 1]
        try:
            n_in, n_out = _PRODUCTS[int(lines[i])]
            a = coefficients(lines[i + 2], lines[i + 3])
            q = float(head[52:64])
        except (KeyError, ValueError) as error:
            raise ValueError(
                f"{path}, line {i + 1}: not an entry of REACLIB 2 ({error}); expected a chapter "
                "from 1 to 11, names with label and Q, and two lines of coefficients"
            ) from error
        names = [head[5 + 5 * k : 10 + 5 * k].strip() for k in range(n_in + n_out)]
        found = [nuclide(name) for name in names]
        if all(one is not None for one in found):
            known = tuple(one for one in found if one is not None)
            weak, reverse = head[47] == "w", head[48] == "v"
            label = head[43:47].strip()
            yield Entry(
                known[:n_in], known[n_in:], label, weak or label in _CAPTURES, reverse, q, a
            )


_CAPTURES: Final = ("ec", "bec")


def rate(
    a: Float[np.ndarray, "*sets 7"], t9: Float[np.ndarray, " t"]
) -> Float[np.ndarray, "*sets t"]:
    """The rate of one set, cgs: per s, or cm^3 per mol and s, or cm^6 per mol^2 and s.

    Args:
        a: coefficients.
        t9: temperatures [GK].
    """
    powers = np.stack([t9**0.0] + [t9 ** ((2 * i - 5) / 3) for i in range(1, 6)] + [np.log(t9)])
    return np.exp(np.clip(np.asarray(a) @ powers, -600.0, 600.0))


def find_reaclib(folder: Path | None) -> Path:
    """Where the library lies.

    Args:
        folder: with `nuclear/reaclib_default2_*`; None where there is no such folder.

    Returns:
        The newest copy of the folder, or else of the installed package `pynucastro`.

    Raises:
        FileNotFoundError: there is none.
    """
    if folder is not None and (found := sorted(folder.glob("nuclear/reaclib_default2_*"))):
        return found[-1]
    inside = pynucastro_folder()
    if inside is not None and (found := sorted(inside.glob("**/reaclib_default2_*"))):
        return found[-1]
    raise FileNotFoundError(
        "JINA REACLIB is not here: install pynucastro, which carries it "
        "(pip install 'stellar-surrogate[enrichment]'), or set SURROGATE_DATA to a folder with "
        "enrichment/nuclear/reaclib_default2_*"
    )
