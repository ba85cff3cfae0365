"""What a simulation must conserve."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.simulations.sph import kernel
from surrogate.simulations.sph.pairs import Place, pair_sum

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float

    from surrogate.simulations.sph.state import Fluid


class Conserved(NamedTuple):
    """Energies, momentum and angular momentum [code units]."""

    gravitational: Float[Array, ""]
    kinetic: Float[Array, ""]
    internal: Float[Array, ""]
    momentum: Float[Array, " 3"]
    spin: Float[Array, " 3"]
    """Angular momentum about the origin."""

    @property
    def total(self) -> Float[Array, ""]:
        """Total energy."""
        return self.gravitational + self.kinetic + self.internal


@jax.jit
def potential(fluid: Fluid) -> Float[Array, " n"]:
    """Potential at each particle, by its own softening and that of the others [code units].

    sum_j m_j [phi(r_ij, h_i) + phi(r_ij, h_j)] / 2, the particle itself included.
    """
    x, y, z = (fluid.x[:, axis] for axis in range(3))
    return pair_sum(_potential, Place(fluid.m, x, y, z, fluid.h))[0]


@jax.jit
def conserved(fluid: Fluid) -> Conserved:
    """Energies, momentum and angular momentum of all particles; `h` must be theirs."""
    m = fluid.m
    return Conserved(
        gravitational=0.5 * jnp.sum(m * potential(fluid)),
        kinetic=0.5 * jnp.sum(m[:, None] * fluid.v**2),
        internal=jnp.sum(m * fluid.u),
        momentum=m @ fluid.v,
        spin=m @ jnp.cross(fluid.x, fluid.v),
    )


def _potential(i: Place, j: Place) -> tuple[Array]:
    x, y, z = i.x - j.x, i.y - j.y, i.z - j.z
    r = jnp.sqrt(x * x + y * y + z * z)
    return (0.5 * j.m * (kernel.potential(r / i.h) / i.h + kernel.potential(r / j.h) / j.h),)
