"""Forces are the derivatives of one Lagrangian, and what a Lagrangian conserves is conserved."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from surrogate.simulations.sph import gas
from surrogate.simulations.sph.energy import conserved
from surrogate.simulations.sph.forces import rates
from surrogate.simulations.sph.kernel import potential, w
from surrogate.simulations.sph.smoothing import smoothing_lengths
from surrogate.simulations.sph.state import Method

STILL = Method(radiation=False, alpha=0.0, beta=0.0)
RADIATION = Method(alpha=0.0, beta=0.0)
VISCOUS = Method(radiation=False)
FEW = 40
NUMBER = STILL.number

seeds = st.integers(0, 2**32 - 1)
compiled = jax.jit(rates, static_argnames="method")


def solved(fluid, x):
    """Smoothing lengths and densities at x; Newton's last step carries the derivatives."""
    start = jax.lax.stop_gradient(
        smoothing_lengths(fluid.m, jax.lax.stop_gradient(x), fluid.h, NUMBER)
    )
    r = distances(x)

    def counted(log_h):
        return w(r / jnp.exp(log_h)[:, None]).sum(1)

    log_h = jnp.log(start)
    slope = jax.lax.stop_gradient(jax.jvp(counted, (log_h,), (jnp.ones_like(log_h),))[1])
    h = start * (1 + (NUMBER - counted(log_h)) / slope)
    return h, (w(r / h[:, None]) @ fluid.m) / h**3


def distances(x):
    """Of all pairs; the derivative of that to itself is 0, not NaN."""
    r2 = jnp.sum((x[:, None] - x) ** 2, -1)
    return jnp.sqrt(jnp.where(r2 > 0, r2, 1.0)) * (r2 > 0)


def gravitational(fluid, x):
    """Of the Lagrangian, over all pairs and each with itself."""
    h, _ = solved(fluid, x)
    phi = potential(distances(x) / h[:, None]) / h[:, None]
    return 0.25 * fluid.m @ (phi + phi.T) @ fluid.m


def adiabatic(fluid, x, A):
    return jnp.sum(fluid.m * A * solved(fluid, x)[1] ** (2 / 3))


gravity_gradient = jax.jit(jax.jacfwd(gravitational, argnums=1))
heat_gradient = jax.jit(jax.jacfwd(adiabatic, argnums=1))
density_gradient = jax.jit(jax.jacfwd(lambda fluid, x: solved(fluid, x)[1], argnums=1))


@jax.jit
def change_of_gravity(fluid):
    return jax.jvp(lambda x: gravitational(fluid, x), (fluid.x,), (fluid.v,))[1]


def near(a, b, rtol):
    """Equal to within a part of the largest."""
    np.testing.assert_allclose(a, b, rtol=0, atol=rtol * float(np.abs(b).max()))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_acceleration_is_the_derivative_of_the_lagrangian(cloud, seed):
    fluid = cloud(seed, FEW)
    rho = solved(fluid, fluid.x)[1]
    A = fluid.u / rho ** (2 / 3)
    expected = -(gravity_gradient(fluid, fluid.x) + heat_gradient(fluid, fluid.x, A))
    a = compiled(fluid, method=STILL).a
    near(a, expected / fluid.m[:, None], 1e-9)


@pytest.mark.slow
def test_so_it_is_with_radiation(cloud):
    fluid = cloud(3, FEW)
    fluid = fluid._replace(u=30 * fluid.u)
    rho = solved(fluid, fluid.x)[1]
    P, _ = gas.pressure(rho, fluid.u, fluid.mu, True)
    assert np.any(P / (rho * fluid.u) < 0.6)  # radiation matters
    # du = P / rho^2 d rho, for each particle
    work = jnp.einsum("i,ijk->jk", fluid.m * P / rho**2, density_gradient(fluid, fluid.x))
    expected = -(gravity_gradient(fluid, fluid.x) + work)
    near(compiled(fluid, method=RADIATION).a, expected / fluid.m[:, None], 1e-9)


def test_the_energies_are_those_of_the_lagrangian(cloud):
    fluid = cloud(4, FEW)
    fluid = fluid._replace(h=solved(fluid, fluid.x)[0])
    assert float(conserved(fluid).gravitational) == pytest.approx(
        float(gravitational(fluid, fluid.x)), rel=1e-12
    )


@pytest.mark.parametrize("method", [STILL, RADIATION], ids=["gas", "radiation"])
def test_each_particle_is_heated_by_its_own_compression(cloud, method):
    fluid = cloud(5, FEW)
    found = compiled(fluid, method=method)
    P, _ = gas.pressure(found.rho, fluid.u, fluid.mu, method.radiation)
    change = jnp.einsum("ijk,jk->i", density_gradient(fluid, fluid.x), fluid.v)
    near(found.du, P / found.rho**2 * change, 1e-9)


