"""What nuclides become when they decay, and the elements that remain.

A nuclide that is not in `STABLE` decays along its isobars to the nearest stable one on its way:
upwards in Z where it has too many neutrons, else downwards. One between two stable isobars goes
upwards (beta-minus), but those of `CAPTURE` mostly capture an electron. Without a stable isobar,
and for `ALPHA`, it emits alpha particles. So one branch is taken of those with two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from surrogate.enrichment.elements import atomic_number

_STABLE: Final = """
H 1 2, He 3 4, Li 6 7, Be 9, B 10 11, C 12 13, N 14 15, O 16 17 18, F 19, Ne 20 21 22, Na 23,
Mg 24 25 26, Al 27, Si 28 29 30, P 31, S 32 33 34 36, Cl 35 37, Ar 36 38 40, K 39 40 41,
Ca 40 42 43 44 46 48, Sc 45, Ti 46 47 48 49 50, V 50 51, Cr 50 52 53 54, Mn 55, Fe 54 56 57 58,
Co 59, Ni 58 60 61 62 64, Cu 63 65, Zn 64 66 67 68 70, Ga 69 71, Ge 70 72 73 74 76, As 75,
Se 74 76 77 78 80 82, Br 79 81, Kr 78 80 82 83 84 86, Rb 85 87, Sr 84 86 87 88, Y 89,
Zr 90 91 92 94 96, Nb 93, Mo 92 94 95 96 97 98 100, Ru 96 98 99 100 101 102 104, Rh 103,
Pd 102 104 105 106 108 110, Ag 107 109, Cd 106 108 110 111 112 113 114 116, In 113 115,
Sn 112 114 115 116 117 118 119 120 122 124, Sb 121 123, Te 120 122 123 124 125 126 128 130, I 127,
Xe 124 126 128 129 130 131 132 134 136, Cs 133, Ba 130 132 134 135 136 137 138, La 138 139,
Ce 136 138 140 142, Pr 141, Nd 142 143 144 145 146 148 150, Sm 144 147 148 149 150 152 154,
Eu 151 153, Gd 152 154 155 156 157 158 160, Tb 159, Dy 156 158 160 161 162 163 164, Ho 165,
Er 162 164 166 167 168 170, Tm 169, Yb 168 170 171 172 173 174 176, Lu 175 176,
Hf 174 176 177 178 179 180, Ta 180 181, W 180 182 183 184 186, Re 185 187,
Os 184 186 187 188 189 190 192, Ir 191 193, Pt 190 192 194 195 196 198, Au 197,
Hg 196 198 199 200 201 202 204, Tl 203 205, Pb 204 206 207 208, Bi 209, Th 232, U 235 238
"""
_CAPTURE: Final = """
Mn 54, Cu 64, As 74, Br 78, Rb 84, Nb 92, Tc 96, Rh 102, Ag 106, In 112, Sb 120, I 124 126,
Cs 130 132, La 136, Pm 144, Eu 152, Tb 156 158, Ho 162 164, Tm 168, Lu 174, Re 184, Ir 190, Au 196
"""


def _nuclides(text: str) -> frozenset[tuple[int, int]]:
    words = (part.split() for part in text.replace("\n", " ").split(","))
    return frozenset((atomic_number(z), int(a)) for z, *masses in words for a in masses)


STABLE: Final = _nuclides(_STABLE)
"""(Z, A) of nuclides that last longer than 5e8 years: those of the solar system without U-234."""
CAPTURE: Final = _nuclides(_CAPTURE)
ALPHA: Final = frozenset({(62, 146)})
"""Alpha emitters that have a stable isobar."""
_ISOBARS: Final = {
    a: sorted(z for z, mass in STABLE if mass == a) for a in sorted({a for _, a in STABLE})
}


def end_point(z: int, a: int) -> tuple[tuple[int, int], int]:
    """What a nuclide becomes in the end.

    Args:
        z: atomic number; 0 is a free neutron, which becomes a proton.
        a: mass number.

    Returns:
        (Z, A) of the stable nuclide, and how many alpha particles were emitted.
    """
    alphas = 0
    while (z, a) not in STABLE:
        isobars = _ISOBARS.get(a, [])
        if (z, a) in ALPHA or not isobars:
            z, a, alphas = z - 2, a - 4, alphas + 1
            continue
        above = [stable for stable in isobars if stable > z]
        below = [stable for stable in isobars if stable < z]
        down = below and (not above or (z, a) in CAPTURE)
        z = below[-1] if down else above[0]
    return (z, a), alphas


def to_elements(nuclides: Mapping[tuple[int, int], float]) -> dict[int, float]:
    """Let everything decay, and add up the elements.

    Args:
        nuclides: number abundance by (Z, A) [any unit of number]; net yields may be negative.

    Returns:
        Number abundance by Z in the same unit; elements that no nuclide ends in are not there. The
        number of nucleons is kept.
    """
    elements: dict[int, float] = {}
    for (z, a), y in nuclides.items():
        (end, _), alphas = end_point(z, a)
        elements[end] = elements.get(end, 0.0) + y
        if alphas:
            elements[2] = elements.get(2, 0.0) + alphas * y
    return elements
