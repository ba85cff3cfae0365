"""Runs from beginning to end: expansions, trajectories, and gas with neutrons from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.network.alphas import frozen
from surrogate.enrichment.network.composition import State
from surrogate.enrichment.network.equilibrium import equilibrium
from surrogate.enrichment.network.expansion import Expansion, history
from surrogate.enrichment.network.run import History, Track, run

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.enrichment.network.network import Network
    from surrogate.enrichment.network.reaclib import Nuclide

AVOGADRO: Final = 6.02214076e23


def expand(
    network: Network, expansion: Expansion, t: Float[Array, " steps"] | None = None
) -> tuple[State, Track]:
    """A parametrised expansion, from equilibrium to the end of the neutrons.

    Differentiable in all that `expansion` has, forwards and backwards; `vmap` goes over many.

    Args:
        network: the nuclear data.
        expansion: scalars.
        t: ends of the steps [s]; of `expansion.times` where left out.

    Returns:
        The composition at the end, for `stability.decayed`, and how it came there.
    """
    h = history(expansion, t)
    y_e, tau = (jnp.asarray(x, h.rho.dtype) for x in (expansion.y_e, expansion.tau))
    return run(network, beginning(network, h, y_e, tau), h)


def beginning(network: Network, h: History, y_e: Float[Array, ""], tau: Float[Array, ""]) -> State:
    """The composition at the start of a history; see `equilibrium` and `alphas`.

    Args:
        network: the nuclear data.
        h: the history.
        y_e: protons per baryon.
        tau: time in which density falls [s].
    """
    hot = equilibrium(network, h.t9_start, h.rho_start, y_e)
    return frozen(network, hot, y_e, h.rho_start, h.t9_start, tau)


def expand_all(
    network: Network, expansions: Expansion, t: Float[Array, " steps"] | None = None
) -> tuple[State, Track]:
    """Many expansions, one after the other: on a CPU as fast as side by side, and small.

    Args:
        network: the nuclear data.
        expansions: arrays of one length in every field that is not a number.
        t: as in `expand`.

    Returns:
        With a leading axis.
    """
    n = max(np.size(x) for x in expansions)
    columns = Expansion(*(jnp.broadcast_to(jnp.asarray(x, float), (n,)) for x in expansions))
    return jax.lax.map(lambda one: expand(network, one, t), columns)


def pour(
    network: Network,
    seeds: Mapping[Nuclide, float] | Float[Array, "z w"],
    n_n: Float[Array, ""] | float,
    t9: Float[Array, ""] | float,
    rho: float = 1e4,
    t: Float[Array, " steps"] | Float[np.ndarray, " steps"] | None = None,
) -> tuple[State, Track]:
    """Seeds under a constant density of free neutrons: the i-process, or an s-process.

    Neutrons come from elsewhere, so the mass grows by what is captured and the number of nuclei
    stays, but for fission and alpha decay.

    Args:
        network: the nuclear data.
        seeds: number per baryon of the nuclei at the start, by Z and N; in traced code those of
            `seed_abundances`.
        n_n: free neutrons [1/cm^3].
        t9: temperature [GK].
        rho: density [g/cm^3]; only its ratio to n_n matters.
        t: ends of the steps [s], in proportion to time; until an `exposure_time` of 2 per mbarn
            where left out.

    Returns:
        The composition at the end, and how it came there.

    Raises:
        ValueError: a seed is not on the chart.
    """
    if t is None:
        t = exposure_time(2.0, n_n, t9) * jnp.asarray(np.geomspace(1e-4, 1.0, 150))
    y = jnp.asarray(seed_abundances(network, seeds) if isinstance(seeds, Mapping) else seeds)
    hot, dense = jnp.asarray(t9, float), jnp.asarray(rho, float)
    steps = jnp.ones(len(t), dense.dtype)
    h = History(
        jnp.asarray(t), dense * steps, dense, hot, jnp.zeros(()), jnp.broadcast_to(hot, steps.shape)
    )
    y_n = jnp.asarray(n_n, float) / (rho * AVOGADRO)
    return run(network, State(y, y_n), h, y_n=y_n)


def seed_abundances(network: Network, seeds: Mapping[Nuclide, float]) -> Float[np.ndarray, "z w"]:
    """Seeds by element and column of the network.

    Args:
        network: the nuclear data, outside of traced code.
        seeds: number per baryon, by Z and N.

    Raises:
        ValueError: a seed is not on the chart.
    """
    nuclei = network.nuclei
    if outside := [one for one in seeds if one not in nuclei]:
        raise ValueError(f"seeds = {outside}, allowed: nuclei of the network, by Z and N")
    y = np.zeros(nuclei.mask.shape)
    for one, value in seeds.items():
        y[nuclei.at(one)] = value
    return y


def exposure_time(tau: float, n_n: Float[Array, ""] | float, t9: Float[Array, ""] | float) -> Array:
    """Time in which neutrons of one density make an exposure, tau = n_n v_T t.

    Args:
        tau: exposure [1/mbarn].
        n_n: free neutrons [1/cm^3].
        t9: temperature [GK]; v_T is the thermal speed, (2 k T / m)^(1/2).

    Returns:
        [s].
    """
    v_t = 4.0603e8 * jnp.sqrt(jnp.asarray(t9, float))
    return tau * 1e27 / (v_t * n_n)
