"""All nuclear data of the network in one pytree, built from tables once and kept in the cache."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jax
import numpy as np

from surrogate.enrichment.network.alphas import alpha_rates
from surrogate.enrichment.network.captures import (
    NEUTRON,
    binding_energies,
    captures,
    partition_functions,
    spins,
)
from surrogate.enrichment.network.decays import decays
from surrogate.enrichment.network.fission import A_FIRST, FILES, Fragments, fission
from surrogate.enrichment.network.nuclei import Nuclei, chart
from surrogate.enrichment.network.places import data_folder, partition_file
from surrogate.enrichment.network.reaclib import find_reaclib, read_reaclib
from surrogate.learning.files import replace_file

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

_VERSION: Final = "3"
"""Of what `build` makes of the same tables."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Network:
    """Rates and properties of every nucleus, by element and column; see `nuclei`.

    Attributes:
        first: neutron number of column 0 of each row.
        mask: 1 where there is a nucleus.
        ln_capture: of `captures.Captures`, on the nodes of temperature.
        q, balance: the same, of the product.
        ln_partition: ln of the partition function over that of the ground state; 0 where unknown.
        binding: energy [MeV].
        ln_weight: ln (2 J + 1).
        beta, emitted, plus, alpha: of `decays.Decays`.
        ln_induced, spontaneous, delayed: of `fission.Fission`.
        ln_alpha: of `alphas.alpha_rates`.
        fragments: of `fission.Fragments.table`.
        prompt: neutrons of a fission.
    """

    first: Int[np.ndarray, " z"]
    mask: Bool[np.ndarray, "z w"]
    ln_capture: Float[np.ndarray, "t z w"]
    q: Float[np.ndarray, "z w"]
    balance: Float[np.ndarray, "z w"]
    ln_partition: Float[np.ndarray, "t z w"]
    binding: Float[np.ndarray, "z w"]
    ln_weight: Float[np.ndarray, "z w"]
    beta: Float[np.ndarray, "z w"]
    emitted: Float[np.ndarray, "k z w"]
    plus: Float[np.ndarray, "z w"]
    alpha: Float[np.ndarray, "z w"]
    ln_induced: Float[np.ndarray, "t f w"]
    spontaneous: Float[np.ndarray, "z w"]
    delayed: Float[np.ndarray, "z w"]
    ln_alpha: Float[np.ndarray, "3 t"]
    fragments: Float[np.ndarray, "a b"]
    prompt: Float[np.ndarray, ""]

    @property
    def nuclei(self) -> Nuclei:
        """The chart, outside of traced code."""
        return Nuclei(np.asarray(self.first), np.asarray(self.mask))


def build(folder: Path | None = None, fragments: Fragments | None = None) -> Network:
    """Make a network of the tables, without a look at the cache.

    Args:
        folder: of `places.data_folder`.
        fragments: how mass is shared in fission; the defaults where left out.

    Raises:
        FileNotFoundError: REACLIB is nowhere.
    """
    entries = list(read_reaclib(find_reaclib(folder)))
    known = set()
    for e in entries:
        if len(e.reactants) == 2 and len(e.products) == 1 and NEUTRON in e.reactants:
            known |= {*e.reactants, *e.products}
        elif len(e.reactants) == 1 and e.weak:
            known.add(e.reactants[0])
    nuclei = chart(known)
    capture = captures(entries, nuclei)
    table = partition_file()
    shape = capture.ln_rate.shape
    partition = np.zeros(shape) if table is None else partition_functions(table, nuclei)
    fissions, _ = fission(nuclei, folder)
    fragments = fragments or Fragments()
    decay = decays(entries, nuclei, folder)
    # Where the chart ends, what would leave it fissions.
    ends = nuclei.mask & (decay.beta + decay.plus + decay.alpha + fissions.spontaneous == 0.0)
    spontaneous = np.where(ends & (nuclei.z > 100), 1e3, fissions.spontaneous)
    return Network(
        nuclei.first,
        nuclei.mask,
        capture.ln_rate,
        capture.q,
        capture.balance,
        partition,
        _filled(binding_energies(entries, nuclei), capture.q),
        spins(capture.balance, nuclei),
        decay.beta,
        decay.emitted,
        decay.plus,
        decay.alpha,
        fissions.ln_induced,
        spontaneous,
        fissions.delayed,
        alpha_rates(entries),
        fragments.table(int(nuclei.a[nuclei.mask].max()) + 1),
        np.asarray(float(fragments.neutrons)),
    )


def _filled(
    binding: Float[np.ndarray, "z w"], q: Float[np.ndarray, "z w"]
) -> Float[np.ndarray, "z w"]:
    """Energies of nuclei that no reaction leads to, along the row, else from the row before."""
    filled = binding.copy()
    for _ in range(2):
        for column in range(1, q.shape[1]):
            gap = np.isnan(filled[:, column]) & (q[:, column] != 0.0)
            filled[:, column] = np.where(
                gap, filled[:, column - 1] + q[:, column], filled[:, column]
            )
        for column in range(q.shape[1] - 2, -1, -1):
            gap = np.isnan(filled[:, column]) & (q[:, column + 1] != 0.0)
            filled[:, column] = np.where(
                gap, filled[:, column + 1] - q[:, column + 1], filled[:, column]
            )
    return filled


def load_network(
    path: str | Path | None = None, fragments: Fragments | None = None, cache: Path | None = None
) -> Network:
    """The network, from the cache where the same tables have been read before.

    Args:
        path: folder with public data, of `places.data_folder`.
        fragments: how mass is shared in fission; the defaults where left out.
        cache: folder of the file that keeps it; the user's cache folder for `surrogate` where left
            out.

    Returns:
        Arrays of numpy; `missing` says which tables were not there.

    Raises:
        FileNotFoundError: REACLIB is nowhere, or the path leads nowhere.
    """
    folder = data_folder(path)
    fragments = fragments or Fragments()
    if cache is None:
        from surrogate.collisions.download import cache_folder

        cache = cache_folder()
    file = cache / f"network-{_key(folder, fragments)}.npz"
    names = [f.name for f in fields(Network)]
    if file.is_file():
        with np.load(file) as stored:
            return Network(**{name: stored[name] for name in names})
    network = build(folder, fragments)
    cache.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {name: getattr(network, name) for name in names}
    replace_file(file, lambda part: np.savez_compressed(part, **arrays))
    return network


def missing(path: str | Path | None = None) -> tuple[str, ...]:
    """Names of tables that a network is made without; see `fission.fission`.

    Args:
        path: as in `load_network`.
    """
    folder = data_folder(path)
    names = [*FILES, "alpha_decays.dat"]
    gone = [n for n in names if folder is None or not (folder / "nuclear" / "winnet" / n).is_file()]
    return tuple(gone) + (() if partition_file() else ("frdm_low.txt (of pynucastro)",))


def _key(folder: Path | None, fragments: Fragments) -> str:
    sources = [find_reaclib(folder), partition_file()]
    if folder is not None:
        winnet = folder / "nuclear" / "winnet"
        sources += [winnet / n for n in (*FILES, "alpha_decays.dat")]
    text = [_VERSION, repr(fragments), str(A_FIRST)]
    for source in sources:
        there = source is not None and source.is_file()
        text.append(f"{source.name} {source.stat().st_size}" if there and source else "none")
    return hashlib.sha256("\n".join(text).encode()).hexdigest()[:16]
