"""The posterior of a flare: where the stars collided, around what, and what was accreted how fast.

A differentiable light curve instead of a bank: a pytree with the methods that the samplers of
`surrogate.inference` ask for (`tempering.tempered` for several modes, `chains.nuts_numpyro` and
`chains.nuts_blackjax` for one). Parameters live on coordinates whose prior is a standard normal.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.stats import norm

from surrogate.transients.flare import Physics, Site, accretion_times, luminosity, speed
from surrogate.transients.nights import Nights
from surrogate.transients.observer import Spectrum, colours

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int, Key

    Real = Array | float

PARTICLES: Final = 128
NODES: Final = 8
"""Of a light curve that is made anew for every point of a posterior: in the median within 1e-5 of
its peak, in one case of ten within more than 1e-2, where the stars met along the radius."""
NAMES: Final = (
    "log_black_hole",
    "log_r_init",
    "theta",
    "phi",
    "start",
    "log_ejecta",
    "log_alpha",
    "log_aspect",
    "log_temperature",
    "z",
)
"""Parameters in order: log10 M [Msun], log10 r_init [Schwarzschild radii], angles [rad], start
[days at the source since the first night], log10 of the ejecta [Msun], of alpha, of h / r and of
the blackbody's temperature [K], redshift."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Prior:
    """What is known before: uniform between two bounds, or normal.

    Attributes:
        log_black_hole: bounds of log10 M [Msun], uniform: the paper's bank.
        log_r_init: bounds of log10 r_init [Schwarzschild radii]; from farther out nothing is
            accreted within 2,000 days.
        theta: bounds [rad]; beyond pi / 2 flares repeat themselves.
        start: bounds [days at the source since the first night].
        log_ejecta: bounds of log10 of the ejecta's mass [Msun].
        log_alpha: mean and standard deviation of log10 alpha.
        log_aspect: mean and standard deviation of log10 h / r.
        log_temperature: bounds of log10 T [K].
        z: mean and standard deviation of the redshift; the latter is 0 where it is known.
    """

    log_black_hole: tuple[Real, Real] = (5.699, 9.0)
    log_r_init: tuple[Real, Real] = (1.699, 5.0)
    theta: tuple[Real, Real] = (0.0, np.pi / 2.0)
    start: tuple[Real, Real] = (-300.0, 1000.0)
    log_ejecta: tuple[Real, Real] = (-4.0, 0.3)
    log_alpha: tuple[Real, Real] = (-1.0, 0.3)
    log_aspect: tuple[Real, Real] = (-0.523, 0.1)
    log_temperature: tuple[Real, Real] = (4.0, 4.6)
    z: tuple[Real, Real] = (0.1, 0.0)

    def parameters(self, u: Float[Array, " parameters"]) -> Parameters:
        """Parameters at a point of the standard normal's space."""
        share = norm.cdf(u)

        def uniform(name: str, i: int) -> Array:
            low, high = getattr(self, name)
            return low + (high - low) * share[i]

        def normal(name: str, i: int) -> Array:
            mean, sd = getattr(self, name)
            return mean + sd * u[i]

        values = [
            2.0 * jnp.pi * share[i]
            if name == "phi"
            else (normal if name in _NORMAL else uniform)(name, i)
            for i, name in enumerate(NAMES)
        ]
        return Parameters(*values)._replace(z=jnp.maximum(values[-1], _LEAST_Z))


_NORMAL: Final = ("log_alpha", "log_aspect", "z")
_LEAST_Z: Final = 1e-3


