"""The accretion flare after a stellar collision: a ring of ejecta falls towards the black hole.

After Hu & Loeb (2024a). Particles of equal mass leave the collision on a ring in the plane normal
to the stars' relative velocity, follow geodesics to their pericentres, join a disc there and are
accreted a viscous time later. What the papers leave open is a field of `Physics`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.inference.forwards import forwards
from surrogate.transients.explosion import Explosion
from surrogate.transients.orbits import to_pericentre
from surrogate.transients.spheroid import Spheroid, relative_speed

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Bool, Float, Key

    Real = Array | float

GM_DAYS: Final = 4.925491e-6 / 86400.0
"""G Msun / c^3 [days]."""
MSUN_C2: Final = 1.98841e33 * 2.99792458e10**2 / 1e44
"""Rest energy of a solar mass [1e44 erg]."""
EDDINGTON: Final = 1.2571e38 / 1e44
"""Eddington luminosity of ionised hydrogen [1e44 erg/s/Msun]."""
_LN10: Final = 2.302585092994046
_FASTEST: Final = 0.99


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Physics:
    """What the flare's light curve rests on beside where and how the stars collide.

    Attributes:
        alpha: viscosity parameter of the disc (Shakura & Sunyaev 1973).
        aspect: its height over radius, h / r.
        efficiency: light per rest energy of what is accreted.
        speed_factor: speed of the ejecta over the stars' relative speed.
        drift: speed of the pair's centre of mass over that of a circular orbit, in the direction
            of that orbit. At 0, as in the paper, the azimuth phi of the relative velocity plays no
            part around a black hole without spin.
        smoothing: standard deviation of the times at which a ring of gas of one pericentre is
            accreted [dex]; viscosity spreads it.
        spheroid: the stars around the black hole.
        particles: how many, equally spaced on the ring.
        nodes: of the quadrature of the time to pericentre.
    """

    alpha: Real = 0.1
    aspect: Real = 0.3
    efficiency: Real = 0.1
    speed_factor: Real = 1.0
    drift: Real = 0.0
    smoothing: Real = 0.05
    spheroid: Spheroid = field(default_factory=Spheroid)
    particles: int = field(default=1000, metadata={"static": True})
    nodes: int = field(default=16, metadata={"static": True})


class Site(NamedTuple):
    """Where two stars collide, and which way they flew; scalars, or arrays of one shape."""

    black_hole: Real
    """Mass of the black hole [Msun]."""
    r_init: Real
    """Distance from it [Schwarzschild radii]."""
    theta: Real
    """Angle of the relative velocity to the radius [rad], 0 to pi."""
    phi: Real
    """Its azimuth, from the direction of the centre of mass's orbit [rad]."""


class Accretion(NamedTuple):
    """When particles are accreted."""

    log_t: Float[Array, " particles"]
    """log10 of the time since the collision [days]."""
    accretes: Bool[Array, " particles"]
    """False for what leaves, and for what falls through the horizon and stays dark."""


def speed(site: Site, physics: Physics, key: Key[Array, ""] | None = None) -> Float[Array, ""]:
    """Speed of the ejecta relative to the pair's centre of mass.

    Args:
        site: of the collision; arrays of any one shape.
        physics: the assumptions.
        key: random key that draws the relative speed; its mean where left out.

    Returns:
        The speed, in that of a circular orbit, sqrt(G M / r).
    """
    sigma = physics.spheroid.dispersion(site.black_hole, site.r_init)
    return physics.speed_factor * relative_speed(sigma, key)


def accretion_times(site: Site, v: ArrayLike, physics: Physics) -> Accretion:
    """Follow the ring to its pericentres and through the disc.

    Args:
        site: of one collision.
        v: speed of the ejecta [sqrt(G M / r)], of `speed`.
        physics: the assumptions.

    Returns:
        One time a particle.
    """
    where = jnp.stack([jnp.asarray(x, jnp.result_type(float)) for x in (v, *site[1:])])
    # Four numbers in, thousands out: cheap forwards, dear backwards.
    fall, r_p, reached = forwards(partial(_fall, physics.particles, physics.nodes))(
        where, jnp.asarray(physics.drift, where.dtype)
    )
    # t = alpha^-1 (h/r)^-2 sqrt(r_p^3 / G M)
    viscous = r_p * jnp.sqrt(r_p) / (physics.alpha * physics.aspect**2)
    log_t = jnp.log10(fall + viscous) + jnp.log10(GM_DAYS * site.black_hole)
    return Accretion(log_t, reached > 0.0)


