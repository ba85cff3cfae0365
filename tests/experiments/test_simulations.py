"""The experiments with the built-in SPH code."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from surrogate.collisions.encounter import Fate
from surrogate.collisions.grid import Grid
from surrogate.collisions.hdf5 import read_hdf5
from surrogate.collisions.structure import tams_age, zams_age
from surrogate.reports.run import Run

TOPIC = Path(__file__).parents[2] / "experiments" / "simulations"


@pytest.fixture
def script(monkeypatch):
    """Imports a script of the topic."""
    monkeypatch.syspath_prepend(str(TOPIC))
    return importlib.import_module


def test_a_seed_gives_the_same_collisions_and_more_of_them(script):
    design = script("off_grid").design
    few, many, other = design(3, seed=5), design(6, seed=5), design(3, seed=6)
    assert few.names() == many.names()[:3]
    assert not set(few.names()) & set(other.names())
    assert np.all(many.m1 >= many.m2)
    assert np.all(many.rp <= many.r1 + many.r2)
    for mass in (many.m1, many.m2):
        assert np.all(many.age >= np.asarray(zams_age(mass)) * (1 - 1e-4))
        assert np.all(many.age <= np.asarray(tams_age(mass)) * (1 + 1e-4))


def test_rows_are_drawn_evenly(script):
    draw = script("sph_validation").draw
    n = 1000
    random = np.random.default_rng(1)
    fate = random.choice(4, n, p=[0.01, 0.04, 0.05, 0.9])
    vinf = random.choice([10.0, 1000.0], n)
    sigma = np.where(random.uniform(size=n) < 0.5, 1, 2)
    one = np.ones(n)
    grid = Grid(one, one, vinf, one, one, one, one, fate, one, one, sigma, one)
    rows = draw(grid, 16)
    assert rows.tolist() == draw(grid, 16).tolist()
    assert len(set(rows.tolist())) == 16
    assert np.all(sigma[rows] == 1)
    for f in Fate:
        for v in (10.0, 1000.0):
            there = np.count_nonzero((fate == f) & (vinf == v) & (sigma == 1))
            assert np.count_nonzero((fate[rows] == f) & (vinf[rows] == v)) >= min(there, 2)


def test_differences_are_ours_less_the_grids(script):
    module = script("sph_validation")
    two = np.full(2, 2.0)
    masses = (np.array([3.0, 1.0]), np.array([0.0, 1.0]))
    grid = Grid(two, two, two, two, two, two, two, np.array([1, 2]), *masses, np.ones(2, int), two)
    ours = [
        {"fate": 1, "m1_final": 3.4, "m2_final": 0.0, "energy_error": 1e-3},
        {"fate": 1, "m1_final": 3.9, "m2_final": 0.0, "energy_error": 3e-3},
    ]
    agree, size, bias, size2, median, largest = module.compare(grid, ours)
    assert agree == 50.0
    assert (size, bias, size2) == pytest.approx((0.1, 0.1, 0.0))
    assert (median, largest) == pytest.approx((2e-3, 3e-3))


@pytest.mark.slow
def test_models_beat_sticky_spheres_off_the_grid(quick):
    written = quick("simulations", "off_grid_scores")
    assert "off_grid_scores" in written["pictures"]
    found = written["off_grid_scores"]
    rows = {(row[0], row[1]): row[2:] for row in found["table"]}
    n, fate, _, median, *_ = rows["fast", "settled"]
    assert n == 106
    assert fate > 95
    assert median < 1e-3
    assert rows["sticky spheres *", "settled"][1] < 75


@pytest.mark.slow
def test_off_grid(quick, tmp_path, monkeypatch):
    written = quick("simulations", "off_grid")
    assert sum(row[1] for row in written["off_grid"]["table"]) == 2
    file = tmp_path / "simulations" / "quick" / "off_grid.h5"
    before = read_hdf5(file)
    assert np.all(before.m1_final + before.m2_final <= (before.m1 + before.m2) * (1 + 1e-14))

    def refuse(*_, **__):
        raise AssertionError("simulated again")

    # What is finished is kept.
    monkeypatch.setattr(sys.modules["sph_runs"], "collide_many", refuse)
    file.unlink()
    quick("simulations", "off_grid")
    assert np.array_equal(read_hdf5(file).m1_final, before.m1_final)


@pytest.mark.slow
def test_sph_validation(sph_grid_dir, script, tmp_path, monkeypatch):
    # As a quick run, but for few fast rows of as many particles as a star must have.
    module = script("sph_validation")
    draw, settings, brief = module.draw, module.settings, script("off_grid").BRIEF
    monkeypatch.setattr(module, "QUICK_ROWS", 4)
    monkeypatch.setattr(module, "QUICK_PARTICLES", 100)
    monkeypatch.setattr(module, "settings", lambda particles: settings(particles, brief))
    monkeypatch.setattr(module, "draw", lambda grid, n: fast(grid, draw(grid, len(grid)))[:n])
    module.body(Run("sph_validation", topic="simulations", data=sph_grid_dir, out=tmp_path))
    found = json.loads((tmp_path / "simulations" / "quick" / "sph_validation.json").read_text())
    *_, everything = (dict(zip(found["columns"], row, strict=True)) for row in found["table"])
    assert sum(everything[fate] for fate in ("none", "merger", "two", "stripped")) == 4
    assert everything["agree [%]"] >= 75
    assert everything["largest"] < 0.01


def fast(grid, rows):
    return rows[grid.vinf[rows] >= 2000.0]
