"""New stars are balanced near the entropy of their profile, and come to rest."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.simulations import eos, units
from surrogate.simulations.sph.energy import conserved
from surrogate.simulations.sph.relax import at_rest, new_star, relax_many
from surrogate.simulations.sph.state import Fluid, Method
from surrogate.simulations.sph.steering import aim_at, frequencies, steered
from surrogate.simulations.sph.step import advance
from surrogate.simulations.stars.main_sequence import main_sequence_star
from surrogate.simulations.stars.polytrope import polytrope


def on_device(star):
    return Fluid(*map(jnp.asarray, star))


STARS = {
    "n = 1.5": (lambda: polytrope(1.5, 1.0, 1.0), Method(radiation=False)),
    "n = 3": (lambda: polytrope(3.0, 1.0, 1.0), Method(radiation=False)),
    "40 Msun": (lambda: main_sequence_star(40.0, 0.002), Method()),
}


@pytest.fixture(
    scope="module",
    params=["n = 1.5", "n = 3", pytest.param("40 Msun", marks=pytest.mark.slow)],
)
def fresh(request, compiled_rates):
    """A profile, its new star, and what acts on that."""
    make, method = STARS[request.param]
    profile = make()
    star = new_star(profile, 100, method)
    return profile, star, compiled_rates(on_device(star), method=method)


def test_layers_of_a_new_star_carry_what_is_above_them(fresh):
    _, star, found = fresh
    r = np.linalg.norm(star.x, axis=1)
    order = np.argsort(r)
    force = star.m * np.sum(found.a * star.x, axis=1) / r
    gravity = star.m * (np.cumsum(star.m[order]) / r[order] ** 2)[np.argsort(order)]
    for layer in np.array_split(order, 4):
        assert abs(force[layer].sum()) < 0.05 * gravity[layer].sum()


def test_entropies_are_near_those_of_the_place(fresh):
    profile, star, found = fresh
    r, mu = np.linalg.norm(star.x, axis=1), np.asarray(star.mu)

    def entropy(rho, u):
        """Per particle of the gas [k]: ln(T^1.5 / rho) + 4 a T^3 mu / (3 k rho), cgs."""
        T = np.asarray(eos.temperature(rho, u, mu))
        radiation = 4 / 3 * eos.A_RADIATION * T**3 * mu / (eos.K_BOLTZMANN * rho)
        return np.log(T**1.5 / rho) + radiation

    place = profile.r / units.LENGTH
    there = (np.interp(r, place, part) for part in (profile.rho, profile.internal_energy))
    units_here = (found.rho * units.DENSITY, star.u * units.SPECIFIC_ENERGY)
    change = entropy(*map(np.asarray, units_here)) - entropy(*there)
    # A hundred particles: most have up to 0.4 k less or more than the gas of some 25 k.
    assert abs(star.m @ change) < 0.25 * star.m.sum()
    assert np.average(np.abs(change) < 0.4, weights=star.m) > 0.8


@pytest.mark.slow
def test_relaxed_stars_are_at_rest(go, start, ideal, small_stars):
    for star, mass in zip(small_stars, (1.0, 0.7), strict=True):
        assert star.m.sum() == pytest.approx(mass, rel=1e-14)
        assert not star.v.any()
        run = go(start(on_device(star), ideal), 2 * mass, ideal)  # two dynamical times
        energies = conserved(run.fluid)
        assert float(energies.kinetic) < 1e-3 * -float(energies.gravitational)


@pytest.mark.slow
def test_relaxed_stars_obey_the_virial_theorem(ideal, small_stars):
    # 3 (gamma - 1) U = -W; a little is missing as the softening changes with the size.
    for star in small_stars:
        energies = conserved(on_device(star))
        assert 2 * float(energies.internal) == pytest.approx(
            -float(energies.gravitational), rel=0.02
        )


@pytest.mark.slow
def test_relaxation_makes_no_entropy(compiled_rates, ideal, start, new_stars, small_stars):
    """Its drag makes none: only the energies that are steered change."""

    def constants(star):
        star = on_device(star)
        return star.u / compiled_rates(star, method=ideal).rho ** (2 / 3)

    still = at_rest(ideal)
    for new, relaxed, size in zip(new_stars, small_stars, (1.0, 0.7), strict=True):
        run = start(on_device(new), still)
        drag = 2.0 * frequencies(run.fluid)
        slowed = advance(run, jnp.asarray(8.0 * size), 100_000, still, drag).fluid
        np.testing.assert_allclose(constants(slowed), constants(new), rtol=3e-3)
        np.testing.assert_array_equal(relaxed.m, new.m)


@pytest.mark.slow
def test_stars_keep_their_size_and_scale_with_it(small_stars):
    sizes = [float(np.sqrt(s.m @ (s.x**2).sum(1) / s.m.sum())) for s in small_stars]
    # <r^2> of an n = 1.5 polytrope is 0.307 R^2; a hundred particles lack the outermost layer.
    assert sizes[0] == pytest.approx(0.307**0.5, rel=0.05)
    # Both are the same star in other units.
    assert sizes[1] / sizes[0] == pytest.approx(0.7, rel=1e-3)


@pytest.mark.slow
def test_one_alone_comes_to_rest_as_among_others(ideal, profiles, new_stars, small_stars):
    (alone,) = relax_many(new_stars[1:], profiles[1:], ideal)
    r, expected = (np.sort(np.linalg.norm(s.x, axis=1)) for s in (alone, small_stars[1]))
    np.testing.assert_allclose(r.mean(), expected.mean(), rtol=0.01)


@pytest.mark.slow
def test_layers_that_are_too_large_are_cooled(start, ideal, profiles, small_stars):
    star, aim = small_stars[0], aim_at(profiles[0], len(small_stars[0].m), 10.0)
    for factor, sign in ((1.1, -1), (0.9, 1)):
        run = start(on_device(star._replace(x=star.x * factor)), ideal)
        change = np.log(steered(run, aim, jnp.asarray(0.1)).fluid.u / run.fluid.u)
        assert np.all(sign * change > 0)
        assert np.all(np.abs(change) < 0.2)
    r = np.linalg.norm(star.x, axis=1)
    stretched = start(on_device(star._replace(x=star.x * (1 + 0.1 * r)[:, None])), ideal)
    change = np.log(steered(stretched, aim, jnp.asarray(0.1)).fluid.u / stretched.fluid.u)
    order = np.argsort(r)
    assert change[order[-20:]].max() < change[order[:20]].min()  # most where it is most too large
    # Towards the end a star is left to itself.
    late = stretched._replace(t=aim.end)
    assert jnp.array_equal(steered(late, aim, jnp.asarray(0.1)).fluid.u, late.fluid.u)


def test_an_evolved_star_is_relaxed_for_less_of_its_dynamical_time():
    plain, giant = polytrope(1.5, 1.0, 1.0), main_sequence_star(64.0, 0.003891171)
    assert float(aim_at(plain, 100, 10.0).end) == pytest.approx(10.0)
    aim = aim_at(giant, 1000, 10.0)
    assert float(aim.end) < 3 * float(aim.time) == pytest.approx(3 * giant.dynamical_time)
    assert len(aim.cubes) > len(aim_at(giant, 100, 10.0).cubes)


@pytest.mark.slow
def test_frequencies_are_those_of_the_mass_within(small_stars):
    star = small_stars[0]
    r = np.linalg.norm(star.x - star.m @ star.x / star.m.sum(), axis=1)
    found = frequencies(on_device(star))
    outermost, inner = np.argmax(r), np.argsort(r)[len(r) // 2]
    within = star.m[r < r[inner]].sum() + star.m[inner] / 2
    assert float(found[inner]) == pytest.approx((within / r[inner] ** 3) ** 0.5, rel=1e-6)
    assert float(found[outermost]) == pytest.approx(r.max() ** -1.5, rel=0.01)


def test_dynamical_time():
    assert polytrope(3.0, 2.0, 4.0).dynamical_time == pytest.approx(32**0.5, rel=1e-12)


def test_a_relaxation_has_no_viscosity():
    method = at_rest(Method(neighbours=60.0))
    assert method == dataclasses.replace(Method(neighbours=60.0), alpha=0.0, beta=0.0)


def test_refused(ideal):
    with pytest.raises(ValueError, match="particles = 50, allowed: at least 100"):
        new_star(polytrope(1.5, 1.0, 1.0), 50, ideal)
