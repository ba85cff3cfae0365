"""Neutron captures, their inverses, and what REACLIB's own detailed balance says about nuclei."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.enrichment.network.reaclib import Entry, nuclide, rate

if TYPE_CHECKING:
    from jaxtyping import Float

    from surrogate.enrichment.network.nuclei import Nuclei
    from surrogate.enrichment.network.reaclib import Nuclide

T9_NODES: Final = np.geomspace(0.01, 10.0, 40)
"""Temperatures of the tables [GK]; they are linear in ln T between."""
NO_RATE: Final = -700.0
"""Logarithm of a rate that is not there."""
NEUTRON: Final = (0, 1)
PER_GK: Final = 11.604518
"""1 MeV / (k 1 GK)."""
_COLDEST: Final = 0.02
"""Fits of rates are held constant below [GK]; their authors fit from 0.01 GK on."""
_LARGEST: Final = 1e11
"""No rate of capture is larger [cm^3/mol/s]: a few fits run away at the end of their range."""


class Captures(NamedTuple):
    """(n, gamma) of every nucleus."""

    ln_rate: Float[np.ndarray, "t z w"]
    """ln N_A <sigma v> [cm^3/mol/s] of the nucleus that captures, on `T9_NODES`."""
    q: Float[np.ndarray, "z w"]
    """Neutron separation energy [MeV] of the product."""
    balance: Float[np.ndarray, "z w"]
    """Of the product: ln of lambda_(g,n) / N_A<sigma v> = balance + 1.5 ln T9 - 11.6 q / T9."""


def summed(
    entries: Iterable[Entry], t9: Float[np.ndarray, " t"]
) -> dict[tuple[tuple[Nuclide, ...], tuple[Nuclide, ...]], Float[np.ndarray, " t"]]:
    """Rates by reactants and products, the sets of a reaction added.

    Args:
        entries: of the library.
        t9: temperatures [GK].
    """
    total: dict[tuple[tuple[Nuclide, ...], tuple[Nuclide, ...]], Float[np.ndarray, " t"]] = {}
    for entry in entries:
        key = (entry.reactants, entry.products)
        total[key] = total.get(key, np.zeros(len(t9))) + rate(np.array(entry.a), t9)
    return total


def captures(entries: Iterable[Entry], nuclei: Nuclei) -> Captures:
    """Tables of (n, gamma), and the constants of their detailed balance.

    The inverse is lambda = N_A<sigma v> 9.87e9 T9^1.5 (g_a g_n / g_b) (A_a / A_b)^1.5
    exp(-11.6 q / T9) (G_a / G_b); REACLIB's fits of forward and inverse rates differ by all of it
    but the partition functions, so two temperatures give the constant and q.

    Args:
        entries: of REACLIB.
        nuclei: the chart.

    Source: Cyburt et al. (2010), equations 8 to 10; Rauscher & Thielemann (2000, ADNDT 75, 1).
    """
    entries = list(entries)
    forward = summed(
        [e for e in entries if len(e.reactants) == 2 and len(e.products) == 1 and not e.reverse],
        np.maximum(T9_NODES, _COLDEST),
    )
    pair = np.array([1.0, 2.0])
    ratio = _balance(entries, pair)
    shape = nuclei.mask.shape
    ln_rate = np.full((len(T9_NODES), *shape), NO_RATE)
    q, balance = np.zeros(shape), np.full(shape, NO_RATE)
    for (reactants, products), values in forward.items():
        if NEUTRON not in reactants:
            continue
        target = reactants[1] if reactants[0] == NEUTRON else reactants[0]
        if target not in nuclei or products[0] not in nuclei:
            continue
        ln_rate[(slice(None), *nuclei.at(target))] = np.log(np.clip(values, 1e-300, _LARGEST))
        key = (reactants, products)
        if key in ratio:
            constant, energy = ratio[key]
            q[nuclei.at(products[0])] = energy
            balance[nuclei.at(products[0])] = constant
    return Captures(ln_rate, q, balance)


def _balance(
    entries: Iterable[Entry], t9: Float[np.ndarray, " t"]
) -> dict[tuple[tuple[Nuclide, ...], tuple[Nuclide, ...]], tuple[float, float]]:
    """The constant and Q of two-body captures that have an inverse in the library."""
    entries = list(entries)
    ahead = [e for e in entries if len(e.reactants) == 2 and len(e.products) == 1 and not e.reverse]
    back = [e for e in entries if len(e.reactants) == 1 and len(e.products) == 2 and e.reverse]
    forward, inverse = summed(ahead, t9), summed(back, t9)
    found = {}
    for (products, reactants), values in inverse.items():
        key = next((k for k in _orders(reactants, products) if k in forward), None)
        if key is None or (values <= 0.0).any():
            continue
        ln = np.log(values / forward[key]) - 1.5 * np.log(t9)
        energy = (ln[1] - ln[0]) / (PER_GK * (1.0 / t9[0] - 1.0 / t9[1]))
        found[key] = (float(ln[0] + PER_GK * energy / t9[0]), float(energy))
    return found


def _orders(
    reactants: tuple[Nuclide, ...], products: tuple[Nuclide, ...]
) -> tuple[tuple[tuple[Nuclide, ...], tuple[Nuclide, ...]], ...]:
    return (reactants, products), (reactants[::-1], products)


def binding_energies(entries: Iterable[Entry], nuclei: Nuclei) -> Float[np.ndarray, "z w"]:
    """Binding energies [MeV], by following the reactions of the library from n and p on.

    A reaction with one unknown nucleus gives its binding energy through Q, so the masses are the
    ones that the rates were made with.

    Args:
        entries: of REACLIB.
        nuclei: the chart.

    Returns:
        NaN where no chain of reactions leads to the nucleus.
    """
    entries = [e for e in entries if not e.weak and not e.reverse]
    binding: dict[Nuclide, float] = {NEUTRON: 0.0, (1, 0): 0.0}
    waiting = [e for e in entries if len(e.products) <= 2]
    # Captures of n and p first: their Q are separation energies, without detours.
    waiting.sort(key=lambda e: (len(e.products), sum(z + n for z, n in e.reactants)))
    while True:
        left = []
        for e in waiting:
            unknown = {x for x in e.reactants + e.products if x not in binding}
            if len(unknown) == 1:
                _solve(e, unknown.pop(), binding)
            elif unknown:
                left.append(e)
        if len(left) == len(waiting):
            break
        waiting = left
    energy = np.full(nuclei.mask.shape, np.nan)
    for one, value in binding.items():
        if one in nuclei:
            energy[nuclei.at(one)] = value
    return energy


def _solve(e: Entry, unknown: Nuclide, binding: dict[Nuclide, float]) -> None:
    known = sum(binding[x] for x in e.products if x != unknown)
    known -= sum(binding[x] for x in e.reactants if x != unknown)
    count = e.products.count(unknown) - e.reactants.count(unknown)
    if count:
        binding[unknown] = (e.q - known) / count


def spins(balance: Float[np.ndarray, "z w"], nuclei: Nuclei) -> Float[np.ndarray, "z w"]:
    """ln(2 J + 1) along every row, from detailed balance; 0 for nuclei of even Z and N.

    Args:
        balance: of `Captures`.
        nuclei: the chart.
    """
    z, n, a = nuclei.z, nuclei.n, nuclei.a.astype(float)
    even = (z % 2 == 0) & (n % 2 == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # ln g_b = ln g_a + ln 2 + ln 9.8685e9 + 1.5 ln(A_a / A_b) - balance
        step = np.log(2.0 * 9.8685e9) + 1.5 * np.log((a - 1.0) / a) - balance
    weight = np.where(even, 0.0, np.log(2.0 + 2.0 * (z % 2 + n % 2)))
    for column in range(1, a.shape[1]):
        told = even[:, column - 1] & (balance[:, column] > NO_RATE) & ~even[:, column]
        weight[:, column] = np.where(told, step[:, column], weight[:, column])
    return np.clip(weight, 0.0, np.log(20.0))


def partition_functions(path: Path, nuclei: Nuclei) -> Float[np.ndarray, "t z w"]:
    """Ln of partition functions, relative to the ground state, on `T9_NODES`.

    Args:
        path: table of Rauscher & Thielemann (2000) as `pynucastro` carries it.
        nuclei: the chart; nuclei that the table lacks get those of the next lighter isotope but
            one, so that pairing stays.

    Raises:
        ValueError: the file is in another format.
    """
    lines = [s for s in path.read_text().splitlines() if s.strip() and not s.startswith("#")]
    t9 = np.array(lines[0].split(), float) / 1e9
    table = np.full((len(T9_NODES), *nuclei.mask.shape), np.nan)
    for name, values in zip(lines[1::2], lines[2::2], strict=True):
        one = nuclide(name.strip())
        if one is None or one not in nuclei:
            continue
        g = np.array(values.split(), float)
        if len(g) != len(t9):
            raise ValueError(f"{path}, {name}: {len(g)} values, allowed: {len(t9)}")
        ln = np.interp(np.log(T9_NODES), np.log(t9), np.log(np.maximum(g, 1.0)))
        table[(slice(None), *nuclei.at(one))] = ln
    for column in range(2, table.shape[2]):
        gap = np.isnan(table[:, :, column])
        table[:, :, column] = np.where(gap, table[:, :, column - 2], table[:, :, column])
    return np.nan_to_num(table)
