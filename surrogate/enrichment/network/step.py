"""One implicit step in time: rows in rising Z, and one equation for the free neutrons.

Beta decay and neutron capture are implicit and coupled; what leads down in Z (alpha decay, electron
capture, fission) leaves its nucleus implicitly and arrives after the step. Every nucleon is in one
place: the equation for the neutrons is that the masses add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp

from surrogate.enrichment.network.composition import Lagged, State, mass_number, total_mass
from surrogate.enrichment.network.daughters import arrive
from surrogate.enrichment.network.fission import Z_FIRST
from surrogate.enrichment.network.rates import Rates, rates
from surrogate.enrichment.network.rows import climb, eliminate
from surrogate.enrichment.network.search import FEWEST, increasing_root

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.enrichment.network.network import Network

NEUTRON_DECAY: Final = 1.0 / 878.4
"""Of free neutrons [1/s], to protons."""


def advance(
    network: Network,
    state: State,
    h: Float[Array, ""],
    rho: Float[Array, ""],
    t9: Float[Array, ""],
    guess: Float[Array, ""],
    y_n: Float[Array, ""] | None = None,
) -> State:
    """Advance the composition by one backward Euler step.

    Args:
        network: the nuclear data.
        state: before the step.
        h: length of the step [s].
        rho: density after it [g/cm^3].
        t9: temperature after it [GK].
        guess: of the free neutrons after it.
        y_n: free neutrons per baryon, kept by something outside; where left out, they are those
            that remain.

    Returns:
        The state after it: same sum of A Y, but where `y_n` was given.
    """
    now = rates(network, t9)
    if y_n is None:
        mass = total_mass(network, state)

        def excess(x: Float[Array, ""]) -> Float[Array, ""]:
            y, lagged = _nuclei(network, now, state.y, h, rho, x)
            return _mass_after(network, y, lagged, x) - mass

        # A secant finds it, the implicit function theorem differentiates it.
        most = jax.lax.stop_gradient(mass)
        free = jax.lax.stop_gradient(guess)
        # How many neutrons more are captured where there is one more: all that can be, or, in
        # equilibrium with photodisintegration, about one a nucleus when their number doubles.
        captured = h * rho * jnp.sum(now.capture * state.y)
        slope = 1.0 + jnp.minimum(captured, 2.0 * jnp.sum(state.y) / jnp.maximum(free, FEWEST))
        slope = jax.lax.stop_gradient(slope)
        x = jax.lax.custom_root(
            excess,
            free,
            lambda f, x0: increasing_root(f, x0, slope, most),
            lambda g, b: b / g(jnp.ones_like(b)),
        )
    else:
        x = y_n
    y, lagged = _nuclei(network, now, state.y, h, rho, x)
    if y_n is None:
        # What the secant left, unless it is larger than the few neutrons that there are.
        left = _mass_after(network, y, lagged, x) - mass
        x = x - jnp.clip(left, -0.1 * x, 0.1 * x)
    else:  # what keeps them replaces those that decay
        lagged = lagged._replace(neutrons=jnp.zeros_like(x))
    return arrive(network, State(y, x), lagged)


def _nuclei(
    network: Network,
    now: Rates,
    y: Float[Array, "z w"],
    h: Float[Array, ""],
    rho: Float[Array, ""],
    x: Float[Array, ""],
) -> tuple[Float[Array, "z w"], Lagged]:
    """Abundances after a step with x neutrons at its end, and what has left for lower Z."""
    density = h * rho * x
    induced = jnp.zeros_like(y).at[Z_FIRST:].set(density * now.induced)
    beta, delayed = h * network.beta, h * network.beta * network.delayed
    down = h * (network.alpha + network.plus + network.spontaneous) + induced
    factors = eliminate(density * now.capture, h * now.disintegration, 1.0 + beta + down)
    first = jnp.asarray(network.first)
    shift = jnp.diff(first, prepend=first[:1])
    after = climb(factors, y, (beta - delayed) * network.emitted, shift)
    return after, Lagged(
        h * network.alpha * after,
        h * network.plus * after,
        (h * network.spontaneous + induced) * after,
        induced * after,
        delayed * after,
        h * NEUTRON_DECAY * x,
    )


def _mass_after(
    network: Network, y: Float[Array, "z w"], lagged: Lagged, x: Float[Array, ""]
) -> Float[Array, ""]:
    a = mass_number(network)
    gone = lagged.alpha + lagged.plus + lagged.fission + lagged.delayed
    return jnp.sum(a * (y + gone)) + jnp.sum(lagged.induced) + x + lagged.neutrons
