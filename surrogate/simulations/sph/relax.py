"""Relaxation: a drag takes the motion out of a new star until pressure carries it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.simulations import units
from surrogate.simulations.sph import gas
from surrogate.simulations.sph.balance import balanced
from surrogate.simulations.sph.lattice import star_of_particles
from surrogate.simulations.sph.state import Fluid, Method, stack
from surrogate.simulations.sph.step import STEPS, advance_all, begin, begin_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surrogate.simulations.stars.profile import Profile


class Relaxation(NamedTuple):
    """How a star is brought to rest, in units of its dynamical time (R^3 / M)^(1/2)."""

    time: float = 10.0
    """How long."""
    drag: float = 2.0
    """Rate at which motion is slowed."""


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


def relax_many(
    stars: Sequence[Fluid],
    times: Sequence[float],
    method: Method,
    relaxation: Relaxation | None = None,
) -> list[Fluid]:
    """Bring stars of equally many particles to rest, all at once.

    Args:
        stars: from `new_star`.
        times: their dynamical times [code units].
        method: numbers of the method; its viscosity is left out.
        relaxation: for how long, and how.

    Returns:
        The stars, their motion taken out.
    """
    relaxation, method = relaxation or Relaxation(), at_rest(method)
    with jax.enable_x64(True):
        dynamical = jnp.asarray(times)
        runs = begin_all(stack(stars), method)
        drag = relaxation.drag / dynamical
        until = relaxation.time * dynamical
        while bool((runs.t < until).any()):
            runs = advance_all(runs, until, drag, STEPS, method)
        fluids = jax.device_get(runs.fluid)
    return [
        Fluid(*(part[k] for part in fluids))._replace(v=np.zeros_like(fluids.v[k]))
        for k in range(len(stars))
    ]
