"""What is known of an encounter once its aftermath has been seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from surrogate.collisions.encounter import Encounter
from surrogate.collisions.predictive import Predictive
from surrogate.collisions.predictor import CollisionModel
from surrogate.inference.aftermath import Aftermath, log_likelihood
from surrogate.inference.chains import log_density
from surrogate.inference.encounter_prior import EncounterPrior

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Key


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class Posterior:
    """Posterior density of one encounter, on the coordinates z of its prior; a pytree.

    Attributes:
        model: what `surrogate.load` returns, "ensemble" or "fast".
        prior: of the encounter.
        aftermath: what was seen.
    """

    model: CollisionModel
    prior: EncounterPrior
    aftermath: Aftermath

    def encounter(self, z: Float[Array, " parameters"]) -> Encounter:
        """The encounter at a point; `jax.vmap` over draws makes many."""
        return self.prior.encounter(z, self.model.stars)

    def parameters(self, z: Float[Array, " parameters"]) -> Float[Array, " parameters"]:
        """Values of the parameters `prior.names` at a point, in their units."""
        encounter = self.encounter(z)
        return jnp.stack([getattr(encounter, name) for name in self.prior.names])

    def predictive(self, z: Float[Array, " parameters"]) -> Predictive:
        """What the encounter at a point may leave."""
        return self.model.predictive(self.encounter(z), check=False)

    def sample_prior(self, key: Key[Array, ""]) -> Float[Array, " parameters"]:
        """A point, drawn from the prior."""
        return self.prior.sample(key)

    def log_prior(self, z: Float[Array, " parameters"]) -> Float[Array, ""]:
        """Logarithm of the prior density."""
        return self.prior.log_density(z)

    def log_likelihood(self, z: Float[Array, " parameters"]) -> Float[Array, ""]:
        """Logarithm of the likelihood of the aftermath."""
        return log_likelihood(self.predictive(z), self.aftermath)

    def log_density(self, z: Float[Array, " parameters"]) -> Float[Array, ""]:
        """Logarithm of the posterior density, up to a constant."""
        return log_density(self, z)
