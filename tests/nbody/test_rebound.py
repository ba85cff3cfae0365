"""Collisions of REBOUND's particles."""

from contextlib import suppress

import jax
import numpy as np
import pytest

import surrogate
from surrogate.collisions.rules import Baseline, Surrogate, Unharmed
from surrogate.collisions.structure import radius, tams_age
from surrogate.constants import G
from surrogate.nbody.plummer import plummer
from surrogate.nbody.rebound import Collider, Units

rebound = pytest.importorskip("rebound")


def momentum(sim):
    return sum((p.m * np.array([p.vx, p.vy, p.vz]) for p in sim.particles), np.zeros(3))


def mass(sim):
    return sum(p.m for p in sim.particles)


def pair(speed, offset=0.3, units=None):
    """Two stars of the Sun's kind about to meet."""
    u = units or Units()
    sim = rebound.Simulation()
    sim.G = u.gravity
    sim.integrator = "leapfrog"
    sim.collision = "direct"
    sim.track_energy_offset = 1
    sim.dt = 0.02 / speed * u.speed / u.length
    for sign, m in ((-1.0, 1.0), (1.0, 0.7)):
        sim.add(
            m=m / u.mass,
            r=0.8 / u.length,
            x=3.0 * sign / u.length,
            y=offset * sign / u.length,
            vx=-speed * sign / u.speed,
        )
    return sim


@pytest.fixture(scope="module")
def rule():
    return Surrogate(surrogate.load("fast"))


@pytest.mark.slow
@pytest.mark.parametrize(("speed", "left"), [(100.0, 1), (1500.0, 2), (9000.0, 0)])
def test_as_many_stars_are_left_as_the_rule_says(rule, speed, left):
    sim = pair(speed)
    m0, p0, e0 = mass(sim), momentum(sim), sim.energy()
    collider = Collider(rule, age=1.0)
    collider.attach(sim)
    with suppress(rebound.NoParticles):
        sim.integrate(8.0 / speed)
    collider.check()
    assert len(collider.collisions) == 1
    assert left == sim.N
    assert mass(sim) + collider.lost_mass == pytest.approx(m0, rel=1e-14)
    np.testing.assert_allclose(momentum(sim) + collider.lost_momentum, p0, atol=1e-11 * speed)
    assert sim.energy() == pytest.approx(e0, rel=1e-2)


def test_units_do_not_matter():
    solar, other = Units(), Units(length=215.0, speed=29.8, mass=2.0)
    found = []
    for units in (solar, other):
        sim = pair(1500.0, units=units)
        collider = Collider(Baseline(), age=1.0, units=units)
        collider.attach(sim)
        sim.integrate(8.0 / 1500.0 * units.speed / units.length)
        found.append(collider.collisions[0])
    assert found[0].rp == pytest.approx(found[1].rp, rel=1e-6)
    assert found[0].vinf == pytest.approx(found[1].vinf, rel=1e-6)
    assert found[0].fate == found[1].fate


def test_stars_have_ages_of_their_own_and_remnants_new_ones():
    ages = {1.0: 4.0, 0.7: 1.0}
    told = {}
    sim = pair(100.0)
    collider = Collider(
        Baseline(), age=lambda p: ages[p.m], set_age=lambda p, t: told.update({p.m: t})
    )
    collider.attach(sim)
    sim.integrate(8.0 / 100.0)
    collider.check()
    (found,) = collider.collisions
    assert {found.m1: found.age1, found.m2: found.age2} == ages
    (product,) = told
    assert product == pytest.approx(1.7)
    scaled = 0.1 * (4.0 / tams_age(1.0) + 0.7 * 1.0 / tams_age(0.7)) / 1.7
    assert told[product] == pytest.approx(float(tams_age(1.7) * scaled), rel=1e-5)
    grown = float(radius(1.7, told[product]) / radius(1.0, 4.0))
    assert sim.particles[0].r == pytest.approx(0.8 * grown, rel=1e-5)


def test_who_is_unharmed_keeps_mass_radius_and_age():
    def told(particle, age):
        raise AssertionError("nothing happened to this star")

    units = Units(length=0.7, mass=0.3)
    sim = pair(1500.0, units=units)
    for p in sim.particles:
        p.m *= 1.0 + 1e-9  # more digits than the rule has
    before = [(p.m, p.r) for p in sim.particles]
    collider = Collider(Unharmed(), age=1.0, set_age=told, units=units)
    collider.attach(sim)
    sim.integrate(8.0 / 1500.0 / 0.7)
    collider.check()
    assert len(collider.collisions) == 1
    assert [(p.m, p.r) for p in sim.particles] == before
    assert collider.lost_mass == 0.0


def test_stars_meet_through_a_boundary(send_through_a_boundary):
    sim = pair(100.0)
    send_through_a_boundary(sim)
    p0 = momentum(sim)
    collider = Collider(Baseline(), age=1.0)
    collider.attach(sim)
    sim.integrate(8.0 / 100.0)
    collider.check()
    assert sim.N == 1
    assert collider.collisions[0].rp < 0.5
    assert abs(sim.particles[0].x) > 8.0
    np.testing.assert_allclose(momentum(sim), p0, atol=1e-9)


def test_a_test_particle_is_no_star():
    sim = pair(1500.0)
    sim.particles[1].m = 0.0
    collider = Collider(Baseline(), age=1.0)
    collider.attach(sim)
    sim.integrate(8.0 / 1500.0)
    collider.check()
    assert sim.N == 2
    assert collider.collisions == []


def test_another_gravity_is_refused():
    sim = rebound.Simulation()
    with pytest.raises(ValueError, match=r"sim.G = 1, allowed: 190809"):
        Collider(Baseline(), age=1.0).attach(sim)


def test_what_goes_wrong_is_not_lost():
    def broken(encounter):
        raise RuntimeError("no answer")

    sim = pair(1500.0)
    collider = Collider(broken, age=1.0)
    collider.attach(sim)
    sim.integrate(8.0 / 1500.0)
    with pytest.raises(RuntimeError, match="no answer"):
        collider.check()


@pytest.mark.slow
def test_a_thousand_stars_through_a_hundred_collisions(rule):
    stars = plummer(jax.random.key(0), np.full(1000, 1.0), 60.0, age=1.0)
    sim = rebound.Simulation()
    sim.G = G
    sim.integrator = "leapfrog"
    sim.collision = "direct"
    for x, v, m, r in zip(*map(np.asarray, (stars.x, stars.v, stars.m, stars.r)), strict=True):
        sim.add(m=m, r=r, x=x[0], y=x[1], z=x[2], vx=v[0], vy=v[1], vz=v[2])
    m0, p0 = mass(sim), momentum(sim)
    size = sum(p.m * np.linalg.norm([p.vx, p.vy, p.vz]) for p in sim.particles)
    sim.dt = 0.2 / np.abs(np.asarray(stars.v)).max()
    collider = Collider(rule, age=1.0)
    collider.attach(sim)
    while len(collider.collisions) < 100:
        sim.steps(5)
        collider.check()
    gone = sum((c.m1_final <= 0.0) + (c.m2_final <= 0.0) for c in collider.collisions)
    assert 1000 - gone == sim.N
    assert mass(sim) + collider.lost_mass == pytest.approx(m0, rel=1e-6)
    assert np.abs(momentum(sim) + collider.lost_momentum - p0).max() < 1e-10 * size
