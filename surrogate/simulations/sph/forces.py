"""Accelerations and heating: variational SPH with gravity, from one Lagrangian.

    L = sum_i m_i (v_i^2 / 2 - u_i) - 1/4 sum_ij m_i m_j [phi(r_ij, h_i) + phi(r_ij, h_j)]

with rho_i = sum_j m_j W(r_ij, h_i) and h_i^3 n_i = const. With the change of h that a change of n
brings (Gaburov et al. 2010, appendix A),

    Omega_i = 1 + (h_i / 3 n_i) dn_i/dh,    chi_i = -(h_i / 3 n_i) (drho_i/dh) / Omega_i,
    zeta_i = -(h_i / 3 n_i) / Omega_i  sum_j m_j dphi(r_ij, h_i)/dh / 2,

the forces are (for h tied to rho: Price & Monaghan 2007, equations 29 and 30)

    a_i = - sum_j [P_i / rho_i^2 (m_j + chi_i) + zeta_i] grad W(r_ij, h_i)
          - sum_j [P_j / rho_j^2 (m_i + chi_j) + zeta_j] m_j / m_i grad W(r_ij, h_j)
          - sum_j m_j [grad phi(r_ij, h_i) + grad phi(r_ij, h_j)] / 2

and du_i/dt = P_i / rho_i^2 sum_j (m_j + chi_i) v_ij . grad W(r_ij, h_i). The viscosity with the
switch of Balsara 1995 is that of Hwang et al. 2015: with grad W(r_ij, h_i) stands, in both sums and
in the heating, in place of m_j P_i / rho_i^2

    m_j P_i / rho_i^2 (1 - alpha mu_ij + beta mu_ij^2),
    mu_ij = min(v_ij . r_ij, 0) f_i / (c_i r_ij),
    f_i = |div v|_i / (|div v|_i + |curl v|_i + 1e-5 c_i / h_i),

so that each particle is heated by what its own kernel takes from the motion.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.simulations.sph import gas, kernel
from surrogate.simulations.sph.pairs import pair_sum
from surrogate.simulations.sph.smoothing import smoothing_lengths

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float

    from surrogate.simulations.sph.state import Fluid, Method

_FAINT = 1e-5
_TINY = 1e-30


class Rates(NamedTuple):
    """What acts on the particles, and what it was computed from; code units."""

    a: Float[Array, "n 3"]
    """Acceleration."""
    du: Float[Array, " n"]
    """Rate of change of the internal energy per mass."""
    h: Float[Array, " n"]
    """Smoothing length."""
    rho: Float[Array, " n"]
    """Density."""
    c: Float[Array, " n"]
    """Speed of sound."""
    divergence: Float[Array, " n"]
    """div v."""
    stiffness: Float[Array, " n"]
    """|1 + chi / m| with m the mean mass of the neighbours: 1 where all have the same mass, large
    where a light particle's kernel ends among heavy ones. Pressure acts that much more."""


class _Near(NamedTuple):
    """What densities and derivatives need of a particle."""

    m: Array
    x: Array
    y: Array
    z: Array
    vx: Array
    vy: Array
    vz: Array
    h: Array


class _Sums(NamedTuple):
    """Sums over the neighbours j of a particle, lengths in units of its h; each of the terms ..."""

    number: Array
    """w(q_ij)."""
    mass: Array
    """m_j w(q_ij)."""
    number_slope: Array
    """dw/dln h."""
    mass_slope: Array
    """m_j dw/dln h."""
    softening: Array
    """m_j h^2 dphi/dh."""
    converging: Array
    """m_j v_ij . grad W h^5."""
    cx: Array
    cy: Array
    cz: Array
    """m_j v_ij x grad W h^5."""


class _Acting(NamedTuple):
    """What forces need of a particle."""

    m: Array
    x: Array
    y: Array
    z: Array
    vx: Array
    vy: Array
    vz: Array
    hi: Array
    """1 / h."""
    mi: Array
    """1 / m."""
    stress: Array
    """P / rho^2."""
    chi: Array
    extra: Array
    """P / rho^2 chi + zeta."""
    switch: Array
    """Balsara's f over the speed of sound."""


