"""What encounters are expected before anything is seen, in coordinates that samplers like.

An encounter is a point z of a space without bounds, in which the prior is a standard normal or
nearly so. Every sampler walks there, on one density: no two can disagree about a Jacobian.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr

from surrogate.cluster.mass_function import MassFunction
from surrogate.cluster.rates import pericentre_within
from surrogate.collisions.encounter import Encounter
from surrogate.collisions.structure import StellarModel

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Key

NAMES: Final = ("rp", "vinf", "m1", "m2", "age")
"""Order of the coordinates."""
MEAN_LOG_SPEED: Final = 0.36484
"""Mean of ln v / sigma of a Maxwellian, (psi(3/2) + ln 2) / 2 ..."""
STD_LOG_SPEED: Final = 0.48343
"""... and its standard deviation, sqrt(psi'(3/2)) / 2."""
TINY: Final = 1e-30
"""Keeps the slope of a square root finite far out in the tail of the prior."""
MAX_AGE: Final = 13.8
"""No star is older [Gyr]."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class LogUniform:
    """Velocities at infinity whose logarithm is uniform.

    Attributes:
        low: least [km/s], > 0.
        high: greatest [km/s].
    """

    low: float
    high: float

    def value(self, z: Float[Array, ...]) -> Float[Array, ...]:
        """The velocity at coordinate z [km/s]."""
        return self.low * jnp.exp(ndtr(z) * jnp.log(self.high / self.low))

    def log_density(self, z: Float[Array, ...]) -> Float[Array, ...]:
        """Logarithm of the prior density of z."""
        return _log_normal(z)

    def sample(self, key: Key[Array, ""]) -> Float[Array, ""]:
        """A coordinate, drawn from the prior."""
        return jax.random.normal(key)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Maxwellian:
    """Velocities at infinity of stars whose relative velocities are normal in each direction.

    Encounters, unlike stars, come at a rate that grows with velocity and cross-section; that is
    not in here.

    Attributes:
        dispersion: of the relative velocity in one direction [km/s]; sqrt(2) times that of stars
            of one kind.
    """

    dispersion: float

    def value(self, z: Float[Array, ...]) -> Float[Array, ...]:
        """The velocity at coordinate z [km/s]."""
        return self.dispersion * jnp.exp(MEAN_LOG_SPEED + STD_LOG_SPEED * z)

    def log_density(self, z: Float[Array, ...]) -> Float[Array, ...]:
        """Logarithm of the prior density of z."""
        y = MEAN_LOG_SPEED + STD_LOG_SPEED * z
        # f(v) = sqrt(2 / pi) v^2 / sigma^3 exp(-v^2 / 2 sigma^2), v = sigma exp(y)
        return 3.0 * y - 0.5 * jnp.exp(2.0 * y) + np.log(np.sqrt(2.0 / np.pi) * STD_LOG_SPEED)

    def sample(self, key: Key[Array, ""]) -> Float[Array, ""]:
        """A coordinate, drawn from the prior."""
        v = jnp.linalg.norm(jax.random.normal(key, (3,)))
        return (jnp.log(v) - MEAN_LOG_SPEED) / STD_LOG_SPEED


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class EncounterPrior:
    """Prior of one encounter; a pytree.

    Both masses come from one mass function and are put in order, m1 >= m2. The impact parameter is
    uniform in its square out to what gravity focuses to the largest pericentre.

    Attributes:
        masses: initial mass function, such as `surrogate.cluster.mass_function.kroupa` makes.
        speed: of the velocity at infinity.
        age: of both stars [Gyr]; None: uniform over the main sequence of star 1.
        reach: largest pericentre over R1 + R2; 1: the stars touch.
    """

    masses: MassFunction
    speed: LogUniform | Maxwellian
    age: float | None = None
    reach: float = 1.0

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters that are inferred, in the order of the coordinates."""
        return NAMES if self.age is None else NAMES[:4]

    def encounter(self, z: Float[Array, " parameters"], stars: StellarModel) -> Encounter:
        """The encounter at a point.

        Args:
            z: the point.
            stars: gives radii and lifetimes; `model.stars`.

        Returns:
            The encounter, each field a scalar.
        """
        m1, m2 = self._pair(ndtr(z[2]), ndtr(z[3]))
        age = jnp.asarray(self.age, z.dtype) if self.age is not None else self._age(z[4], m1, stars)
        vinf = self.speed.value(z[1])
        d = self.reach * (stars.radius(m1, age) + stars.radius(m2, age))
        return Encounter(age, m1, m2, pericentre_within(ndtr(z[0]), d, m1 + m2, vinf), vinf)

    def log_density(self, z: Float[Array, " parameters"]) -> Float[Array, ""]:
        """Logarithm of the prior density of a point; it integrates to one."""
        others = _log_normal(z).sum() - _log_normal(z[1])
        return others + self.speed.log_density(z[1])

    def sample(self, key: Key[Array, ""]) -> Float[Array, " parameters"]:
        """A point, drawn from the prior; `jax.vmap` over keys draws many."""
        key_speed, key_others = jax.random.split(key)
        z = jax.random.normal(key_others, (len(self.names),))
        return z.at[1].set(self.speed.sample(key_speed))

    def _pair(self, a: Array, b: Array) -> tuple[Array, Array]:
        # The larger of two uniform numbers is distributed as sqrt(a), the smaller one below it.
        larger = jnp.sqrt(jnp.maximum(a, TINY))
        return self.masses.quantile(larger), self.masses.quantile(larger * b)

    def _age(self, z: Array, m1: Array, stars: StellarModel) -> Array:
        return ndtr(z) * jnp.minimum(stars.tams_age(m1), MAX_AGE)


def _log_normal(z: Array) -> Array:
    return -0.5 * (z**2 + np.log(2.0 * np.pi))
