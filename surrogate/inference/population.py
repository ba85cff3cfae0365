"""What collisions leave in a cluster around a massive black hole, as a function of the population.

Expected numbers of mergers, strippings and destructions by radius, and the masses that they leave:
sums over quasi-random points that are differentiable in every parameter of the population. What
only changes how often an encounter happens (mass function, cusp, speeds) weighs the points anew;
what changes the encounter itself (the stars' age, hence their size and structure) goes through the
surrogate. So the sums are smooth even where a point crosses from one fate to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.cluster.cusp import Cusp
from surrogate.cluster.mass_function import power_law
from surrogate.cluster.rates import cross_section, maxwellian, pericentre_within
from surrogate.cluster.units import PER_GYR
from surrogate.collisions.encounter import Encounter
from surrogate.collisions.predictive import Predictive, Way
from surrogate.collisions.structure import radius
from surrogate.inference.forwards import forwards
from surrogate.inference.nodes import Nodes

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

    from surrogate.collisions.predictor import CollisionModel

REACH = 1.1
"""Pericentres up to this times R1 + R2 are looked at: beyond it the gate of contact is closed."""
SPEEDS = (30.0, 10_000.0)
"""Relative speeds at infinity that are looked at [km/s]."""


class Population(NamedTuple):
    """The stars of a cluster; every field a number."""

    slope: Array | float = 2.3
    """alpha of the mass function m^-alpha."""
    cusp_slope: Array | float = 1.75
    """gamma of the density r^-gamma, 1 < gamma < 3."""
    velocity_scale: Array | float = 1.0
    """Velocity dispersion over that of the site's black hole and cusp."""
    density: Array | float = 1.0
    """Density over that of the site."""
    age: Array | float = 0.2
    """Age of the stars [Gyr]."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Site:
    """What is known of a cluster.

    Attributes:
        edges: of the radial bins, (bins + 1,), increasing [pc].
        black_hole: its mass [Msun].
        rho0: density of the stars at `r0`, for a population of density 1 [Msun/pc^3].
        r0: [pc].
        m_low: mass of the lightest star [Msun].
        m_high: mass of the heaviest star on the main sequence [Msun].
        exposure: how long the traces of a collision can be seen [Gyr].
    """

    edges: Float[Array, " bins+1"]
    black_hole: Array | float = 4.0e6
    rho0: Array | float = 1.35e6
    r0: Array | float = 0.25
    m_low: Array | float = 0.3
    m_high: Array | float = 2.0
    exposure: Array | float = 0.1


class Collisions(NamedTuple):
    """Collisions at points of each radial bin."""

    encounter: Encounter
    """Fields of shape (bins, n)."""
    number: Float[Array, "bins n"]
    """How many collisions each stands for, within the exposure."""
    stars: Float[Array, "bins n"]
    """Share of a bin's stars that have the mass of star 1."""


class Expected(NamedTuple):
    """What collisions leave in each radial bin, on average."""

    merged: Float[Array, " bins"]
    """Number of mergers, of those by tidal capture as well."""
    stripped: Float[Array, " bins"]
    """Number of stars that survive alone, stripped."""
    destroyed: Float[Array, " bins"]
    """Number of pairs of which nothing is left."""
    unbound: Float[Array, " bins"]
    """Mass set free [Msun]."""


