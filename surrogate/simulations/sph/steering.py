"""Energies that bring the layers of a star to the radii that its profile has.

On a stretched lattice particles are closer along one direction than along another, which adds a
pressure that no energy accounts for and that goes as they find their places. So a star in balance
on its lattice is too small when it has come to rest: one of n = 3 by 1 per cent with a thousand
particles, and by 3 with ten thousand. While it relaxes its energies therefore follow its radii: a
layer that is too large is cooled, one that is too small is heated, ever less until it is left to
itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jax.numpy as jnp
import numpy as np

from surrogate.simulations import units

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float

    from surrogate.simulations.sph.state import Fluid
    from surrogate.simulations.sph.step import Run
    from surrogate.simulations.stars.profile import Profile

MOST: Final = 6
"""Layers at most; with few particles there are fewer, for the lattice's noise is not followed."""
_THICKNESS: Final = 2.5
"""Of a layer [size of a cube that holds one particle of the lattice]."""
_OUTWARDS: Final = 1.5
"""Outer layers hold less mass."""
_WHOLE: Final = 0.4
"""Rate at which the whole star follows, for a gas of ratio 5/3 [1 / dynamical time]."""
_LAYERS: Final = 1.0
"""Rate at which layers follow beyond that [1 / dynamical time]."""
_INNER: Final = 20.0
"""Dynamical times of the inner half of the mass after which it has come to rest."""
_UNTIL: Final = 0.7
"""Part of the relaxation after which energies are left alone."""
_LARGEST: Final = 0.2
"""Change of ln u at once."""


class Aim(NamedTuple):
    """Where the layers of a star belong: arrays of NumPy or JAX."""

    cubes: Any
    """Mean r^3 of each layer, (layers,) [code units]."""
    time: Any
    """Dynamical time of the star [code units]."""
    end: Any
    """When the relaxation is to end [code units]."""


def aim_at(profile: Profile, particles: int, time: float) -> Aim:
    """Where the layers of a star belong.

    Args:
        profile: of the star.
        particles: of the star: they decide how many layers there are.
        time: how long the star is relaxed: in units of its dynamical time or, in an evolved star
            whose core is far denser than its mean, 20 times that of the inner half of its mass.
    """
    edges = _edges(int(np.clip(round(particles ** (1 / 3) / _THICKNESS), 1, MOST)))
    within = np.concatenate([[0.0], profile.m / profile.m[-1]])
    cube = np.concatenate([[0.0], (profile.r / units.LENGTH) ** 3])
    inside = np.concatenate([[0.0], np.cumsum(np.diff(within) * (cube[1:] + cube[:-1]) / 2)])
    cubes = np.diff(np.interp(edges, within, inside)) / np.diff(edges)
    half = float(np.interp(0.5, within, cube))
    scale = profile.dynamical_time
    end = time * min(scale, _INNER * (half / (0.5 * profile.mass)) ** 0.5)
    return Aim(cubes, np.array(scale), np.array(end))


def frequencies(fluid: Fluid) -> Float[Array, " n"]:
    """(M(r) / r^3)^(1/2) at each particle of a star, the rate at which matter there moves."""
    r, within, _ = _ranks(fluid)
    return jnp.sqrt(within * jnp.sum(fluid.m) / jnp.maximum(r, 1e-3 * jnp.max(r)) ** 3)


def steered(run: Run, aim: Aim, dt: Float[Array, ""]) -> Run:
    """Change the energies of a star, as far as it does so in a time.

    Args:
        run: the star.
        aim: where its layers belong.
        dt: the time [code units].
    """
    fluid, rates = run.fluid, run.rates
    excess = _excess(fluid, aim)
    whole = fluid.m @ excess / jnp.sum(fluid.m)
    # The whole star yields to pressure as 1 / (3 Gamma_1 - 4), next to no limit where radiation
    # carries it; 9 c^2 / u - 4 is 6 times that, exactly for gas and for radiation alone.
    stiffness = fluid.m @ (9 * rates.c**2 / fluid.u - 4) / (6 * jnp.sum(fluid.m))
    rate = -_LAYERS * (excess - whole) - _WHOLE * stiffness * whole
    share = jnp.maximum(1 - run.t / (_UNTIL * aim.end), 0.0)
    change = jnp.clip(share * rate * dt / aim.time, -_LARGEST, _LARGEST)
    return run._replace(fluid=fluid._replace(u=fluid.u * jnp.exp(change)))


def _edges(layers: int) -> Float[np.ndarray, " layers+1"]:
    """Enclosed masses between which layers lie."""
    return 1 - (1 - np.arange(layers + 1) / layers) ** _OUTWARDS


def _excess(fluid: Fluid, aim: Aim) -> Float[Array, " n"]:
    """Logarithm of the volume over what it should be, at each particle.

    The first layer's volume is its mean r^3, and each other's the difference to the one below it.
    """
    edges = jnp.asarray(_edges(len(aim.cubes)))
    r, within, share = _ranks(fluid)
    below, above = within - share / 2, within + share / 2
    overlap = jnp.minimum(above, edges[1:, None]) - jnp.maximum(below, edges[:-1, None])
    overlap = jnp.maximum(overlap, 0.0)  # a particle between two layers is in both
    cubes = overlap @ r**3 / jnp.sum(overlap, axis=1)
    found, wanted = (jnp.diff(a, prepend=0.0) for a in (cubes, aim.cubes))
    at = jnp.concatenate([edges[1:2] / 2, edges[1:-1]])
    return jnp.interp(within, at, jnp.log(jnp.maximum(found / wanted, 0.1)))


def _ranks(fluid: Fluid) -> tuple[Array, Array, Array]:
    """Radius, and shares of the mass: below the middle of each particle, and its own."""
    share = fluid.m / jnp.sum(fluid.m)
    r = jnp.sqrt(jnp.sum((fluid.x - share @ fluid.x) ** 2, axis=-1))
    order = jnp.argsort(r)
    below = jnp.zeros_like(share).at[order].set(jnp.cumsum(share[order])) - share
    return r, below + share / 2, share
