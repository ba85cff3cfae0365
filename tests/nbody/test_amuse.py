"""Collisions of AMUSE's particles, by AMUSE itself where it is there."""

from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest

import surrogate
from surrogate.collisions.baselines import Remnants
from surrogate.collisions.encounter import Fate
from surrogate.collisions.rules import Baseline, Surrogate, Unharmed
from surrogate.nbody.amuse import CollisionCode

from .conftest import leaves

pytest.importorskip("amuse.datamodel", reason="needs AMUSE: docs/other-codes.md says how")

from amuse.couple.collision_handler import CollisionHandler
from amuse.datamodel import Particles
from amuse.ext.sticky_spheres import StickySpheres
from amuse.units import nbody_system, units

AGE = 1.0 | units.Gyr
NEEDED = ("mass", "radius", "position", "velocity")


def pair(speed=600.0, offset=0.2, m=(1.0, 0.7), r=(0.9, 0.7)):
    """Two stars about to touch, in AMUSE's usual units."""
    stars = Particles(2)
    stars.mass = list(m) | units.MSun
    stars.radius = list(r) | units.RSun
    stars.position = [[-0.9, offset, 0.0], [0.9, -offset, 0.0]] | units.RSun
    stars.velocity = [[speed / 2, 0.0, 7.0], [-speed / 2, 0.0, 7.0]] | units.kms
    return stars


def momentum(particles):
    p = (particles.mass[:, np.newaxis] * particles.velocity).sum(axis=0)
    return p.value_in(units.MSun * units.kms)


def merges(e):
    return Remnants(jnp.full(e.m1.shape, 1), 0.9 * (e.m1 + e.m2), 0.0 * e.m2, 0.1 * (e.m1 + e.m2))


RULES = {
    "two": (leaves(Fate.TWO, 0.9, 0.6), 2),
    "stripped": (leaves(Fate.STRIPPED, 0.0, 0.6), 1),
    "merger": (merges, 1),
    "none": (leaves(Fate.NONE, 0.0, 0.0), 0),
}


@pytest.mark.parametrize("name", RULES)
def test_as_many_are_left_as_the_rule_says(name):
    rule, number = RULES[name]
    stars, code = pair(), CollisionCode(rule, age=AGE)
    left = code.handle_collision(stars[0], stars[1])
    assert len(left) == number
    assert not set(left.key) & set(stars.key)
    total = stars.mass.sum().value_in(units.MSun)
    after = (left.mass.sum() if number else 0 | units.MSun) + code.lost_mass
    assert after.value_in(units.MSun) == pytest.approx(total, rel=1e-14)
    lost = code.lost_momentum.value_in(units.MSun * units.kms)
    found = (momentum(left) if number else 0.0) + lost
    np.testing.assert_allclose(found, momentum(stars), atol=1e-10)
    (collision,) = code.collisions
    assert collision.keys == tuple(stars.key)
    assert [key for key in collision.remnants if key] == list(left.key)


@pytest.mark.slow
@pytest.mark.parametrize(("speed", "number"), [(100.0, 1), (1500.0, 2), (9000.0, 0)])
def test_by_the_surrogate(speed, number):
    stars = pair(2.0 * speed, offset=0.3)
    code = CollisionCode(Surrogate(surrogate.load("fast")), age=AGE)
    p0, m0 = momentum(stars), stars.mass.sum()
    code.resolve(stars[0], stars[1], stars)
    assert len(stars) == number
    mass = (stars.mass.sum() if number else 0 | units.MSun) + code.lost_mass
    assert mass / m0 == pytest.approx(1.0, rel=1e-14)
    lost = code.lost_momentum.value_in(units.MSun * units.kms)
    found = (momentum(stars) if number else 0.0) + lost
    np.testing.assert_allclose(found, p0, atol=1e-10)


@pytest.mark.slow
def test_a_hundred_collisions_keep_mass_and_momentum():
    rng = np.random.default_rng(0)
    stars = Particles(200)
    stars.mass = rng.uniform(0.3, 1.0, 200) | units.MSun
    stars.radius = 0.9 * stars.mass.number | units.RSun
    stars.position = rng.normal(size=(200, 3)) | units.parsec
    stars.velocity = rng.normal(0.0, 1000.0, (200, 3)) | units.kms
    m0, p0 = stars.mass.sum(), momentum(stars)
    size = np.abs(stars.mass.number[:, None] * stars.velocity.number).sum()
    code = CollisionCode(Surrogate(surrogate.load("fast")), age=AGE)
    for _ in range(100):
        a, b = (stars[int(k)] for k in rng.choice(len(stars), 2, replace=False))
        b.position = a.position + ([0.2, 0.1, 0.0] | units.RSun)
        code.resolve(a, b, stars)
    gone = sum(c.remnants.count(None) for c in code.collisions)
    assert len(stars) == 200 - gone
    assert {len(c.remnants) - c.remnants.count(None) for c in code.collisions} == {0, 1, 2}
    assert (stars.mass.sum() + code.lost_mass) / m0 == pytest.approx(1.0, rel=1e-12)
    lost = code.lost_momentum.value_in(units.MSun * units.kms)
    assert np.abs(momentum(stars) + lost - p0).max() < 1e-12 * size


