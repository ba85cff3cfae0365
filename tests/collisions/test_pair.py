"""The order of the stars, what the user says of them, and what lies outside what was simulated.

Of every registered model.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate import Domain, Encounter, Regime
from surrogate.collisions.structure import enclosed_radii, radius

from .conftest import battery

SUN_PAIR = Encounter(age=1.0, m1=1.0, m2=0.8, rp=0.5, vinf=10.0)
HALF = 5
"""Of the profile, the half-mass radius."""
KNOW_STRUCTURE = ["ensemble", "fast"]
"""Models that know what either star looks like; the published ones know the heavier star's age."""


@pytest.fixture(scope="module")
def sizes(encounters):
    """The stars' own radii and half-mass radii: r1, r2, rh1, rh2 [Rsun]."""
    shells = [np.asarray(enclosed_radii(m, encounters.age)) for m in (encounters.m1, encounters.m2)]
    return (*(r[:, -1] for r in shells), *(r[:, HALF] for r in shells))


@pytest.fixture(scope="module")
def altered(encounters, sizes):
    """Encounters of stars that the user describes in full: no two are of one age or shape."""
    rng = np.random.default_rng(3)
    r1, r2, rh1, rh2 = (x * np.float32(rng.uniform(0.7, 1.4, len(x))) for x in sizes)
    age2 = encounters.age * np.float32(rng.uniform(0.3, 1.0, len(encounters.age)))
    rp = np.minimum(encounters.rp, 1.5 * (r1 + r2))
    rh1, rh2 = np.minimum(rh1, 0.9 * r1), np.minimum(rh2, 0.9 * r2)
    return Encounter(encounters.age, encounters.m1, encounters.m2, rp, encounters.vinf)._replace(
        r1=r1, r2=r2, age2=age2, rh1=rh1, rh2=rh2
    )


@pytest.fixture(scope="module")
def assert_swapped(model, swap, swap_outcome):
    """Asserts that naming the other star first exchanges the answer, bit for bit."""

    def check(e, rows, **options):
        here, there = jax.device_get((model(e, **options), model(swap(e), **options)))
        for name, a, b in zip(here._fields, here, swap_outcome(there), strict=True):
            jax.tree.map(
                lambda a, b, name=name: np.testing.assert_array_equal(
                    a[rows], b[rows], err_msg=name
                ),
                a,
                b,
            )

    return check


def assert_nearly_same(here, there, e):
    """But for the few encounters that rounding carries across a border."""
    total = e.m1 + e.m2
    for name in ("m1_final", "m2_final", "m_unbound"):
        off = np.abs(np.asarray(getattr(there, name) - getattr(here, name))) / total
        assert np.mean(off > 1e-4) < 1e-3
    for name in ("p_none", "p_merger", "p_two", "p_stripped"):
        off = np.abs(np.asarray(getattr(there, name) - getattr(here, name)))
        assert np.mean(off > 1e-3) < 1e-3
    for name in ("regime", "fate", "reason"):
        assert np.mean(np.asarray(getattr(here, name) != getattr(there, name))) < 1e-3


@pytest.mark.parametrize("smooth", [False, True])
def test_swapping_the_stars_swaps_the_answer_bit_for_bit(assert_swapped, encounters, smooth):
    assert_swapped(encounters, encounters.m1 != encounters.m2, smooth=smooth)


@pytest.mark.slow
def test_swapping_stars_of_the_users_own(assert_swapped, altered):
    assert_swapped(altered, np.full(len(altered.m1), True))


@pytest.mark.slow
def test_swapping_equal_masses_of_different_ages(assert_swapped, encounters):
    e = encounters._replace(m2=encounters.m1, age2=np.float32(0.5) * encounters.age)
    assert_swapped(e, e.age > 0)


def test_swapping_equal_masses_of_different_radii(model, swap):
    for vinf in (10.0, 1000.0, 3000.0):
        e = Encounter(1.0, 1.0, 1.0, 0.3, vinf, 0.9, 1.2)
        here, there = model(e), model(swap(e))
        np.testing.assert_array_equal(here.m1_final, there.m2_final)
        np.testing.assert_array_equal(here.m2_final, there.m1_final)


