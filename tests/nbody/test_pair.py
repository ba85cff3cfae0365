"""One pair of another code."""

import numpy as np
import pytest

from surrogate.collisions.encounter import Fate
from surrogate.collisions.rules import Baseline, Unharmed
from surrogate.collisions.structure import tams_age
from surrogate.nbody.ages import rejuvenated
from surrogate.nbody.pair import Stars, meet

from .conftest import leaves

SOME = Stars(
    x=np.array([[1e6, 0.0, 0.0], [1e6 + 1.5, 0.4, 0.0]]),
    v=np.array([[30.0, 0.0, 5.0], [-600.0, 0.0, 5.0]]),
    m=np.array([1.1, 0.7]),
    r=np.array([1.3, 0.7]),
    age=np.array([1.3, 2.1]),
)


@pytest.mark.parametrize(
    "rule",
    [
        leaves(Fate.TWO, 0.9, 0.5),
        leaves(Fate.STRIPPED, 0.0, 0.8),
        leaves(Fate.NONE, 0.0, 0.0),
        Baseline("mmams"),
    ],
)
def test_mass_and_momentum_are_kept(rule):
    left = meet(rule, SOME)
    assert left.m.sum() + left.lost_mass == pytest.approx(SOME.m.sum(), rel=1e-15)
    after = left.m @ (SOME.v + left.dv) + left.lost_momentum
    np.testing.assert_allclose(after, SOME.m @ SOME.v, atol=1e-10)


def test_a_star_that_is_not_harmed_is_not_rounded():
    left = meet(Unharmed(), SOME, rejuvenated)
    for found, before in ((left.m, SOME.m), (left.r, SOME.r), (left.age, SOME.age)):
        np.testing.assert_array_equal(found, before)
    assert left.lost_mass == 0.0


def test_masses_that_are_added_up_are_not_rounded():
    left = meet(Baseline(), SOME)
    np.testing.assert_array_equal(left.m, [SOME.m.sum(), 0.0])
    assert left.lost_mass == pytest.approx(0.0, abs=1e-15)


def test_remnants_have_ages_of_their_own():
    told = meet(Baseline(), SOME, rejuvenated)
    (m1, m2), (s1, s2) = SOME.m, SOME.age / np.asarray(tams_age(SOME.m))
    scaled = 0.1 * (m1 * s1 + m2 * s2) / (m1 + m2)
    assert told.age[0] == pytest.approx(float(tams_age(m1 + m2)) * scaled, rel=1e-5)
    assert meet(Baseline(), SOME).age[0] == SOME.age[0]


def test_the_rule_is_told_both_ages():
    told = []

    def rule(encounter):
        told.append(encounter)
        return Unharmed()(encounter)

    meet(rule, SOME)
    assert (float(told[0].age[0]), float(told[0].age2[0])) == pytest.approx((1.3, 2.1))


def test_no_answer_leaves_the_stars_unharmed():
    left = meet(leaves(-1, np.nan, np.nan), SOME, rejuvenated)
    assert left.fate == -1
    np.testing.assert_array_equal(left.m, SOME.m)
    np.testing.assert_array_equal(left.r, SOME.r)


def test_a_stripped_star_keeps_its_factor_of_size():
    small, large = (
        meet(leaves(Fate.TWO, 0.8, 1.0), SOME._replace(r=SOME.r * factor)) for factor in (1.0, 1.2)
    )
    np.testing.assert_allclose(large.r, 1.2 * small.r)
    assert small.r[0] < SOME.r[0]
