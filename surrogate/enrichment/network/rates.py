"""Rates at one temperature, out of the network's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.network.captures import PER_GK, T9_NODES

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.enrichment.network.network import Network


class Rates(NamedTuple):
    """What depends on temperature."""

    capture: Float[Array, "z w"]
    """N_A <sigma v> of (n, gamma) [cm^3/mol/s]."""
    disintegration: Float[Array, "z w"]
    """(gamma, n) [1/s]."""
    induced: Float[Array, "f w"]
    """N_A <sigma v> of fission by neutrons [cm^3/mol/s], of rows from `fission.Z_FIRST`."""


def rates(network: Network, t9: Float[Array, ""]) -> Rates:
    """Rates at a temperature.

    Args:
        network: the tables.
        t9: temperature [GK]; rates of capture are constant beyond the tables' ends.
    """
    ln_capture = interpolate(network.ln_capture, t9)
    partition = interpolate(network.ln_partition, t9)
    ahead = jnp.concatenate([jnp.zeros_like(ln_capture[:, :1]), ln_capture[:, :-1]], axis=1)
    before = jnp.concatenate([jnp.zeros_like(partition[:, :1]), partition[:, :-1]], axis=1)
    ln_inverse = (
        ahead + network.balance + 1.5 * jnp.log(t9) - PER_GK * network.q / t9 + before - partition
    )
    return Rates(
        jnp.exp(ln_capture),
        jnp.exp(jnp.clip(ln_inverse, -600.0, 85.0)),
        jnp.exp(interpolate(network.ln_induced, t9)),
    )


def partition(network: Network, t9: Float[Array, ""]) -> Float[Array, "z w"]:
    """Ln of the partition functions, ground states' weights included."""
    return jnp.asarray(network.ln_weight) + interpolate(network.ln_partition, t9)


def interpolate(table: Float[np.ndarray, "t ..."], t9: Float[Array, ""]) -> Float[Array, ...]:
    """Linear in ln T between the nodes of a table, the end values beyond.

    Args:
        table: values on `T9_NODES`.
        t9: temperature [GK].
    """
    nodes = len(T9_NODES)
    coldest, spacing = float(T9_NODES[0]), float(np.log(T9_NODES[1] / T9_NODES[0]))
    x = jnp.clip(jnp.log(t9 / coldest) / spacing, 0.0, nodes - 1.0)
    low = jnp.clip(jnp.floor(x).astype(jnp.int32), 0, nodes - 2)
    share = x - low
    values: Array = jnp.asarray(table)
    return values[low] + share * (values[low + 1] - values[low])