@pytest.mark.slow
def test_swapping_within_one_call(model, encounters, swap):
    half = len(encounters.m1) // 2
    some = jax.tree.map(lambda a: a[:half], encounters)
    both = jax.tree.map(lambda a, b: np.concatenate([a, b]), some, swap(some))
    outcome = model(both)
    distinct = some.m1 != some.m2
    m1, m2 = outcome.m1_final, outcome.m2_final
    here, there = np.asarray(m1[:half]), np.asarray(m2[half:])
    np.testing.assert_allclose(here[distinct], there[distinct], rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_a_second_age_that_is_the_first_changes_nothing(model, encounters):
    here, there = model(encounters), model(encounters._replace(age2=encounters.age))
    assert_nearly_same(here, there, encounters)


def test_a_younger_star_is_smaller(model, encounters):
    """The heavier star is at the end of its main sequence, or has just been rejuvenated."""
    n = len(encounters.m1)
    old, young = 4.9, 0.1
    rp = np.full(n, 0.5 * (radius(1.0, old) + radius(1.0, young) + 2 * radius(0.5, old)))
    for age, regime in [(old, Regime.COLLISION), (young, Regime.FLYBY)]:
        outcome = model(age, 1.0, 0.5, rp, 3000.0, age2=old)
        assert np.all(outcome.regime == regime)


@pytest.mark.parametrize("model", battery(KNOW_STRUCTURE), indirect=True, scope="session")
def test_the_age_of_either_star_matters(model, encounters):
    n = len(encounters.m1)
    first, second = (
        model(age, 1.0, 0.95, np.full(n, 0.5), 1500.0, age2=age2).m_unbound[0]
        for age, age2 in [(4.5, 0.5), (0.5, 4.5)]
    )
    alike = model(4.5, 1.0, 0.95, np.full(n, 0.5), 1500.0).m_unbound[0]
    assert len({float(first), float(second), float(alike)}) == 3


def test_the_stars_own_radii_change_next_to_nothing(model, encounters, sizes):
    own = dict(zip(("r1", "r2", "rh1", "rh2"), sizes, strict=True))
    e = encounters._replace(age2=encounters.age)
    here, there = model(encounters), model(e._replace(**own))
    assert_nearly_same(here, there, encounters)


@pytest.mark.slow
def test_a_given_structure_matters_to_models_that_know_it(model, altered, sizes):
    concentrated = altered._replace(rh1=0.5 * altered.rh1, rh2=0.5 * altered.rh2)
    here, there = model(altered), model(concentrated)
    changed = np.asarray(here.m_unbound != there.m_unbound)[here.regime == Regime.COLLISION]
    assert changed.mean() > 0.9 if model.kind in KNOW_STRUCTURE else not changed.any()


@pytest.mark.slow
def test_radii_of_the_user_decide_on_contact(model):
    e = SUN_PAIR._replace(rp=1.8, vinf=1000.0)
    assert model(e).regime == Regime.FLYBY
    assert model(e._replace(r1=1.2, r2=0.8)).regime == Regime.COLLISION


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, Domain.INSIDE),
        ({"m1": 80.0, "age": 0.002}, Domain.MASS),
        ({"age": 1e-4}, Domain.PRE_ZAMS),
        ({"age": 12.0}, Domain.POST_TAMS),
        ({"vinf": 20_000.0}, Domain.VELOCITY),
        ({"r1": 0.9, "r2": 3.0}, Domain.RADIUS),
        ({"r1": 0.9, "r2": 0.7}, Domain.INSIDE),
    ],
)
def test_reasons(model, change, reason):
    outcome = model(SUN_PAIR._replace(**change))
    assert bool(outcome.in_domain) is (reason == Domain.INSIDE)
    assert int(outcome.reason) & reason == reason


def test_either_stars_age_may_lie_outside(model, encounters):
    n = len(encounters.m1)
    for ages, reason in [
        ((1.0, 1.0), Domain.INSIDE),
        ((12.0, 1.0), Domain.POST_TAMS),
        ((1e-4, 1.0), Domain.PRE_ZAMS),
        ((1.0, 1e-4), Domain.PRE_ZAMS),
    ]:
        outcome = model(ages[0], 1.0, 0.8, np.full(n, 0.5), 10.0, age2=ages[1])
        assert np.all(outcome.reason == reason)


def test_a_star_unlike_all_that_were_simulated(model, encounters):
    star, other = (np.asarray(enclosed_radii(m, 1.0)) for m in (1.0, 0.8))
    own = {"r2": other[-1], "rh2": other[HALF], "age2": 1.0}
    n = len(encounters.m1)
    swollen = model(1.0, 1.0, 0.8, np.full(n, 0.5), 10.0, r1=3.0, rh1=1.0, **own)
    usual = model(1.0, 1.0, 0.8, np.full(n, 0.5), 10.0, r1=star[-1], rh1=star[HALF], **own)
    assert np.all(usual.reason == Domain.INSIDE)
    assert not np.any(swollen.in_domain)
    assert np.all(swollen.reason & Domain.RADIUS)
    if model.kind in KNOW_STRUCTURE:
        assert np.all(swollen.reason & Domain.STRUCTURE)
        assert np.all(swollen.ood > 1.0)
        assert np.all(usual.ood < 0.7)
    else:
        assert not np.any(swollen.reason & Domain.STRUCTURE)
        assert jnp.isnan(swollen.ood).all()


def test_only_stars_and_speeds_unlike_the_simulated_ones_score_high(model, encounters):
    outcome = model(encounters)
    if model.kind not in KNOW_STRUCTURE:
        assert jnp.isnan(outcome.ood).all()
        return
    np.testing.assert_array_equal(outcome.ood > 1.0, (outcome.reason & Domain.STRUCTURE) != 0)
    assert np.all(outcome.ood >= 0.0)
    assert outcome.ood[outcome.in_domain].max() < 1.0
