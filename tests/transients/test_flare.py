"""The flare after a collision: what is conserved, what scales, and what stays dark."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.transients.flare import (
    EDDINGTON,
    GM_DAYS,
    MSUN_C2,
    Physics,
    Site,
    accretion_times,
    luminosity,
    simulate,
    speed,
)

DAY = 86_400.0
few = partial(Physics, particles=200)
FEW = few()
NEAR = Site(1e7, 100.0, 1.0, 0.5)
TIMES = 300
"""Of all curves, and so many particles: each other number would be compiled anew."""

curve = jax.jit(simulate, static_argnames="eddington")


@jax.jit
def follow(site, physics):
    return accretion_times(site, speed(site, physics), physics)


def share(site, physics=FEW):
    """Share of the ejecta that is accreted."""
    return float(follow(site, physics).accretes.mean())


sites = st.builds(
    Site,
    st.floats(5.5, 9.5).map(lambda x: 10.0**x),
    st.floats(0.7, 9.0).map(lambda x: 10.0**x),
    st.one_of(st.floats(0.0, np.pi), st.sampled_from([0.0, np.pi / 2, np.pi])),
    st.one_of(st.floats(0.0, 2.0 * np.pi), st.sampled_from([0.0, np.pi, 2.0 * np.pi])),
)


@pytest.mark.slow
@settings(max_examples=30)
@given(site=sites, efficiency=st.floats(0.01, 0.4), ejecta=st.floats(0.001, 2.0))
def test_light_is_the_efficiency_times_what_is_accreted(site, efficiency, ejecta):
    physics = few(efficiency=efficiency)
    accretion = follow(site, physics)
    log_t = np.linspace(
        float(accretion.log_t.min()) - 0.5, float(accretion.log_t.max()) + 0.5, TIMES
    )
    t = 10.0**log_t
    light = np.asarray(curve(site, jnp.asarray(t, jnp.float32), ejecta, physics), float)
    energy = np.trapezoid(light * t * np.log(10.0), log_t) * DAY
    expected = efficiency * share(site, physics) * ejecta * MSUN_C2
    assert energy == pytest.approx(expected, rel=0.01, abs=1e-6)


def test_a_solar_mass_at_a_tenth_is_the_textbooks_energy():
    assert pytest.approx(1.787e54, rel=1e-3) == MSUN_C2 * 1e44
    assert pytest.approx(1.26e38, rel=1e-2) == EDDINGTON * 1e44


@pytest.mark.parametrize("k", [0.1, 30.0])
def test_flares_near_black_holes_scale_with_their_mass(k):
    t = jnp.geomspace(0.1, 1e4, TIMES)
    small = curve(NEAR, t, 1.0, FEW)
    large = curve(NEAR._replace(black_hole=k * NEAR.black_hole), k * t, 1.0, FEW)
    assert small.max() > 0.0
    # Of the spheroid's stars there is a thousandth of the black hole's mass within.
    np.testing.assert_allclose(k * large, small, atol=0.005 * small.max())


def test_azimuth_matters_only_to_a_pair_that_drifts():
    t = jnp.geomspace(1.0, 1e4, TIMES)
    for drift, same in ((0.0, True), (1.0, False)):
        physics = few(drift=drift)
        one, other = (curve(NEAR._replace(phi=phi), t, 1.0, physics) for phi in (0.0, 1.2))
        assert (np.abs(one - other).max() < 1e-3 * one.max()) == same
    # A full turn is none.
    other = curve(NEAR._replace(phi=2.0 * np.pi), t, 1.0, physics)
    np.testing.assert_allclose(one, other, atol=2e-3 * one.max())


@settings(max_examples=30)
@given(site=sites)
def test_to_and_fro_is_the_same(site):
    t = jnp.geomspace(1e-3, 1e9, TIMES)
    one = curve(site, t, 1.0, FEW)
    other = curve(site._replace(theta=np.pi - site.theta), t, 1.0, FEW)
    np.testing.assert_allclose(one, other, atol=2e-3 * one.max() + 1e-30)


@settings(max_examples=50)
@given(
    site=sites,
    alpha=st.floats(0.01, 1.0),
    aspect=st.floats(0.05, 1.0),
    factor=st.floats(0.1, 3.0),
)
def test_nothing_before_the_shortest_viscous_time(site, alpha, aspect, factor):
    physics = few(alpha=alpha, aspect=aspect, speed_factor=factor)
    accretion = follow(site, physics)
    # No pericentre lies within the photon orbit, r = 3.
    shortest = 3.0**1.5 / (alpha * aspect**2) * GM_DAYS * site.black_hole
    first = np.where(accretion.accretes, accretion.log_t, np.inf).min()
    assert first > np.log10(shortest)
    before = jnp.linspace(-0.1 * shortest, 0.4 * shortest, TIMES)
    light = curve(site, before, 1.0, physics)
    assert (light < 1e-6 * EDDINGTON).all()
    assert (light[before <= 0.0] == 0.0).all()


def test_time_is_that_of_viscosity_where_the_disc_is_slow():
    def dex(one, other):
        """How much later the particles are accreted by the physics of one than of the other."""
        one, other = follow(NEAR, one), follow(NEAR, other)
        return np.asarray(one.log_t - other.log_t)[one.accretes]

    np.testing.assert_allclose(dex(few(alpha=1e-6), few(alpha=1e-5)), 1.0, atol=1e-3)
    doubled = 2.0 * np.log10(2.0)
    np.testing.assert_allclose(dex(few(aspect=0.001), few(aspect=0.002)), doubled, atol=1e-3)
    # And that of the fall where it is fast.
    assert np.abs(dex(few(alpha=1e6), few(alpha=1e5))).max() < 0.05


def test_what_flies_across_the_radius_is_accreted_at_once():
    # Faster than a circular orbit: all of it is at its pericentre.
    for theta in (0.0, np.pi):
        site = NEAR._replace(theta=theta)
        accretion = follow(site, FEW)
        assert accretion.accretes.all()
        viscous = 200.0**1.5 / (0.1 * 0.3**2) * GM_DAYS * 1e7
        np.testing.assert_allclose(accretion.log_t, np.log10(viscous), atol=1e-4)
        t = jnp.full(TIMES, viscous)
        # The top of a Gaussian in log t.
        peak = 0.1 * MSUN_C2 / (np.sqrt(2.0 * np.pi) * 0.05 * np.log(10.0) * viscous * DAY)
        assert float(curve(site, t, 1.0, FEW)[0]) == pytest.approx(peak, rel=1e-3)


def test_what_leaves_and_what_plunges_is_dark():
    unbound = few(speed_factor=1.2)
    # Half of the ring flies outwards; far out hardly anything is aimed at the black hole.
    assert share(Site(1e6, 1e5, np.pi / 2, 0.0), unbound) == pytest.approx(0.5, abs=0.01)
    assert share(Site(1e6, 1e5, 0.3, 0.0), unbound) == pytest.approx(0.5, abs=0.01)
    near = share(Site(1e6, 50.0, np.pi / 2, 0.0), unbound)
    assert near < 0.46
    # What has less than 4 GM/c of angular momentum, at E = 1 and somewhat above.
    v = float(speed(Site(1e6, 50.0, 0.0, 0.0), unbound))
    assert near == pytest.approx(0.5 - np.arcsin(4.1 / (10.0 * v)) / np.pi, abs=0.02)
    # What is slow returns, but the more of it plunges.
    slow = few(speed_factor=0.5)
    assert share(Site(1e6, 1e5, 0.3, 0.0), slow) == 1.0
    assert share(Site(1e6, 50.0, 0.3, 0.0), slow) == 1.0
    assert share(Site(1e6, 50.0, np.pi / 2, 0.0), slow) < 0.7


def test_the_eddington_limit_caps_the_light():
    t, site = jnp.geomspace(1.0, 1e4, TIMES), NEAR._replace(black_hole=1e6)
    free = curve(site, t, 1.0, FEW)
    capped = curve(site, t, 1.0, FEW, eddington=True)
    assert free.max() > EDDINGTON * 1e6
    np.testing.assert_allclose(capped, np.minimum(free, EDDINGTON * 1e6), rtol=1e-4)


def test_keys_draw_the_relative_speed():
    t = jnp.geomspace(1.0, 1e4, TIMES)
    draw = jax.jit(lambda seed: simulate(NEAR, t, 1.0, FEW, key=jax.random.key(seed)))
    np.testing.assert_array_equal(draw(0), draw(0))
    assert np.abs(draw(0) - draw(1)).max() > 0.01 * draw(0).max()
    sigma = np.sqrt(0.5)
    keys = jax.random.split(jax.random.key(2), 20_000)
    drawn = jax.jit(jax.vmap(lambda key: speed(NEAR, FEW, key)))(keys)
    assert float(drawn.mean()) == pytest.approx(4.0 / np.sqrt(np.pi) * sigma, rel=0.01)


@pytest.mark.slow
def test_many_sites_at_once():
    t = jnp.geomspace(1.0, 1e4, TIMES)
    many = Site(*map(jnp.array, ([1e6, 1e7], [100.0, 1e3], [0.3, 1.5], [0.0, 1.0])))
    found = jax.jit(jax.vmap(partial(simulate, t=t, physics=FEW)))(many)
    assert found.shape == (2, TIMES)
    for row, site in zip(found, zip(*many, strict=True), strict=True):
        np.testing.assert_allclose(row, curve(Site(*site), t, 1.0, FEW), rtol=1e-3, atol=1e-6)
    accretion = follow(NEAR, FEW)
    by_hand = 2.0 * jax.jit(luminosity)(t, accretion, FEW)
    np.testing.assert_allclose(curve(NEAR, t, 2.0, FEW), by_hand, rtol=1e-3, atol=1e-6)


def light_of(x, t):
    """Of alpha, h / r, the black hole's mass, the distance and theta, at several times."""
    physics = Physics(alpha=x[0], aspect=x[1], particles=64, nodes=8)
    light = simulate(Site(1e7 * x[2], 100.0 * x[3], x[4], 0.5), t, 1.0, physics)
    return jnp.log(light) @ jnp.linspace(-1.0, 2.0, t.size)


