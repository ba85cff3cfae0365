"""A run of the network through a history of density and temperature: one scan in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.enrichment.network.alphas import make_seeds
from surrogate.enrichment.network.composition import State, electron_fraction
from surrogate.enrichment.network.gas import cool
from surrogate.enrichment.network.step import advance

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.enrichment.network.network import Network

N_TO_H: Final = 0.78235
"""Mass of a neutron over that of a hydrogen atom [MeV]."""
_FASTEST: Final = 3.0
"""The guess of the free neutrons follows their last change up to so many e-folds."""


class History(NamedTuple):
    """What a parcel of gas goes through."""

    time: Float[Array, " steps"]
    """End of each step [s]; the first starts at 0."""
    rho: Float[Array, " steps"]
    """Density at those times [g/cm^3]."""
    rho_start: Float[Array, ""]
    t9_start: Float[Array, ""]
    """Temperature at time 0 [GK]."""
    heating: Float[Array, ""]
    """Share of the energy of the reactions that heats the gas; neutrinos take the rest."""
    t9: Float[Array, " steps"] | None = None
    """Temperatures that are given [GK], in place of those that follow from the entropy."""


class Track(NamedTuple):
    """How a run went, after each step."""

    t9: Float[Array, " steps"]
    """Temperature [GK]."""
    y_n: Float[Array, " steps"]
    """Free neutrons per baryon."""
    heat: Float[Array, " steps"]
    """Energy set free in a step [MeV per baryon], neutrinos included."""


def energy(network: Network, state: State) -> Float[Array, ""]:
    """Binding energy, less that of hydrogen against neutrons [MeV per baryon]."""
    return jnp.sum(jnp.nan_to_num(jnp.asarray(network.binding)) * state.y) + (
        N_TO_H * electron_fraction(state)
    )


def run(
    network: Network, start: State, history: History, *, y_n: Float[Array, ""] | None = None
) -> tuple[State, Track]:
    """Follow a composition through a history.

    Args:
        network: the nuclear data.
        start: the composition at time 0.
        history: of density and temperature.
        y_n: free neutrons per baryon, kept by something outside; where left out they are those that
            remain.

    Returns:
        The composition at the end, and how it came there.

    Raises:
        TypeError: numbers have single precision.
    """
    if jnp.result_type(start.y, history.rho) != jnp.float64:
        raise TypeError(
            "the network has single precision, allowed: double, since rates differ by 40 orders of "
            "magnitude; run it inside `with jax.enable_x64(True):`"
        )
    lengths = jnp.diff(history.time, prepend=0.0)
    given = history.t9

    def step(carry: tuple[Array, ...], x: tuple[Array, ...]) -> tuple[tuple[Array, ...], Track]:
        y, free, before, rho, t9, heat, e = carry
        h, rho_next = x[:2]
        state = State(y, free)
        if given is None:
            particles = jnp.sum(y) + free
            t9_next = cool(t9, rho, rho_next, particles, history.heating * heat)
        else:
            t9_next = x[2]
        guess = free * jnp.clip(free / before, jnp.exp(-_FASTEST), 1.2)
        if y_n is None:
            state = make_seeds(network, state, h, rho_next, t9_next)
        after = advance(network, state, h, rho_next, t9_next, guess, y_n)
        e_after = energy(network, after)
        # New particles take part in the thermal motion.
        more = jnp.sum(after.y) + after.y_n - jnp.sum(y) - free
        released = e_after - e
        motion = 1.5 * t9_next / 11.604518 * more
        out = Track(t9_next, after.y_n, released)
        floor = jnp.maximum(free, 1e-40)
        return (after.y, after.y_n, floor, rho_next, t9_next, released - motion, e_after), out

    zero = jnp.zeros_like(start.y_n)
    carry = (
        start.y,
        start.y_n,
        jnp.maximum(start.y_n, 1e-40),
        history.rho_start,
        history.t9_start,
        zero,
        energy(network, start),
    )
    xs = (lengths, history.rho) + (() if given is None else (given,))
    (y, free, *_), track = jax.lax.scan(jax.checkpoint(step), carry, xs)
    return State(y, free), track
