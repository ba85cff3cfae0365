import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from surrogate.enrichment.classifiers.condense import condense


@given(n=st.integers(1, 60), cell=st.integers(1, 7), seed=st.integers(0, 99))
def test_centres_stand_for_equal_shares_of_the_cloud(n, cell, seed):
    m = np.random.default_rng(seed).normal(size=(n, 3))
    centres = condense(m, cell)
    assert n / cell <= len(centres) <= max(1, 2 * n / (cell + 1))
    assert (centres.min(axis=0) >= m.min(axis=0) - 1e-12).all()
    assert (centres.max(axis=0) <= m.max(axis=0) + 1e-12).all()
    if n == len(centres) * cell:
        np.testing.assert_allclose(centres.mean(axis=0), m.mean(axis=0), atol=1e-9)


def test_neighbours_go_together():
    corners = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 5.0], [9.0, 5.0]])
    cloud = np.concatenate([corners + d for d in (-0.1, 0.0, 0.1)])
    found = condense(cloud, 3)
    assert len(found) == 4
    for corner in corners:
        assert np.abs(found - corner).max(axis=1).min() < 1e-9


def test_order_does_not_matter():
    m = np.random.default_rng(0).normal(size=(32, 4))
    shuffled = np.random.default_rng(1).permutation(m)
    a, b = (np.sort(condense(x), axis=0) for x in (m, shuffled))
    np.testing.assert_allclose(a, b)


def test_an_empty_cloud_has_no_centre():
    with pytest.raises(ValueError, match="0 patterns"):
        condense(np.zeros((0, 3)))
