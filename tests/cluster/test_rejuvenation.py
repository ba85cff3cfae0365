"""Effective ages after a collision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.cluster.rejuvenation import merged_age, survivor_age

masses = st.floats(0.1, 50.0)
shares = st.floats(0.0, 1.0)


def test_merger_of_twins_in_mid_life():
    # 0.1 t_MS3 / M3 (M1 t1 / t_MS1 + M2 t2 / t_MS2)
    assert float(merged_age(1.0, 1.0, 0.5, 0.5, 2.0, 1.0)) == pytest.approx(0.05)
    assert float(merged_age(3.0, 1.0, 0.5, 0.1, 3.5, 0.4)) == pytest.approx(0.1 * 0.4 * 1.6 / 3.5)
    assert float(merged_age(1.0, 1.0, 0.5, 0.5, 2.0, 1.0, mixing=1.0)) == pytest.approx(0.5)


@given(m1=masses, m2=masses, s1=shares, s2=shares, kept=st.floats(0.01, 1.0))
def test_merger_is_young_and_knows_no_order(m1, m2, s1, s2, kept):
    m3 = kept * (m1 + m2)
    age = merged_age(m1, m2, s1, s2, m3, 2.0)
    assert 0.0 <= age <= 2.0
    np.testing.assert_allclose(age, merged_age(m2, m1, s2, s1, m3, 2.0), rtol=1e-6)
    # With no mass lost, never more than a tenth of a life
    assert merged_age(m1, m2, s1, s2, m1 + m2, 2.0) <= 0.2 * (1 + 1e-6)


def test_stripped_star_keeps_its_scaled_age():
    assert float(survivor_age(10.0, 0.7, 4.0, 0.16)) == pytest.approx(0.7 * 0.16)


def test_star_with_fresh_hydrogen_is_younger():
    assert float(survivor_age(1.0, 0.5, 1.1, 6.0)) == pytest.approx(3.0)  # radiative core
    assert float(survivor_age(2.0, 0.5, 2.2, 1.0)) == pytest.approx(0.5 / 1.1)
    assert float(survivor_age(0.2, 0.5, 0.25, 1.0)) == pytest.approx(0.5 * 0.8)
