"""Ranks and their uniformity."""

import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.inference.calibration import histogram, rank, uniformity


def test_ranks_count_the_draws_below():
    draws = jnp.array([[0.0, 5.0], [1.0, 6.0], [2.0, 7.0]])
    assert rank(draws, jnp.array([1.5, 9.0])).tolist() == [2, 3]


def ranks_of(width, shift=0.0, replicates=400, n_draws=99, seed=0):
    """Ranks of a normal truth among draws of a posterior that is `width` times too wide."""
    random = np.random.default_rng(seed)
    centre = random.normal(size=(replicates, 1))
    truth = centre[:, 0] + random.normal(size=replicates)
    draws = centre + shift + width * random.normal(size=(replicates, n_draws))
    return (draws < truth[:, None]).sum(axis=1)


def test_true_posteriors_pass():
    p = [uniformity(ranks_of(1.0, seed=k), 99, 20) for k in range(40)]
    assert min(p) > 1e-4
    assert 0.3 < np.mean(p) < 0.7


@pytest.mark.parametrize(("width", "shift"), [(0.6, 0.0), (1.7, 0.0), (1.0, 0.5)])
def test_false_posteriors_fail(width, shift):
    assert uniformity(ranks_of(width, shift), 99, 20) < 1e-3


def test_uneven_bins_expect_uneven_counts():
    counts, expected = histogram(np.arange(11).repeat(10), 10, 4)
    np.testing.assert_array_equal(counts, expected)
    assert expected.sum() == 110
    assert uniformity(np.arange(11).repeat(10), 10, 4) == pytest.approx(1.0)


def test_each_parameter_has_its_own_p_value():
    both = np.stack([ranks_of(1.0), ranks_of(0.5)], axis=1)
    p = uniformity(both, 99, 10)
    assert p.shape == (2,)
    assert p[1] < 1e-6 < p[0]


@pytest.mark.parametrize(
    ("ranks", "n_draws", "bins", "message"),
    [
        ([0, 5], 4, 2, "allowed are 0 to n_draws = 4"),
        ([0, 1], 4, 9, "allowed are 2 to n_draws"),
        ([0, 1, 2], 4, 2, "needs at least 5"),
    ],
)
def test_what_cannot_be_tested_is_refused(ranks, n_draws, bins, message):
    with pytest.raises(ValueError, match=message):
        uniformity(ranks, n_draws, bins)
