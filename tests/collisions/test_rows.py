"""Simulations as the symmetric networks learn from them: nobody loses their identity."""

import numpy as np
import pytest

from surrogate import Fate
from surrogate.collisions.features import structure_features
from surrogate.collisions.grid import Grid
from surrogate.collisions.prediction import Survivors
from surrogate.collisions.rows import PARTICLES, doubts, fit_scales, prepare, prepare_pairs

NONE, MERGER, TWO, FIRST, SECOND = Survivors
SIMULATED = [
    # m1, m2, fate, m1_final, m2_final; what became of the heavier and the lighter star
    ((4.0, 1.0, Fate.STRIPPED, 3.0, 0.0), FIRST, (0.6, 0.0)),
    ((1.0, 4.0, Fate.STRIPPED, 0.0, 3.0), FIRST, (0.6, 0.0)),
    ((4.0, 1.0, Fate.STRIPPED, 0.0, 0.5), SECOND, (0.0, 0.1)),
    ((1.0, 4.0, Fate.STRIPPED, 0.5, 0.0), SECOND, (0.0, 0.1)),
    ((2.0, 2.0, Fate.STRIPPED, 1.0, 0.0), FIRST, (0.25, 0.0)),
    ((4.0, 1.0, Fate.MERGER, 4.8, 0.0), MERGER, (0.96, 0.0)),
    ((1.0, 4.0, Fate.MERGER, 0.0, 4.8), MERGER, (0.96, 0.0)),
    ((4.0, 1.0, Fate.TWO, 3.8, 0.9), TWO, (0.76, 0.18)),
    ((1.0, 4.0, Fate.TWO, 0.9, 3.8), TWO, (0.76, 0.18)),
    ((1.0, 4.0, Fate.NONE, 0.0, 0.0), NONE, (0.0, 0.0)),
]


@pytest.fixture(scope="module")
def grid():
    n = len(SIMULATED)
    m1, m2, fate, m1_final, m2_final = np.array([row[0] for row in SIMULATED]).T
    return Grid(
        age=np.full(n, 0.05),
        rp=np.linspace(0.0, 1.0, n),
        vinf=np.geomspace(10.0, 3000.0, n),
        m1=m1,
        m2=m2,
        r1=m1,
        r2=m2,
        fate=fate.astype(int),
        m1_final=m1_final,
        m2_final=m2_final,
        sigma=np.where(np.arange(n) == 5, 2, 1),
        metallicity=np.full(n, 0.01),
    )


@pytest.fixture(scope="module")
def pair(grid):
    return prepare_pairs(grid)


@pytest.fixture(scope="module")
def rows(grid, pair):
    return prepare(grid, pair, fit_scales(structure_features(pair)))


@pytest.mark.slow
def test_the_survivor_keeps_its_identity_in_either_order(rows):
    assert rows.outcome.tolist() == [outcome for _, outcome, _ in SIMULATED]
    np.testing.assert_allclose(rows.fractions, [left for *_, left in SIMULATED], rtol=1e-6)


@pytest.mark.slow
def test_a_row_is_the_same_in_either_order(grid, pair, rows):
    mirrored = Grid(
        **grid.columns()
        | {"m1": grid.m2, "m2": grid.m1, "r1": grid.r2, "r2": grid.r1}
        | {"m1_final": grid.m2_final, "m2_final": grid.m1_final}
    )
    again = prepare(mirrored, prepare_pairs(mirrored), fit_scales(structure_features(pair)))
    distinct = grid.m1 != grid.m2
    for here, there in ((rows.x.even, again.x.even), (rows.x.odd, again.x.odd)):
        np.testing.assert_array_equal(there[distinct], here[distinct])
    for name in ("outcome", "otherwise", "doubt", "fractions"):
        here, there = getattr(rows, name), getattr(again, name)
        np.testing.assert_array_equal(there[distinct], here[distinct])


def test_the_radii_of_the_simulations_are_used(pair):
    np.testing.assert_array_equal(pair.r1, pair.m1)
    np.testing.assert_array_equal(pair.r2, pair.m2)


def test_assumed_masses_count_less(rows):
    weights = np.asarray(rows.weight)
    assert 0.0 < weights[5] < 0.5
    np.testing.assert_array_equal(np.delete(weights, 5), 1.0)


def test_rare_fates_count_more(rows):
    weight = dict(zip(rows.outcome.tolist(), rows.fate_weight.tolist(), strict=True))
    assert weight[NONE] > weight[MERGER] > weight[FIRST]
    assert float(rows.fate_weight.mean()) == pytest.approx(1.0, rel=1e-6)


def test_scales_standardise_and_keep_the_zero_of_odd_features(synthetic_grid):
    grid = synthetic_grid(10)
    x = structure_features(prepare_pairs(grid))
    z = fit_scales(x)(x)
    np.testing.assert_allclose(z.even.mean(axis=0), 0.0, atol=1e-4)
    np.testing.assert_allclose(z.even.std(axis=0), 1.0, rtol=1e-4)
    np.testing.assert_allclose(z.odd.std(axis=0), 1.0, rtol=1e-4)
    twins = fit_scales(x)(x._replace(odd=0 * x.odd))
    assert not np.any(twins.odd)


def test_what_an_outcome_would_be_without_its_smallest_remnant():
    outcome = np.array([TWO, TWO, FIRST, SECOND, MERGER, NONE])
    left1 = np.array([0.01, 0.9, 0.01, 0.0, 0.9, 0.0])
    left2 = np.array([0.9, 0.01, 0.0, 0.01, 0.0, 0.0])
    otherwise, doubt = doubts(outcome, left1, left2)
    assert otherwise.tolist() == [SECOND, FIRST, NONE, NONE, MERGER, NONE]
    assert np.all(doubt[:4] > 0.1)
    assert not np.any(doubt[4:])


def test_doubt_falls_from_evens_to_none_with_the_particles_of_the_remnant():
    n = np.array([1.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0])
    outcome = np.full(len(n), FIRST)
    _, doubt = doubts(outcome, n / PARTICLES, 0 * n)
    assert np.all(np.diff(doubt) < 0)
    assert doubt[0] == pytest.approx(0.5, abs=0.01)
    assert doubt[3] < 0.02
    assert doubt[-1] < 1e-10
