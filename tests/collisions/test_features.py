"""The published features, and the physics of the two stars in units of themselves."""

import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.collisions.features import (
    EVEN_FEATURES,
    ODD_FEATURES,
    Standardiser,
    published_features,
    quick_features,
    structure_features,
)
from surrogate.collisions.networks import N_EVEN

POTENTIAL = EVEN_FEATURES.index("ln(vesc^2)")
SIZES = {"rp", "r1", "r2", "profile1", "profile2", "core1", "core2"}


@pytest.fixture(scope="module")
def pair(arranged, random_encounters):
    return arranged(random_encounters(500, seed=5))


@pytest.fixture(scope="module")
def twins(arranged, random_encounters):
    e = random_encounters(500, seed=5)
    return arranged(e._replace(m2=e.m1))


def test_features_of_the_paper():
    x = published_features(0.999, 2.0, 1.0, 0.9, 90.0)
    np.testing.assert_allclose(x, [0.0, 0.0, 2.0, np.log(2.0), 0.0], atol=1e-6)


def test_features_broadcast_and_are_finite_at_the_edges():
    x = published_features(0.0, 0.1, 0.1, jnp.array([0.0, 1.0]), 0.0)
    assert x.shape == (2, 5)
    assert jnp.isfinite(x).all()


def test_standardised_features_have_no_mean_and_unit_variance():
    x = 3.0 + 5.0 * np.random.default_rng(0).normal(size=(500, 5))
    z = Standardiser.fit(x)(x)
    np.testing.assert_allclose(z.mean(axis=0), 0.0, atol=1e-6)
    np.testing.assert_allclose(z.std(axis=0), 1.0, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("features", [structure_features, quick_features])
def test_exchanging_the_stars_leaves_even_features_and_turns_odd_ones(features, pair, exchanged):
    here, there = features(pair), features(exchanged(pair))
    np.testing.assert_allclose(there.even, here.even, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(there.odd, -here.odd, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(there.shares, here.shares[:, ::-1])


@pytest.mark.parametrize("features", [structure_features, quick_features])
def test_identical_stars_differ_in_nothing(features, twins):
    x = features(twins)
    assert not np.any(x.odd)
    np.testing.assert_array_equal(x.shares[:, 0], x.shares[:, 1])
    np.testing.assert_allclose(x.shares, 0.5, rtol=1e-6)


def test_different_stars_differ(pair):
    odd = np.asarray(structure_features(pair).odd)
    assert odd.shape == (500, len(ODD_FEATURES))
    assert np.all(np.any(odd != 0.0, axis=1) == (pair.m1 != pair.m2))


@pytest.mark.parametrize("features", [structure_features, quick_features])
@pytest.mark.parametrize(("mass", "size"), [(1.0, 3.0), (10.0, 1.0), (0.3, 0.1)])
def test_homologous_stars_differ_in_the_depth_of_their_potential_alone(features, pair, mass, size):
    changes = {name: size * getattr(pair, name) for name in SIZES}
    speed = np.sqrt(mass / size)
    scaled = pair._replace(m1=mass * pair.m1, m2=mass * pair.m2, vinf=speed * pair.vinf, **changes)
    here, there = features(pair), features(scaled)
    potential = POTENTIAL - (features is quick_features)
    rise = np.zeros(here.even.shape[1])
    rise[potential] = 2 * np.log(speed)
    np.testing.assert_allclose(there.even - here.even, np.tile(rise, (500, 1)), atol=2e-5)
    np.testing.assert_allclose(there.odd, here.odd, atol=2e-6)
    np.testing.assert_allclose(there.shares, here.shares, rtol=1e-6)


@pytest.mark.parametrize("features", [structure_features, quick_features])
def test_stars_that_miss_each_other_are_as_in_contact(features, pair):
    contact = pair.r1 + pair.r2
    grazing = features(pair._replace(rp=contact))
    for distance in (1.01, 100.0):
        beyond = features(pair._replace(rp=distance * contact))
        np.testing.assert_array_equal(beyond.even, grazing.even)


def test_every_kind_of_stars_at_any_speed_has_finite_features(pair):
    for vinf in (0.0, 1.0, 1e5):
        for rp in (0.0, 1e-3, 1e3):
            x = structure_features(pair._replace(vinf=vinf + 0 * pair.vinf, rp=rp + 0 * pair.rp))
            assert jnp.isfinite(x.even).all()


def test_quick_features_are_the_others_but_for_the_first(pair):
    whole, quick = structure_features(pair), quick_features(pair)
    assert whole.even.shape[1] == N_EVEN
    # Within what the radii of the core differ by from those of the whole profile.
    np.testing.assert_allclose(quick.even, whole.even[:, 1:], atol=0.03)
    np.testing.assert_allclose(quick.odd, whole.odd, atol=0.03)
