"""Light curves of draws of the prior, slid along the data: what the start of a flare may be.

As in `matching`, B = sum_i w_i d_i s_i and S = sum_i w_i s_i^2 of all starts by Fourier transforms;
a likelihood to the power of beta has both multiplied by it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp
from jax.scipy.stats import norm

from surrogate.transients.bank import time_grid
from surrogate.transients.flare import Physics, accretion_times, luminosity, speed
from surrogate.transients.matching import marginal, where_seen
from surrogate.transients.observer import Spectrum, colours
from surrogate.transients.posterior import NAMES, FlarePosterior, Prior

if TYPE_CHECKING:
    from jaxtyping import Array, Complex, Float, Int, Key

    Real = Array | float

TEMPERATURES: Final = 8
"""Steps of log T."""
AMPLITUDES: Final = 96
"""Steps of the logarithm of the ejecta."""
_BATCH: Final = 16
_FEW: Final = 256
"""Starts come in multiples of it: few shapes, few compilations."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class Sky:
    """The data of a posterior on whole days, and where a flare may start; a pytree.

    Attributes:
        data: transforms of the sums of d / error^2 of each day.
        weights: transforms of the sums of 1 / error^2.
        colours: flux of a light of 1 in each band, at the middle of each step of log T.
        starts: first day of each step of the start.
        log_room: logarithm of the prior probability of each.
        ejecta: least and greatest [Msun].
        span: days of a light curve that may meet the data.
        n: length of the transforms.
    """

    data: Complex[Array, "bands frequencies"]
    weights: Complex[Array, "bands frequencies"]
    colours: Float[Array, "temperatures bands"]
    starts: Int[Array, " starts"]
    log_room: Float[Array, " starts"]
    ejecta: Float[Array, 2]
    span: Int[Array, ""]
    n: int = field(metadata={"static": True})

    @classmethod
    def of(cls, posterior: FlarePosterior, days: int) -> Sky:
        """The sky of a posterior.

        Args:
            posterior: of a flare.
            days: how long the light curves are.
        """
        low, high = (float(x) for x in posterior.prior.start)
        cell = np.floor(np.asarray(posterior.time)).astype(int)
        first, last = math.floor(low), max(int(cell.max()) + 1, math.ceil(high))
        span = min(days, last - first)
        n = 1 << (last + max(span, -first) - 1).bit_length()
        starts = first + np.arange(-(-(last - first) // _FEW) * _FEW)
        room = np.clip(np.minimum(starts + 1, high) - np.maximum(starts, low), 0.0, None)
        with np.errstate(divide="ignore"):
            log_room = np.log(room / (high - low))
        at, w = (np.asarray(posterior.band), cell), 1.0 / np.asarray(posterior.error, float) ** 2
        weights, data = np.zeros((2, len(posterior.bands), n))
        np.add.at(weights, at, w)
        np.add.at(data, at, w * np.asarray(posterior.flux))
        return cls(
            jnp.fft.rfft(jnp.asarray(data, jnp.float32)),
            jnp.fft.rfft(jnp.asarray(weights, jnp.float32)),
            colours=_colours(posterior),
            starts=jnp.asarray(starts),
            log_room=jnp.asarray(log_room, jnp.float32),
            ejecta=10.0 ** jnp.asarray([float(x) for x in posterior.prior.log_ejecta]),
            span=jnp.asarray(span),
            n=n,
        )

    def slide(self, shape: Float[Array, " days"], beta: Real) -> tuple[Array, Array]:
        """The products beta B and beta S of a shape, both (temperatures, starts)."""
        shape = jnp.where(jnp.arange(len(shape)) < self.span, shape, 0.0)

        def meet(sums: Array, shape: Array) -> tuple[Array, Array]:
            transform = jnp.conj(jnp.fft.rfft(shape, self.n))
            # Days before the first night are at the transform's end, where an index below 0 is.
            return jnp.fft.irfft(sums * transform, self.n)[:, self.starts], transform

        B, _ = meet(self.data, shape)
        S, square = meet(self.weights, shape**2)
        B, S = where_seen(B, S, self.weights, square)
        return beta * self.colours @ B, beta * self.colours**2 @ S


@jax.jit
def light_curves(
    prior: Prior, physics: Physics, u: Float[Array, "draws parameters"]
) -> Float[Array, "draws times"]:
    """Light curves on `bank.time_grid` [1e44 erg/s per Msun].

    Args:
        prior: of the parameters.
        physics: the assumptions; its alpha and h / r are replaced by the parameters.
        u: points on the prior's coordinates.
    """
    times = jnp.asarray(time_grid(), jnp.float32)

    def one(u: Array) -> Array:
        p = prior.parameters(u)
        disc = replace(physics, alpha=10.0**p.log_alpha, aspect=10.0**p.log_aspect)
        return luminosity(times, accretion_times(p.site, speed(p.site, disc), disc), disc)

    return jax.lax.map(one, u, batch_size=_BATCH)


@jax.jit
def pairs(
    shapes: Float[Array, "shapes days"], sky: Sky, beta: Real
) -> Float[Array, "shapes temperatures"]:
    """Ln of the mean of likelihood^beta over starts and ejecta, for each shape and temperature.

    Args:
        shapes: mean light of each day.
        sky: the data.
        beta: power of the likelihood.
    """

    def one(shape: Array) -> Array:
        return logsumexp(marginal(*sky.slide(shape, beta), sky.ejecta)[0] + sky.log_room, axis=1)

    return jax.lax.map(one, shapes, batch_size=_BATCH)


@jax.jit
def place(
    posterior: FlarePosterior,
    sky: Sky,
    shapes: Float[Array, "n days"],
    colour: Int[Array, " n"],
    u: Float[Array, "n parameters"],
    beta: Real,
    key: Key[Array, ""],
) -> tuple[Float[Array, "n parameters"], Float[Array, " n"]]:
    """Draw start, ejecta, temperature, angle phi and redshift for light curves.

    Args:
        posterior: of the flare.
        sky: its data.
        shapes: mean light of each day.
        colour: step of the temperature of each.
        u: coordinates that made the shapes.
        beta: power of the likelihood.
        key: random key.

    Returns:
        The coordinates, and ln of the density that start and ejecta were drawn with, relative to
        that of the prior and times the sum of `pairs`.
    """

    def one(args: tuple[Array, Array, Array, Array]) -> tuple[Array, Array]:
        shape, colour, u, key = args
        key_start, key_ejecta, key_T, key_free = jax.random.split(key, 4)
        one_colour = replace(sky, colours=sky.colours[colour][None])
        B, S = (x[0] for x in one_colour.slide(shape, beta))
        log_z = marginal(B, S, sky.ejecta)[0]
        at = jax.random.categorical(key_start, log_z + sky.log_room)
        ejecta, log_q = _ejecta(B[at], S[at], sky.ejecta, key_ejecta)
        day, T = jax.random.uniform(key_T, (2,))
        first, last = posterior.prior.start
        begin, end = jnp.maximum(sky.starts[at], first), jnp.minimum(sky.starts[at] + 1.0, last)
        share = jnp.stack(
            [
                (begin + (end - begin) * day - first) / (last - first),
                ejecta,
                (colour + T) / TEMPERATURES,
            ]
        )
        u = u.at[_PLACED].set(norm.ppf(jnp.clip(share, _EDGE, 1.0 - _EDGE)))
        return u.at[_FREE].set(jax.random.normal(key_free, (2,))), log_z[at] + log_q

    return jax.lax.map(one, (shapes, colour, u, jax.random.split(key, len(u))), batch_size=_BATCH)


_PLACED: Final = np.array([NAMES.index(x) for x in ("start", "log_ejecta", "log_temperature")])
_FREE: Final = np.array([NAMES.index(x) for x in ("phi", "z")])
_EDGE: Final = 1e-6


def _ejecta(B: Array, S: Array, bounds: Array, key: Key[Array, ""]) -> tuple[Array, Array]:
    """Place of log10 of the ejecta between its bounds, 0 to 1, and ln of its density there."""
    low, high = jnp.log(bounds)
    key_step, key_within = jax.random.split(key)
    A = jnp.exp(low + (high - low) * (jnp.arange(AMPLITUDES) + 0.5) / AMPLITUDES)
    log_p = jax.nn.log_softmax(A * B - 0.5 * A**2 * S)
    step = jax.random.categorical(key_step, log_p)
    share = (step + jax.random.uniform(key_within)) / AMPLITUDES
    return share, log_p[step] + jnp.log(AMPLITUDES)


@jax.jit
def _colours(posterior: FlarePosterior) -> Float[Array, "temperatures bands"]:
    """Fluxes at the middle of each step of log T."""
    low, high = posterior.prior.log_temperature
    middle = low + (high - low) * (jnp.arange(TEMPERATURES) + 0.5) / TEMPERATURES

    def seen(log_T: Array) -> Array:
        spectrum = Spectrum(10.0**log_T)
        return colours(posterior.bands, posterior.prior.z[0], spectrum, posterior.ebv)

    return jax.vmap(seen)(middle)
