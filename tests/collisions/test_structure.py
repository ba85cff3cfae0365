"""Stellar structure: the grid's stars are met, and what lies between them is a star."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from surrogate.collisions.structure import (
    MASS_FRACTIONS,
    MainSequence,
    enclosed_radii,
    main_sequence,
    radius,
    read_main_sequence,
    tams_age,
    zams_age,
)

ROOT = Path(__file__).parents[2]
# (mass [Msun], age [Gyr], radius [Rsun]) of some stars of the SPH grid
STARS = np.array(
    [
        (0.2, 0.1, 0.2007524),
        (0.4, 13.7, 0.348778),
        (0.8, 11.18064165, 1.3216657),
        (1.0, 0.1, 0.8724815),
        (1.0, 5.011716437, 1.2907827),
        (2.0, 0.316227766, 1.1654202),
        (4.0, 0.000829924, 1.4152387),
        (8.0, 0.039541757, 6.2334896),
        (16.0, 0.01, 5.7319125),
        (32.0, 0.003162278, 6.7301747),
        (64.0, 2.0174e-05, 7.66295),
        (64.0, 0.003891171, 57.7529513),
    ]
)
TAMS = {
    0.8: 11.18064165,
    1: 5.011716437,
    2: 0.599861084,
    4: 0.127412453,
    8: 0.039541757,
    16: 0.013340449,
    32: 0.006305665,
    64: 0.003891171,
}
ZAMS = {4: 0.000829924, 8: 0.000225155, 16: 8.6213e-05, 32: 3.6951e-05, 64: 2.0174e-05}
masses = st.floats(0.1, 100.0)
ages = st.floats(0.0, 15.0)


@pytest.fixture(scope="module")
def fit():
    """The script that makes the table."""
    pytest.importorskip("scipy")
    folder = str(ROOT / "experiments" / "collisions")
    sys.path.insert(0, folder)
    yield importlib.import_module("fit_structure")
    sys.path.remove(folder)


@pytest.fixture(scope="module")
def stars(fit, sph_grid_dir):
    """The 97 stars read off the public grid."""
    return fit.read_stars(sph_grid_dir / "data_v1.csv")


@pytest.fixture(scope="module")
def tracks(fit):
    """The tracks that give the shape between the stars."""
    name = "parsec_z1.42e-4_ms.csv"
    given = os.environ.get("SURROGATE_DATA")
    root = Path(given) if given else ROOT.parent / "shared" / "data"
    for folder in (root, root / "stellar_tracks", root.parent / "stellar_tracks"):
        if (folder / name).is_file():
            return fit.read_tracks(folder / name)
    return pytest.skip(f"needs {name}: set SURROGATE_DATA to a folder that holds it")


def test_meets_stars_of_the_grid():
    mass, age, expected = STARS.T
    np.testing.assert_allclose(radius(mass, age), expected, rtol=3e-6)
    with jax.enable_x64(True):
        np.testing.assert_allclose(radius(mass, age), expected, rtol=1e-10)


def test_meets_all_stars_of_the_grid(stars):
    assert len(stars.mass) == 97
    got = enclosed_radii(stars.mass, stars.age)
    np.testing.assert_allclose(got, stars.radii, rtol=1e-5, atol=0)
    with jax.enable_x64(True):
        got = enclosed_radii(stars.mass, stars.age)
        np.testing.assert_allclose(got, stars.radii, rtol=1e-6, atol=0)


def test_all_stars_of_the_grid_are_in_domain(stars):
    assert np.all(zams_age(stars.mass) <= stars.age * (1 + 1e-3))
    assert np.all(stars.age <= 1.1 * tams_age(stars.mass))


@pytest.mark.slow
def test_shipped_table_is_what_the_script_makes(fit, stars, tracks):
    model, shipped = fit.calibrate(stars, tracks), main_sequence()
    mass, age = np.geomspace(0.1, 100, 41)[:, None], np.geomspace(1e-5, 14, 60)
    np.testing.assert_allclose(
        model.enclosed_radii(mass, age), shipped.enclosed_radii(mass, age), rtol=1e-4
    )


@pytest.mark.slow
def test_predicts_a_mass_left_out(fit, stars, tracks):
    errors = [error[s < 0.95] for s, error, _ in fit.leave_one_mass_out(stars, tracks).values()]
    assert len(errors) == 8
    together = np.concatenate(errors)
    assert np.median(together) < 0.015
    assert together.max() < 0.04


def test_lifetimes_of_the_grid():
    np.testing.assert_allclose(tams_age(np.array(list(TAMS))), list(TAMS.values()), rtol=1e-5)
    np.testing.assert_allclose(zams_age(np.array(list(ZAMS))), list(ZAMS.values()), rtol=1e-5)


def test_lifetimes_fall_with_mass_and_stay_apart():
    mass = np.geomspace(0.1, 100.0, 500)
    start, end = np.asarray(zams_age(mass)), np.asarray(tams_age(mass))
    assert np.all(np.diff(start) < 0)
    assert np.all(np.diff(end) < 0)
    assert np.all(start < 0.01 * end)
    assert np.all(end[mass < 0.7] > 13.7)


@pytest.mark.parametrize("mass", [4.0, 6.0, 8.0, 12.0, 16.0, 23.0, 32.0, 45.0, 64.0, 75.0, 90.0])
def test_massive_stars_grow(mass):
    # The overall contraction at the end of hydrogen burning shrinks them in the last 4 per cent.
    age = np.linspace(0.03, 0.96, 200) * float(tams_age(mass))
    assert np.all(np.diff(radius(mass, age)) > 0)


@pytest.mark.parametrize("scaled_age", [0.05, 0.3, 0.6, 0.8])
def test_heavier_stars_are_larger(scaled_age):
    mass = np.geomspace(0.1, 100.0, 300)
    age = np.minimum(scaled_age * np.asarray(tams_age(mass)), 13.7)
    r = np.asarray(radius(mass, age))
    assert np.all(np.diff(r[mass < 0.9]) > 0)
    assert np.all(np.diff(r[mass > 1.5]) > 0)


@given(mass=masses, age=ages)
@settings(max_examples=200, deadline=None)
def test_radii_increase_outwards(mass, age):
    r = np.asarray(enclosed_radii(mass, age))
    assert r.shape == (len(MASS_FRACTIONS),)
    assert r[0] == 0
    assert r[-1] == pytest.approx(float(radius(mass, age)), rel=1e-6)
    assert np.all(np.diff(r) > 0)
    assert 0.08 < r[-1] < 200


@pytest.mark.slow
@given(mass=masses, age=ages)
@settings(max_examples=200, deadline=None)
def test_gradients_are_finite(mass, age):
    for function in (radius, lambda m, t: enclosed_radii(m, t).sum()):
        assert np.all(np.isfinite(jax.grad(function, (0, 1))(mass, age)))
    for function in (tams_age, zams_age):
        assert jax.grad(function)(mass) <= 0


@pytest.mark.slow
@pytest.mark.parametrize(("mass", "age"), [(0.33, 3.0), (1.0, 1.0), (7.3, 0.0357), (45.0, 0.0025)])
def test_gradients_to_second_order(mass, age):
    scale = np.array([mass, age])
    with jax.enable_x64(True):
        check_grads(lambda q: jnp.log(radius(*(q * scale))), (jnp.ones(2),), 2, eps=1e-6, rtol=1e-4)
        check_grads(
            lambda q: enclosed_radii(*(q * scale))[1:], (jnp.ones(2),), 1, ["rev"], rtol=1e-4
        )


def test_gradient_is_continuous():
    # Over every knot of a fine line, through the end of the main sequence: no jump of the slope.
    with jax.enable_x64(True):
        age = jnp.linspace(1e-4, 1.5, 200_001) * tams_age(16.0)
        slope = jax.vmap(jax.grad(lambda t: jnp.log(radius(16.0, t))))(age) * tams_age(16.0)
        assert np.abs(np.diff(slope)).max() < 0.02 * np.abs(slope).max()


def test_held_outside_the_table():
    assert radius(0.01, 1.0) == radius(0.1, 1.0)
    assert radius(300.0, 0.001) == radius(100.0, 0.001)
    assert radius(16.0, 1.0) == radius(16.0, 15.0)
    assert radius(16.0, -1.0) == radius(16.0, 0.0)
    assert radius(16.0, 1.0) == pytest.approx(float(radius(16.0, TAMS[16])), rel=0.02)


@pytest.mark.parametrize(("mass", "age"), [(np.nan, 1.0), (1.0, np.nan)])
def test_nan_in_nan_out(mass, age):
    assert np.isnan(radius(mass, age))
    assert np.all(np.isnan(enclosed_radii(mass, age)))
    assert np.isnan(tams_age(np.nan))
    assert np.isnan(zams_age(np.nan))


@pytest.mark.slow
def test_broadcasts_and_commutes_with_transformations():
    mass, age = np.array([[0.5], [5.0], [50.0]], np.float32), np.float32([1e-3, 0.01, 0.1, 1.0])
    table, model = radius(mass, age), main_sequence()
    assert table.shape == (3, 4)
    assert enclosed_radii(mass, age).shape == (3, 4, 14)
    np.testing.assert_allclose(model.radius(mass, age), table, rtol=2e-6)
    np.testing.assert_allclose(jax.jit(model.radius)(mass, age), table, rtol=2e-6)
    each = jax.vmap(jax.vmap(radius, (None, 0)), (0, None))(mass[:, 0], age)
    np.testing.assert_allclose(each, table, rtol=2e-6)
    with jax.numpy_rank_promotion("raise"):
        np.testing.assert_allclose(radius(5.0, age), table[1], rtol=2e-6)


def test_type_follows_the_arguments():
    assert radius(1, 1).dtype == jnp.float32
    assert radius(np.float16(1), np.float16(1)).dtype == jnp.float32
    assert radius(np.float64(1), np.float64(1)).dtype == jnp.float32
    with jax.enable_x64(True):
        assert radius(np.float32(1), np.float32(1)).dtype == jnp.float32
        assert enclosed_radii(np.float64(1), np.float32(1)).dtype == jnp.float64
        assert tams_age(np.float64(1)).dtype == jnp.float64


def test_model_is_a_pytree():
    model = main_sequence()
    assert model is main_sequence()
    leaves, shape = jax.tree.flatten(model)
    assert all(isinstance(leaf, np.ndarray) for leaf in leaves)
    again = jax.tree.unflatten(shape, leaves)
    assert isinstance(again, MainSequence)
    assert jax.jit(lambda m: m.radius(1.0, 1.0))(again) == pytest.approx(0.89948924, rel=1e-5)


def test_unusable_tables_are_refused(tmp_path):
    good = {name: np.asarray(value) for name, value in vars(main_sequence()).items()}
    path = tmp_path / "table.npz"
    with pytest.raises(ValueError, match="cannot be read"):
        read_main_sequence(path)
    path.write_bytes(b"not a table")
    with pytest.raises(ValueError, match="cannot be read"):
        read_main_sequence(path)
    for name, wrong in (
        ("lifetime", None),
        ("log_tams", np.full(67, np.nan)),
        ("log_radius", good["log_radius"][0]),
        ("log_shells", good["log_shells"][..., :5]),
    ):
        arrays = good | {name: wrong}
        np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
        with pytest.raises(ValueError, match=name):
            read_main_sequence(path)


@pytest.mark.slow
def test_radii_of_the_core_are_those_of_the_whole_profile():
    mass, s = np.geomspace(0.1, 100.0, 60)[:, None], np.linspace(0.0, 1.1, 40)
    age = np.minimum(s * np.asarray(tams_age(mass)), 15.0)
    whole = np.asarray(enclosed_radii(mass, age))
    core = np.asarray(main_sequence().core_radii(mass, age))
    shells = [MASS_FRACTIONS.index(f) for f in (0.1, 0.5)]
    np.testing.assert_allclose(core, whole[..., shells], rtol=7e-3)
    assert np.all(core[..., 0] < core[..., 1])
    assert np.all(core[..., 1] < whole[..., -1])
