"""Composition of the gas, and what leaves a nucleus for lower Z."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.enrichment.network.network import Network


class State(NamedTuple):
    """Composition, by number per baryon."""

    y: Float[Array, "z w"]
    """Nuclei."""
    y_n: Float[Array, ""]
    """Free neutrons."""


class Lagged(NamedTuple):
    """Numbers that leave their nucleus for lower Z within a step."""

    alpha: Float[Array, "z w"]
    plus: Float[Array, "z w"]
    fission: Float[Array, "z w"]
    """Of itself or by a neutron: the neutron is not counted."""
    induced: Float[Array, "z w"]
    """The part of it that a neutron started."""
    delayed: Float[Array, "z w"]
    """After beta decay, counted at the parent."""
    neutrons: Float[Array, ""]
    """Free neutrons that decay."""


def total_mass(network: Network, state: State) -> Float[Array, ""]:
    """Sum of A Y, 1 for ever."""
    return state.y_n + jnp.sum(mass_number(network) * state.y)


def electron_fraction(state: State) -> Float[Array, ""]:
    """Sum of Z Y."""
    return jnp.sum(jnp.arange(state.y.shape[0])[:, None] * state.y)


def mass_number(network: Network) -> Float[Array, "z w"]:
    """A of every place, as a float."""
    z, w = network.mask.shape
    first = jnp.asarray(network.first)
    return jnp.asarray(jnp.arange(z)[:, None] + first[:, None] + jnp.arange(w), float)