def collisions(population: Population, site: Site, nodes: Nodes) -> Collisions:
    """Collisions of a population, at the points of `nodes`.

    Args:
        population: the stars.
        site: the cluster.
        nodes: the points, (bins, n).

    Returns:
        Encounters and how many each stands for: 1/2 n^2 <sigma v> dV dt over the mass function of
        both stars, the Maxwellian of their relative velocity, and uniform b^2.

    Source: Binney & Tremaine (2008), section 7.5.8.
    """
    inner, outer = jnp.log(site.edges[:-1, None]), jnp.log(site.edges[1:, None])
    r = jnp.exp(inner + (outer - inner) * nodes.place)
    encounter = encounters(population.age, site, nodes)
    m1, m2, v = encounter.m1, encounter.m2, encounter.vinf

    cusp = _cusp(population, site)
    stars = power_law(population.slope, site.m_low, site.m_high)
    n = cusp.density(r) / stars.moment(1.0)
    s = jnp.sqrt(2.0) * population.velocity_scale * cusp.dispersion(r)
    sigma = cross_section(reach(population.age, m1, m2), m1 + m2, v)
    rate = 0.5 * n**2 * sigma * v * PER_GYR
    # Points are even in ln r, ln m and ln v, and in b rather than b^2: heavy stars, fast ones and
    # deep encounters are few, but strip and destroy.
    volume = 4.0 * jnp.pi * r**3 * (outer - inner)
    star1, star2 = (stars.pdf(m) * m * jnp.log(site.m_high / site.m_low) for m in (m1, m2))
    speed = maxwellian(v, s) * v * jnp.log(SPEEDS[1] / SPEEDS[0])
    closeness = 2.0 * nodes.closeness
    weight = nodes.weight / nodes.weight.shape[1]
    number = rate * site.exposure * volume * star1 * star2 * speed * closeness * weight
    # Few points need not add up to all stars of a bin.
    share = star1 * weight
    return Collisions(encounter, number, share / share.sum(axis=-1, keepdims=True))


def encounters(age: Array | float, site: Site, nodes: Nodes) -> Encounter:
    """The encounters at points; of a population's parameters the age alone matters.

    Args:
        age: of the stars [Gyr].
        site: the cluster.
        nodes: the points, (bins, n).

    Returns:
        Encounters of shape (bins, n).
    """
    m1, m2 = (_between(site.m_low, site.m_high, u) for u in (nodes.star1, nodes.star2))
    v = _between(*SPEEDS, nodes.speed)
    rp = pericentre_within(nodes.closeness**2, reach(age, m1, m2), m1 + m2, v)
    return Encounter(jnp.broadcast_to(age, v.shape), m1, m2, rp, v)


def reach(age: ArrayLike, m1: ArrayLike, m2: ArrayLike) -> Float[Array, ...]:
    """Largest pericentre that counts [Rsun], of stars of masses m1, m2 [Msun] and an age [Gyr]."""
    return REACH * (radius(m1, age) + radius(m2, age))


def _between(low: Array | float, high: Array | float, u: Array) -> Array:
    """The point at a share u of the range of the logarithm."""
    return low * jnp.exp(jnp.log(jnp.asarray(high) / low) * u)


def _cusp(population: Population, site: Site) -> Cusp:
    return Cusp(
        black_hole=site.black_hole,
        rho0=site.rho0 * population.density,
        r0=site.r0,
        gamma=population.cusp_slope,
    )


def ask(
    model: CollisionModel, population: Population, site: Site, nodes: Nodes
) -> tuple[Collisions, Predictive]:
    """Collisions of a population, and how each may end.

    Args:
        model: the surrogate.
        population: the stars.
        site: the cluster.
        nodes: the points, (bins, n).

    Returns:
        The collisions and what the model says of them, (bins, n).
    """
    found = collisions(population, site, nodes)
    return found, _answers(jnp.asarray(population.age), model, site, nodes)


@forwards
def _answers(age: Array, model: CollisionModel, site: Site, nodes: Nodes) -> Predictive:
    return model.predictive(encounters(age, site, nodes), check=False)


def expected(model: CollisionModel, population: Population, site: Site, nodes: Nodes) -> Expected:
    """What collisions leave on average: a population's summaries.

    Args:
        model: the surrogate.
        population: the stars.
        site: the cluster.
        nodes: the points, (bins, n).

    Returns:
        Numbers and masses by radial bin, differentiable in the population.
    """
    found, predictive = ask(model, population, site, nodes)
    p = predictive.probability
    merged = p[..., Way.MERGER] + p[..., Way.CAPTURE]
    stripped = p[..., Way.FIRST] + p[..., Way.SECOND]
    unbound = jnp.sum(p * predictive.masses[..., 2], axis=-1)
    each = (merged, stripped, p[..., Way.NONE], unbound)
    return Expected(*(jnp.sum(found.number * x, axis=-1) for x in each))
