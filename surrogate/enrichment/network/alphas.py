"""The alpha process: seeds out of alpha particles and neutrons, where equilibrium does not last.

The network has no reactions of charged particles. What replaces them here: equilibrium at the start
holds as far as alpha particles find together fast enough; the others stay alpha particles, and make
seeds of one kind as fast as 4He(alpha n, gamma)9Be(alpha, n)12C allows. The carbon is at once built
up to the seed. The network then spreads its neutrons; its protons only beta decay changes.

Source: Hoffman, Woosley & Qian (1997, ApJ 482, 951), section 3, who find seeds of A about 90.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.network.captures import T9_NODES, summed
from surrogate.enrichment.network.composition import State
from surrogate.enrichment.network.rates import interpolate

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.enrichment.network.network import Network
    from surrogate.enrichment.network.reaclib import Entry

SEED: Final = (34, 56)
"""Z and N of the seed."""
COLDEST: Final = 1.5
"""No alpha particle reacts below [GK]."""
_FEWEST: Final = 1e-60
_NEUTRON: Final = (0, 1)
_ALPHA: Final = (2, 2)
_BE9: Final = (4, 5)
_C12: Final = (6, 6)


def alpha_rates(entries: Iterable[Entry]) -> Float[np.ndarray, "3 t"]:
    """Ln of three rates on the nodes of temperature [cgs, per mol].

    Args:
        entries: of REACLIB.

    Returns:
        Of two alpha particles and a neutron to Be 9, of Be 9 back, and of Be 9 (alpha, n).
    """
    triple, pair = sorted((_NEUTRON, _ALPHA, _ALPHA)), sorted((_ALPHA, _BE9))
    found = np.full((3, len(T9_NODES)), 1e-300)
    total = summed(
        (e for e in entries if e.reactants[-1] in (_ALPHA, _BE9)), np.maximum(T9_NODES, 0.1)
    )
    for (reactants, products), values in total.items():
        if sorted(reactants) == triple and products == (_BE9,):
            found[0] = values
        elif reactants == (_BE9,) and sorted(products) == triple:
            found[1] = values
        elif sorted(reactants) == pair and sorted(products) == [_NEUTRON, _C12]:
            found[2] = values
    return np.log(np.maximum(found, 1e-300))


def seed_rate(
    network: Network,
    y_alpha: Float[Array, ""],
    y_n: Float[Array, ""],
    rho: Float[Array, ""],
    t9: Float[Array, ""],
) -> Float[Array, ""]:
    """How many carbon nuclei are made [1/s per baryon].

    Be 9 is made by F = rho^2 Y_alpha^2 Y_n <alpha alpha n> / 2; of it the share D / (D + P) meets
    an alpha particle before a photon: D = rho Y_alpha <alpha, n>.

    Args:
        network: with the rates.
        y_alpha: alpha particles per baryon.
        y_n: free neutrons per baryon.
        rho: density [g/cm^3].
        t9: temperature [GK].
    """
    triple, back, on = interpolate(network.ln_alpha.T, t9)
    made = 0.5 * rho**2 * y_alpha**2 * y_n * jnp.exp(triple)
    # Of their ratio, so that no gradient divides by what is next to nothing.
    share = rho * y_alpha / (rho * y_alpha + jnp.exp(jnp.clip(back - on, -80.0, 80.0)))
    return jnp.where(t9 > COLDEST, made * share, 0.0)


def make_seeds(
    network: Network, state: State, h: Float[Array, ""], rho: Float[Array, ""], t9: Float[Array, ""]
) -> State:
    """Turn alpha particles and neutrons into seeds during a step.

    Args:
        network: with the rates.
        state: the composition.
        h: length of the step [s].
        rho: density [g/cm^3].
        t9: temperature [GK].

    Returns:
        The composition with the seeds: never more than half of what the particles allow.
    """
    y, y_n = state
    z, n = SEED
    alpha = (2, 2 - network.first[2])
    rate = seed_rate(network, y[alpha], y_n, rho, t9)
    alphas, neutrons = z / 2.0, n - z * 1.0
    most = 0.5 * jnp.minimum(y[alpha] / alphas, y_n / neutrons)
    some = most > _FEWEST
    seeds = most * -jnp.expm1(-h * rate / jnp.where(some, most, 1.0))
    seeds = jnp.where(some, seeds, 0.0)
    y = y.at[alpha].add(-alphas * seeds).at[z, n - network.first[z]].add(seeds)
    return State(y, y_n - neutrons * seeds)


def frozen(
    network: Network,
    equilibrium: State,
    y_e: Float[Array, ""],
    rho: Float[Array, ""],
    t9: Float[Array, ""],
    tau: Float[Array, ""],
) -> State:
    """The composition of an expansion that may be too fast for equilibrium.

    Of the matter the share 1 / (1 + t_seed / tau) is in equilibrium, the rest is neutrons (or
    protons) and alpha particles; t_seed is the time in which those would be used up.

    Args:
        network: with the rates.
        equilibrium: of `equilibrium.equilibrium`.
        y_e: protons per baryon.
        rho: density [g/cm^3].
        t9: temperature [GK].
        tau: time in which density falls [s].
    """
    y_alpha = 0.5 * jnp.minimum(y_e, 1.0 - y_e)
    # At Ye near 0.5 it takes few neutrons to begin.
    y_n = jnp.maximum(1.0 - 2.0 * y_e, 1e-3)
    used = 0.5 * SEED[0] * seed_rate(network, y_alpha, y_n, rho, t9) * tau
    share = used / (used + y_alpha)
    y = (share * equilibrium.y).at[2, 2 - network.first[2]].add((1.0 - share) * y_alpha)
    y = y.at[1, -network.first[1]].add((1.0 - share) * jnp.maximum(2.0 * y_e - 1.0, 0.0))
    free = (1.0 - share) * jnp.maximum(1.0 - 2.0 * y_e, 0.0)
    return State(y, share * equilibrium.y_n + free)
