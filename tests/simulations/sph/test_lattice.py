"""Particles of a star are spread as its matter is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from surrogate.simulations import units
from surrogate.simulations.sph.lattice import star_of_particles
from surrogate.simulations.stars.main_sequence import main_sequence_star
from surrogate.simulations.stars.polytrope import polytrope

STARS = {
    "n = 1.5": lambda: polytrope(1.5, 1.0, 1.0),
    "n = 3": lambda: polytrope(3.0, 2.0, 1.5),
    "main sequence": lambda: main_sequence_star(5.0, 0.05),
}


@pytest.fixture(scope="module", params=STARS)
def profile(request):
    return STARS[request.param]()


@pytest.mark.parametrize("equal_mass", [0.4, 0.5, 1.0])
def test_masses_add_up_about_the_centre(profile, equal_mass):
    star = star_of_particles(profile, 500, equal_mass)
    assert math.fsum(star.m) == pytest.approx(profile.mass, rel=1e-14)
    assert (star.m > 0).all()
    np.testing.assert_allclose(star.m @ star.x, 0, atol=1e-14 * profile.mass * profile.radius)
    assert not star.v.any()
    assert np.linalg.norm(star.x, axis=1).max() < profile.radius


@pytest.mark.parametrize("particles", [100, 137, 500, 1000, 3000])
def test_about_as_many_as_asked_for(particles):
    star = star_of_particles(STARS["n = 1.5"](), particles)
    assert len(star.m) == pytest.approx(particles, rel=0.05)
    assert {len(part) for part in star} == {len(star.m)}


@pytest.mark.parametrize("equal_mass", [0.4, 0.5, 1.0])
def test_radii_enclose_the_mass_of_the_profile(profile, equal_mass):
    star = star_of_particles(profile, 3000, equal_mass)
    r = np.linalg.norm(star.x, axis=1)
    order = np.argsort(r)
    within = np.cumsum(star.m[order]) - star.m[order] / 2
    shares = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    found = np.interp(shares * profile.mass, within, r[order])
    expected = np.interp(shares, profile.m / profile.m[-1], profile.r / units.LENGTH)
    # The masses of a few shells of particles stand for the mass of the star.
    np.testing.assert_allclose(found, expected, rtol=0.06)


@pytest.mark.parametrize("equal_mass", [0.4, 0.5, 1.0])
def test_number_follows_the_density_to_the_power_asked_for(equal_mass):
    profile = STARS["n = 1.5"]()
    star = star_of_particles(profile, 3000, equal_mass)
    r = np.linalg.norm(star.x, axis=1)
    edges = np.linspace(0, 0.6, 5)
    number = np.histogram(r, edges)[0] / np.diff(edges**3)
    density = np.interp((edges[1:] + edges[:-1]) / 2, profile.r / units.LENGTH, profile.rho)
    number, density = (a / a[1] for a in (number, density))
    np.testing.assert_allclose(number[1:], density[1:] ** equal_mass, rtol=0.15)


def test_equal_masses():
    profile = STARS["n = 3"]()
    m = star_of_particles(profile, 500, equal_mass=1.0).m
    np.testing.assert_allclose(m, m[0], rtol=1e-12)
    m = star_of_particles(profile, 500, equal_mass=0.5).m
    assert m.max() > 10 * m.min()


def test_energy_and_gas_are_those_of_the_place(profile):
    star = star_of_particles(profile, 300)
    r = np.linalg.norm(star.x, axis=1)
    u = np.interp(r, profile.r / units.LENGTH, profile.internal_energy / units.SPECIFIC_ENERGY)
    np.testing.assert_allclose(star.u, u, rtol=1e-12)
    np.testing.assert_allclose(star.mu, profile.mu[0], rtol=1e-12)


@pytest.mark.slow
def test_smoothing_lengths_are_guessed_well(compiled_rates, ideal, new_stars):
    star = star_of_particles(polytrope(1.5, 1.0, 1.0), 100)
    ratio = star.h / new_stars[0].h
    assert 0.6 < ratio.min() < ratio.max() < 1.3
    more = star_of_particles(polytrope(1.5, 1.0, 1.0), 100, neighbours=100.0)
    np.testing.assert_allclose(more.h, 2 ** (1 / 3) * star.h, rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((99,), r"particles = 99, allowed: at least 100 a star"),
        ((100, 0.3), r"equal_mass = 0\.3, allowed: 0\.4 to 1"),
        ((100, 1.1), r"equal_mass = 1\.1, allowed: 0\.4 to 1"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        star_of_particles(polytrope(1.5, 1.0, 1.0), *arguments)