def _fall(
    particles: int, nodes: int, where: Float[Array, 4], drift: Float[Array, ""]
) -> tuple[Float[Array, " particles"], Float[Array, " particles"], Float[Array, " particles"]]:
    """Time to the pericentre [GM/c^3], its distance [GM/c^2], and 1 where there is one."""
    v, r_init, theta, phi = where
    psi = 2.0 * jnp.pi * (jnp.arange(particles) + 0.25) / particles
    # Its axes beside the relative velocity, in (radial, along the orbit, across the orbit).
    first = (-_sin(theta), jnp.cos(theta) * jnp.cos(phi), jnp.cos(theta) * jnp.sin(phi))
    second = (jnp.zeros_like(phi), -jnp.sin(phi), jnp.cos(phi))
    v_r, v_along, v_across = (
        v * (jnp.cos(psi) * first[i] + jnp.sin(psi) * second[i]) for i in range(3)
    )
    v_along = v_along + drift
    circular = 1.0 / jnp.sqrt(2.0 * r_init)
    speeds = circular * jnp.sqrt(v_r**2 + v_along**2 + v_across**2)
    circular = circular * jnp.minimum(1.0, _FASTEST / speeds)
    v_t = jnp.sqrt(v_along**2 + v_across**2 + _TINY)
    there = to_pericentre(2.0 * r_init, circular * v_r, circular * v_t, nodes)
    time, r_p = (jnp.where(there.reached, x, 1.0) for x in (there.time, there.r))
    return time, r_p, there.reached.astype(time.dtype)


_TINY: Final = 1e-12


def _sin(theta: ArrayLike) -> Array:
    """The sine, 0 at pi: what moves across the radius is at its pericentre, not just past it."""
    sine = jnp.sin(theta)
    return jnp.where(jnp.abs(sine) < 1e-6, 0.0, sine)


def luminosity(
    t: Float[ArrayLike, " times"], accretion: Accretion, physics: Physics
) -> Float[Array, " times"]:
    """Light of the accreted gas.

    The accretion rate is a density of the particles in log t, by a Gaussian kernel.

    Args:
        t: times since the collision [days, rest frame]; 0 before it.
        accretion: of the particles.
        physics: the assumptions.

    Returns:
        L of a solar mass of ejecta [1e44 erg/s]: proportional to the mass.
    """
    t = jnp.asarray(t)
    after = t > 0.0
    t = jnp.where(after, t, 1.0)
    x = (jnp.log10(t)[:, None] - accretion.log_t) / physics.smoothing
    kernel = jnp.exp(-0.5 * x**2) * accretion.accretes
    density = jnp.sum(kernel, axis=1) / (
        jnp.sqrt(2.0 * jnp.pi) * physics.smoothing * physics.particles
    )
    return jnp.where(after, rate_to_light(t, density, physics), 0.0)


def rate_to_light(t: ArrayLike, density: ArrayLike, physics: Physics) -> Float[Array, ...]:
    """L = efficiency c^2 dM/dt of a solar mass of ejecta.

    Args:
        t: time since the collision [days], above 0.
        density: share of the ejecta accreted per dex of time.
        physics: the assumptions.

    Returns:
        L [1e44 erg/s].
    """
    per_day = jnp.asarray(density) / (_LN10 * jnp.asarray(t))
    return physics.efficiency * MSUN_C2 * per_day / 86400.0


def simulate(
    site: Site,
    t: Float[ArrayLike, " times"],
    ejecta: ArrayLike = 1.0,
    physics: Physics | None = None,
    *,
    key: Key[Array, ""] | None = None,
    eddington: bool = False,
    explosion: Explosion | None = None,
) -> Float[Array, " times"]:
    """Light curve of the flare of one collision.

    Args:
        site: of the collision.
        t: times since the collision [days, rest frame].
        ejecta: mass of the ejecta [Msun].
        physics: the assumptions; the defaults where left out.
        key: random key that draws the stars' relative speed; its mean where left out.
        eddington: cap the light of what is accreted at the Eddington luminosity.
        explosion: the prompt one, whose light is added; left out in the paper's bank.

    Returns:
        L [1e44 erg/s]: cgs units overflow a float32.

    Source: Hu & Loeb (2025), section 2, after Hu & Loeb (2024a).
    """
    physics = physics or Physics()
    accretion = accretion_times(site, speed(site, physics, key), physics)
    light = jnp.asarray(ejecta) * luminosity(t, accretion, physics)
    light = jnp.minimum(light, EDDINGTON * site.black_hole) if eddington else light
    return light if explosion is None else light + explosion.luminosity(t)
