"""Intervals of a mixture of outcomes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.collisions.prediction import Survivors, most_probable
from surrogate.collisions.uncertainty import LEVELS, Calibration, mass_bounds, tempered

LAW = np.tile(np.float32(LEVELS), (5, 3, 1))
"""Scatter within one scale, every place as likely."""
NONE, MERGER, TWO, FIRST, SECOND = Survivors
SURE = np.eye(5, dtype=np.float32)
SHARES = np.float32([0.64, 0.36])


def calibration(widening=0.0, tilt=0.0):
    return Calibration(
        temperature=jnp.float32(1.0),
        law=jnp.asarray(LAW),
        tilt=jnp.float32(tilt),
        widening=jnp.full((5, 3), widening, jnp.float32),
    )


bounds_of = jax.jit(mass_bounds)


@pytest.fixture(scope="module")
def guesses():
    """Probabilities, fractions, scales and shares of 500 encounters, as networks may tell them."""
    rng = np.random.default_rng(2)
    p = rng.dirichlet(np.full(5, 0.4), 500)
    shares = rng.dirichlet([2.0, 2.0], 500)
    kept = rng.uniform(0.0, 1.0, (500, 5, 2)) * np.array([[0, 0], [1, 0], [1, 1], [1, 0], [0, 1]])
    bound = kept * shares[:, None]
    bound[:, MERGER, 0] = kept[:, MERGER, 0]
    fractions = np.concatenate([bound, 1.0 - bound.sum(axis=2, keepdims=True)], axis=2)
    own = np.where(kept > 0, 10 ** rng.uniform(-5.0, -1.0, kept.shape), 0.0)
    scale = np.concatenate([own, own.sum(axis=2, keepdims=True)], axis=2)
    return tuple(np.float32(x) for x in (p, fractions, scale, shares))


@pytest.fixture
def two_fates():
    """One encounter that may end in a merger (0.95 in star 1) or in two stars (0.6 and 0.35)."""
    fractions, scale = np.zeros((2, 5, 3), np.float32)
    fractions[MERGER], scale[MERGER] = [0.95, 0.0, 0.05], [0.01, 0.0, 0.01]
    fractions[TWO], scale[TWO] = [0.6, 0.35, 0.05], [0.01, 0.01, 0.02]

    def ask(p_merger, ood=0.0, **options):
        p = np.float32([0.0, p_merger, 1.0 - p_merger, 0.0, 0.0])
        found = bounds_of(p, fractions, scale, SHARES, calibration(**options), np.float32(ood))
        return np.asarray(found)

    return ask


def test_tempered_probabilities_sum_to_one():
    z = 5.0 * jax.random.normal(jax.random.key(0), (100, 5))
    for temperature in (0.5, 1.0, 3.0):
        p = jnp.exp(tempered(jax.nn.log_softmax(z), temperature))
        np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-6)


def test_a_temperature_of_one_changes_nothing():
    z = jax.nn.log_softmax(5.0 * jax.random.normal(jax.random.key(0), (100, 5)))
    np.testing.assert_allclose(tempered(z, 1.0), z, atol=1e-5)


def test_a_higher_temperature_is_less_sure_of_the_same_outcome():
    z = jax.nn.log_softmax(5.0 * jax.random.normal(jax.random.key(0), (100, 5)))
    cold, hot = jnp.exp(tempered(z, 1.0)), jnp.exp(tempered(z, 2.0))
    np.testing.assert_array_equal(cold.argmax(axis=1), hot.argmax(axis=1))
    assert jnp.all(hot.max(axis=1) < cold.max(axis=1))


def test_bounds_are_nested_and_hold_the_most_probable_mass(guesses):
    p, fractions, *_ = guesses
    found = np.asarray(bounds_of(*guesses, calibration(), np.zeros(500, np.float32)))
    low68, high68, low95, high95 = np.moveaxis(found, -1, 0)
    chosen = np.asarray(most_probable(p))
    point = fractions[np.arange(500), chosen]
    for smaller, larger in [(low95, low68), (low68, point), (point, high68), (high68, high95)]:
        assert np.all(smaller <= larger)
    assert found.min() >= 0.0
    assert found.max() <= 1.0


def test_certain_masses_have_no_width():
    fractions = np.zeros((5, 5, 3), np.float32)
    fractions[..., 2] = 1.0
    fractions[:, MERGER] = [0.9, 0.0, 0.1]
    scale = np.zeros((5, 5, 3), np.float32)
    shares = np.tile(SHARES, (5, 1))
    found = bounds_of(SURE, fractions, scale, shares, calibration(1.0), np.ones(5, np.float32))
    expected = np.take_along_axis(fractions, np.arange(5)[:, None, None], axis=1)[:, 0]
    np.testing.assert_array_equal(found, np.repeat(expected[..., None], 4, axis=-1))


def test_one_sure_outcome_has_the_bounds_of_its_law(two_fates):
    star1, star2, unbound = two_fates(1.0)
    np.testing.assert_allclose(star1, 0.95 + 0.01 * np.array([-0.68, 0.68, -0.95, 0.95]), rtol=1e-5)
    np.testing.assert_array_equal(star2, 0.0)
    np.testing.assert_allclose(unbound - 0.05, star1 - 0.95, atol=1e-6)


def test_two_equally_likely_outcomes_are_both_within_the_bounds(two_fates):
    star1, star2, _ = two_fates(0.5)
    # 16 per cent of the whole is 32 per cent of the lower outcome: 0.36 scales below its middle.
    np.testing.assert_allclose(star1[:2], [0.6 - 0.0036, 0.95 + 0.0036], atol=1e-5)
    np.testing.assert_allclose(star1[2:], [0.6 - 0.009, 0.95 + 0.009], atol=1e-5)
    assert star2[0] == 0.0
    assert star2[1] > 0.35


def test_an_unlikely_outcome_is_within_95_per_cent_before_it_is_within_68(two_fates):
    reach = {p: two_fates(p)[0] for p in (0.01, 0.1, 0.3)}
    assert [bounds[1] > 0.9 for bounds in reach.values()] == [False, False, True]
    assert [bounds[3] > 0.9 for bounds in reach.values()] == [False, True, True]


def test_bounds_widen_with_the_distance_from_what_was_seen(two_fates):
    widths = []
    for ood in (0.0, 0.02, 0.1, 0.5, 2.0):
        found = two_fates(1.0, ood, widening=2.0)[0]
        widths.append([found[1] - found[0], found[3] - found[2]])
    steps = np.diff(widths, axis=0)
    assert np.all(steps > -1e-7)
    assert np.all(steps[:3] > 0)
    # Star 1 is cut off at 1, but for that three times as wide.
    assert widths[-1][0] == pytest.approx(3 * widths[0][0], rel=1e-3)


@pytest.mark.parametrize("tilt", [0.0, 0.7])
def test_exchanging_the_stars_exchanges_their_bounds(guesses, tilt):
    p, fractions, scale, shares = guesses
    p = p * (np.arange(5) != MERGER)  # a product is named after the first star, whichever that is
    other = np.array([NONE, MERGER, TWO, SECOND, FIRST])
    stars = np.array([1, 0, 2])
    known = calibration(widening=1.0, tilt=tilt), np.full(500, 0.1, np.float32)
    here = bounds_of(p, fractions, scale, shares, *known)
    swapped = (x[:, other][..., stars] for x in (fractions, scale))
    there = bounds_of(p[:, other], *swapped, shares[:, ::-1], *known)
    np.testing.assert_allclose(there[:, stars], here, atol=1e-6)


def test_a_tilt_widens_the_bounds_of_the_heavier_of_two_survivors(two_fates):
    def widths(p_merger, tilt):
        found = two_fates(p_merger, tilt=tilt)
        return found[:, 1] - found[:, 0]

    even, tilted = widths(0.0, 0.0), widths(0.0, 0.5)
    expected = np.append((2 * SHARES) ** 0.5, 1.0)
    np.testing.assert_allclose(tilted / even, expected, rtol=1e-4)
    np.testing.assert_array_equal(widths(1.0, 0.5), widths(1.0, 0.0))


def test_gradients_are_finite(guesses):
    def width(*guess):
        found = mass_bounds(*guess[:-1], calibration(widening=1.0, tilt=0.3), guess[-1])
        return jnp.sum(found[..., 3] - found[..., 2])

    gradient = jax.jit(jax.grad(width, argnums=range(5)))
    for g in gradient(*guesses, np.zeros(500, np.float32)):
        assert jnp.isfinite(g).all()