def test_sticky_spheres_are_those_of_amuse():
    stars = pair(100.0)
    ours = CollisionCode(Baseline("sticky"), age=AGE).handle_collision(stars[0], stars[1])
    theirs = StickySpheres().handle_collision(stars[0], stars[1])
    for name, unit in (("mass", units.MSun), ("position", units.RSun), ("velocity", units.kms)):
        a, b = (getattr(each, name).value_in(unit) for each in (ours, theirs))
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["two", "stripped", "merger"])
def test_amuse_replaces_the_colliders_in_its_codes(name):
    rule, number = RULES[name]
    stars = pair()
    keys = set(stars.key)
    gravity, evolution = (SimpleNamespace(particles=stars.copy()) for _ in range(2))
    evolution.particles.age = [1.0, 2.0] | units.Gyr
    code = CollisionCode(rule, stellar_evolution_code_required=True)
    handler = CollisionHandler(code, gravity_code=gravity, stellar_evolution_code=evolution)
    left = handler.handle_collision(gravity.particles[0], gravity.particles[1])
    for particles in (gravity.particles, evolution.particles):
        assert set(particles.key) == set(left.key)
        assert not set(particles.key) & keys
        assert len(particles) == number
    assert gravity.particles.velocity.value_in(units.kms) == pytest.approx(
        left.velocity.value_in(units.kms)
    )


def test_stellar_evolution_forgets_a_destroyed_pair():
    stars = pair()
    evolution = SimpleNamespace(particles=stars.copy())
    handler = CollisionHandler(
        CollisionCode(RULES["none"][0], age=AGE), stellar_evolution_code=evolution
    )
    assert len(handler.handle_collision(stars[0], stars[1])) == len(evolution.particles) == 0


def test_amuse_may_make_the_code_itself():
    stars = pair()
    handler = CollisionHandler(CollisionCode, {"rule": merges, "age": AGE})
    assert len(handler.handle_collision(stars[0], stars[1])) == 1


def test_amuse_handles_many():
    pairs = [pair() for _ in range(3)]
    primaries, secondaries = Particles(), Particles()
    for stars in pairs:
        primaries.add_particle(stars[0])
        secondaries.add_particle(stars[1])
    handler = CollisionHandler(CollisionCode(leaves(Fate.TWO, 0.9, 0.6), age=AGE))
    assert len(handler.handle_collisions(primaries, secondaries)) == 6


NBODY = nbody_system.nbody_to_si(50.0 | units.MSun, 0.1 | units.parsec)


def in_si(stars, name):
    unit = {"mass": units.kg, "velocity": units.m / units.s}.get(name, units.m)
    return getattr(stars, name).as_quantity_in(unit)


def in_nbody(stars, name):
    return NBODY.to_nbody(getattr(stars, name))


def converted(stars, to, names=NEEDED):
    """The same stars; the units of a set stay those that it was given first."""
    other = Particles(keys=stars.key)
    for name in names:
        setattr(other, name, to(stars, name))
    return other


@pytest.mark.parametrize(("to", "converter"), [(in_si, None), (in_nbody, NBODY)])
def test_units_do_not_matter(to, converter):
    rule, _ = RULES["two"]
    solar = pair()
    other = converted(solar, to)
    expected = CollisionCode(rule, age=AGE).handle_collision(solar[0], solar[1])
    code = CollisionCode(rule, age=AGE.as_quantity_in(units.s), converter=converter)
    found = code.handle_collision(other[0], other[1])
    for name in NEEDED:
        a, b = getattr(expected, name), getattr(found, name)
        assert b.unit == to(solar, name).unit
        b = converter.to_si(b) if converter else b
        np.testing.assert_allclose(b.value_in(a.unit), a.number, rtol=1e-6)


def test_survivors_keep_their_keys_where_they_are():
    stars = pair()
    stars.name = ["a", "b"]
    copy = stars.copy()
    keys = list(stars.key)
    code = CollisionCode(leaves(Fate.TWO, 0.9, 0.6), age=AGE)
    code.resolve(stars[0], stars[1], stars, copy)
    assert list(stars.key) == keys == list(copy.key)
    assert list(stars.name) == ["a", "b"]
    assert copy.mass.value_in(units.MSun) == pytest.approx([0.9, 0.42])
    assert code.collisions[0].remnants == tuple(keys)


