"""Run the bodies: Hermite steps, and between them the collisions that are due."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions import structure
from surrogate.nbody.ages import rejuvenated
from surrogate.nbody.collide import AgesAfter, Radius, Update, apply, collide, nothing
from surrogate.nbody.compensated import add
from surrogate.nbody.energy import Totals
from surrogate.nbody.forces import Bodies, Field, field, usual_block
from surrogate.nbody.handover import due
from surrogate.nbody.hermite import correct, predict, time_step
from surrogate.nbody.ledger import Ledger
from surrogate.nbody.state import State, begin
from surrogate.nbody.system import System

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

    from surrogate.collisions.rules import Rule

    Real = Array | float


class History(NamedTuple):
    """What a run records at its beginning and then at equal numbers of steps; (k,) each."""

    time: Float[Array, " k"]
    """Time [Rsun / (km/s)]."""
    totals: Totals
    """Energy, momentum and mass of the bodies."""
    ledger: Ledger
    """What has left them."""
    bodies: Int[Array, " k"]
    """Number of bodies."""
    snapshots: System | None
    """The bodies themselves, with a first axis of k; None where they were not asked for."""

    @property
    def energy_error(self) -> Float[Array, " k"]:
        """Change of the energy that no collision accounts for [Msun km^2/s^2]."""
        total = self.totals.kinetic + self.totals.potential
        total = total + self.ledger.energy_lost.value + self.ledger.energy_unbound.value
        return total - total[..., :1]


class Parameters(NamedTuple):
    """Numbers of a run that may change without compiling it again; see `run`."""

    dt: Real
    until: Real
    accuracy: Real | None
    reach: Real
    lead: Real
    softening: Real


class Settings(NamedTuple):
    """What a run is compiled for; see `run`."""

    steps: int
    every: int
    snapshots: bool
    pairs: int
    block: int
    ages_after: AgesAfter
    radius: Radius


def run(
    start: System | State,
    rule: Rule,
    dt: Real,
    steps: int,
    *,
    until: Real = math.inf,
    accuracy: Real | None = 0.05,
    reach: Real = 1.0,
    lead: Real = 4.0,
    softening: Real = 0.0,
    every: int | None = None,
    snapshots: bool = False,
    pairs: int = 8,
    log: int = 1024,
    block: int | None = None,
    ages_after: AgesAfter = rejuvenated,
    radius: Radius = structure.radius,
) -> tuple[State, History]:
    """Run bodies for a number of steps, all of them with the same step in time.

    Compiled once for a number of bodies and steps and a kind of rule; works under `jit`, `vmap` and
    `grad`. Under `vmap` the rule is asked at every step, collision or not.

    Args:
        start: the bodies, or the state that an earlier run ended in.
        rule: what is left of an encounter, such as `surrogate.collisions.rules.Surrogate`.
        dt: the largest step [Rsun / (km/s) = 695,700 s].
        steps: how many.
        until: time at which the bodies stop [Rsun / (km/s)]; steps left over do nothing.
        accuracy: the step in units of the shortest time scale min(r / v, sqrt(r^3 / G m)) of all
            pairs but those about to collide; None takes steps of `dt` always.
        reach: pairs whose pericentre is below `reach` times the sum of their radii are handed over;
            a little above 1 lets the surrogate decide about tidal captures.
        lead: a pair is handed over no more than so many steps before its pericentre. Its approach
            is resolved up to there: the error of the orbit falls with the fourth power of this.
        softening: Plummer softening of the forces [Rsun]; orbits of colliding pairs have none.
        every: record after so many steps, of which `steps` is a multiple; all of them where None.
        snapshots: whether the bodies are recorded too.
        pairs: collisions a step at most; others wait for the next one.
        log: collisions that the log holds, where the run begins.
        block: rows of the table of all pairs that are computed at a time, a question of memory and
            cache; 64 where None, or 1024 on an accelerator.
        ages_after: effective ages of remnants; `surrogate.nbody.ages.keep_ages` is another choice.
        radius: radii of remnants by mass and age.

    Returns:
        The state after the last step, and what was recorded.

    Raises:
        ValueError: a number is out of its range.
    """
    every = steps if every is None else every
    block = usual_block() if block is None else block
    settings = Settings(steps, every, snapshots, pairs, block, ages_after, radius)
    parameters = Parameters(dt, until, accuracy, reach, lead, softening)
    _check(settings, parameters)
    if isinstance(start, System):
        start = begin(start, softening=softening, reach=reach, log=log, block=block)
    dtype = start.x.high.dtype
    parameters = jax.tree.map(lambda x: jnp.asarray(x, dtype), parameters)
    return _run(start, rule, parameters, settings)


def _check(settings: Settings, parameters: Parameters) -> None:
    whole = {"steps": settings.steps, "every": settings.every, "pairs": settings.pairs}
    for name, number in (whole | {"block": settings.block}).items():
        if number < 1:
            raise ValueError(f"{name} = {number}: allowed are whole numbers >= 1")
    if settings.steps % settings.every:
        raise ValueError(
            f"every = {settings.every}: allowed are divisors of the {settings.steps} steps"
        )
    lowest = {"dt": 0.0, "accuracy": 0.0, "reach": 1.0, "lead": 1.0, "softening": 0.0}
    for name, low in lowest.items():
        value = getattr(parameters, name)
        if value is None or isinstance(value, jax.core.Tracer):
            continue
        positive = name in ("dt", "accuracy")
        if not np.all((np.asarray(value) > low) if positive else (np.asarray(value) >= low)):
            raise ValueError(
                f"{name} = {value}: allowed are numbers {'>' if positive else '>='} {low:g}"
            )


@partial(jax.jit, static_argnames="settings")
def _run(
    state: State, rule: Rule, parameters: Parameters, settings: Settings
) -> tuple[State, History]:
    # A gradient computes a step again rather than keep its table of pairs.
    step = jax.checkpoint(partial(_step, rule, parameters, settings), prevent_cse=False)

    def some(state: State, _: None) -> tuple[State, History]:
        state, _ = jax.lax.scan(lambda s, _: (step(s), None), state, length=settings.every)
        return state, _look(state, parameters, settings)

    first = _look(state, parameters, settings)
    state, rest = jax.lax.scan(some, state, length=settings.steps // settings.every)
    history = jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), first, rest)
    return state, history


def _look(state: State, parameters: Parameters, settings: Settings) -> History:
    return History(
        state.time.value,
        state.totals(parameters.softening),
        state.ledger,
        jnp.sum(state.m > 0.0),
        state.system if settings.snapshots else None,
    )


def _step(rule: Rule, p: Parameters, settings: Settings, state: State) -> State:
    state = _collisions(rule, p, settings, state)
    dt = time_step(p.dt, p.accuracy, state.field.rate2)
    dt = jnp.clip(p.until - state.time.value, 0.0, dt)
    predicted = predict(state.x, state.v, state.field, dt)
    there = _forces(state._replace(x=predicted[0], v=predicted[1]), p, settings)
    x, v = correct(state.x, state.v, state.field, there, dt)
    return state._replace(x=x, v=v, time=add(state.time, dt), field=there)


def _collisions(rule: Rule, p: Parameters, settings: Settings, state: State) -> State:
    """Collisions that are due before the next steps are over, if there are any."""

    def happen(times: Array) -> Update:
        return collide(
            state,
            times,
            rule,
            p.softening,
            pairs=min(settings.pairs, len(state.m)),
            ages_after=settings.ages_after,
            radius=settings.radius,
        )

    def look() -> Update:
        within = p.lead * time_step(p.dt, p.accuracy, state.field.rate2)
        times = due(state.x, state.v, state.m, state.field.partner, within)
        return jax.lax.cond(jnp.any(jnp.isfinite(times)), happen, lambda _: none, times)

    none = nothing(jax.eval_shape(happen, state.m))
    # Branches return the few rows that change: all of the state would be copied at every step.
    expected = jnp.any(state.field.partner >= 0) & (state.time.value < p.until)
    update = jax.lax.cond(expected, look, lambda: none)
    state = apply(state, update)
    now = jax.lax.cond(
        jnp.any(update.real), lambda: _forces(state, p, settings), lambda: state.field
    )
    return state._replace(field=now)


def _forces(state: State, p: Parameters, settings: Settings) -> Field:
    every = Bodies(state.x, state.v.value, state.m, p.reach * state.r, state.met)
    return field(every, p.softening, settings.block)