class Parameters(NamedTuple):
    """Parameters of a flare, in the order and the units of `NAMES`."""

    log_black_hole: Float[Array, ""]
    log_r_init: Float[Array, ""]
    theta: Float[Array, ""]
    phi: Float[Array, ""]
    start: Float[Array, ""]
    log_ejecta: Float[Array, ""]
    log_alpha: Float[Array, ""]
    log_aspect: Float[Array, ""]
    log_temperature: Float[Array, ""]
    z: Float[Array, ""]

    @property
    def site(self) -> Site:
        """Where the stars collided."""
        return Site(10.0**self.log_black_hole, 10.0**self.log_r_init, self.theta, self.phi)


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class FlarePosterior:
    """Posterior density of one flare, on the coordinates of its prior; a pytree.

    Attributes:
        time: of each night [days at the source of redshift `z_of_time`, since the first].
        flux: [microjansky]
        error: [microjansky]
        band: index into `bands`.
        z_of_time: redshift that the times were made with.
        ebv: reddening by Galactic dust [mag].
        prior: of the parameters.
        physics: the assumptions; its alpha and h / r are replaced by the parameters.
        bands: names of the bands.
    """

    time: Float[Array, " nights"]
    flux: Float[Array, " nights"]
    error: Float[Array, " nights"]
    band: Int[Array, " nights"]
    z_of_time: Real
    ebv: Real = 0.0
    prior: Prior = field(default_factory=Prior)
    physics: Physics = field(default_factory=lambda: Physics(particles=PARTICLES, nodes=NODES))
    bands: tuple[str, ...] = field(default=("ztfg", "ztfr"), metadata={"static": True})

    @classmethod
    def of(
        cls,
        nights: Nights,
        *,
        z_error: float = 0.0,
        ebv: float = 0.0,
        prior: Prior | None = None,
        physics: Physics | None = None,
    ) -> FlarePosterior:
        """The posterior of a light curve.

        Args:
            nights: the light curve.
            z_error: standard deviation of its redshift; 0 where it is known.
            ebv: reddening by Galactic dust [mag].
            prior: of the parameters; its redshift and its starts are replaced by the data's.
            physics: the assumptions.
        """
        z = nights.stretch - 1.0
        prior = replace(prior or Prior(), z=(z, z_error), start=(_EARLIEST, float(nights.days)))
        time, flux, error = (
            jnp.asarray(c, jnp.float32) for c in (nights.time, nights.flux, nights.error)
        )
        return cls(
            time,
            flux,
            error,
            band=jnp.asarray(nights.band),
            z_of_time=z,
            ebv=ebv,
            prior=prior,
            physics=physics or Physics(particles=PARTICLES, nodes=NODES),
            bands=nights.bands,
        )

    def predicted(self, p: Parameters) -> Float[Array, " nights"]:
        """Fluxes of a flare on each night [microjansky]."""
        physics = replace(self.physics, alpha=10.0**p.log_alpha, aspect=10.0**p.log_aspect)
        accretion = accretion_times(p.site, speed(p.site, physics), physics)
        # The start counts in days at the redshift of the times, not at the one that is tried.
        t = (self.time - p.start) * (1.0 + self.z_of_time) / (1.0 + p.z)
        light = 10.0**p.log_ejecta * luminosity(t, accretion, physics)
        spectrum = Spectrum(10.0**p.log_temperature)
        return light * colours(self.bands, p.z, spectrum, self.ebv)[self.band]

    def sample_prior(self, key: Key[Array, ""]) -> Float[Array, " parameters"]:
        """A point, drawn from the prior."""
        return jax.random.normal(key, (len(NAMES),))

    def log_prior(self, u: Float[Array, " parameters"]) -> Float[Array, ""]:
        """Logarithm of the prior density."""
        return jnp.sum(norm.logpdf(u))

    def log_likelihood(self, u: Float[Array, " parameters"]) -> Float[Array, ""]:
        """Logarithm of the likelihood, relative to that without a flare."""
        model = self.predicted(self.prior.parameters(u)) / self.error
        return jnp.sum(model * (self.flux / self.error - 0.5 * model))

    def parameters(
        self, draws: Float[Array, "draws parameters"]
    ) -> Float[Array, "draws parameters"]:
        """Draws in the units of `NAMES`."""
        return jnp.stack(jax.vmap(self.prior.parameters)(draws), axis=-1)


_EARLIEST: Final = -300.0
"""Flares may start so many days before the first night."""
