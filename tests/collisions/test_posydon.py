"""POSYDON tracks, from a file with their layout and made-up stars."""

from __future__ import annotations

import h5py
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from surrogate.collisions.posydon import load_posydon

FIELDS = ("star_age", "log_R", "center_h1")
MASSES = (4.0, 1.0, 2.0)  # not sorted, as nobody promised it


def lifetime(mass: float) -> float:
    """Age at which the made-up star runs out of hydrogen [Gyr]."""
    return 10 / mass**2


def history(mass: float, fields: tuple[str, ...] = FIELDS) -> np.ndarray:
    """A star whose radius doubles, linearly in age, on its main sequence, and goes on growing."""
    s = np.linspace(0.001, 1.5, 1500)
    columns = {
        "star_age": s * lifetime(mass) * 1e9,
        "log_R": np.log10(mass * (1 + s)),
        "center_h1": np.where(s < 1 - 1e-9, 0.75 * (1 - s) + 1e-3, 1e-6),
    }
    table = np.zeros(len(s), dtype=[(name, "f8") for name in fields])
    for name in fields:
        table[name] = columns[name]
    return table


def write(path, masses=MASSES, make=history, field="S1_star_mass"):
    """Write a file with the published layout."""
    with h5py.File(path, "w") as file:
        table = np.zeros(len(masses), dtype=[(field, "f8")])
        table[field] = masses
        file["grid/initial_values"] = table
        for i, mass in enumerate(masses):
            file[f"grid/run{i}/history1"] = make(mass)
    return path


@pytest.fixture
def tracks(tmp_path):
    """The made-up tracks, loaded."""
    return load_posydon(write(tmp_path / "1e-02_Zsun.h5"))


def test_follows_a_track(tracks):
    for mass in MASSES:
        age = np.linspace(0.01, 1.1, 7) * lifetime(mass)
        expected = mass * (1 + age / lifetime(mass))
        np.testing.assert_allclose(tracks.radius(mass, age), expected, rtol=1e-5)


def test_linear_in_mass_between_tracks(tracks):
    age = 1.5
    at = [float(tracks.radius(m, age)) for m in (1.0, 2.0)]
    assert tracks.radius(1.25, age) == pytest.approx(0.75 * at[0] + 0.25 * at[1], rel=1e-5)


def test_lifetimes(tracks):
    assert tracks.tams_age(2.0) == pytest.approx(2.5, rel=2e-3)
    assert tracks.tams_age(3.0) == pytest.approx((2.5 + 0.625) / 2, rel=2e-3)
    assert tracks.zams_age(2.0) == pytest.approx(0.0025, rel=1e-3)


def test_clamped_beyond_the_tracks(tracks):
    assert tracks.radius(0.3, 1.0) == tracks.radius(1.0, 1.0)
    assert tracks.radius(9.0, 0.1) == tracks.radius(4.0, 0.1)
    assert tracks.radius(4.0, 5.0) == tracks.radius(4.0, 50.0)
    assert np.isnan(tracks.radius(np.nan, 1.0))
    assert np.isnan(tracks.radius(1.0, np.nan))


@pytest.mark.slow
def test_differentiable_and_transformable(tracks):
    age = jnp.array([0.1, 1.0, 2.0])
    np.testing.assert_allclose(
        jax.jit(tracks.radius)(1.7, age), jax.vmap(tracks.radius, (None, 0))(1.7, age), rtol=1e-6
    )
    assert tracks.radius(jnp.ones((4, 1)), age).shape == (4, 3)
    with jax.enable_x64(True):
        check_grads(tracks.radius, (1.7123, 1.31234), 1, eps=1e-6, rtol=1e-5)


def test_failed_runs_are_left_out(tmp_path):
    def make(mass: float) -> np.ndarray:
        return history(mass)[:1] if mass == 2 else history(mass)

    tracks = load_posydon(write(tmp_path / "grid.h5", make=make))
    assert tracks.masses.tolist() == [1.0, 4.0]


def test_track_that_keeps_its_hydrogen_ends_at_its_last_age(tmp_path):
    tracks = load_posydon(write(tmp_path / "grid.h5", make=lambda mass: history(mass)[:500]))
    assert tracks.tams_age(1.0) == pytest.approx(5.0, rel=1e-3)
    assert tracks.radius(1.0, 5.4) == pytest.approx(1.5, rel=1e-3)


@pytest.mark.parametrize("missing", FIELDS)
def test_missing_field_is_named(tmp_path, missing):
    fields = tuple(name for name in FIELDS if name != missing)
    path = write(tmp_path / "grid.h5", make=lambda mass: history(mass, fields))
    with pytest.raises(ValueError, match=f"history1.*{missing}"):
        load_posydon(path)


def test_unusable_files_are_refused(tmp_path):
    path = tmp_path / "grid.h5"
    with pytest.raises(FileNotFoundError, match=r"grid\.h5"):
        load_posydon(path)
    path.write_text("not HDF5")
    with pytest.raises(ValueError, match="not an HDF5 file"):
        load_posydon(path)
    with h5py.File(path, "w"):
        pass
    with pytest.raises(ValueError, match="grid/initial_values"):
        load_posydon(path)
    with pytest.raises(ValueError, match="S1_star_mass"):
        load_posydon(write(path, field="mass"))
    with pytest.raises(ValueError, match="at least 2"):
        load_posydon(write(path, masses=(1.0,)))
