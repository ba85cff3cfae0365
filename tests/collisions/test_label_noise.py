"""What the grid says about its own labels."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script():
    """The script that measures it."""
    folder = str(ROOT / "experiments" / "collisions")
    sys.path.insert(0, folder)
    yield importlib.import_module("label_noise")
    sys.path.remove(folder)


@pytest.fixture(scope="module")
def found(script, sph_grid_dir):
    """All measurements on the training and validation rows."""
    return script.measure(script.make_lattice(script.load_rows(sph_grid_dir)))


def test_repeats_agree(found):
    repeats = found["repeats"]
    assert repeats["all"]["pairs"] > 3000
    assert repeats["all"]["fates agree [%]"] > 99.6
    assert repeats["all"]["star 1"] == pytest.approx(2.5e-4, rel=0.2)
    assert repeats["all"]["star 2"] == pytest.approx(1.9e-4, rel=0.2)
    scatter = [repeats[fate]["star 1"] for fate in ("two", "merger", "stripped")]
    assert scatter == sorted(scatter)
    assert scatter[2] > 10 * scatter[1]


def test_assumed_rows_are_the_flagged_ones(found):
    census = found["assumed"]["census"]
    assert census["assumed with sigma 1"] == 0
    assert census["assumed"] + census["sigma 2 with another mass"] == census["sigma 2"]
    assert census["not at the border of the mergers"] == 0


def test_the_other_flagged_rows_are_unlike_their_repeats(found):
    census = found["assumed"]["census"]
    excess = census["their excess over neighbouring ages [m1 + m2]"]
    assert len(excess) == census["sigma 2 with another mass"]
    assert min(excess) > 0.03


def test_assumed_rows_disagree_with_their_neighbours(found):
    for measured in found["assumed"]["disagreement"].values():
        assert measured["factor"] > 2
        assert 0.006 < measured["error of the assumption"] < 0.015
    weights = found["assumed"]["weights"]
    assert weights["noise of simulations"]["factor"] > 15
    assert weights["with the error of a model"]["squared errors"] < 0.03


def test_few_particles_are_noisy(found):
    few = found["particles"]
    assert few["fewest left"] > 20
    for law in few["law"].values():
        assert -1.3 < law["power"] < -0.5
        assert 0.02 < law["at 1000"] < 0.08
    flips = [one["flips [%]"] for one in few["flips, radii within 3 %"]]
    assert min(flips[:2]) > 15 > 1 > max(flips[3:])


def test_quantile_repeats_by_weight(script):
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([2.0, 1.0, 2.0])
    repeated = np.repeat(values, weights.astype(int))
    assert script.quantile(values, np.ones(3), 0.5) == np.median(values)
    assert script.quantile(repeated, np.ones(5), 0.5) == 2.0
    assert 2.0 <= script.quantile(values, weights, 0.5) < 2.5


def test_fit_recovers_a_power(script):
    random = np.random.default_rng(0)
    left = np.exp(random.uniform(np.log(50), np.log(2900), 400))
    scatter = 0.03 * (left / 1000) ** -0.5 * np.abs(random.normal(size=400))
    law = script.fit_power(left, scatter)
    assert law["power"] == pytest.approx(-0.5, abs=3 * law["error"])
    assert law["at 1000"] == pytest.approx(0.03 * 0.674, rel=0.2)