def rates(fluid: Fluid, method: Method) -> Rates:
    """Accelerations and heating of all particles.

    Args:
        fluid: the particles; its `h` is a guess.
        method: numbers of the method.

    Returns:
        The rates, in the precision of the fluid.
    """
    kind = jnp.float32 if method.single else fluid.x.dtype
    m, x, v, u, h = (a.astype(kind) for a in (fluid.m, fluid.x, fluid.v, fluid.u, fluid.h))
    h = smoothing_lengths(m, x, h, method.number)
    motion = [a[:, axis] for a in (x, v) for axis in range(3)]
    reach = kernel.SUPPORT * h
    sums = _Sums(*pair_sum(_neighbour, _Near(*[m, *motion, h]), reach=reach))
    real = m > 0
    rho = jnp.where(real, sums.mass / h**3, 1.0)
    P, c = gas.pressure(rho, u, fluid.mu.astype(kind), method.radiation)
    stress = P / rho**2
    chi = (3 * sums.mass - sums.mass_slope) / sums.number_slope
    zeta = -(h**2) * sums.softening / (2 * sums.number_slope)
    divergence = -sums.converging / (rho * h**5)
    curl = jnp.sqrt(sums.cx**2 + sums.cy**2 + sums.cz**2) / (rho * h**5)
    switch = jnp.abs(divergence) / (jnp.abs(divergence) + curl + _FAINT * c / h) / c
    own = (1 / h, 1 / jnp.where(real, m, 1.0), stress, chi, stress * chi + zeta, switch)
    acting = _Acting(*[m, *motion, *own])
    force = partial(_force, alpha=method.alpha, beta=method.beta)
    ax, ay, az, du = pair_sum(force, acting, reach=reach, far=_far)
    a = jnp.where(real[:, None], jnp.stack([ax, ay, az], -1), 0.0)
    stiffness = jnp.abs(1 + chi * sums.number / sums.mass)
    found = Rates(a, jnp.where(real, du, 0.0), h, rho, c, divergence, stiffness)
    return Rates(*(part.astype(fluid.x.dtype) for part in found))


def _neighbour(i: _Near, j: _Near) -> tuple[Array, ...]:
    """Terms of `_Sums`."""
    x, y, z = i.x - j.x, i.y - j.y, i.z - j.z
    vx, vy, vz = i.vx - j.vx, i.vy - j.vy, i.vz - j.vz
    q = jnp.sqrt(x * x + y * y + z * z) / i.h
    there = (j.m > 0).astype(q.dtype)
    w, slope = kernel.w(q), kernel.slope(q)
    by_ln_h = -slope * q * q
    s = j.m * slope
    return (
        there * w,
        j.m * w,
        there * by_ln_h,
        j.m * by_ln_h,
        j.m * kernel.potential_by_h(q),
        s * (vx * x + vy * y + vz * z),
        s * (vy * z - vz * y),
        s * (vz * x - vx * z),
        s * (vx * y - vy * x),
    )


def _force(i: _Acting, j: _Acting, alpha: float, beta: float) -> tuple[Array, ...]:
    """Terms of the acceleration and of the heating."""
    x, y, z = i.x - j.x, i.y - j.y, i.z - j.z
    r2 = x * x + y * y + z * z
    ri = jax.lax.rsqrt(jnp.maximum(r2, _TINY))
    r = r2 * ri
    approach = (i.vx - j.vx) * x + (i.vy - j.vy) * y + (i.vz - j.vz) * z
    si, gi = _kernels(r, ri, i.hi)
    sj, gj = _kernels(r, ri, j.hi)

    speed = jnp.minimum(approach, 0.0) * ri
    ui, uj = speed * i.switch, speed * j.switch  # mu_ij and mu_ji
    own = j.m * i.stress * (1 + (beta * ui - alpha) * ui)
    other = j.stress * (1 + (beta * uj - alpha) * uj)
    there = (j.m > 0).astype(r.dtype)
    along = -(own + there * i.extra) * si - j.m * ((other + j.extra * i.mi) * sj + 0.5 * (gi + gj))
    heat = (own + there * i.stress * i.chi) * si * approach
    return along * x, along * y, along * z, heat


def _far(i: _Acting, j: _Acting) -> tuple[Array, ...]:
    """`_force` beyond the reach of both kernels: two points that attract each other."""
    x, y, z = i.x - j.x, i.y - j.y, i.z - j.z
    ri = jax.lax.rsqrt(jnp.maximum(x * x + y * y + z * z, _TINY))
    along = -j.m * ri * ri * ri
    return along * x, along * y, along * z, jnp.zeros_like(along)


def _kernels(r: Array, ri: Array, hi: Array) -> tuple[Array, Array]:
    """Of a particle of smoothing length 1 / hi: grad W over the distance, and its pull over it."""
    q = r * hi
    hi3 = hi * hi * hi
    inside = q < kernel.SUPPORT
    return hi3 * hi * hi * kernel.slope(q), jnp.where(inside, hi3 * kernel.pull(q), ri * ri * ri)
