"""What a survey of collision products tells about the stars of a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.collisions.predictor import CollisionModel
from surrogate.inference.choice import seeing_nodes
from surrogate.inference.nodes import Nodes, random_nodes
from surrogate.inference.population import Expected, Population, Site, ask, expected
from surrogate.inference.survey import (
    Observed,
    Sources,
    Survey,
    log_likelihood,
    observe,
    sources,
)

if TYPE_CHECKING:
    from jaxtyping import Array, Float


class Known(NamedTuple):
    """A parameter before the survey: normal in itself, its logarithm, or its logit."""

    centre: float
    """Its median."""
    width: float
    """Standard deviation: of ln(parameter - floor) where there is a floor, and of
    ln((parameter - floor) / (ceiling - parameter)) where there is a ceiling as well."""
    floor: float | None = None
    """It is above this; None where it may have any value."""
    ceiling: float | None = None
    """It is below this; only beside a floor."""

    def __call__(self, z: Array) -> Array:
        """The parameter at a standard normal `z`."""
        if self.floor is None:
            return self.centre + self.width * z
        if self.ceiling is None:
            return self.floor + (self.centre - self.floor) * jnp.exp(self.width * z)
        odds = (self.centre - self.floor) / (self.ceiling - self.centre)
        share = jax.nn.sigmoid(jnp.log(odds) + self.width * z)
        return self.floor + (self.ceiling - self.floor) * share


PRIOR = {
    "slope": Known(2.3, 0.4),
    "cusp_slope": Known(1.75, 0.4, floor=1.0, ceiling=3.0),
    "velocity_scale": Known(1.0, 0.2, floor=0.0),
    "density": Known(1.0, 0.5, floor=0.0),
    "age": Known(0.2, 0.45, floor=0.0, ceiling=0.6),
    "mass_scale": Known(1.0, 0.03, floor=0.0),
    "found_merged": Known(0.8, 0.1, floor=0.0),
    "found_stripped": Known(0.8, 0.1, floor=0.0),
    "error_scale": Known(1.0, 0.2, floor=0.0),
    "interlopers": Known(1.0, 0.5, floor=0.0),
}
"""What is known of the fields of `Population` and `Survey` beforehand, by name. At 0.6 Gyr the
heaviest stars of `milky_way` leave the main sequence."""
LIKELY = 24
"""Draws of the prior for which sums over points are to be right."""
MASS_ERROR = 0.1
"""Error of a measured mass in `mock` [Msun]."""


def parameters(z: Float[Array, " 10"]) -> tuple[Population, Survey]:
    """The population and the survey at a point where the prior is standard normal.

    Args:
        z: one number for each entry of `PRIOR`, in its order; more along trailing axes.

    Returns:
        The population and the survey.
    """
    values = {name: known(z[i]) for i, (name, known) in enumerate(PRIOR.items())}
    population = Population(**{name: values[name] for name in Population._fields})
    return population, Survey(**{name: values[name] for name in Survey._fields})


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class SurveyPosterior:
    """Posterior density of a population and a survey, where their prior is standard normal.

    It is a `chains.Target`: NumPyro, BlackJAX and others sample the same density.

    Attributes:
        model: what `surrogate.load` returns, "fast" or "ensemble".
        site: the cluster.
        nodes: points at which its collisions are summed up.
        observed: what was seen.
    """

    model: CollisionModel
    site: Site
    nodes: Nodes
    observed: Observed

    def sample_prior(self, key: Array) -> Float[Array, " 10"]:
        """A point, drawn from the prior."""
        return jax.random.normal(key, (len(PRIOR),))

    def log_prior(self, z: Float[Array, " 10"]) -> Float[Array, ""]:
        """Logarithm of the prior density, up to a constant."""
        return -0.5 * jnp.sum(z * z)

    def log_likelihood(self, z: Float[Array, " 10"]) -> Float[Array, ""]:
        """Logarithm of the likelihood of what was seen, up to a constant."""
        _, survey = parameters(z)
        return log_likelihood(self.sources(z), survey, self.observed)

    def sources(self, z: Float[Array, " 10"]) -> Sources:
        """All that the survey may take for a product of a collision."""
        population, survey = parameters(z)
        return sources(*ask(self.model, population, self.site, self.nodes), survey)

    def expected(self, z: Float[Array, " 10"]) -> Expected:
        """What collisions leave on average."""
        population, _ = parameters(z)
        return expected(self.model, population, self.site, self.nodes)

    def predict(self, z: Float[Array, " 10"], key: Array) -> Observed:
        """Draw what such a survey would see, for posterior predictive checks.

        Args:
            z: the point.
            key: a random key.

        Returns:
            Counts, and as many masses of each kind.
        """
        _, survey = parameters(z)
        n = self.observed.mass.shape[0] // 2
        return observe(key, self.sources(z), survey, n, MASS_ERROR)


def survey_nodes(model: CollisionModel, site: Site, n: int, seed: int = 0) -> Nodes:
    """Points that serve all populations that are likely beforehand.

    Args:
        model: the surrogate.
        site: the cluster.
        n: points in each radial bin.
        seed: of the points.

    Returns:
        The points, for a `SurveyPosterior`.
    """
    z = jax.random.normal(jax.random.key(seed), (LIKELY, len(PRIOR)))
    return seeing_nodes(model, [parameters(row)[0] for row in z], site, n, seed)


def milky_way() -> Site:
    """A cluster like the Milky Way's, 0.003 to 0.2 pc: strippings inside, mergers outside.

    The density is that of Genzel et al. (2010), as in Rose et al. (2022).
    """
    return Site(jnp.array([0.003, 0.012, 0.05, 0.2]))


def mock(
    model: CollisionModel, key: Array, z: Float[Array, " 10"], *, points: int = 20_000, n: int = 24
) -> Observed:
    """What a survey of `milky_way` may see, drawn from random encounters.

    Args:
        model: the surrogate.
        key: a random key.
        z: the true population and survey.
        points: random encounters in each bin that stand for all.
        n: masses of each kind that are measured, to 0.1 Msun.

    Returns:
        Counts and masses, made without the points that a posterior sums over.
    """
    key_nodes, key_survey = jax.random.split(key)
    site = milky_way()
    nodes = random_nodes(key_nodes, len(site.edges) - 1, points)
    population, survey = parameters(z)

    @jax.jit
    def see(population: Population, survey: Survey) -> Observed:
        made = sources(*ask(model, population, site, nodes), survey)
        return observe(key_survey, made, survey, n, MASS_ERROR)

    return see(population, survey)
