"""Relaxation: a drag takes the motion out of a new star until pressure carries it.

Meanwhile its energies are steered, so that its layers come to rest where the profile has them.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.simulations import units
from surrogate.simulations.sph import gas
from surrogate.simulations.sph.balance import balanced
from surrogate.simulations.sph.lattice import star_of_particles
from surrogate.simulations.sph.state import Fluid, Method, stack
from surrogate.simulations.sph.steering import Aim, aim_at, frequencies, steered
from surrogate.simulations.sph.step import Run, advance, begin, begin_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jax import Array
    from jaxtyping import Float

    from surrogate.simulations.stars.profile import Profile


STEPS: Final = 8
"""Steps between two changes of the energies."""


class Relaxation(NamedTuple):
    """How a star is brought to rest."""

    time: float = 10.0
    """How long, in units of its dynamical time (R^3 / M)^(1/2); less long where the core is dense
    (`steering.aim_at`)."""
    drag: float = 2.0
    """Rate at which motion is slowed, in units of (M(r) / r^3)^(1/2) at each particle."""


def at_rest(method: Method) -> Method:
    """The method of a relaxation: without viscosity, which would heat the star."""
    return dataclasses.replace(method, alpha=0.0, beta=0.0)


def new_star(profile: Profile, particles: int, method: Method, equal_mass: float = 0.5) -> Fluid:
    """The particles of a star, not yet at rest, with energies that carry it where it stands.

    Density is spread by the kernel. So energies follow the adiabat from the profile's density to
    that of the particles, and are then changed until layers are balanced where they stand.

    Args:
        profile: of the star.
        particles: how many, 100 or more.
        method: numbers of the method.
        equal_mass: see `lattice.star_of_particles`.

    Returns:
        The particles, in code units and float64.

    Raises:
        ValueError: an argument is outside its range.
    """
    star = star_of_particles(profile, particles, equal_mass, method.neighbours)
    r = np.linalg.norm(star.x, axis=1)
    there = np.interp(r, profile.r / units.LENGTH, profile.rho / units.DENSITY)
    with jax.enable_x64(True):
        found = begin(Fluid(*map(jnp.asarray, star)), method)
        rho = found.rates.rho
        P, _ = gas.pressure(jnp.asarray(there), star.u, jnp.asarray(star.mu), method.radiation)
        # du = P / rho^2 d rho; P / (rho u) is 2/3 for gas, 1/3 for radiation.
        u = star.u * (rho / there) ** (P / (there * star.u))
        star = jax.tree.map(np.asarray, star._replace(u=u, h=found.rates.h))
        return balanced(star, method)


@partial(jax.jit, static_argnames=("method",))
def settle(run: Run, until: Float[Array, ""], aim: Aim, drag: float, method: Method) -> Run:
    """Some steps of a relaxation, and a change of the energies.

    Args:
        run: the star.
        until: when it is to end [code units].
        aim: where the star's layers belong.
        drag: see `Relaxation`.
        method: numbers of the method, from `at_rest`.
    """
    after = advance(run, until, STEPS, method, drag * frequencies(run.fluid))
    return steered(after, aim, after.t - run.t)


@partial(jax.jit, static_argnames=("method",), donate_argnums=0)
def _settle_all(runs: Run, aims: Aim, drag: float, method: Method) -> Run:
    return jax.vmap(lambda run, aim: settle(run, aim.end, aim, drag, method))(runs, aims)


def relax_many(
    stars: Sequence[Fluid],
    profiles: Sequence[Profile],
    method: Method,
    relaxation: Relaxation | None = None,
) -> list[Fluid]:
    """Bring stars of equally many particles to rest, all at once.

    Args:
        stars: from `new_star`.
        profiles: theirs.
        method: numbers of the method; its viscosity is left out.
        relaxation: for how long, and how.

    Returns:
        The stars, their motion taken out.
    """
    (time, drag), method = relaxation or Relaxation(), at_rest(method)
    with jax.enable_x64(True):
        each = [aim_at(profile, len(stars[0].m), time) for profile in profiles]
        aims = jax.tree.map(lambda *parts: jnp.stack(parts), *each)
        runs = begin_all(stack(stars), method)
        while bool((runs.t < aims.end).any()):
            runs = _settle_all(runs, aims, drag, method)
        fluids = jax.device_get(runs.fluid)
    return [
        Fluid(*(part[k] for part in fluids))._replace(v=np.zeros_like(fluids.v[k]))
        for k in range(len(stars))
    ]
