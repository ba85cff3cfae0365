"""Forces come from one Lagrangian: what they do to energy and momentum."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.simulations.sph.energy import conserved
from surrogate.simulations.sph.forces import rates
from surrogate.simulations.sph.state import Fluid, Method

COLD = Method(radiation=False, alpha=0.0, beta=0.0)
N = 60
find = jax.jit(rates, static_argnums=1)


@pytest.fixture(autouse=True)
def double():
    with jax.enable_x64(True):
        yield


@pytest.fixture
def fluid():
    """Particles of different masses and entropies, in motion."""
    random = np.random.default_rng(0)
    parts = (
        random.uniform(0.01, 0.03, N),
        0.5 * random.normal(size=(N, 3)),
        random.normal(size=(N, 3)),
        random.uniform(0.5, 1.0, N),
        np.full(N, 0.3),
        np.full(N, 1e-24),
    )
    return Fluid(*map(jnp.asarray, parts))


def energies(fluid, entropy, x):
    """Potential and internal energy with the particles elsewhere, at constant entropy."""
    moved = fluid._replace(x=x)
    found = find(moved, COLD)
    moved = moved._replace(u=entropy * found.rho ** (2 / 3), h=found.h)
    total = conserved(moved)
    return np.array([float(total.gravitational), float(total.internal)]), moved


def test_they_are_the_derivative_of_the_energy(fluid):
    entropy = fluid.u / find(fluid, COLD).rho ** (2 / 3)
    _, fluid = energies(fluid, entropy, fluid.x)
    way = jnp.asarray(np.random.default_rng(1).normal(size=(N, 3)))
    step = 1e-4
    after, before = (energies(fluid, entropy, fluid.x + s * step * way)[0] for s in (1, -1))
    change = (after - before) / (2 * step)
    found = find(fluid, COLD)
    work = float(jnp.sum(fluid.m[:, None] * found.a * way))
    assert work == pytest.approx(-change.sum(), rel=1e-5)
    # Along the motion the gas is heated by what its energy changes.
    heated = find(fluid._replace(v=way), COLD)
    assert float(fluid.m @ heated.du) == pytest.approx(change[1], rel=1e-5)


@pytest.mark.parametrize("method", [COLD, Method(radiation=False), Method()])
def test_momentum_and_energy_are_kept(fluid, method):
    found = find(fluid, method)
    scale = float(jnp.sum(fluid.m * jnp.linalg.norm(found.a, axis=1)))
    np.testing.assert_allclose(fluid.m @ found.a, 0.0, atol=1e-13 * scale)
    turned = fluid.m @ jnp.cross(fluid.x, found.a)
    np.testing.assert_allclose(turned, 0.0, atol=1e-12 * scale)


def test_viscosity_heats_and_slows(fluid):
    # Without pressure differences: what viscosity alone does.
    calm, rough = find(fluid, COLD), find(fluid, Method(radiation=False))
    heat = fluid.m * (rough.du - calm.du)
    assert (heat >= -1e-15).all()
    assert heat.sum() > 0
    work = float(jnp.sum(fluid.m[:, None] * (rough.a - calm.a) * fluid.v))
    assert work == pytest.approx(-float(heat.sum()), rel=1e-10)


def test_the_frame_does_not_matter(fluid):
    angle = 0.7
    turn = jnp.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]]
    )
    order = np.random.default_rng(2).permutation(N)
    moved = fluid._replace(x=fluid.x @ turn.T + 3.0, v=fluid.v @ turn.T - 5.0)
    moved = jax.tree.map(lambda a: a[order], moved)
    here, there = find(fluid, Method()), find(moved, Method())
    np.testing.assert_allclose(there.a, (here.a @ turn.T)[order], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(there.du, here.du[order], rtol=1e-8, atol=1e-10)


def test_single_precision_says_nearly_the_same(fluid):
    here, there = find(fluid, Method()), find(fluid, Method(single=True))
    assert there.a.dtype == jnp.float64
    scale = float(jnp.abs(here.a).max())
    np.testing.assert_allclose(there.a, here.a, atol=1e-5 * scale)


def test_particles_without_mass_do_nothing(fluid):
    more = jax.tree.map(lambda a: jnp.concatenate([a, a[:5] + 0.01]), fluid)
    more = more._replace(m=more.m.at[N:].set(0.0))
    here, there = find(fluid, Method()), find(more, Method())
    np.testing.assert_allclose(there.a[:N], here.a, rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(there.a[N:], 0.0)
