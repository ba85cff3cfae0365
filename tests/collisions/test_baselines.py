"""The rivals, against their formulas by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from surrogate import Fate
from surrogate.collisions.baselines import (
    BASELINES,
    OUTER,
    collide,
    contact_escape_speed,
    enclosing_radius,
    loss_lombardi,
    loss_mmams,
    loss_sticky,
    loss_wang,
)
from surrogate.collisions.contact import HEIGHTS, height
from surrogate.collisions.evaluate import compare
from surrogate.collisions.grid import load_grid
from surrogate.collisions.structure import MASS_FRACTIONS, enclosed_radii, radius, tams_age
from surrogate.constants import G

masses = st.floats(0.2, 64.0)
ages = st.floats(0.0, 13.0)
# Not within the tolerance of contact: there rounding may decide, and it knows the order.
depths = st.one_of(st.floats(0.0, 0.999), st.floats(1.001, 2.0))
speeds = st.floats(0.0, 16000.0)
names = pytest.mark.parametrize("name", BASELINES)


@pytest.mark.parametrize(
    ("loss", "q", "expected"),
    [
        (loss_sticky, 1.0, 0.0),
        (loss_sticky, 0.5, 0.0),
        (loss_wang, 1.0, 0.075),
        (loss_wang, 0.5, 0.0666667),  # 0.3 x 0.5 / 2.25
        (loss_wang, 0.1, 0.0247934),  # 0.3 x 0.1 / 1.21
        (loss_mmams, 1.0, 0.0836),
        (loss_mmams, 0.5, 0.0881443),  # 0.0836 x 2^2.58 x (2/3)^4.28 = 0.0836 x 5.97940 x 0.176332
        (loss_mmams, 0.25, 0.0592024),  # 0.0836 x 4^2.58 x 0.4^4.28 = 0.0836 x 35.7532 x 0.0198071
    ],
)
def test_losses_by_hand(loss, q, expected):
    assert loss(2.0, 2.0 * q) == pytest.approx(expected, rel=1e-5)
    assert loss(2.0 * q, 2.0) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("m2", "rp", "sr86", "sr50", "expected"),
    [
        (2.0, 0.0, 1.5, 0.75, 0.0785),  # 0.157 / 4 x 2
        (1.0, 0.5, 1.2, 0.6, 0.0279111),  # 0.157 x 0.5 / 2.25 x 1.2 / 1.5
        (2.0, 1.0, 1.5, 0.7, 0.02355),  # 0.157 / 4 x 1.5 / 2.5
    ],
)
def test_loss_of_make_me_a_star_by_hand(m2, rp, sr86, sr50, expected):
    assert loss_lombardi(2.0, m2, rp, sr86, sr50) == pytest.approx(expected, rel=1e-5)
    assert loss_lombardi(m2, 2.0, rp, sr86, sr50) == pytest.approx(expected, rel=1e-5)


def test_the_most_that_mmams_loses():
    q = jnp.linspace(0.001, 1.0, 1000)
    loss = loss_mmams(q, 1.0)
    assert q[jnp.argmax(loss)] == pytest.approx(1.70 / 2.58, abs=2e-3)
    assert 0.091 < loss.max() < 0.092


def test_extreme_mass_ratios_in_single_precision():
    q = jnp.float32([1e-3, 1e-8, 1e-15])
    for loss in (loss_wang, loss_mmams):
        values, slopes = jax.vmap(jax.value_and_grad(loss))(q, jnp.ones(3))
        assert jnp.isfinite(values).all()
        assert jnp.isfinite(slopes).all()
    # 8.36 % q^-2.58 (2q / (1+q))^4.28 in double precision
    expected = 0.0836 * 1e-3**-2.58 * (2e-3 / 1.001) ** 4.28
    assert loss_mmams(1e-3, 1.0) == pytest.approx(expected, rel=1e-5)


def test_escape_speed_of_two_suns_is_that_of_one():
    assert contact_escape_speed(1.0, 1.0, 1.0, 1.0) == pytest.approx(617.75, abs=0.01)
    # Twice the mass and half the size: twice the speed
    assert contact_escape_speed(3.0, 1.0, 0.3, 0.7) == pytest.approx(2 * 617.752, rel=1e-5)


@given(mass=masses, age=ages)
def test_radius_of_86_per_cent_lies_between_its_neighbours(mass, age):
    profile = enclosed_radii(mass, age)
    below, above = profile[MASS_FRACTIONS.index(0.8)], profile[MASS_FRACTIONS.index(0.9)]
    assert below < enclosing_radius(profile, OUTER) < above


def test_enclosing_radius_meets_the_shells():
    profile = enclosed_radii(jnp.array([0.5, 20.0]), jnp.array([5.0, 0.005]))
    for k, fraction in enumerate(MASS_FRACTIONS):
        found = enclosing_radius(profile, fraction)
        np.testing.assert_allclose(found, profile[:, k], rtol=1e-6)


def test_enclosing_radius_is_close_to_a_cubic_through_all_shells():
    mass, scaled_age = (x.ravel() for x in np.meshgrid(np.geomspace(0.2, 64.0, 30), [0.05, 0.5, 1]))
    profile = enclosed_radii(mass, np.minimum(scaled_age * tams_age(mass), 15.0))
    cubic = CubicSpline(HEIGHTS[1:], np.log(profile[:, 1:]), axis=1)
    error = np.abs(enclosing_radius(profile, OUTER) / np.exp(cubic(height(np.array(OUTER)))) - 1.0)
    assert np.median(error) < 0.0015
    assert error.max() < 0.01


@names
@given(m1=masses, m2=masses, age=ages, depth=depths, vinf=speeds, switch=st.booleans())
def test_mass_is_conserved_and_exchange_exchanges(name, m1, m2, age, depth, vinf, switch):
    m1, m2 = np.float32([m1, m2])
    rp = np.float32(depth) * (radius(m1, age) + radius(m2, age))
    here = collide(name, age, m1, m2, rp, vinf, below_escape_speed=switch)
    there = collide(name, age, m2, m1, rp, vinf, below_escape_speed=switch)
    total = m1 + m2
    left = float(here.m1_final + here.m2_final + here.m_unbound)
    assert left == pytest.approx(float(total), rel=3e-7)
    assert 0.0 <= here.m_unbound <= 0.25 * total
    assert here.fate == there.fate
    assert here.m_unbound == there.m_unbound
    if m1 != m2:
        assert (here.m1_final, here.m2_final) == (there.m2_final, there.m1_final)


@names
def test_contact_merges_and_a_fly_by_changes_nothing(name):
    m1, m2, r1, r2 = np.float32([0.8, 0.5, 0.7, 0.5])
    rp = np.float32([0.0, 1.0, r1 + r2, 1.21, 100.0])
    left = collide(name, 1.0, m1, m2, rp, 3000.0, r1, r2)
    assert left.fate.tolist() == [Fate.MERGER] * 3 + [Fate.TWO] * 2
    np.testing.assert_array_equal(left.m2_final, np.float32([0, 0, 0, m2, m2]))
    np.testing.assert_array_equal(left.m1_final[3:], [m1, m1])
    np.testing.assert_array_equal(left.m_unbound[3:], [0.0, 0.0])


@pytest.mark.slow
@names
def test_product_stands_with_the_heavier_star(name):
    left = collide(name, 1.0, [1.0, 0.8, 1.0], [0.8, 1.0, 1.0], 0.3, 10.0)
    assert (left.m1_final > 0).tolist() == [True, False, True]
    assert (left.m2_final > 0).tolist() == [False, True, False]
    # Star 1 where masses are equal, also where star 2 is the larger
    assert collide(name, 1.0, 1.0, 1.0, 0.3, 10.0, 0.9, 1.1).m2_final == 0.0


def test_fractions_are_those_of_the_formulas():
    m1, m2 = jnp.array([1.0, 0.5, 3.0]), jnp.array([2.0, 0.5, 0.3])
    for name, loss in (("sticky", loss_sticky), ("wang2022", loss_wang), ("mmams", loss_mmams)):
        left = collide(name, 0.1, m1, m2, 0.2, 50.0)
        np.testing.assert_allclose(left.m_unbound, loss(m1, m2) * (m1 + m2), rtol=1e-6)
    shells = enclosed_radii(m1, 0.1) + enclosed_radii(m2, 0.1)
    expected = loss_lombardi(
        m1, m2, 0.2, enclosing_radius(shells, OUTER), shells[:, MASS_FRACTIONS.index(0.5)]
    )
    left = collide("lombardi2002", 0.1, m1, m2, 0.2, 50.0)
    np.testing.assert_allclose(left.m_unbound, expected * (m1 + m2), rtol=1e-5)


def test_loss_of_make_me_a_star_falls_with_the_pericentre():
    rp = jnp.linspace(0.0, 1.0, 20) * (radius(1.0, 1.0) + radius(0.6, 1.0))
    left = collide("lombardi2002", 1.0, 1.0, 0.6, rp, 10.0)
    assert jnp.all(left.fate == Fate.MERGER)
    assert jnp.all(jnp.diff(left.m_unbound) < 0)


def test_given_radii_scale_the_profiles():
    r1, r2 = radius(1.0, 1.0), radius(0.6, 1.0)
    own = collide("lombardi2002", 1.0, 1.0, 0.6, 0.5, 10.0)
    same = collide("lombardi2002", 1.0, 1.0, 0.6, 0.5, 10.0, r1, r2)
    tripled = collide("lombardi2002", 1.0, 1.0, 0.6, 1.5, 10.0, 3 * r1, 3 * r2)
    assert float(same.m_unbound) == pytest.approx(float(own.m_unbound), rel=1e-6)
    assert float(tripled.m_unbound) == pytest.approx(float(own.m_unbound), rel=1e-6)


@pytest.mark.slow
@names
def test_escape_speed_switches_at_the_threshold(name):
    # Radii that make the escape speed 256 km/s, in binary exactly: 2 G (0.5 + 0.5) / 256^2
    r = G / 2**16
    below, at, above = np.nextafter(np.float32(256), [0, 256, 512], dtype=np.float32)
    assert contact_escape_speed(0.5, 0.5, r, r) == at
    speeds = np.float32([0.0, below, at, above, 5000.0])
    left = collide(name, 1.0, 0.5, 0.5, 1.0, speeds, r, r, below_escape_speed=True)
    assert left.fate.tolist() == [Fate.MERGER] * 2 + [Fate.TWO] * 3
    for mass, expected in zip(left[1:], (0.5, 0.5, 0.0), strict=True):
        np.testing.assert_array_equal(mass[2:], expected)
    without = collide(name, 1.0, 0.5, 0.5, 1.0, speeds, r, r)
    np.testing.assert_array_equal(without.fate, Fate.MERGER)
    np.testing.assert_array_equal(left.m1_final[:2], without.m1_final[:2])


@pytest.mark.slow
@names
def test_jit_and_vmap_answer_as_the_eager_call(name, random_encounters):
    e = random_encounters(64)[:5]
    eager = collide(name, *e, below_escape_speed=True)

    def one(*e):
        return collide(name, *e, below_escape_speed=True)

    for other in (jax.jit(one)(*e), jax.vmap(one)(*e)):
        np.testing.assert_array_equal(other.fate, eager.fate)
        for a, b in zip(other[1:], eager[1:], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)


def assert_finite_gradients(name, *e, switch):
    def total(*e):
        left = collide(name, *e, below_escape_speed=switch)
        return jnp.sum(left.m1_final + 0.7 * left.m2_final - 0.3 * left.m_unbound)

    for gradient in jax.grad(total, argnums=range(len(e)))(*e):
        assert gradient.dtype == jnp.float32
        assert jnp.isfinite(gradient).all()


@pytest.fixture(scope="module")
def edges(random_encounters):
    """Head-on, grazing, at rest and of equal masses among others; the last of mass ratio 1e-3."""
    extreme = np.float32([1e-3, 100.0, 0.1, 0.0, 10.0])
    return [np.append(x, y) for x, y in zip(random_encounters(512)[:5], extreme, strict=True)]


@pytest.mark.slow
@names
def test_gradients_are_finite_in_single_precision(name, edges):
    assert_finite_gradients(name, *edges, switch=False)


@pytest.mark.slow
def test_gradients_by_given_radii_are_finite(edges):
    radii = radius(edges[1], edges[0]), radius(edges[2], edges[0])
    assert_finite_gradients("lombardi2002", *edges, *radii, switch=True)


@pytest.mark.slow
def test_an_invalid_encounter_spoils_no_gradient_but_its_own():
    m1 = jnp.array([1.0, jnp.nan, -1.0, 1.0])
    rp = jnp.array([0.5, 0.5, 0.5, jnp.nan])
    left = collide("lombardi2002", 1.0, m1, 0.8, rp, 10.0)
    assert left.fate.tolist() == [Fate.MERGER, -1, -1, -1]
    for mass in left[1:]:
        assert np.isnan(mass).tolist() == [False, True, True, True]
    gradient = jax.grad(lambda m: collide("lombardi2002", 1.0, m, 0.8, rp, 10.0).m1_final[0])(m1)
    assert jnp.isfinite(gradient).all()


def test_arguments_broadcast_and_keep_single_precision():
    left = collide("mmams", 1, [[1.0], [2.0]], np.array([0.5, 0.6, 0.7]), 0.1, vinf=10)
    assert left.fate.dtype == jnp.int32
    for field in left:
        assert field.shape == (2, 3)
    assert all(mass.dtype == jnp.float32 for mass in left[1:])


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(ValueError, match=r"'rauch': allowed are sticky, wang2022, mmams, lombardi"):
        collide("rauch", 1.0, 1.0, 1.0, 0.5, 10.0)


def test_one_radius_alone_is_refused():
    with pytest.raises(ValueError, match="both stars, or of neither"):
        collide("sticky", 1.0, 1.0, 1.0, 0.5, 10.0, r1=1.0)


@names
def test_rivals_are_measured_like_a_model(name, synthetic_grid):
    grid = synthetic_grid(300)
    columns = (grid.age, grid.m1, grid.m2, grid.rp, grid.vinf, 10 * grid.r1, grid.r2)
    measures = compare(collide(name, *columns), grid)
    assert 0.0 < measures.accuracy < 1.0
    assert measures.balanced_accuracy == pytest.approx(0.25)  # all merge
    assert all(np.isfinite(measures))


@names
def test_every_simulated_row_is_in_contact(name, sph_grid_dir):
    # Without the grid's own radii; 1,980 of its rows have r_p = r1 + r2 exactly
    grid = load_grid(sph_grid_dir)
    left = collide(name, grid.age, grid.m1, grid.m2, grid.rp, grid.vinf)
    np.testing.assert_array_equal(left.fate, Fate.MERGER)
