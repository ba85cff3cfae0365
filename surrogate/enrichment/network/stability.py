"""Where every nucleus ends up when it is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.network.fission import A_FIRST, Z_FIRST

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

    from surrogate.enrichment.network.composition import State
    from surrogate.enrichment.network.network import Network

YEAR: Final = 3.15576e7
"""[s]."""
_DOUBLINGS: Final = 12
_NOTHING: Final = 1e-25


class Fates(NamedTuple):
    """What a nucleus turns into, in the mean."""

    z: Int[np.ndarray, " ends"]
    a: Int[np.ndarray, " ends"]
    """The nuclei that last."""
    share: Float[np.ndarray, "places ends"]
    """Mean numbers of them, of each place of the network, row after row; the last row is the free
    neutron's."""


def fates(network: Network, lasting: float = 5e8) -> Fates:
    """Follow all decays to their ends: beta, alpha, and fission with its fragments.

    Args:
        network: the nuclear data, arrays of numpy or JAX.
        lasting: nuclei whose half-life is longer last [years]: Th 232, U 235 and U 238 by
            default; with infinity everything becomes stable.

    Returns:
        Exact shares, for `decayed`.
    """
    nuclei = network.nuclei
    size = nuclei.mask.size + 1
    beta, plus, alpha, spontaneous = (
        np.asarray(x, float)
        for x in (network.beta, network.plus, network.alpha, network.spontaneous)
    )
    total = beta + plus + alpha + spontaneous
    stays = nuclei.mask & ((total == 0.0) | (total < np.log(2.0) / (lasting * YEAR)))
    z_end, c_end = np.nonzero(stays)
    rates = np.where(stays, 0.0, total)
    safe = np.where(rates > 0.0, rates, 1.0)
    fissions = spontaneous + beta * np.asarray(network.delayed)

    sources, targets, weights = [], [], []

    def edge(source: np.ndarray, target: np.ndarray, weight: np.ndarray) -> None:
        some = weight > 0.0
        sources.append(source[some])
        targets.append(target[some])
        weights.append(weight[some])

    place = np.arange(size - 1).reshape(nuclei.mask.shape)
    z, n = nuclei.z, nuclei.n
    free = np.full(nuclei.mask.shape, size - 1)
    helium = np.full(nuclei.mask.shape, place[nuclei.at((2, 2))])
    going = beta * (1.0 - np.asarray(network.delayed)) * (rates > 0.0) / safe
    for k, p in enumerate(np.asarray(network.emitted)):
        edge(place, _place(network, z + 1, n - 1 - k), going * p)
        edge(place, free, going * p * k)
    alphas = alpha * (rates > 0.0) / safe
    edge(place, _place(network, z - 1, n + 1), plus * (rates > 0.0) / safe)
    edge(place, _place(network, z - 2, n - 2), alphas)
    edge(place, helium, alphas)
    for row, column in np.argwhere((fissions > 0.0) & (rates > 0.0) & (z >= Z_FIRST)):
        chance = np.array([spontaneous[row, column], beta[row, column]]) / rates[row, column]
        chance[1] *= np.asarray(network.delayed)[row, column]
        here = place[row, column]
        for raised, weight in enumerate(chance):
            if weight > 0.0:
                to, number = _fragments(network, row + raised, int(nuclei.a[row, column]))
                edge(np.full(len(to), here), to, weight * number)
    edge(np.array([size - 1]), np.array([place[nuclei.at((1, 0))]]), np.array([1.0]))

    ends = np.zeros((size, len(z_end)))
    ends[place[z_end, c_end], np.arange(len(z_end))] = 1.0
    chains = (np.concatenate(sources), np.concatenate(targets), np.concatenate(weights))
    share = _follow(*chains, ends)
    return Fates(z_end, nuclei.a[z_end, c_end], share)


def _follow(
    source: np.ndarray, target: np.ndarray, weight: np.ndarray, ends: np.ndarray
) -> np.ndarray:
    """Solve share = ends + P share by (1 + P)(1 + P^2)(1 + P^4)...: chains come to an end."""
    from scipy.sparse import csr_array

    power = csr_array((weight, (source, target)), shape=(len(ends), len(ends)))
    share = csr_array(ends)
    for _ in range(_DOUBLINGS):
        share = share + power @ share
        power = power @ power
        power.data[power.data < _NOTHING] = 0.0
        power.eliminate_zeros()
        if power.nnz == 0:
            return share.toarray()
    raise ValueError("decays lead around in a circle, allowed: chains with an end")


def _place(network: Network, z: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Flat index of nuclei, 0, an empty place, where there is none."""
    first, width = np.asarray(network.first), network.mask.shape[1]
    row = np.clip(z, 0, len(first) - 1)
    column = n - first[row]
    inside = (column >= 0) & (column < width) & (z == row)
    return np.where(inside, row * width + np.clip(column, 0, width - 1), 0)


def _fragments(network: Network, z: int, a: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of the fragments and free neutrons of one fission, and their mean numbers.

    As `step` shares them: the mean charge goes with the mass, the integers beside it are taken.
    """
    nuclei = network.nuclei
    born = np.asarray(network.fragments)[a - A_FIRST]
    prompt = float(network.prompt)
    b = np.flatnonzero(born > 0.0)
    mean = z * b / (a - prompt)
    low = np.floor(mean).astype(int)
    to, number = [], []
    free = prompt
    width = nuclei.mask.shape[1]
    ends = nuclei.first + width - 1 - np.argmax(nuclei.mask[:, ::-1], axis=1)
    for row, share in ((low, low + 1.0 - mean), (low + 1, mean - low)):
        amount = share * born[b]
        kept = np.clip(b - row, nuclei.first[row], ends[row])
        to.append(row * width + kept - nuclei.first[row])
        number.append(amount)
        free += float(np.sum(amount * (b - row - kept)))
    to.append(np.array([nuclei.mask.size]))
    number.append(np.array([free]))
    return np.concatenate(to), np.concatenate(number)


def decayed(fates: Fates, state: State) -> Float[Array, "*runs ends"]:
    """Abundances after all decays.

    Args:
        fates: of the network.
        state: compositions, any leading axes.

    Returns:
        Number per baryon of each nucleus that lasts.
    """
    y = jnp.reshape(state.y, (*state.y.shape[:-2], -1))
    y = jnp.concatenate([y, jnp.asarray(state.y_n)[..., None]], axis=-1)
    return y @ fates.share


def elements(
    fates: Fates, y: Float[Array, "*runs ends"], last: int = 100
) -> Float[Array, "*runs z"]:
    """Sum over isotopes.

    Args:
        fates: of the network.
        y: of `decayed`.
        last: atomic number of the last element.

    Returns:
        Number per baryon by atomic number, from 0 on; 0 for Z = 0.
    """
    return y @ (fates.z[:, None] == np.arange(last + 1)).astype(float)
