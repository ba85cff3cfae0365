"""Which particles belong to which remnant, and whether two remnants are one.

Gonzalez Prieto et al. 2026, sections 2.3 and 3. Units of G = Msun = Rsun = 1. A particle carries a
label: 1 or 2 for the component it is bound to, 0 where it is bound to neither.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.orbits import two_body

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float, Int
    from numpy.typing import NDArray

    from surrogate.simulations.particles import Particles

MINIMUM: Final = 20
"""Fewest particles of a stellar remnant."""
PASSES: Final = 500
"""Most passes over the particles in one snapshot."""
VANISHING: Final = 1e-6
"""Total angular momentum, relative to the sum of m |x| |v|, below which it has no direction."""


class Assignment(NamedTuple):
    """Which component every particle is bound to."""

    labels: NDArray[np.int32]
    """0 unbound, 1, or 2: (n,)."""
    passes: int
    """Passes over the particles that it took."""
    converged: bool
    """Whether the last pass changed nothing."""


class Components(NamedTuple):
    """The two components at one moment; NaN (position, ...) for one without particles."""

    mass: NDArray[np.float64]
    """Bound masses, (2,)."""
    unbound: float
    """Mass of all other particles: mass[0] + mass[1] + unbound is the total, to the last bit."""
    number: NDArray[np.int64]
    """Numbers of particles, (2,)."""
    position: NDArray[np.float64]
    """Centres of mass, (2, 3)."""
    velocity: NDArray[np.float64]
    """Their velocities, (2, 3)."""
    radius: NDArray[np.float64]
    """Effective radii (I / M)^(1/2), (2,)."""
    orbital_energy: float
    """Energy of the orbit of the two as point masses; NaN where there are not two."""
    semimajor_axis: float
    """Its semimajor axis; negative where they are unbound, NaN where there are not two."""
    tight: bool
    """Whether there are two, bound so tightly that they count as merged."""


def bound_components(
    particles: Particles, labels: ArrayLike, minimum: int = MINIMUM, passes: int = PASSES
) -> NDArray[np.int32]:
    """Find the particles bound to each of two components; see `assign`.

    Args:
        particles: the particles, (n,).
        labels: those of the snapshot before, (n,): 0 unbound, 1, or 2.
        minimum: a component of fewer particles is dissolved into the unbound mass.
        passes: limit on the passes over the particles.

    Returns:
        The labels now, (n,).
    """
    return assign(particles, labels, minimum, passes).labels


def assign(
    particles: Particles, labels: ArrayLike, minimum: int = MINIMUM, passes: int = PASSES
) -> Assignment:
    """Find the particles bound to each of two components, in float64.

    In every pass particle i is bound to component j where v_ij^2 / 2 - (M_j - m_i) / d_ij < 0, with
    v_ij and d_ij relative to the centre of mass of j's particles of the pass before; where that
    holds for both, the more negative one has it (at equal energies it stays where it is). Passes go
    on until no particle changes. A component of too few particles is then dissolved, and passes go
    on with the other, so that what comes out does not change when put in again.

    Args:
        particles: the particles, (n,).
        labels: those of the snapshot before, (n,): 0 unbound, 1, or 2.
        minimum: a component of fewer particles is dissolved into the unbound mass.
        passes: limit on the passes. At the limit the last pass stands, less components of too few
            particles, and `converged` is False: some particles at the edge then change in every
            pass.

    Returns:
        The labels now, and how they were found.

    Source: Gonzalez Prieto et al. 2026, section 2.3.
    """
    with jax.enable_x64(True):
        found, count, converged = settle(
            *(jnp.asarray(q, jnp.float64) for q in (particles.m, particles.x, particles.v)),
            jnp.asarray(labels, jnp.int32),
            minimum,
            passes,
        )
    return Assignment(np.asarray(found), int(count), bool(converged))


def measure(particles: Particles, labels: ArrayLike) -> Components:
    """Masses, motion, sizes and orbit of the two components, in float64.

    Args:
        particles: the particles, (n,).
        labels: 0 unbound, 1, or 2: (n,).

    Returns:
        The components, and whether they count as one: bound, and the semimajor axis of their orbit
        below min(R_i (M_j / M_i)^(1/3), R_j) for either i, with R_i = (I_i / M_i)^(1/2) and I_i the
        moment of inertia about the axis through i's centre along the total angular momentum of all
        particles (the z axis, normal to the orbit in StarSmasher, where that vanishes).

    Source: Gonzalez Prieto et al. 2026, section 3.
    """
    labels = np.asarray(labels, np.int32)
    mass1, mass2, unbound = conserved_masses(np.asarray(particles.m, np.float64), labels)
    with jax.enable_x64(True):
        columns = (jnp.asarray(q, jnp.float64) for q in (particles.m, particles.x, particles.v))
        pair = _pair(*columns, jnp.asarray(labels))
    position, velocity, radius, energy, axis, tight = map(np.asarray, pair)
    return Components(
        mass=np.array([mass1, mass2]),
        unbound=unbound,
        number=np.array([np.count_nonzero(labels == 1), np.count_nonzero(labels == 2)]),
        position=position,
        velocity=velocity,
        radius=radius,
        orbital_energy=float(energy),
        semimajor_axis=float(axis),
        tight=bool(tight),
    )


def conserved_masses(m: NDArray[np.float64], labels: NDArray) -> tuple[float, float, float]:
    """Masses of component 1, of component 2 and of the unbound, whose sum is the total exactly.

    Sums that are right to the last bit need not add up to it. So all three are whole multiples of
    the total's own last bit, which any order of addition keeps exact, and what rounding leaves over
    (a bit or two) goes to the largest.

    Args:
        m: masses of the particles, (n,).
        labels: 0 unbound, 1, or 2: (n,).

    Returns:
        The three masses; their float64 sum, in any order, is `math.fsum(m)`.
    """
    total = math.fsum(m)
    bit = float(np.spacing(total))
    parts = [round(math.fsum(m[labels == label]) / bit) for label in (1, 2, 0)]
    parts[parts.index(max(parts))] += round(total / bit) - sum(parts)
    return parts[0] * bit, parts[1] * bit, parts[2] * bit


@jax.jit
def settle(
    m: Float[Array, " n"],
    x: Float[Array, "n 3"],
    v: Float[Array, "n 3"],
    labels: Int[Array, " n"],
    minimum: ArrayLike = MINIMUM,
    passes: ArrayLike = PASSES,
) -> tuple[Int[Array, " n"], Int[Array, ""], Array]:
    """Pass over the particles until no label changes: `assign`, at the precision of its arguments.

    Args:
        m: masses.
        x: positions.
        v: velocities.
        labels: where to begin: 0 unbound, 1, or 2.
        minimum: fewest particles of a component.
        passes: limit on the passes.

    Returns:
        Labels, passes made, and whether the last one changed nothing.
    """

    def go_on(state: tuple[Array, Array, Array]) -> Array:
        _, count, done = state
        return ~done & (count < passes)

    def again(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        before, count, _ = state
        now = _most_bound(m, x, v, before)
        stable = jnp.all(now == before)
        kept = jnp.where(stable, _dissolve(now, minimum), now)
        return kept, count + 1, stable & jnp.all(kept == now)

    start = (labels, jnp.zeros((), jnp.int32), jnp.zeros((), bool))
    found, count, done = jax.lax.while_loop(go_on, again, start)
    return _dissolve(found, minimum), count, done


def _most_bound(m: Array, x: Array, v: Array, labels: Array) -> Array:
    """One pass: the component to which each particle is bound most strongly, or 0."""
    mass, position, velocity, present = _centres(m, x, v, labels)
    d = jnp.sqrt(jnp.sum((x[:, None] - position) ** 2, axis=-1))
    # A particle at the very centre must not divide by zero, nor bind itself.
    depth = jnp.maximum(mass - m[:, None], 0.0) / jnp.maximum(d, jnp.finfo(d.dtype).tiny)
    energy = jnp.sum((v[:, None] - velocity) ** 2, axis=-1) / 2.0 - depth
    first, second = jnp.where(present, energy, jnp.inf).T
    two = (second < first) | ((second == first) & (labels == 2))
    return jnp.where(jnp.minimum(first, second) < 0.0, jnp.where(two, 2, 1), 0).astype(labels.dtype)


def _dissolve(labels: Array, minimum: ArrayLike) -> Array:
    """Unbind the particles of components that are too small."""
    small = jnp.stack([jnp.sum(labels == label) < minimum for label in (1, 2)])
    return jnp.where((labels > 0) & small[jnp.maximum(labels - 1, 0)], 0, labels)


def _centres(m: Array, x: Array, v: Array, labels: Array) -> tuple[Array, Array, Array, Array]:
    """Masses (2,), centres of mass (2, 3), their velocities, and which components exist."""
    weight = jnp.where(labels[:, None] == jnp.array([1, 2]), m[:, None], 0.0)
    mass = jnp.sum(weight, axis=0)
    present = mass > 0.0
    share = weight / jnp.where(present, mass, 1.0)
    return mass, share.T @ x, share.T @ v, present


@jax.jit
def _pair(m: Array, x: Array, v: Array, labels: Array) -> tuple[Array, ...]:
    """Positions, velocities, radii, orbital energy, semimajor axis, and whether that is tight."""
    mass, position, velocity, present = _centres(m, x, v, labels)
    axis = _rotation_axis(m, x, v)
    away = x[:, None] - position
    lever2 = jnp.sum(away**2, axis=-1) - (away @ axis) ** 2
    weight = jnp.where(labels[:, None] == jnp.array([1, 2]), m[:, None], 0.0)
    radius = jnp.sqrt(jnp.sum(weight * lever2, axis=0) / jnp.where(present, mass, 1.0))

    both = jnp.all(present)
    safe = jnp.where(both, mass, 1.0)
    far = jnp.where(both, position[1] - position[0], jnp.array([1.0, 0.0, 0.0]))
    orbit = two_body(far, velocity[1] - velocity[0], *safe)
    tidal = radius * jnp.cbrt(safe[::-1] / safe)
    limit = jnp.max(jnp.minimum(tidal, radius[::-1]))
    tight = both & (orbit.energy < 0.0) & (orbit.semimajor_axis < limit)

    def where_present(value: Array) -> Array:
        return jnp.where(present if value.ndim == 1 else present[:, None], value, jnp.nan)

    return (
        *map(where_present, (position, velocity, radius)),
        jnp.where(both, orbit.energy, jnp.nan),
        jnp.where(both, orbit.semimajor_axis, jnp.nan),
        tight,
    )


def _rotation_axis(m: Array, x: Array, v: Array) -> Array:
    """Direction of the angular momentum of all particles about their centre of mass, or z."""
    share = m / jnp.sum(m)
    away, speed = x - share @ x, v - share @ v
    total = m @ jnp.cross(away, speed)
    size = jnp.sqrt(jnp.sum(total**2))
    scale = m @ jnp.sqrt(jnp.sum(away**2, axis=-1) * jnp.sum(speed**2, axis=-1))
    turns = size > VANISHING * scale
    return jnp.where(turns, total / jnp.where(turns, size, 1.0), jnp.array([0.0, 0.0, 1.0]))