@pytest.mark.slow
def test_gradients_agree_with_differences():
    with jax.enable_x64(True):
        x, t = np.array([0.1, 0.3, 1.0, 1.0, 1.1]), np.geomspace(10.0, 300.0, 7)
        both = jax.jit(jax.value_and_grad(light_of))
        slopes = np.asarray(both(x, t)[1])
        steps = 1e-6 * np.diag(x)
        difference = np.array([float(both(x + s, t)[0] - both(x - s, t)[0]) for s in steps]) / 2e-6
    assert (np.abs(difference) > 0.1).all()
    np.testing.assert_allclose(slopes * x, difference, rtol=1e-5)


@jax.jit
@partial(jax.value_and_grad, argnums=(0, 1, 2))
def steep(site, alpha, aspect, factor, drift):
    physics = Physics(alpha, aspect, speed_factor=factor, drift=drift, particles=32, nodes=8)
    return simulate(site, jnp.geomspace(1e-2, 1e6, 40), 0.1, physics).sum()


@settings(max_examples=150)
@given(
    site=sites,
    factor=st.one_of(st.floats(0.01, 5.0), st.just(1.0)),
    drift=st.one_of(st.just(0.0), st.floats(-1.0, 1.0)),
)
@pytest.mark.slow
def test_light_and_gradients_are_finite_everywhere(site, factor, drift):
    light, slopes = steep(Site(*map(np.float32, site)), 0.1, 0.3, factor, drift)
    assert np.isfinite(light)
    assert light >= 0.0
    assert np.isfinite(jax.tree.leaves(slopes)).all()
