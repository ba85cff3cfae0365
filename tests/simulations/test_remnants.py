"""Which particles are bound to which star: known answers, the paper's conditions, symmetries."""

from __future__ import annotations

import math

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.simulations.particles import Particles
from surrogate.simulations.remnants import (
    assign,
    bound_components,
    conserved_masses,
    measure,
    settle,
)

# Stars of 240 particles together wherever that does not matter: every number compiles anew.

angles = st.floats(0, 2 * np.pi)
vectors = st.tuples(*[st.floats(-100, 100)] * 3)


def ball(n, mass=1.0, radius=1.0, at=(0, 0, 0), moving=(0, 0, 0), heat=0.0, seed=0):
    """Return m, x, v of a star of equal particles, evenly in a sphere and centred exactly."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(n, 3))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    x = radius * directions * np.cbrt(rng.uniform(0.02, 1.0, n))[:, None]
    v = heat * rng.normal(size=(n, 3))
    return np.full(n, mass / n), x - x.mean(axis=0) + at, v - v.mean(axis=0) + moving


def together(*stars):
    """Join stars to particles; return these and the labels of the beginning."""
    m, x, v = (np.concatenate(columns) for columns in zip(*stars, strict=True))
    one = np.ones(len(m))
    labels = np.repeat(np.arange(1, 1 + len(stars)), [len(star[0]) for star in stars])
    return Particles(m=m, x=x, v=v, u=one, rho=one, h=one, phi=-one), labels


def hot_pair(seed=0, n1=150, n2=90):
    """Two stars in each other's way, so hot that a part of either is unbound or changes sides."""
    return together(
        ball(n1, 1.0, 1.0, (0.2, 0.7, 0), (-0.4, 0.3, 0), heat=0.7, seed=seed),
        ball(n2, 0.7, 0.7, (-0.3, -1.0, 0.1), (0.6, -0.4, 0), heat=0.6, seed=seed + 1),
    )


def energies(particles, labels):
    """Energies of every particle relative to both components, as in the paper: (n, 2)."""
    columns = []
    for label in (1, 2):
        own = labels == label
        mass = particles.m[own].sum()
        if mass == 0:
            columns.append(np.full(len(labels), np.inf))
            continue
        centre, motion = (particles.m[own] @ q[own] / mass for q in (particles.x, particles.v))
        d = np.linalg.norm(particles.x - centre, axis=1)
        speed = np.linalg.norm(particles.v - motion, axis=1)
        columns.append(speed**2 / 2 - (mass - particles.m) / d)
    return np.stack(columns, axis=-1)


def test_two_like_stars_flying_apart():
    particles, labels = together(
        ball(120, 1.0, 1.0, (5, 0, 0), (3, 0, 0)), ball(120, 1.0, 1.0, (-5, 0, 0), (-3, 0, 0))
    )
    found = bound_components(particles, labels)
    assert np.array_equal(found, labels)
    both = measure(particles, found)
    assert both.mass.tolist() == [1.0, 1.0]
    assert both.unbound == 0.0
    assert both.position == pytest.approx(np.array([[5, 0, 0], [-5, 0, 0]]))
    assert both.velocity == pytest.approx(np.array([[3, 0, 0], [-3, 0, 0]]))
    # mu = 1/2, v = 6, d = 10
    assert both.orbital_energy == pytest.approx(0.5 * 18 - 0.1)
    assert both.semimajor_axis == pytest.approx(-2 / (2 * (18 - 0.2)))
    assert not both.tight


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30)
def test_the_papers_conditions_hold_for_every_particle(seed):
    particles, labels = hot_pair(seed)
    found = assign(particles, labels, minimum=1)
    assert found.converged
    energy = energies(particles, found.labels)
    expected = np.where(energy.min(axis=1) < 0, 1 + energy.argmin(axis=1), 0)
    assert np.array_equal(found.labels, expected)
    assert np.array_equal(bound_components(particles, found.labels, minimum=1), found.labels)


def test_hot_stars_lose_and_exchange_particles():
    particles, labels = hot_pair()
    found = bound_components(particles, labels)
    assert 20 < np.sum(found == 0) < 200
    assert np.sum((found == 1) & (labels == 2)) + np.sum((found == 2) & (labels == 1)) > 0


