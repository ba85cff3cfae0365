"""Profiles of stars whose size the user gives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.collisions.contact import HALF
from surrogate.collisions.features import CORE
from surrogate.collisions.posydon import PosydonTracks
from surrogate.collisions.profiles import core_profile, mass_profile
from surrogate.collisions.structure import enclosed_radii, main_sequence, radius

SHELLS = np.array([CORE, HALF])
"""Those of a core profile."""
masses = st.floats(0.1, 100.0)
ages = st.floats(0.0, 15.0)


@jax.jit
def scaled(mass, age, r):
    return [p(main_sequence(), mass, age, r) for p in (mass_profile, core_profile)]


@jax.jit
def stretched(mass, age, r, rh):
    return [p(main_sequence(), mass, age, r, rh) for p in (mass_profile, core_profile)]


@pytest.fixture(scope="module")
def stars():
    """Mass and age of stars all over the main sequence."""
    mass, scaled_age = (x.ravel() for x in np.meshgrid(np.geomspace(0.1, 100, 40), [0.01, 0.5, 1]))
    age = scaled_age * np.asarray(main_sequence().tams_age(mass))
    return np.float32(mass), np.float32(np.minimum(age, 15.0))


@pytest.mark.slow
def test_the_stars_own_radius_gives_its_own_profile(stars):
    profile, _ = scaled(*stars, radius(*stars))
    np.testing.assert_allclose(profile, enclosed_radii(*stars), rtol=1e-5)


def test_a_given_radius_scales_the_profile(stars):
    for factor in (0.5, 3.0):
        profile, core = scaled(*stars, factor * radius(*stars))
        np.testing.assert_allclose(profile, factor * enclosed_radii(*stars), rtol=1e-5)
        np.testing.assert_allclose(core[:, 1], profile[:, HALF], rtol=7e-3)


@given(mass=masses, age=ages, r=st.floats(0.05, 500.0), share=st.floats(0.02, 0.9))
def test_given_radius_and_half_mass_radius_are_both_met(mass, age, r, share):
    profile, core = (np.asarray(p) for p in stretched(mass, age, r, share * r))
    assert profile[0] == 0.0
    assert profile[-1] == pytest.approx(r, rel=1e-5)
    assert profile[HALF] == pytest.approx(share * r, rel=1e-5)
    assert core[1] == pytest.approx(share * r, rel=1e-5)
    assert np.all(np.diff(profile) > 0)
    assert 0.0 < core[0] < core[1]


@pytest.mark.slow
def test_the_stars_own_half_mass_radius_changes_nothing(stars):
    expected = enclosed_radii(*stars)
    profile, _ = stretched(*stars, expected[:, -1], expected[:, HALF])
    np.testing.assert_allclose(profile, expected, rtol=2e-5)


def test_a_core_profile_is_that_of_the_whole_star(stars):
    r = radius(*stars)
    for rh in (0.1 * r, 0.4 * r):
        profile, core = stretched(*stars, r, rh)
        np.testing.assert_allclose(core, profile[:, SHELLS], rtol=0.02)
    profile, core = scaled(*stars, r)
    np.testing.assert_allclose(core, profile[:, SHELLS], rtol=7e-3)


@pytest.mark.slow
def test_radii_of_another_structure_model_come_with_the_shipped_profiles():
    tracks = PosydonTracks(
        masses=np.array([0.5, 50.0]),
        tams=np.array([15.0, 0.004]),
        zams=np.array([0.01, 1e-4]),
        radii=np.ones((2, 11)),
    )
    mass, age = np.float32([0.7, 20.0]), np.float32([2.0, 0.005])
    r = tracks.radius(mass, age)
    expected = enclosed_radii(mass, age) / radius(mass, age)[:, None]
    np.testing.assert_allclose(mass_profile(tracks, mass, age, r), expected, rtol=1e-5)
    core = core_profile(tracks, mass, age, r)
    np.testing.assert_allclose(core, expected[:, SHELLS], rtol=7e-3)


@pytest.mark.slow
def test_gradients_by_what_is_given_are_finite(stars):
    def size(mass, age, r, rh):
        profile, core = stretched(mass, age, r, rh)
        return profile.sum() + core.sum()

    r = radius(*stars)
    for gradient in jax.grad(size, argnums=(0, 1, 2, 3))(*stars, r, 0.3 * r):
        assert jnp.isfinite(gradient).all()
