"""What the code evolves, and the numbers of the method."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float


class Fluid(NamedTuple):
    """Particles at one moment, in units of G = Msun = Rsun = 1; those of no mass do nothing."""

    m: Float[Array, " n"]
    """Mass."""
    x: Float[Array, "n 3"]
    """Position."""
    v: Float[Array, "n 3"]
    """Velocity."""
    u: Float[Array, " n"]
    """Internal energy per mass."""
    h: Float[Array, " n"]
    """Smoothing length, or a guess of it."""
    mu: Float[Array, " n"]
    """Mean mass of a particle of the gas [g]."""


@dataclass(frozen=True)
class Method:
    """The numbers of the method; static to jit."""

    neighbours: float = 50.0
    """Particles within 2 h of each, on average: (4/3) pi (2 h)^3 n."""
    alpha: float = 1.0
    """Artificial viscosity, linear term."""
    beta: float = 2.0
    """Artificial viscosity, quadratic term."""
    courant: float = 0.2
    """Time step [h / signal speed]."""
    kick: float = 0.15
    """Time step [(h / acceleration)^(1/2)]."""
    heat: float = 0.1
    """Time step [u / (du/dt)]."""
    radiation: bool = True
    """Whether radiation adds to the pressure; else an ideal gas of ratio 5/3."""
    single: bool = False
    """Whether pairs are computed in float32; sums over time stay in the state's precision."""

    def __post_init__(self) -> None:
        allowed = {"neighbours": 30.0, "alpha": 0.0, "beta": 0.0}
        for name in ("neighbours", "alpha", "beta", "courant", "kick", "heat"):
            value, least = getattr(self, name), allowed.get(name, 1e-6)
            if not (math.isfinite(value) and value >= least):
                raise ValueError(f"{name} = {value}, allowed: finite and >= {least:g}.")

    @property
    def number(self) -> float:
        """h^3 n, the same for all particles."""
        return number_within(self.neighbours)


def number_within(neighbours: float) -> float:
    """h^3 n of particles that have so many within 2 h."""
    return neighbours / (32 / 3 * math.pi)


def stack(fluids: Sequence[Fluid]) -> Fluid:
    """Fluids of equally many particles as one, along a new first axis."""
    return jax.tree.map(lambda *parts: jnp.stack([jnp.asarray(a) for a in parts]), *fluids)