@pytest.mark.parametrize(("n", "left"), [(19, 0), (20, 20)])
def test_a_clump_of_too_few_particles_is_unbound(n, left):
    particles, labels = together(ball(240 - n), ball(n, 0.1, 0.3, (8, 0, 0), (5, 0, 0)))
    found = bound_components(particles, labels)
    assert np.sum(found == 2) == left
    assert np.sum(found == 0) == n - left
    assert np.sum(found == 1) == 240 - n


def test_particles_of_a_dissolved_clump_may_belong_to_the_other_star():
    particles, labels = together(ball(221), ball(19, 0.1, 0.1, (2, 0, 0)))
    assert np.all(bound_components(particles, labels) == 1)


def test_nothing_is_left_of_an_explosion():
    m, x, v = ball(150)
    particles, labels = together((m, x, v + 50 * x), ball(90, 0.7, 0.7, (9, 0, 0), heat=20.0))
    found = bound_components(particles, labels)
    assert not found.any()
    nothing = measure(particles, found)
    assert nothing.mass.tolist() == [0.0, 0.0]
    assert nothing.unbound == pytest.approx(1.7)
    assert np.isnan(nothing.position).all()
    assert np.isnan(nothing.semimajor_axis)
    assert not nothing.tight


def test_one_particle_does_not_bind_itself():
    particles, labels = together(ball(1), ball(239, at=(100, 0, 0), moving=(9, 0, 0)))
    assert bound_components(particles, labels, minimum=1)[0] == 0


def test_a_particle_at_the_very_centre_is_bound():
    m, x, v = ball(51)
    x[0], v[0] = 0.0, 0.0
    x[1:26], x[26:] = x[1:26], -x[1:26]
    particles, labels = together((m, x, v), ball(189, at=(50, 0, 0)))
    assert np.array_equal(bound_components(particles, labels), labels)


def test_at_the_limit_the_last_pass_stands():
    particles, labels = hot_pair()
    whole = assign(particles, labels)
    assert whole.passes > 2
    cut = assign(particles, labels, passes=1)
    assert (cut.passes, cut.converged) == (1, False)
    assert not np.array_equal(cut.labels, whole.labels)
    on = cut
    while not on.converged:
        on = assign(particles, on.labels, passes=1)
    assert np.array_equal(on.labels, whole.labels)


def test_global_precision_is_left_alone():
    particles, labels = hot_pair()
    measure(particles, bound_components(particles, labels))
    assert not jax.config.jax_enable_x64


def test_one_compilation_serves_every_snapshot():
    particles, labels = hot_pair(n1=61)
    bound_components(*hot_pair())
    before = settle._cache_size()
    for _ in range(3):
        labels = bound_components(particles, labels)
        particles = particles._replace(x=particles.x + 0.1 * particles.v)
    assert settle._cache_size() == before + 1


# Symmetries


BASE, START = hot_pair(3)
ANSWER = bound_components(BASE, START)
MEASURED = measure(BASE, ANSWER)


def assert_same_masses(particles, labels):
    found = measure(particles, labels)
    assert found.mass == pytest.approx(MEASURED.mass, rel=1e-12)
    assert found.unbound == pytest.approx(MEASURED.unbound, rel=1e-12)
    assert found.radius == pytest.approx(MEASURED.radius, rel=1e-9)
    assert found.orbital_energy == pytest.approx(MEASURED.orbital_energy, rel=1e-9)


@given(angle=angles)
def test_rotation_about_z(angle):
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    turned = BASE._replace(x=BASE.x @ turn, v=BASE.v @ turn)
    found = bound_components(turned, START)
    assert np.array_equal(found, ANSWER)
    assert_same_masses(turned, found)


@given(shift=vectors, boost=vectors)
def test_translation_and_boost(shift, boost):
    moved = BASE._replace(x=BASE.x + shift, v=BASE.v + boost)
    found = bound_components(moved, START)
    assert np.array_equal(found, ANSWER)
    assert_same_masses(moved, found)


