"""How often two stars meet, how fast and how closely: gravitational focusing in a Maxwellian.

Symbols: d is the pericentre up to which stars meet, the sum of their radii for collisions; M the
mass of both; v the relative speed at infinity; s the dispersion of the *relative* velocity in one
dimension, sqrt(sigma1^2 + sigma2^2), or sqrt(2) sigma for stars of one dispersion. Functions work
elementwise on arrays that broadcast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.cluster.units import PER_GYR
from surrogate.constants import G

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float


class Orbits(NamedTuple):
    """How pairs of stars approach each other."""

    rp: Float[Array, ...]
    """Pericentre of the two-body orbit [Rsun]."""
    vinf: Float[Array, ...]
    """Relative speed at infinity [km/s]."""


def cross_section(d: ArrayLike, M: ArrayLike, v: ArrayLike) -> Float[Array, ...]:
    """Cross-section for a pericentre of at most d, with gravitational focusing.

    Args:
        d: pericentre [Rsun].
        M: mass of both stars [Msun].
        v: relative speed at infinity [km/s], > 0.

    Returns:
        pi d^2 (1 + 2 G M / (d v^2)) [Rsun^2].

    Source: Binney & Tremaine (2008), section 7.5.8.
    """
    d = jnp.asarray(d)
    return jnp.pi * d * (d + 2.0 * G * M / jnp.asarray(v) ** 2)


def mean_rate(d: ArrayLike, M: ArrayLike, s: ArrayLike) -> Float[Array, ...]:
    """Cross-section times speed, averaged over a Maxwellian of relative velocities.

    Args:
        d: pericentre [Rsun].
        M: mass of both stars [Msun].
        s: dispersion of the relative velocity in one dimension [km/s], > 0.

    Returns:
        <sigma v> = sqrt(8 pi) (d^2 s + G M d / s) [Rsun^2 km/s].

    Source: Binney & Tremaine (2008), Eq. 7.194, there with s = sqrt(2) sigma and M = 2 m.
    """
    geometric, focused = _parts(*map(jnp.asarray, (d, M, s)))
    return jnp.sqrt(8.0 * jnp.pi) * (geometric + focused)


def collision_rate(n: ArrayLike, d: ArrayLike, M: ArrayLike, sigma: ArrayLike) -> Float[Array, ...]:
    """How often a star meets stars of one kind, 1 / t_coll.

    Args:
        n: number density of that kind [1/pc^3].
        d: pericentre [Rsun], the sum of both radii for collisions.
        M: mass of both stars [Msun].
        sigma: velocity dispersion of the stars in one dimension [km/s].

    Returns:
        n <sigma v> [1/Gyr].

    Source: Binney & Tremaine (2008), Eq. 7.194.
    """
    return jnp.asarray(n) * mean_rate(d, M, jnp.sqrt(2.0) * sigma) * PER_GYR


def pericentre(b: ArrayLike, M: ArrayLike, v: ArrayLike) -> Float[Array, ...]:
    """Pericentre of a two-body orbit, free of cancellation and of division by v.

    Args:
        b: impact parameter [Rsun].
        M: mass of both stars [Msun].
        v: relative speed at infinity [km/s].

    Returns:
        r_p = -G M / v^2 + sqrt((G M / v^2)^2 + b^2) [Rsun].
    """
    h = jnp.asarray(b) * v
    return _pericentre(h, M, v)


def impact_parameter(rp: ArrayLike, M: ArrayLike, v: ArrayLike) -> Float[Array, ...]:
    """Impact parameter of a two-body orbit; the inverse of `pericentre`.

    Args:
        rp: pericentre [Rsun].
        M: mass of both stars [Msun].
        v: relative speed at infinity [km/s], > 0.

    Returns:
        b = sqrt(r_p^2 + 2 G M r_p / v^2) [Rsun].
    """
    rp = jnp.asarray(rp)
    return jnp.sqrt(rp * (rp + 2.0 * G * M / jnp.asarray(v) ** 2))


def pericentre_within(u: ArrayLike, d: ArrayLike, M: ArrayLike, v: ArrayLike) -> Float[Array, ...]:
    """Pericentre within which a share u of the cross-section for d lies: b^2 = u b_max^2.

    Args:
        u: b^2 over that of a pericentre d, 0 to 1.
        d: largest pericentre [Rsun].
        M: mass of both stars [Msun].
        v: relative speed at infinity [km/s], >= 0.

    Returns:
        r_p from 0 to d [Rsun], with r_p^2 v^2 + 2 G M r_p = u (d^2 v^2 + 2 G M d).
    """
    w, k = jnp.asarray(d) * jnp.asarray(v) ** 2, 2.0 * G * jnp.asarray(M)
    c = jnp.asarray(u) * (w + k)
    # The root of w x^2 + k x = c without cancellation, whose gradient is finite at u = 0 and v = 0.
    return jnp.asarray(d) * 2.0 * c / (k + jnp.sqrt(k * k + 4.0 * w * c))


def maxwellian(v: ArrayLike, s: ArrayLike) -> Float[Array, ...]:
    """Probability density of a speed.

    Args:
        v: speed [km/s].
        s: dispersion in one dimension [km/s], > 0.

    Returns:
        sqrt(2 / pi) v^2 / s^3 exp(-v^2 / (2 s^2)) [s/km].
    """
    x = jnp.asarray(v) / s
    return jnp.sqrt(2.0 / jnp.pi) * x * x * jnp.exp(-0.5 * x * x) / s


def draw_maxwellian(key: Array, s: ArrayLike, shape: tuple[int, ...] = ()) -> Float[Array, ...]:
    """Draw relative speeds of stars, as a snapshot has them.

    Args:
        key: a random key.
        s: dispersion of the relative velocity in one dimension [km/s].
        shape: how many; that of `s` where it is larger.

    Returns:
        Speeds [km/s]: v^2 exp(-v^2 / (2 s^2)).
    """
    s = jnp.asarray(s)
    shape = jnp.broadcast_shapes(shape, s.shape)
    return s * jnp.linalg.norm(jax.random.normal(key, (*shape, 3)), axis=-1)


def draw_pericentre(key: Array, d: ArrayLike, M: ArrayLike, v: ArrayLike) -> Float[Array, ...]:
    """Draw pericentres of stars that meet: b^2 uniform up to that of a pericentre d.

    Args:
        key: a random key.
        d: largest pericentre [Rsun].
        M: mass of both stars [Msun].
        v: relative speed at infinity [km/s], >= 0.

    Returns:
        r_p from 0 to d [Rsun], of the broadcast shape.
    """
    d, M, v = jnp.broadcast_arrays(*map(jnp.asarray, (d, M, v)))
    return jnp.minimum(pericentre_within(jax.random.uniform(key, d.shape), d, M, v), d)


def draw_orbits(key: Array, d: ArrayLike, M: ArrayLike, s: ArrayLike) -> Orbits:
    """Draw the orbits of pairs that do meet within d, by their share of the rate.

    Of a Maxwellian, those that meet have speeds as sigma(v) v f(v): v^3 exp(-v^2 / (2 s^2)) with
    the weight d^2 s, and v exp(-v^2 / (2 s^2)) with the weight G M d / s. In v^2 / (2 s^2) the
    second is exponential and the first a sum of two such, so both are drawn exactly.

    Args:
        key: a random key.
        d: largest pericentre [Rsun].
        M: mass of both stars [Msun].
        s: dispersion of the relative velocity in one dimension [km/s], > 0.

    Returns:
        Pericentres and speeds, of the broadcast shape.
    """
    d, M, s = jnp.broadcast_arrays(*map(jnp.asarray, (d, M, s)))
    # One call: every further one costs a while to compile.
    which, *speed, close = jax.random.uniform(key, (4, *d.shape))
    geometric, focused = _parts(d, M, s)
    e1, e2 = (-jnp.log1p(-u) for u in speed)
    is_geometric = which * (geometric + focused) < geometric
    v = s * jnp.sqrt(2.0 * (e1 + jnp.where(is_geometric, e2, 0.0)))
    return Orbits(jnp.minimum(pericentre_within(close, d, M, v), d), v)


def fine_uniform(key: Array, shape: tuple[int, ...]) -> Float[Array, ...]:
    """Uniform numbers that are as fine near 0 as floats are: for probabilities below 1e-7.

    Args:
        key: a random key.
        shape: how many.

    Returns:
        float32 from 0 to 1, multiples of 2^-64 where small (`jax.random.uniform`: of 2^-23).
    """
    high, low = jax.random.bits(key, (2, *shape), jnp.uint32).astype(jnp.float32)
    return high * 2.0**-32 + low * 2.0**-64


def _parts(d: Array, M: Array, s: Array) -> tuple[Array, Array]:
    """Geometric and focused part of <sigma v> / sqrt(8 pi)."""
    return d**2 * s, G * M * d / s


def _pericentre(h: Array, M: ArrayLike, v: ArrayLike) -> Array:
    """From the specific angular momentum h = b v [Rsun km/s]."""
    gm = G * jnp.asarray(M)
    return h * h / (gm + jnp.hypot(gm, h * v))
