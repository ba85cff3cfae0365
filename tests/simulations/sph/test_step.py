"""The leapfrog: second order, reversible, and exact about its end."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.simulations.sph.energy import conserved
from surrogate.simulations.sph.state import Fluid, Method, stack
from surrogate.simulations.sph.step import advance, advance_all, begin_all, step, time_step

STILL = Method(radiation=False, alpha=0.0, beta=0.0)


@pytest.fixture(scope="module")
def march(start):
    """Makes equal steps from a fluid."""

    @jax.jit
    def follow(run, dt, count, drag):
        return jax.lax.fori_loop(0, count, lambda _, r: step(r, dt, STILL, drag), run)

    def steps(fluid, time, count, drag=0.0):
        return follow(start(fluid, STILL), time / count, count, drag)

    return steps


def turned(fluid):
    return fluid._replace(v=-fluid.v)


def distance(a, b):
    return float(jnp.abs(a.x - b.x).max())


def test_second_order(cloud, march):
    fluid = cloud(0)
    coarse, middle, fine = (march(fluid, 0.08, count).fluid for count in (8, 16, 32))
    assert 3.4 < distance(coarse, middle) / distance(middle, fine) < 4.6


def test_reversible_without_viscosity(cloud, march):
    # Velocities and energies are predicted for the forces, so what comes back is not the start to
    # rounding; but it comes nearer as the third power of the step, faster than the way is found.
    fluid = cloud(0)
    missed = []
    for count in (8, 16):
        there = march(fluid, 0.08, count).fluid
        missed.append(distance(march(turned(there), 0.08, count).fluid, fluid))
    assert missed[0] < 1e-4 * distance(there, fluid)
    assert missed[0] / missed[1] > 6


def test_gravity_alone_is_reversible_to_rounding(cloud, march):
    fluid = cloud(0)._replace(u=jnp.full(60, 1e-12))
    there = march(fluid, 0.3, 16).fluid
    assert distance(there, fluid) > 0.1
    assert distance(march(turned(there), 0.3, 16).fluid, fluid) < 1e-9


def energy_error(run, before):
    after, before = conserved(run.fluid), conserved(before.fluid)
    size = before.kinetic + before.internal - before.gravitational
    return abs(float((after.total - before.total) / size))


def test_energy_momentum_and_spin_are_conserved(cloud, start, go, ideal):
    before = start(cloud(1, moving=1.0), ideal)
    after = go(before, 1.0, ideal)
    assert energy_error(after, before) < 1e-3
    old, new = conserved(before.fluid), conserved(after.fluid)
    assert float(jnp.abs(new.momentum - old.momentum).max()) < 1e-13
    assert float(jnp.abs(new.spin - old.spin).max()) < 1e-13 + 1e-4 * float(jnp.abs(old.spin).max())


def test_shorter_steps_conserve_better(cloud, march, start):
    fluid = cloud(1)
    coarse, fine = (march(fluid, 0.2, count) for count in (32, 128))
    before = start(fluid, STILL)
    assert energy_error(fine, before) < energy_error(coarse, before) / 8


@pytest.mark.parametrize("until", [1e-9, 0.001, 0.1, 0.3, 1 / 3])
def test_the_end_is_met_exactly(cloud, start, ideal, until):
    run = start(cloud(2), ideal)
    run = advance(run, jnp.asarray(until), 1000, ideal)
    assert float(run.t) == until


def test_the_end_is_met_exactly_from_anywhere(cloud, start, ideal):
    run = start(cloud(2), ideal)
    rng = np.random.default_rng(0)
    for until in np.cumsum(rng.uniform(0.0, 0.03, 20)):
        run = advance(run, jnp.asarray(until), 1000, ideal)
        assert float(run.t) == until


def test_no_more_steps_than_allowed(cloud, start, ideal):
    run = advance(start(cloud(2), ideal), jnp.asarray(100.0), 7, ideal)
    assert int(run.steps) == 7
    run = advance(run, jnp.asarray(100.0), 3, ideal)
    assert int(run.steps) == 10


def test_a_break_changes_nothing(cloud, start, ideal):
    at_once = advance(start(cloud(2), ideal), jnp.asarray(9.0), 12, ideal)
    run = start(cloud(2), ideal)
    for _ in range(3):
        run = advance(run, jnp.asarray(9.0), 4, ideal)
    for a, b in zip(jax.tree.leaves(at_once), jax.tree.leaves(run), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_particles_stand_where_they_stood_after_the_order_of_a_card(cloud, start, monkeypatch):
    single = Method(radiation=False, single=True)
    run = start(cloud(2), single)
    drag = 100 * jnp.arange(len(run.fluid.m))
    plain = advance(run, jnp.asarray(9.0), 5, single, drag)
    monkeypatch.setattr("surrogate.simulations.sph.step.on_card", lambda kind: True)
    ordered = advance.__wrapped__(run, jnp.asarray(9.0), 5, single, drag)
    for a, b in zip(jax.tree.leaves(ordered.fluid), jax.tree.leaves(plain.fluid), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_step_follows_what_is_fastest(cloud, start, ideal):
    def allowed(fluid):
        run = start(fluid, ideal)
        return float(time_step(run.fluid, run.rates, ideal))

    fluid = cloud(3)
    hot = fluid._replace(u=1e4 * fluid.u, v=0 * fluid.v)
    assert allowed(hot) == pytest.approx(allowed(fluid._replace(u=1e6 * fluid.u)) * 10, rel=0.05)
    # A particle of no mass does not count.
    ghost = hot._replace(m=hot.m.at[0].set(0.0))
    faster = ghost._replace(u=ghost.u.at[0].set(1e12))
    assert allowed(faster) == pytest.approx(allowed(ghost), rel=1e-12)


@pytest.mark.slow
def test_what_draws_together_takes_short_steps(cloud, start, ideal):
    one, two = cloud(8), cloud(9)
    both = jax.tree.map(lambda a, b: jnp.concatenate([a, b]), one, two)
    side = jnp.repeat(jnp.array([-1.0, 1.0]), len(one.m))
    away = jnp.stack([50 * side, 0 * side, 0 * side], -1)

    def allowed(v):
        run = start(both._replace(x=both.x + away, v=v), ideal)
        return float(time_step(run.fluid, run.rates, ideal)), float(run.fluid.h.min())

    (near, h), (apart, _), (still, _) = map(allowed, (-away, away, 0 * away))
    assert near < ideal.courant * h / 40
    assert apart == pytest.approx(still, rel=1e-6)


@pytest.mark.slow
def test_light_particles_at_the_edge_of_heavy_ones_take_short_steps(start):
    side = np.arange(6.0)
    x = jnp.asarray(np.stack(np.meshgrid(side, side, side), -1).reshape(-1, 3))
    one = jnp.ones(len(x))
    even = Fluid(one, x, jnp.zeros_like(x), one, 1.3 * one, 1e-24 * one)
    # Half moves off and is lighter: where its kernels end among the heavy half, density follows h.
    half = x[:, 0] > 2.5
    apart = x.at[:, 0].add(0.9 * half)
    uneven = even._replace(m=jnp.where(half, 1e-3, 1.0), x=apart)
    found = [start(fluid, STILL).rates.stiffness for fluid in (even, uneven)]
    inside = np.all((x > 1.5) & (x < 3.5), axis=1)
    np.testing.assert_allclose(found[0][inside], 1.0, atol=0.1)
    assert float(found[1].max()) > 2 * float(found[0].max())
    run = start(uneven, STILL)
    soft = run.rates._replace(stiffness=one)
    sound = dataclasses.replace(STILL, kick=1e3)  # that alone limits the step
    assert float(time_step(run.fluid, run.rates, sound)) < float(time_step(run.fluid, soft, sound))


@pytest.mark.slow
def test_drag_slows(cloud, start):
    fluid = cloud(4)
    run = start(fluid, STILL)
    dt, drag = 1e-3, 50.0
    free, slowed = (step(run, jnp.asarray(dt), STILL, rate) for rate in (0.0, drag))
    np.testing.assert_allclose(
        slowed.fluid.v, free.fluid.v * np.exp(-drag * dt), atol=2e-3 * float(jnp.abs(fluid.v).max())
    )


@pytest.mark.slow
def test_drag_makes_no_entropy(cloud, march, start):
    # What moves against a drag is compressed as slowly as it moves.
    fluid = cloud(4)
    before, after = start(fluid, STILL), march(fluid, 0.32, 64, drag=5.0)
    entropies = [run.fluid.u / run.rates.rho ** (2 / 3) for run in (before, after)]
    assert float(jnp.abs(after.rates.rho / before.rates.rho - 1).max()) > 0.2
    np.testing.assert_allclose(entropies[1], entropies[0], rtol=2e-3)


@pytest.mark.slow
def test_each_of_many_runs_goes_its_own_way(cloud, start, ideal):
    fluids = [cloud(5), cloud(6)]
    ends = [0.02, 0.05]
    together = advance_all(begin_all(stack(fluids), ideal), jnp.asarray(ends), 1000, ideal)
    for k, (fluid, end) in enumerate(zip(fluids, ends, strict=True)):
        alone = advance(start(fluid, ideal), jnp.asarray(end), 1000, ideal)
        assert float(together.t[k]) == end
        assert int(together.steps[k]) == int(alone.steps)
        np.testing.assert_allclose(together.fluid.x[k], alone.fluid.x, rtol=1e-9)
