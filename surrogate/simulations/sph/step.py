"""The leapfrog: kick, drift, kick, all particles with one step that adapts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.simulations.sph.card import near_order
from surrogate.simulations.sph.forces import Rates, rates
from surrogate.simulations.sph.pairs import on_card
from surrogate.simulations.sph.state import Fluid, Method

if TYPE_CHECKING:
    from jax import Array
    from jax.typing import ArrayLike
    from jaxtyping import Float, Int


class Run(NamedTuple):
    """A simulation at one moment."""

    t: Float[Array, ""]
    """Time [code units]."""
    fluid: Fluid
    rates: Rates
    steps: Int[Array, ""]
    """Steps made."""


@partial(jax.jit, static_argnames=("method",))
def begin(fluid: Fluid, method: Method, t: float = 0.0, steps: int = 0) -> Run:
    """A simulation that begins with these particles, at a time and after a number of steps."""
    found = rates(fluid, method)
    fluid = fluid._replace(h=found.h)
    return Run(jnp.asarray(t, fluid.x.dtype), fluid, found, jnp.asarray(steps))


def time_step(fluid: Fluid, found: Rates, method: Method) -> Float[Array, ""]:
    """The step of all particles: the shortest that one of them needs [code units].

    Signals run at c + 1.2 (alpha c + beta h max(-div v, 0)) (Monaghan 1989), and c is larger where
    pressure is stiffer than among particles of one mass. While all draw together nothing may go far
    by itself, either: else two stars that are faster than sound were deep in each other when they
    first felt it.
    """
    m, h, c = fluid.m, found.h, found.c * jnp.maximum(found.stiffness, 1.0)
    converging = jnp.maximum(-found.divergence, 0.0)
    signal = c + 1.2 * (method.alpha * c + method.beta * h * converging)
    x, v = (part - m @ part / jnp.sum(m) for part in (fluid.x, fluid.v))
    together = m @ jnp.sum(x * v, -1) < 0
    speed = jnp.where(together, jnp.sqrt(jnp.sum(v**2, -1)), 0.0)
    a = jnp.sqrt(jnp.sum(found.a**2, -1))
    steps = jnp.stack(
        [
            method.courant * h / jnp.maximum(signal, speed),
            method.kick * jnp.sqrt(h / a),
            method.heat * fluid.u / jnp.abs(found.du),
        ]
    )
    return jnp.min(jnp.where(m > 0, steps, jnp.inf))


def step(run: Run, dt: Float[Array, ""], method: Method, drag: ArrayLike = 0.0) -> Run:
    """One step: velocities and energies at its end are predicted for the forces there.

    Args:
        run: the simulation.
        dt: the step [code units].
        method: numbers of the method.
        drag: what slows the particles, a = -v drag, to relax a star; (n,) or one for all.
    """
    fluid, found, half = run.fluid, run.rates, dt / 2
    # The drag, too, acts half before the drift and half after: else heating, which follows the
    # velocities at both ends of the step, would miss the compression, which follows the drift.
    slowing = jnp.asarray(drag)[..., None]
    a = found.a - slowing * fluid.v
    v = fluid.v + half * a
    u = fluid.u + half * found.du
    ahead = fluid._replace(
        x=fluid.x + dt * v,
        v=v + half * a,
        u=jnp.maximum(u + half * found.du, 0.5 * u),
        h=found.h * jnp.exp(jnp.clip(dt * found.divergence / 3, -0.2, 0.2)),
    )
    new = rates(ahead, method)
    v = (v + half * new.a) / (1 + half * slowing)
    u = jnp.maximum(u + half * new.du, 0.5 * u)
    return Run(run.t + dt, ahead._replace(v=v, u=u, h=new.h), new, run.steps + 1)


@partial(jax.jit, static_argnames=("method",))
def advance(
    run: Run, until: Float[Array, ""], most: int, method: Method, drag: ArrayLike = 0.0
) -> Run:
    """Go on until a time, which is met exactly, or for a number of steps.

    Args:
        run: the simulation.
        until: when it is to end [code units].
        most: steps at most.
        method: numbers of the method.
        drag: see `step`.
    """
    last = run.steps + most

    def go_on(run: Run, drag: Array) -> Run:
        def forward(run: Run) -> Run:
            dt = time_step(run.fluid, run.rates, method)
            left = until - run.t
            # Two equal steps rather than one and a tiny one.
            dt = jnp.where(dt >= left, left, jnp.minimum(dt, left / 2))
            return step(run, dt, method, drag)

        return jax.lax.while_loop(lambda r: (r.t < until) & (r.steps < last), forward, run)

    each = jnp.broadcast_to(drag, run.fluid.m.shape)
    if not (method.single and on_card(jnp.float32)):
        return go_on(run, each)
    order = near_order(run.fluid.x)
    return _taken(go_on(_taken(run, order), each[order]), jnp.argsort(order))


def _taken(run: Run, order: Int[Array, " n"]) -> Run:
    """A run with its particles in another order."""
    fluid, found = jax.tree.map(lambda part: part[order], (run.fluid, run.rates))
    return run._replace(fluid=fluid, rates=found)


@partial(jax.jit, static_argnames=("method",))
def begin_all(fluids: Fluid, method: Method) -> Run:
    """`step.begin` for each fluid."""
    return jax.vmap(lambda fluid: begin(fluid, method))(fluids)


@partial(jax.jit, static_argnames=("method",), donate_argnums=0)
def advance_all(runs: Run, until: Float[Array, " b"], most: int, method: Method) -> Run:
    """`step.advance` for each run, with its own end."""
    return jax.vmap(lambda run, end: advance(run, end, most, method))(runs, jnp.asarray(until))
