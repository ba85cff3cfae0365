"""The shipped collisions between the nodes of the grid."""

import h5py
import numpy as np
import pytest

from surrogate.collisions.encounter import Fate
from surrogate.collisions.hdf5 import read_source, write_hdf5
from surrogate.collisions.off_grid import load_off_grid, off_grid_file
from surrogate.collisions.structure import MASS_RANGE, tams_age, zams_age
from surrogate.simulations.paper_rules import MASSES, VELOCITIES

COLLISIONS, BEYOND = 133, 24
"""In the file, and those with a star that is heavier than any of the grid."""


@pytest.fixture(scope="module")
def shipped():
    return load_off_grid()


def test_the_file_says_how_it_was_made(shipped):
    assert len(shipped.grid) == len(shipped.settled) == COLLISIONS
    assert off_grid_file().stat().st_size < 200_000
    source = read_source(off_grid_file())
    for word in ("surrogate.simulations.sph", "particles", "float32", "seed", "date"):
        assert word in source


def test_mass_is_conserved(shipped):
    grid = shipped.grid
    total = grid.m1 + grid.m2
    assert np.all(grid.m1_final + grid.m2_final <= total * (1 + 1e-14))
    with h5py.File(off_grid_file()) as file:
        assert all(file[name].dtype == np.float64 for name in ("m1", "m1_final", "m2_final"))
        assert np.median(file["runs/energy_error"]) < 1e-4
        assert np.max(file["runs/energy_error"]) < 0.02


def test_conditions_lie_in_the_domain_and_between_the_nodes(shipped):
    grid = shipped.grid
    for mass in (grid.m1, grid.m2):
        assert np.all((mass > MASSES[0]) & (mass < MASS_RANGE[1]))
        assert not np.isin(mass, MASSES).any()
        assert np.all(grid.age > np.asarray(zams_age(mass)) * (1 - 1e-4))
        assert np.all(grid.age < np.asarray(tams_age(mass)) * (1 + 1e-4))
    assert np.all((grid.vinf > VELOCITIES[0]) & (grid.vinf < VELOCITIES[-1]))
    assert np.all(grid.rp < grid.r1 + grid.r2)
    assert np.count_nonzero(np.maximum(grid.m1, grid.m2) > MASSES[-1]) == BEYOND


def test_a_stripped_star_has_gained_nothing(shipped):
    grid = shipped.grid
    stripped = grid.fate == Fate.STRIPPED
    assert np.all(grid.m1_final[stripped] <= grid.m1[stripped])
    assert np.all(grid.m2_final[stripped] <= grid.m2[stripped])


def test_a_file_without_what_is_settled_is_refused(shipped, tmp_path):
    write_hdf5(tmp_path / "rows.h5", shipped.grid)
    with pytest.raises(ValueError, match="undecided"):
        load_off_grid(tmp_path / "rows.h5")
