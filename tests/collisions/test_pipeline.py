"""What becomes of the stars, by the physics of each regime, of every registered model."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate import Encounter, Fate, Regime, Smoothing
from surrogate.collisions.models import MODELS
from surrogate.collisions.structure import radius, tams_age

from .conftest import battery

says_how_sure = pytest.mark.parametrize(
    "model", battery(["ensemble"]), indirect=True, scope="session"
)
"""For the models that bound their masses."""
does_not_say = pytest.mark.parametrize(
    "model", battery(sorted(MODELS.keys() - {"ensemble"})), indirect=True, scope="session"
)


@pytest.fixture(scope="module")
def n(encounters):
    """The length of arrays that all tests of a model share."""
    return len(encounters.m1)


@pytest.fixture(scope="module")
def contact():
    """R1 + R2 of 1 and 0.8 Msun at 1 Gyr [Rsun]."""
    return float(radius(1.0, 1.0) + radius(0.8, 1.0))


def bounds_of(outcome):
    """Each mass with its bounds, as NumPy arrays."""
    pairs = [
        (outcome.m1_final, outcome.m1_bounds),
        (outcome.m2_final, outcome.m2_bounds),
        (outcome.m_unbound, outcome.unbound_bounds),
    ]
    return jax.device_get(pairs)


def test_slow_head_on_encounters_merge(model):
    for m1, m2, age in [(1.0, 0.8, 1.0), (0.4, 0.2, 5.0), (8.0, 2.0, 0.01), (32.0, 32.0, 0.001)]:
        outcome = model(age, m1, m2, 0.0, 10.0)
        assert outcome.regime == Regime.COLLISION
        assert outcome.fate == Fate.MERGER
        assert outcome.m2_final == 0.0
        assert 0.85 * (m1 + m2) < outcome.m1_final < m1 + m2


def test_fast_grazing_encounters_leave_both_stars(model):
    for m1, m2, age in [(1.0, 0.8, 1.0), (8.0, 2.0, 0.01), (32.0, 16.0, 0.001)]:
        grazing = float(radius(m1, age) + radius(m2, age))
        outcome = model(age, m1, m2, grazing, 8000.0)
        assert outcome.regime == Regime.COLLISION
        assert outcome.fate == Fate.TWO
        assert outcome.m1_final == pytest.approx(m1, rel=0.03)
        assert outcome.m2_final == pytest.approx(m2, rel=0.03)


def test_fast_head_on_encounters_of_equal_stars_leave_nothing(model):
    outcome = model(1.0, 1.0, 1.0, 0.0, 8000.0)
    assert outcome.fate == Fate.NONE
    assert outcome.m_unbound == 2.0


def test_regimes_follow_distance(model, contact):
    deep, near, far = (model(1.0, 1.0, 0.8, rp * contact, 1.0) for rp in (0.9, 1.01, 5.0))
    assert (deep.regime, deep.fate) == (Regime.COLLISION, Fate.MERGER)
    assert (near.regime, near.fate) == (Regime.CAPTURE, Fate.MERGER)
    assert (far.regime, far.fate) == (Regime.FLYBY, Fate.TWO)
    np.testing.assert_allclose([near.m1_final, far.m1_final], [1.8, 1.0], rtol=1e-6)
    np.testing.assert_allclose([near.m_unbound, far.m_unbound], 0.0, atol=1e-6)


def test_a_faster_passage_is_not_captured(model, contact):
    speeds = (1.0, 100.0, 1000.0, 16000.0)
    found = [int(model(1.0, 1.0, 0.8, 1.05 * contact, vinf).regime) for vinf in speeds]
    assert found[0] == Regime.CAPTURE
    assert found[2:] == [Regime.FLYBY, Regime.FLYBY]


def test_stars_that_fly_by_keep_their_masses_to_the_last_bit(model, encounters, n):
    outcome = model(encounters)
    passed = np.asarray(outcome.regime == Regime.FLYBY)
    assert passed.sum() > n / 4
    np.testing.assert_array_equal(np.asarray(outcome.m1_final)[passed], encounters.m1[passed])
    np.testing.assert_array_equal(np.asarray(outcome.m2_final)[passed], encounters.m2[passed])
    assert not np.asarray(outcome.m_unbound)[passed].any()


@pytest.mark.parametrize("smooth", [False, True])
def test_mass_is_conserved(model, encounters, smooth):
    outcome = model(encounters, smooth=smooth)
    total = outcome.m1_final + outcome.m2_final + outcome.m_unbound
    np.testing.assert_allclose(total, encounters.m1 + encounters.m2, rtol=1e-6)
    for mass in (outcome.m1_final, outcome.m2_final, outcome.m_unbound):
        assert mass.min() >= -1e-6 * 128


@pytest.mark.parametrize("smooth", [False, True])
def test_probabilities_sum_to_one(model, encounters, smooth):
    outcome = model(encounters, smooth=smooth)
    p = jnp.stack([outcome.p_none, outcome.p_merger, outcome.p_two, outcome.p_stripped])
    np.testing.assert_allclose(p.sum(axis=0), 1.0, atol=1e-6)
    assert p.min() >= 0.0
    np.testing.assert_array_equal(jnp.argmax(p, axis=0), outcome.fate)


@pytest.mark.parametrize("smooth", [False, True])
def test_of_a_stripping_one_star_or_the_other_survives(model, encounters, smooth):
    outcome = model(encounters, smooth=smooth)
    either = outcome.p_survivor1 + outcome.p_survivor2
    np.testing.assert_allclose(either, outcome.p_stripped, rtol=1e-6)
    assert min(outcome.p_survivor1.min(), outcome.p_survivor2.min()) >= 0.0


def test_the_likelier_survivor_is_the_one_that_is_left(model, encounters):
    outcome = model(encounters)
    stripped = np.asarray(outcome.fate == Fate.STRIPPED)
    first = np.asarray(outcome.p_survivor1 > outcome.p_survivor2)
    np.testing.assert_array_equal(first[stripped], (outcome.m1_final > 0)[stripped])
    np.testing.assert_array_equal(~first[stripped], (outcome.m2_final > 0)[stripped])


def test_masses_agree_with_fates(model, encounters):
    outcome = model(encounters)
    m1, m2 = np.asarray(outcome.m1_final), np.asarray(outcome.m2_final)
    fate = np.asarray(outcome.fate)
    survivors = {Fate.NONE: 0, Fate.MERGER: 1, Fate.TWO: 2, Fate.STRIPPED: 1}
    for which, number in survivors.items():
        assert np.all(((m1 > 0).astype(int) + (m2 > 0))[fate == which] == number)
    merged = fate == Fate.MERGER
    heavier = np.where(encounters.m1 >= encounters.m2, m1, m2)
    assert np.all(heavier[merged] > 0.0)


def test_identical_stars_get_identical_answers(model, encounters):
    outcome = model(encounters._replace(m2=encounters.m1))
    assert outcome.p_stripped.max() == 0.0
    both = np.asarray(outcome.fate == Fate.TWO)
    assert both.sum() > 100
    np.testing.assert_array_equal(outcome.m1_final[both], outcome.m2_final[both])
    for one, other in zip(outcome.m1_bounds, outcome.m2_bounds, strict=True):
        np.testing.assert_array_equal(one[both], other[both])


def assert_hold_the_answer(outcome, total):
    """Bounds are nested and hold the mass, within rounding."""
    slack = 1e-6 * total
    for mass, bounds in bounds_of(outcome):
        off = [bounds.low95 - bounds.low68, bounds.low68 - mass]
        off += [mass - bounds.high68, bounds.high68 - bounds.high95]
        off += [-bounds.low95, bounds.high95 - total]
        assert [np.count_nonzero(x > slack) for x in off] == [0] * 6


@says_how_sure
def test_bounds_are_nested_and_hold_the_answer(model, encounters):
    assert_hold_the_answer(model(encounters), encounters.m1 + encounters.m2)


@says_how_sure
def test_bounds_of_identical_stars_hold_the_answer(model, n):
    # Deep and fast, where three fates meet.
    rng = np.random.default_rng(1)
    for _ in range(4):
        mass = 10 ** rng.uniform(np.log10(0.2), np.log10(64.0), n)
        age = np.minimum(np.asarray(tams_age(mass)) * rng.uniform(0.0, 1.0, n), 13.7)
        rp = np.asarray(2 * radius(mass, age)) * rng.uniform(0.0, 0.15, n)
        vinf = rng.uniform(2000.0, 4000.0, n)
        e = Encounter(*(x.astype(np.float32) for x in (age, mass, mass, rp, vinf)))
        assert_hold_the_answer(model(e), 2 * mass)


@says_how_sure
def test_bounds_have_a_width_in_collisions_and_none_beyond(model, encounters):
    outcome = model(encounters)
    collided = np.asarray(outcome.regime == Regime.COLLISION)
    widths = []
    for mass, bounds in bounds_of(outcome):
        for edge in bounds:
            np.testing.assert_array_equal(edge[~collided], mass[~collided])
        widths.append((bounds.high95 - bounds.low95)[collided])
    # Something is uncertain of every collision but those that certainly destroy both stars.
    sure = np.asarray(outcome.p_none)[collided] > 0.97
    assert np.all(np.sum(widths, axis=0)[~sure] > 0.0)


@does_not_say
def test_other_models_have_no_bounds(model, encounters):
    for _, bounds in bounds_of(model(encounters)):
        assert np.isnan(bounds).all()


def test_smooth_mode_is_continuous_across_contact_and_capture(model, contact, n):
    for start, stop, vinf in [(0.9, 1.1, 3000.0), (1.0, 2.5, 30.0)]:
        rp = jnp.linspace(start, stop, n) * contact
        outcome = model(1.0, 1.0, 0.8, rp, vinf, smooth=True)
        assert jnp.abs(jnp.diff(outcome.m2_final)).max() < 0.02


def test_smooth_mode_passes_continuously_into_that_of_identical_stars(model, n):
    m2 = 1.0 - jnp.linspace(0.0, 0.2, n)
    outcome = model(1.0, 1.0, m2, 0.55, 452.0, smooth=True)
    assert jnp.abs(jnp.diff(outcome.m1_final)).max() < 0.02
    assert jnp.abs(jnp.diff(outcome.p_stripped)).max() < 0.02


@pytest.mark.slow
def test_narrow_gates_approach_the_hard_regimes(model, contact, n):
    rp = contact * np.where(np.arange(n) % 2, 1.05, 3.0)
    hard = model(1.0, 1.0, 0.8, rp, 1.0)
    narrow = model(1.0, 1.0, 0.8, rp, 1.0, smooth=Smoothing(1e-4, 1e-4, 1e-4))
    np.testing.assert_allclose(narrow.m1_final, hard.m1_final, rtol=1e-5)
