"""Where the daughters of alpha decay, electron capture and fission go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp

from surrogate.enrichment.network.composition import Lagged, State
from surrogate.enrichment.network.fission import A_FIRST, Z_FIRST

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.enrichment.network.network import Network

_FEWEST: Final = 1e-60
_ROOM: Final = 8
"""More than rows are shifted against each other by a decay."""


def arrive(network: Network, state: State, lagged: Lagged) -> State:
    """Add what has left for lower Z to where it goes.

    Args:
        network: the nuclear data.
        state: the composition without it.
        lagged: what has left.

    Returns:
        The composition with it.
    """
    y, x = state
    first = jnp.asarray(network.first)
    y = y + _moved(lagged.alpha, first, 2, 2) + _moved(lagged.plus, first, 1, -1)
    y = y.at[2, 2 - first[2]].add(jnp.sum(lagged.alpha))
    y = y.at[1, 0 - first[1]].add(lagged.neutrons)
    return _split(network, State(y, x), lagged)


def _moved(left: Float[Array, "z w"], first: Array, dz: int, dn: int) -> Float[Array, "z w"]:
    """Numbers by daughter, of decays that take dz protons and dn neutrons away."""
    width = left.shape[1]
    room = jnp.pad(left[dz:], ((0, 0), (_ROOM, _ROOM)))
    start = _ROOM + first[:-dz] + dn - first[dz:]
    row = jax.vmap(lambda r, s: jax.lax.dynamic_slice(r, (s,), (width,)))
    return jnp.pad(row(room, start), ((0, dz), (0, 0)))


def _split(network: Network, state: State, lagged: Lagged) -> State:
    """Fragments of what fissions.

    Fragments of one mass number share a mean charge, and stand at the two integers beside it.
    Neutrons beyond the end of a row are free.
    """
    y, y_n = state
    first = jnp.asarray(network.first)
    table = jnp.asarray(network.fragments)
    kinds = table.shape[0]
    z = jnp.arange(Z_FIRST, y.shape[0])[:, None]

    def by_mass(x: Float[Array, "z w"]) -> Float[Array, "f a"]:
        column = jnp.arange(kinds) + A_FIRST - z - first[Z_FIRST:, None]
        inside = (column >= 0) & (column < x.shape[1])
        column = jnp.clip(column, 0, x.shape[1] - 1)
        return jnp.where(inside, jnp.take_along_axis(x[Z_FIRST:], column, axis=1), 0.0)

    induced, delayed = by_mass(lagged.induced), by_mass(lagged.delayed)
    whole = by_mass(lagged.fission - lagged.induced) + delayed
    # A neutron more, and after a beta decay a proton more.
    induced = jnp.pad(induced, ((0, 0), (1, 0)))[:, :-1]
    number = jnp.sum(whole + induced, axis=0)
    charges = jnp.sum(z * (whole + induced) + delayed, axis=0)
    rest = jnp.arange(kinds) + A_FIRST - network.prompt
    b = jnp.arange(table.shape[1])
    born, carried = number @ table, b * ((charges / rest) @ table)
    some = born > _FEWEST
    mean = jnp.clip(jnp.where(some, carried / jnp.where(some, born, 1.0), 1.0), 1.0, 80.0)
    low = jnp.floor(mean).astype(jnp.int32)
    ends = first + y.shape[1] - 1 - jnp.argmax(jnp.asarray(network.mask)[:, ::-1], axis=1)
    y_n = y_n + network.prompt * jnp.sum(number)
    for row, share in ((low, low + 1.0 - mean), (low + 1, mean - low)):
        amount = share * born
        n = b - row
        kept = jnp.clip(n, first[row], ends[row])
        y = y.at[row, kept - first[row]].add(amount)
        y_n = y_n + jnp.sum(amount * (n - kept))
    return State(y, y_n)