@given(seed=st.integers(0, 10_000))
def test_permutation_within_the_stars(seed):
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(150), 150 + rng.permutation(90)])
    shuffled = Particles(*(column[order] for column in BASE))
    found = bound_components(shuffled, START[order])
    assert np.array_equal(found, ANSWER[order])
    assert_same_masses(shuffled, found)
    assert measure(shuffled, found).mass.tolist() == MEASURED.mass.tolist()


def test_swapped_stars_give_the_swapped_answer():
    order = np.concatenate([np.arange(150, 240), np.arange(150)])
    swapped = Particles(*(column[order] for column in BASE))
    other = np.array([0, 2, 1])
    found = bound_components(swapped, other[START[order]])
    assert np.array_equal(found, other[ANSWER[order]])
    both = measure(swapped, found)
    assert both.mass.tolist() == MEASURED.mass[::-1].tolist()
    assert both.unbound == MEASURED.unbound


# Masses


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 300),
    spread=st.floats(0, 12),
    kinds=st.sampled_from([[0, 1, 2], [1, 2], [0], [2], [0, 1]]),
)
def test_mass_is_conserved_to_the_last_bit(seed, n, spread, kinds):
    rng = np.random.default_rng(seed)
    m = 10 ** rng.uniform(-spread, 1, n)
    labels = rng.choice(kinds, n)
    m1, m2, unbound = conserved_masses(m, labels)
    total = math.fsum(m)
    assert (m1 + m2) + unbound == m1 + (m2 + unbound) == (m1 + unbound) + m2 == total
    for label, mass in zip((1, 2, 0), (m1, m2, unbound), strict=True):
        assert mass == pytest.approx(math.fsum(m[labels == label]), abs=4e-16 * total, rel=0)
        if label not in labels:
            assert mass == 0.0


# Merger test


def orbiting(a, m1=1.0, m2=0.5):
    """Two stars on a circle of radius `a`, and the largest `a` that counts as merged."""
    speed = np.sqrt((m1 + m2) / a)
    share1, share2 = m2 / (m1 + m2), m1 / (m1 + m2)
    particles, labels = together(
        ball(300, m1, 1.0, (-a * share1, 0, 0), (0, -speed * share1, 0)),
        ball(200, m2, 0.6, (a * share2, 0, 0), (0, speed * share2, 0), seed=1),
    )
    radius = []
    for label in (1, 2):
        x = particles.x[labels == label]
        radius.append(np.sqrt(np.mean((x - x.mean(axis=0))[:, :2] ** 2) * 2.0))
    tidal = radius[0] * (m2 / m1) ** (1 / 3), radius[1] * (m1 / m2) ** (1 / 3)
    return particles, labels, max(min(tidal[0], radius[1]), min(tidal[1], radius[0]))


@pytest.mark.parametrize(("m1", "m2"), [(1.0, 0.5), (0.5, 1.0), (1.0, 1.0), (9.0, 0.3)])
def test_merger_below_the_limit_of_the_semimajor_axis(m1, m2):
    limit = orbiting(1.0, m1, m2)[2]
    for factor in (0.999, 1.001):
        particles, labels, _ = orbiting(factor * limit, m1, m2)
        pair = measure(particles, labels)
        assert pair.semimajor_axis == pytest.approx(factor * limit, rel=1e-12)
        assert pair.tight == (factor < 1)


def test_radius_is_about_the_rotation_axis():
    m, x, v = ball(400)
    x, v = x * [1, 1, 0.2], v + np.cross([0, 0, 1.0], x)
    flat = (m, x, v)
    tilt = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0.0]])
    upright, labels = together(flat, ball(100, 1e-3, 0.1, (30, 0, 0)))
    tilted = upright._replace(x=upright.x @ tilt, v=upright.v @ tilt)
    expected = np.sqrt(np.mean(x[:, 0] ** 2 + x[:, 1] ** 2))
    for particles in (upright, tilted):
        assert measure(particles, labels).radius[0] == pytest.approx(expected, rel=1e-4)
    still = tilted._replace(v=0 * tilted.v)  # no angular momentum: about z, now in the plane
    expected = np.sqrt(np.mean(still.x[:400, 0] ** 2 + still.x[:400, 1] ** 2))
    assert measure(still, labels).radius[0] == pytest.approx(expected)