@settings(max_examples=15)
@given(seed=seeds, viscous=st.booleans())
def test_energy_momentum_and_angular_momentum_do_not_change(cloud, seed, viscous):
    fluid = cloud(seed, FEW)
    found = compiled(fluid, method=VISCOUS if viscous else STILL)
    force = fluid.m[:, None] * found.a
    size = float(jnp.abs(force).sum())
    assert float(jnp.abs(force.sum(0)).max()) < 1e-12 * size
    assert float(jnp.abs(jnp.cross(fluid.x, force).sum(0)).max()) < 1e-12 * size
    power = jnp.sum(force * fluid.v) + fluid.m @ found.du
    scale = float(jnp.abs(force * fluid.v).sum() + jnp.abs(fluid.m * found.du).sum())
    assert abs(float(power + change_of_gravity(fluid))) < 1e-9 * scale


@settings(max_examples=15)
@given(seed=seeds)
def test_viscosity_only_heats(cloud, seed):
    fluid = cloud(seed, FEW, moving=2.0)
    heat = compiled(fluid, method=VISCOUS).du - compiled(fluid, method=STILL).du
    rounding = 1e-13 * float(jnp.abs(compiled(fluid, method=STILL).du).max())
    assert float(heat.min()) >= -rounding
    assert float(heat.max()) > 0


def test_what_flies_apart_feels_no_viscosity(cloud):
    fluid = cloud(6, FEW)
    fluid = fluid._replace(v=2 * fluid.x)
    viscous, still = (compiled(fluid, method=method) for method in (VISCOUS, STILL))
    np.testing.assert_allclose(viscous.a, still.a, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(viscous.du, still.du, rtol=1e-13)


def test_what_rotates_as_a_whole_feels_no_viscosity(cloud):
    fluid = cloud(7, FEW)
    fluid = fluid._replace(v=jnp.cross(jnp.asarray([0.0, 0.0, 1.0]), fluid.x))
    viscous, still = (compiled(fluid, method=method) for method in (VISCOUS, STILL))
    near(viscous.a, still.a, 1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [-1.5, 0.7])
def test_divergence_of_a_uniform_flow(ideal, compiled_rates, new_stars, rate):
    star = jax.tree.map(jnp.asarray, new_stars[0])
    found = compiled_rates(star._replace(v=rate * star.x), method=ideal)
    inner = np.linalg.norm(star.x, axis=1) < 0.4
    np.testing.assert_allclose(found.divergence[inner], 3 * rate, rtol=0.15)


@settings(max_examples=15)
@given(seed=seeds)
def test_turned_moved_and_renumbered_particles_give_the_same(cloud, seed):
    rng = np.random.default_rng(seed)
    fluid = cloud(seed, FEW)
    turn = Rotation.random(rng=rng).as_matrix()
    if rng.random() < 0.5:
        turn = -turn  # a mirror image
    order = rng.permutation(FEW)
    moved = fluid._replace(x=fluid.x @ turn.T + rng.normal(size=3), v=fluid.v @ turn.T + 3.0)
    moved = jax.tree.map(lambda a: a[order], moved)
    before, after = (compiled(f, method=VISCOUS) for f in (fluid, moved))
    near(after.a, (before.a @ turn.T)[order], 1e-9)
    for name in ("du", "h", "rho", "c", "divergence"):
        near(getattr(after, name), getattr(before, name)[order], 1e-9)


def test_particles_without_mass_do_nothing(cloud):
    fluid = cloud(8, FEW)
    ghost = fluid._replace(m=jnp.zeros(FEW), x=fluid.x + 0.01, v=5 - fluid.v)
    both = jax.tree.map(lambda a, b: jnp.concatenate([a, b[:7]]), fluid, ghost)
    alone, with_ghosts = (compiled(f, method=VISCOUS) for f in (fluid, both))
    for a, b in zip(with_ghosts, alone, strict=True):
        assert np.isfinite(a).all()
        near(a[:FEW], b, 1e-12)
    assert not np.any(with_ghosts.a[FEW:])
    assert not np.any(with_ghosts.du[FEW:])


def test_two_far_apart_attract_like_points(cloud):
    near_one, other = cloud(9, FEW), cloud(10, FEW)
    pair = jax.tree.map(lambda a, b: jnp.concatenate([a, b]), near_one, other)
    pair = pair._replace(x=pair.x.at[FEW:, 0].add(1e3))
    a = compiled(pair, method=STILL).a
    pull = float(near_one.m @ a[:FEW, 0] / near_one.m.sum())
    assert pull == pytest.approx(float(other.m.sum()) / 1e6, rel=5e-3)


def test_single_precision_is_near(cloud):
    fluid = cloud(11, FEW)
    single = dataclasses.replace(VISCOUS, single=True)
    for a, b in zip(compiled(fluid, method=single), compiled(fluid, method=VISCOUS), strict=True):
        assert a.dtype == jnp.float64  # that of the state
        near(a, b, 2e-5)
