"""Small sets of particles, and functions that tests share once they are compiled."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.simulations.sph.forces import rates
from surrogate.simulations.sph.relax import new_star, relax_many
from surrogate.simulations.sph.state import Fluid, Method
from surrogate.simulations.sph.step import advance, begin
from surrogate.simulations.stars.polytrope import polytrope
from surrogate.simulations.stars.profile import Profile

MU = 1e-24
"""Mean mass of a particle of the gas [g]."""


@pytest.fixture(scope="module", autouse=True)
def _double():
    """The code's state is in float64."""
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="session")
def cloud():
    """Makes a cloud of random particles whose masses, energies and motions differ."""

    def make(seed: int, n: int = 60, moving: float = 0.3) -> Fluid:
        rng = np.random.default_rng(seed)
        return Fluid(
            m=jnp.asarray(rng.uniform(0.5, 1.5, n) / n),
            x=jnp.asarray(0.5 * rng.normal(size=(n, 3))),
            v=jnp.asarray(moving * rng.normal(size=(n, 3))),
            u=jnp.asarray(rng.uniform(0.3, 0.6, n)),
            h=jnp.full(n, 0.3),
            mu=jnp.full(n, MU),
        )

    return make


@pytest.fixture(scope="session")
def ideal() -> Method:
    """An ideal gas with viscosity."""
    return Method(radiation=False)


@pytest.fixture(scope="session")
def compiled_rates():
    return jax.jit(rates, static_argnames="method")


@pytest.fixture(scope="session")
def start():
    """`step.begin`."""
    return begin


@pytest.fixture(scope="session")
def go():
    """Follows a run until a time."""

    def until(run, t: float, method: Method):
        while float(run.t) < t:
            run = advance(run, jnp.asarray(float(t)), 1000, method)
        return run

    return until


@pytest.fixture(scope="session")
def profiles() -> list[Profile]:
    """Two stars, the same in other units: 1 Msun and 1 Rsun, 0.7 Msun and 0.7 Rsun."""
    return [polytrope(1.5, m, m) for m in (1.0, 0.7)]


@pytest.fixture(scope="session")
def new_stars(ideal, profiles) -> list[Fluid]:
    """The two on their lattices."""
    return [new_star(profile, 100, ideal) for profile in profiles]


@pytest.fixture(scope="session")
def small_stars(ideal, profiles, new_stars) -> list[Fluid]:
    """The two, brought to rest."""
    return relax_many(new_stars, profiles, ideal)
