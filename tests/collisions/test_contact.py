"""How deep two stars meet, from a head-on collision to grazing contact."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.collisions.contact import HEIGHTS, contact_height, height
from surrogate.collisions.structure import MASS_FRACTIONS, enclosed_radii

STARS = [(0.2, 10.0), (0.8, 1.0), (1.0, 5.0), (4.0, 0.1), (16.0, 0.001), (64.0, 0.0038)]
"""Mass [Msun] and age [Gyr]."""
masses = st.floats(0.1, 100.0)
ages = st.floats(0.0, 15.0)


@pytest.fixture(scope="module")
def stars():
    return enclosed_radii(*np.float32(STARS).T)


@pytest.fixture(scope="module")
def all_pairs(stars):
    """Profiles of each star with each, itself included."""
    one, other = np.indices((len(STARS), len(STARS))).reshape(2, -1)
    return stars[one], stars[other]


@jax.jit
def from_head_on_to_beyond(mass1, age1, mass2, age2):
    profiles = [enclosed_radii(m, t) for m, t in ((mass1, age1), (mass2, age2))]
    contact = profiles[0][-1] + profiles[1][-1]
    return contact_height(contact * jnp.linspace(0.0, 1.2, 500), *profiles)


def test_height_rises_from_the_centre_to_the_surface():
    f = np.linspace(0.0, 1.0, 1001)
    assert (height(0.0), height(1.0)) == (0.0, 1.0)
    assert np.all(np.diff(height(f)) > 0)


def test_is_exact_at_the_pericentres_of_the_grid(all_pairs):
    one, other = all_pairs
    for k in range(len(MASS_FRACTIONS)):
        found = contact_height(one[:, k] + other[:, k], one, other)
        np.testing.assert_array_equal(found, np.float32(HEIGHTS[k]))


def test_is_between_the_nodes_in_between(all_pairs):
    one, other = all_pairs
    nodes = one + other
    middle = 0.5 * (nodes[:, 1:] + nodes[:, :-1])
    found = contact_height(middle, one[:, None], other[:, None])
    assert np.all(found > np.float32(HEIGHTS[:-1]))
    assert np.all(found < np.float32(HEIGHTS[1:]))


@given(mass1=masses, age1=ages, mass2=masses, age2=ages)
def test_rises_with_the_pericentre(mass1, age1, mass2, age2):
    found = np.asarray(from_head_on_to_beyond(mass1, age1, mass2, age2))
    assert np.all(np.diff(found) > -1e-6)
    assert found[0] == 0.0
    assert np.all((found >= 0.0) & (found <= 1.0))
    assert np.all(found[np.linspace(0.0, 1.2, 500) > 1.0001] == 1.0)


def test_slope_is_continuous_across_the_nodes(all_pairs):
    with jax.enable_x64(True):
        one, other = (jnp.asarray(p, jnp.float64) for p in all_pairs)
        slope = jax.jit(jax.vmap(jax.grad(contact_height)))
        for k in range(1, len(MASS_FRACTIONS) - 1):
            rp = one[:, k] + other[:, k]
            below, above = (slope(rp * (1 + step), one, other) for step in (-1e-9, 1e-9))
            assert np.all(below > 0)
            np.testing.assert_allclose(below, above, rtol=1e-6)


def test_does_not_tell_which_star_is_which(all_pairs):
    one, other = all_pairs
    rp = 0.37 * (one[:, -1] + other[:, -1])
    np.testing.assert_array_equal(contact_height(rp, one, other), contact_height(rp, other, one))


def test_does_not_depend_on_the_size_of_the_stars(all_pairs):
    one, other = all_pairs
    rp = 0.37 * (one[:, -1] + other[:, -1])
    here, larger = contact_height(rp, one, other), contact_height(7 * rp, 7 * one, 7 * other)
    np.testing.assert_allclose(larger, here, rtol=1e-5)


def test_gradients_are_finite_from_head_on_to_far_beyond_contact(all_pairs):
    one, other = all_pairs
    contact = one[:, -1] + other[:, -1]
    inner = one[:, 5] + other[:, 5]
    gradients = jax.jit(jax.vmap(jax.grad(contact_height, argnums=(0, 1, 2))))
    for rp in (0 * contact, inner, 0.999 * contact, contact, 1.01 * contact, 100 * contact):
        assert all(jnp.isfinite(g).all() for g in gradients(rp, one, other))