def test_a_product_keeps_the_key_of_the_heavier_star():
    stars = pair(100.0, m=(0.5, 2.0), r=(0.5, 1.6))
    keys = list(stars.key)
    CollisionCode(Baseline("mmams"), age=0.1 | units.Gyr).resolve(stars[0], stars[1], stars)
    assert list(stars.key) == keys[1:]


def test_survivors_on_their_way_out_do_not_collide_again():
    stars = pair()
    code = CollisionCode(leaves(Fate.TWO, 0.9, 0.6), age=AGE)
    left = code.handle_collision(stars[0], stars[1])
    again = code.handle_collision(left[0], left[1])
    again = code.handle_collision(again[1], again[0])
    (collision,) = code.collisions
    assert collision.remnants == tuple(again.key[::-1])
    np.testing.assert_array_equal(again.mass.number[::-1], left.mass.number)
    again.velocity *= -1.0  # coming back
    code.handle_collision(again[0], again[1])
    assert len(code.collisions) == 2


def test_an_unharmed_pair_keeps_its_energy():
    stars = pair()
    left = CollisionCode(Unharmed(), age=AGE).handle_collision(stars[0], stars[1])
    before, after = (s.kinetic_energy() + s.potential_energy() for s in (stars, left))
    assert after / before == pytest.approx(1.0, rel=1e-9)


def test_ages_are_the_particles_own_or_those_of_stellar_evolution():
    told = []

    def rule(e):
        told.append((float(e.age[0]), float(e.age2[0])))
        return Unharmed()(e)

    stars, code = pair(), CollisionCode(rule, age=3.0 | units.Gyr)
    code.handle_collision(stars[0], stars[1])
    stars.age = [1.0, 2.0] | units.Gyr
    left = code.handle_collision(stars[0], stars[1])
    evolution = SimpleNamespace(particles=stars.copy())
    evolution.particles.age = [400.0, 500.0] | units.Myr
    code.handle_collision(stars[0], stars[1], stellar_evolution_code=evolution)
    np.testing.assert_allclose(told, [(3.0, 3.0), (1.0, 2.0), (0.4, 0.5)], rtol=1e-6)
    np.testing.assert_array_equal(left.age.value_in(units.Gyr), [1.0, 2.0])


@pytest.mark.parametrize("name", NEEDED)
def test_what_a_star_lacks_is_named(name):
    stars = converted(pair(), getattr, [n for n in NEEDED if n != name])
    with pytest.raises(ValueError, match=rf"{name} of particle {stars[0].key}: there is none"):
        CollisionCode(merges, age=AGE).handle_collision(stars[0], stars[1])


def test_bad_input_is_named():
    stars = pair()
    with pytest.raises(ValueError, match=r"rule = 'mmams': allowed is a rule"):
        CollisionCode("mmams")
    with pytest.raises(ValueError, match=r"baseline = 'glue': allowed are sticky"):
        CollisionCode(Baseline("glue"), age=AGE).handle_collision(stars[0], stars[1])
    with pytest.raises(ValueError, match=r"age = 1.0: it has no unit"):
        CollisionCode(merges, age=1.0)
    with pytest.raises(ValueError, match=r"age of particle \d+: there is none; give"):
        CollisionCode(merges).handle_collision(stars[0], stars[1])
    with pytest.raises(ValueError, match=r"age of \d+ = 1.0 kg: allowed are units like Gyr"):
        CollisionCode(merges, age=1.0 | units.kg).handle_collision(stars[0], stars[1])
    with pytest.raises(ValueError, match=r"secondary = particle \d+: allowed is another one"):
        CollisionCode(merges, age=AGE).handle_collision(stars[0], stars[0])
    with pytest.raises(ValueError, match=r"particle \d+: a set or code does not have it"):
        CollisionCode(merges, age=AGE).resolve(stars[0], stars[1], Particles(1))
    stars.radius = 0.0 | units.RSun
    with pytest.raises(ValueError, match=r"radius of particle \d+ = 0.0 RSun: allowed is > 0"):
        CollisionCode(merges, age=AGE).handle_collision(stars[0], stars[1])
    stars = converted(pair(), in_nbody)
    with pytest.raises(ValueError, match=r"for N-body units give a converter"):
        CollisionCode(merges, age=AGE).handle_collision(stars[0], stars[1])
    plain = converted(pair(), getattr, NEEDED[1:])
    plain.mass = [1.0, 2.0]
    with pytest.raises(ValueError, match=r"mass of \d+ = 1.0: it has no unit"):
        CollisionCode(merges, age=AGE).handle_collision(plain[0], plain[1])
