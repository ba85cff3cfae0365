"""How far an encounter is from those that a model has seen."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate import Encounter
from surrogate.collisions.novelty import ood_score, star_coordinates

SEEN = np.float32([0.5, 1.0, 2.0, 4.0, 8.0])
"""Masses of the stars that were seen, at 1 Myr [Msun]."""
SPEEDS = (10.0, 1000.0)
"""Least and greatest velocity that was seen [km/s]."""


def stars(m1, m2=SEEN, vinf=100.0):
    """As many encounters at 1 Myr as stars were seen: one compilation serves."""
    columns = np.broadcast_arrays(np.zeros(len(SEEN)), 0.001, m1, m2, 0.1, vinf)
    return Encounter(*np.float32(columns[1:]))


@pytest.fixture(scope="module")
def score(arranged):
    known = star_coordinates(arranged(stars(SEEN)))[:, 0]
    return jax.jit(lambda pair: ood_score(pair, known, jnp.log(jnp.array(SPEEDS))))


def swollen(pair, half=2.0, whole=1.0):
    """The same with star 1 of other radii, as a user may give them."""
    core = pair.core1 * jnp.array([1.0, half])
    return pair._replace(core1=core, r1=whole * pair.r1)


def test_nothing_is_new_about_the_stars_that_were_seen(score, arranged):
    for m1 in SEEN:
        assert np.all(score(arranged(stars(m1))) < 1e-3)


def test_a_star_of_twice_the_mass_and_the_same_size_is_one_away(score, arranged):
    pair = arranged(stars(8.0, 8.0))
    np.testing.assert_allclose(score(pair._replace(m1=2 * pair.m1)), 1.0, rtol=1e-3)


def test_a_main_sequence_star_of_twice_the_mass_is_about_one_away(score, arranged):
    for outside in (0.25, 16.0):
        found = score(arranged(stars(outside)))
        assert np.all((found > 1.0) & (found < 1.6))


def test_stars_between_those_seen_are_between(score, arranged):
    found = np.asarray(score(arranged(stars(np.sqrt(SEEN * np.append(SEEN[1:], 4.0))))))
    assert np.all((found > 0.3) & (found < 0.9))


def test_the_score_rises_beyond_the_range(score, arranged):
    found = np.asarray(score(arranged(stars(np.float32([8.0, 10.0, 16.0, 32.0, 64.0]), 8.0))))
    assert np.all(np.diff(found) > 0.2)
    assert found[-1] > 3.0


def test_the_less_familiar_star_counts(score, arranged):
    familiar = score(arranged(stars(32.0, SEEN)))
    np.testing.assert_array_equal(familiar, score(arranged(stars(32.0, 32.0))))


def test_a_higher_speed_adds_its_octaves_and_a_lower_one_nothing(score, arranged):
    vinf = SPEEDS[1] * np.float32([1e-9, 0.5, 1.0, 2.0, 4.0])
    found = score(arranged(stars(1.0, 2.0, vinf)))
    np.testing.assert_allclose(found, [0.0, 0.0, 0.0, 1.0, 2.0], atol=1e-3)
    np.testing.assert_allclose(score(arranged(stars(1.0, 16.0, vinf))) - found, 1.2, atol=0.3)


def test_a_swollen_star_is_as_new_as_its_size_tells(score, arranged):
    pair = arranged(stars(8.0, 8.0))
    # An octave in the half-mass radius and as much in its share of the radius.
    np.testing.assert_allclose(score(swollen(pair)), np.sqrt(2.0), rtol=1e-3)
    # Of a star that swells as a whole the share stays.
    np.testing.assert_allclose(score(swollen(pair, whole=2.0)), 1.0, rtol=1e-3)
    assert np.all(score(swollen(pair, half=4.0, whole=2.0)) > score(swollen(pair)))


def test_exchanging_the_stars_changes_nothing(score, arranged, exchanged):
    pair = swollen(arranged(stars(3.0, 30.0)))
    np.testing.assert_array_equal(score(exchanged(pair)), score(pair))


def test_scores_have_the_shape_of_the_batch(score, arranged):
    pair = arranged(stars(3.0))
    expected = score(pair)
    one = score(jax.tree.map(lambda a: a[2], pair))
    assert one.shape == ()
    np.testing.assert_allclose(one, expected[2], rtol=1e-5)
    rows = score(jax.tree.map(lambda a: jnp.stack([a, a]), pair))
    np.testing.assert_allclose(rows, np.stack([expected, expected]), rtol=1e-5)


def test_gradients_are_finite_at_a_seen_star_and_at_rest(score, arranged):
    gradient = jax.jit(jax.grad(lambda pair: score(pair).sum(), allow_int=True))
    for pair in (arranged(stars(1.0)), arranged(stars(3.0, vinf=0.0)), arranged(stars(32.0))):
        g = gradient(pair)
        for part in (g.m1, g.m2, g.r1, g.r2, g.core1, g.core2, g.vinf):
            assert jnp.isfinite(part).all()
