"""Every template at every start against a light curve, exactly, by Fourier transforms.

For a shape s that starts at tau, the best amplitude and the fall of chi^2 that it brings are

    A = B / S,  chi^2(0) - chi^2(A) = B^2 / S,
    B = sum_i w_i d_i s_i(tau),  S = sum_i w_i s_i(tau)^2

with weights w = 1 / error^2: correlations of s and s^2 with the data, for all starts at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp

from surrogate.transients.bands import BANDS, transmission
from surrogate.transients.cosmology import luminosity_distance
from surrogate.transients.observer import Spectrum, colours
from surrogate.transients.photometry import AB_ZERO
from surrogate.transients.templates import TEMPERATURES, Kind, Templates

if TYPE_CHECKING:
    from jaxtyping import Array, Complex, Float, Int

    from surrogate.transients.nights import Nights


class Scan(NamedTuple):
    """What all templates of a model at all starts make of an object."""

    log_evidence: float
    """ln of the probability of the data, relative to that without any flare."""
    log_posterior: Float[np.ndarray, "colours shapes"]
    """ln of the posterior probability of each temperature and shape."""
    gain: Float[np.ndarray, "colours shapes"]
    """Greatest fall of chi^2 over all starts."""
    start: Float[np.ndarray, "colours shapes"]
    """The start it belongs to [days at the source since the first night]."""
    amplitude: Float[np.ndarray, "colours shapes"]
    """The amplitude there; the sum over the bands where each has its own."""


def scan(
    nights: Nights,
    templates: Templates,
    *,
    ebv: float = 0.0,
    temperatures: Sequence[float] = TEMPERATURES,
) -> Scan:
    """Slide all templates of a model along a light curve.

    Args:
        nights: the light curve.
        templates: of the model.
        ebv: reddening by Galactic dust [mag].
        temperatures: of the blackbodies that bolometric shapes are seen as [K].

    Returns:
        The evidence, with the starts spread evenly over all that touch the data, and the best.
    """
    n = _length(nights.days + templates.days)
    data, weights = _day_by_day(nights, n)
    low, high = templates.amplitudes
    scale = 1.0
    if templates.kind is Kind.BOLOMETRIC:
        colour = _colours(nights.bands, nights.stretch - 1.0, ebv, tuple(temperatures))
        scale = float(colour.max())  # keeps the squares within a float32
        data, weights = (colour / scale) @ data, (colour / scale) ** 2 @ weights
    elif templates.kind is Kind.BANDED:
        colour = _dimming(nights.bands, nights.stretch - 1.0, ebv)
        scale = float(colour.max())
        data = (colour / scale)[:, None] * data
        weights = (colour / scale)[:, None] ** 2 * weights
    shape, square = templates.transforms(n, nights.bands)
    log_z, gain, start, amplitude = _scan(
        jnp.asarray(data, jnp.float32),
        jnp.asarray(weights, jnp.float32),
        shape,
        square,
        jnp.asarray([low * scale, high * scale], jnp.float32),
        nights.days,
        span=templates.days,
        kind=templates.kind,
    )
    log_z = np.asarray(log_z, float).T + templates.log_weight - np.log(gain.shape[1])
    total = float(np.logaddexp.reduce(log_z, axis=None))
    gain, start, amplitude = (np.asarray(a).T for a in (gain, start, amplitude))
    return Scan(total, log_z - total, gain, start, amplitude / scale)


def _length(days: int) -> int:
    """Of the transforms: few lengths, few compilations."""
    return 1 << (days - 1).bit_length()


def _day_by_day(
    nights: Nights, n: int
) -> tuple[Float[np.ndarray, "bands n"], Float[np.ndarray, "bands n"]]:
    """Sums of d / error^2 and of 1 / error^2 of each day and band."""
    data, weights = np.zeros((2, len(nights.bands), n))
    weights[nights.band, nights.cell] = 1.0 / nights.error**2
    data[nights.band, nights.cell] = nights.flux / nights.error**2
    return data, weights


@lru_cache(maxsize=4096)
def _colours(
    bands: tuple[str, ...], z: float, ebv: float, temperatures: tuple[float, ...]
) -> Float[np.ndarray, "colours bands"]:
    """Flux [microjansky] in each band of 1e44 erg/s at each temperature."""
    with jax.ensure_compile_time_eval():
        return np.array([colours(bands, z, Spectrum(T), ebv) for T in temperatures], float)


def seen_as(nights: Nights, ebv: float, temperature: float) -> Float[np.ndarray, " nights"]:
    """Flux [microjansky] in the band of each night of a blackbody of 1e44 erg/s.

    Args:
        nights: bands and redshift count.
        ebv: reddening by Galactic dust [mag].
        temperature: [K].
    """
    return _colours(nights.bands, nights.stretch - 1.0, ebv, (temperature,))[0][nights.band]


@lru_cache(maxsize=4096)
def _dimming(bands: tuple[str, ...], z: float, ebv: float) -> Float[np.ndarray, " bands"]:
    """Flux [microjansky] in each band of a source of 3631 Jy at 10 pc, K-correction left out."""
    with jax.ensure_compile_time_eval():
        distance = float(luminosity_distance(z)) * 1e5
    dust = [transmission(BANDS[band].wavelength, ebv) for band in bands]
    return AB_ZERO * np.array(dust) / distance**2


@partial(jax.jit, static_argnames=("span", "kind"))
def _scan(
    data: Float[Array, "rows n"],
    weights: Float[Array, "rows n"],
    shape: Complex[Array, "shapes bands frequencies"],
    square: Complex[Array, "shapes bands frequencies"],
    amplitudes: Float[Array, 2],
    days: Int[Array, ""],
    *,
    span: int,
    kind: Kind,
) -> tuple[Array, Array, Array, Array]:
    """ln(evidence), gain, start and amplitude of (shapes, colours)."""
    n = data.shape[1]
    F_data, F_weights = jnp.fft.rfft(data), jnp.fft.rfft(weights)
    start = jnp.arange(n)
    start = jnp.where(start < days, start, start - n)
    touches = start > -span

    def one(transforms: tuple[Array, Array]) -> tuple[Array, Array, Array, Array]:
        B, S = (
            jnp.fft.irfft(F * G, n) for F, G in zip((F_data, F_weights), transforms, strict=True)
        )
        B, S = where_seen(B, S, F_weights, transforms[1])
        if kind is Kind.BANDED:
            B, S = jnp.sum(B, 0, keepdims=True), jnp.sum(S, 0, keepdims=True)
        log_z, gain, A = marginal(B, S, amplitudes)
        if kind is Kind.FREE:
            log_z, gain, A = (jnp.sum(a, 0, keepdims=True) for a in (log_z, gain, A))
        log_z = logsumexp(jnp.where(touches, log_z, -jnp.inf), axis=1) - jnp.log(days + span - 1.0)
        best = jnp.argmax(jnp.where(touches, gain, -jnp.inf), axis=1)
        rows = jnp.arange(len(best))
        return log_z, gain[rows, best], start[best], A[rows, best]

    return jax.lax.map(one, (shape, square), batch_size=_BATCH)


def where_seen(B: Array, S: Array, weights: Array, square: Array) -> tuple[Array, Array]:
    """B and S, 0 where a shape meets no data: what rounding leaves there is divided by itself.

    Args:
        B: of all starts, any shape.
        S: the same.
        weights: transform that S was made of.
        square: the other one.
    """
    noise = _ROUNDING * _root_of_squares(weights) * _root_of_squares(square)
    seen = noise[..., None] < S
    return jnp.where(seen, B, 0.0), jnp.where(seen, S, 0.0)


def _root_of_squares(transform: Array) -> Array:
    """Root of the sum of squares of what a transform is of, to a factor of sqrt(2)."""
    return jnp.sqrt(jnp.sum(jnp.abs(transform) ** 2, axis=-1) / transform.shape[-1])


_ROUNDING: Final = 3e-6
"""Of a correlation by transforms in single precision, over the product of what is correlated."""
_BATCH: Final = 16
_PLATEAU: Final = 0.75
"""An amplitude is told from 0 from so many standard deviations: where the parts of its integral,
with and without a peak, add up to the whole for B = 0."""


def marginal(B: Array, S: Array, amplitudes: Array) -> tuple[Array, Array, Array]:
    """The amplitude integrated out, and at its best.

    Args:
        B: sum of weight times data times shape, any shape.
        S: sum of weight times shape squared, of that shape.
        amplitudes: least and greatest, of a log-uniform prior.

    Returns:
        Log of the mean likelihood over the prior, relative to an amplitude of 0; the greatest fall
        of chi^2; and the amplitude there.
    """
    low, high = amplitudes
    sigma = jax.lax.rsqrt(jnp.maximum(S, 1e-20 / high**2))
    A = jnp.clip(B * sigma**2, low, high)
    fall = B * A - 0.5 * S * A**2
    # Amplitudes lost in the noise change nothing; the others make a peak at A.
    lost = jnp.log(jnp.clip(_PLATEAU * sigma, low * (1.0 + 1e-6), high) / low)
    peak = jnp.sqrt(2.0 * jnp.pi) * sigma / jnp.maximum(A, sigma)
    log_z = jnp.logaddexp(jnp.log(lost), fall + jnp.log(peak)) - jnp.log(jnp.log(high / low))
    return log_z, 2.0 * fall, A
