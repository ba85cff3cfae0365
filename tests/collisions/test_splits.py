"""Splits of the grid: no row twice, reproducible, and the published one found row by row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from surrogate.collisions.encounter import Fate
from surrogate.collisions.grid import Grid, load_grid
from surrogate.collisions.splits import (
    leave_one_age_out,
    leave_one_mass_out,
    leave_one_tams_out,
    published_features,
    published_split,
    read_splits,
    stratified_split,
    tams_masses,
)


def make(n=400, seed=0):
    """Return n made-up rows of three masses and two ages."""
    random = np.random.default_rng(seed)
    m1, m2 = random.choice([0.5, 1.0, 2.0], (2, n))
    fate = random.choice(4, n, p=[0.1, 0.4, 0.4, 0.1])
    one = np.ones(n)
    return Grid(
        age=random.choice([0.1, 1.0], n),
        rp=random.uniform(0, 2, n),
        vinf=random.uniform(10, 1e4, n),
        m1=m1,
        m2=m2,
        r1=one,
        r2=one,
        fate=fate,
        m1_final=np.where(fate == 0, 0, 0.9 * m1),
        m2_final=np.where(fate == 2, 0.9 * m2, 0),
        sigma=np.ones(n, int),
        metallicity=0.01 * one,
    )


def write_npz(path, grid, **parts):
    """Write arrays like the published ones for the given rows."""
    features = published_features(grid)
    targets = np.column_stack([grid.fate, grid.fractions])
    arrays = {}
    for name, rows in parts.items():
        arrays |= {f"X_{name}": features[rows], f"y_{name}": targets[rows]}
    np.savez(path, **arrays)
    return path


def parts_of(split, n):
    """Check that no row stands twice; return the sizes."""
    rows = np.concatenate(split)
    assert len(np.unique(rows)) == len(rows) == n
    return [len(part) for part in split]


def test_stratified_split():
    grid = make()
    split = stratified_split(grid, seed=1)
    assert parts_of(split, 400) == pytest.approx([280, 60, 60], abs=2)
    for fate in Fate:
        of_all = np.mean(grid.fate == fate)
        for part in split:
            assert np.mean(grid.fate[part] == fate) == pytest.approx(of_all, abs=0.02)
    again, other = stratified_split(grid, seed=1), stratified_split(grid, seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(split, again, strict=True))
    assert not np.array_equal(split.test, other.test)
    with pytest.raises(ValueError, match="fractions"):
        stratified_split(grid, seed=1, fractions=(0.5, 0.2, 0.2))


def test_leave_one_mass_out():
    grid = make()
    split = leave_one_mass_out(grid, 2.0)
    parts_of(split, 400)
    is_two = (grid.m1 == 2) | (grid.m2 == 2)
    assert np.array_equal(split.test, np.flatnonzero(is_two))
    assert len(split.val) == pytest.approx(0.15 * (~is_two).sum(), abs=2)
    with pytest.raises(ValueError, match=r"mass = 3.0 Msun .* allowed: 0.5, 1, 2"):
        leave_one_mass_out(grid, 3.0)


def test_leave_one_age_out():
    grid = make()
    split = leave_one_age_out(grid, 0.1)
    parts_of(split, 400)
    assert np.array_equal(split.test, np.flatnonzero(grid.age == 0.1))
    with pytest.raises(ValueError, match=r"allowed: 0.1, 1"):
        leave_one_age_out(grid, 0.2)


def test_leave_one_tams_out():
    grid = make()
    grid = replace(grid, age=np.where(grid.age == 1, 0.599861, grid.age))
    assert tams_masses(grid).tolist() == [2.0]
    split = leave_one_tams_out(grid, 2.0)
    parts_of(split, 400)
    held = (np.maximum(grid.m1, grid.m2) == 2) & (grid.age != 0.1)
    assert np.array_equal(split.test, np.flatnonzero(held))
    with pytest.raises(ValueError, match=r"TAMS of mass = 1.0 Msun is not .* allowed: 2$"):
        leave_one_tams_out(grid, 1.0)


def test_published_split(tmp_path):
    grid = make(50)
    order = np.random.default_rng(3).permutation(50)
    train, val, test = order[:30], order[30:40], order[40:45]

    open_ended = write_npz(tmp_path / "a.npz", grid, train=train, val=val)
    split = published_split(grid, open_ended)
    assert parts_of(split, 50) == [30, 10, 10]
    assert np.array_equal(split.train, np.sort(train))

    closed = write_npz(tmp_path / "b.npz", grid, train=train, val=val, test=test)
    assert np.array_equal(published_split(grid, closed).test, np.sort(test))


def test_a_published_row_that_does_not_match_is_named(tmp_path):
    grid = make(50)
    path = write_npz(tmp_path / "a.npz", grid, train=np.arange(40), val=np.arange(40, 50))
    with pytest.raises(ValueError, match=r"1 rows of X_val .* X_val\[5\]: age"):
        published_split(grid.take(np.delete(np.arange(50), 45)), path)

    twice = write_npz(tmp_path / "b.npz", grid, train=np.arange(40), val=np.arange(39, 50))
    with pytest.raises(ValueError, match=r"row 39 of the grid .* 2 times"):
        published_split(grid, twice)


def test_damaged_splits_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    whole = write_npz(tmp_path / "b.npz", make(50), train=[0], val=[1]).read_bytes()
    for content in (whole[:300], b"", b"<html>"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="not a readable npz"):
            read_splits(path)
    np.savez(path, X_train=np.zeros((2, 5)), y_train=np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"y_train has shape \(2, 3\); allowed: \(2, 4\)"):
        read_splits(path)
    np.savez(path, X_train=np.zeros((2, 5)), y_train=np.zeros((2, 4)))
    with pytest.raises(ValueError, match="X_val is missing"):
        read_splits(path)


@pytest.fixture(scope="module")
def public(sph_grid_dir):
    """The public grid."""
    return load_grid(sph_grid_dir)


def test_public_split_is_matched_row_by_row(public, sph_grid_dir):
    path = sph_grid_dir / "data_splits_v1.npz"
    split = published_split(public, path)
    assert (len(split.train), len(split.val)) == (19404, 4158)
    assert len(np.unique(np.concatenate(split))) == sum(map(len, split))

    features = published_features(public)
    for name, (x, y) in read_splits(path).items():
        rows = getattr(split, name)
        rows = rows[np.lexsort(features[rows].T)]
        order = np.lexsort(x.T)
        np.testing.assert_allclose(features[rows], x[order], rtol=0, atol=1e-12)
        assert np.array_equal(public.fate[rows], y[order, 0])
        ours = public.fractions[rows]
        alone = public.fate[rows] != Fate.TWO  # a single survivor is published as the first
        ours[alone, :2] = np.sort(ours[alone, :2])[:, ::-1]
        np.testing.assert_allclose(ours, y[order, 1:], rtol=0, atol=2e-6)


def test_public_masses_can_be_left_out(public):
    split = leave_one_mass_out(public, 2.0)
    parts_of(split, len(public))
    rest = np.concatenate([split.train, split.val])
    assert not ((public.m1[rest] == 2) | (public.m2[rest] == 2)).any()


def test_public_tams_can_be_left_out(public):
    masses = tams_masses(public)
    assert masses.tolist() == [0.8, 1, 2, 4, 8, 16, 32, 64]
    tests = [leave_one_tams_out(public, mass).test for mass in masses]
    assert [len(rows) for rows in tests] == [314, 433, 532, 645, 542, 533, 539, 645]
    assert [len(np.unique(public.age[rows])) for rows in tests] == [1] * 8
    assert np.unique(public.age[tests[2]]).tolist() == [0.599861084]
