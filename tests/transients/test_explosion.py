"""Cooling gas: how bright, how long, and what is left of its heat."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.transients.explosion import Explosion

DAY = 86_400.0
RSUN, MSUN, C = 6.957e10, 1.98841e33, 2.99792458e10

explosions = st.builds(
    Explosion,
    ejecta=st.floats(0.01, 2.0),
    energy=st.floats(0.01, 100.0),
    radius=st.floats(0.1, 50.0),
    opacity=st.floats(0.1, 0.4),
)
curve = jax.jit(Explosion.luminosity)


def times(gas):
    """Diffusion and expansion time [days]; without the factor of order 1 of a uniform sphere."""
    speed = np.sqrt(10.0 / 3.0 * gas.energy * 1e50 / (gas.ejecta * MSUN))
    size = gas.radius * RSUN
    return gas.opacity * gas.ejecta * MSUN / (13.8 * C * size) / DAY, size / speed / DAY


def width(gas):
    """Time at which the light has fallen to 1 / e [days], by Arnett's solution."""
    return np.sqrt(2.0 * np.prod(times(gas)))


def test_the_speed_carries_the_energy():
    # 3 / 10 M v^2 of a uniform sphere whose surface flies at v.
    v = float(Explosion(ejecta=0.5, energy=2.0).speed())
    assert 0.3 * 0.5 * MSUN * v**2 == pytest.approx(2e50, rel=1e-5)


@given(gas=explosions)
def test_it_starts_with_its_heat_over_the_diffusion_time(gas):
    diffusion, _ = times(gas)
    start = float(curve(gas, 0.0)) * 1e44
    assert start == pytest.approx(gas.energy * 1e50 / (diffusion * DAY), rel=1e-4)


@given(gas=explosions)
def test_it_only_cools_and_keeps_most_of_its_heat_to_expand(gas):
    end = 10.0 * width(gas)
    t = np.linspace(0.0, end, 20_000)
    light = np.asarray(curve(gas, jnp.asarray(t, jnp.float32)), float)
    assert (np.diff(light) <= 0.0).all()
    radiated = np.trapezoid(light, t * DAY) * 1e44
    diffusion, expansion = times(gas)
    assert 0.0 < radiated < gas.energy * 1e50
    if diffusion > 100.0 * expansion:
        # A Gaussian's area: the rest goes into the expansion.
        lost = np.sqrt(np.pi / 2.0 * expansion / diffusion)
        assert radiated == pytest.approx(gas.energy * 1e50 * lost, rel=0.1)


@given(gas=explosions)
def test_late_light_falls_as_a_gaussian_of_both_times(gas):
    diffusion, expansion = times(gas)
    t = 5.0 * width(gas)
    light = curve(gas, jnp.array([0.0, t]))
    shape = np.exp(-t / diffusion - t**2 / (2.0 * diffusion * expansion))
    assert float(light[1] / light[0]) == pytest.approx(shape, rel=1e-3, abs=1e-30)


@given(gas=explosions, k=st.floats(1.5, 10.0))
def test_light_lasts_by_the_mean_of_both_times_and_is_brighter_of_large_stars(gas, k):
    # sqrt(t_h t_d) ~ opacity^1/2 M^3/4 E^-1/4, and the radius is not in it.
    for field, power in (("opacity", 0.5), ("ejecta", 0.75), ("energy", -0.25), ("radius", 0.0)):
        values = {name: getattr(gas, name) for name in ("ejecta", "energy", "radius", "opacity")}
        other = Explosion(**values | {field: k * values[field]})
        assert width(other) / width(gas) == pytest.approx(k**power, rel=1e-6)
        diffusion, expansion = times(other)
        if min(diffusion, times(gas)[0]) > 1e3 * max(expansion, times(gas)[1]):
            falls = (float(curve(g, width(g)) / curve(g, 0.0)) for g in (gas, other))
            assert [*falls] == pytest.approx([np.exp(-1.0)] * 2, rel=0.1)
        if field == "radius":
            assert float(curve(other, 0.0)) == pytest.approx(k * float(curve(gas, 0.0)), rel=1e-4)


@settings(max_examples=30)
@given(gas=explosions)
def test_there_is_no_light_before(gas):
    np.testing.assert_array_equal(curve(gas, jnp.array([-1e3, -1e-6])), 0.0)


def test_gradients_agree_with_differences():
    def of(x):
        return Explosion(*x[:4]).luminosity(x[4])

    with jax.enable_x64(True):
        value, slope = jax.jit(of), jax.jit(jax.grad(of))
        x = jnp.array([0.1, 1.0, 1.0, 0.34, 0.5])
        for k, step in enumerate(1e-6 * jnp.eye(5)):
            difference = float(value(x + step) - value(x - step)) / 2e-6
            assert float(slope(x)[k]) == pytest.approx(difference, rel=1e-6)
        # Before the collision nothing depends on anything.
        assert (np.asarray(slope(x.at[4].set(-1.0))) == 0.0).all()


@pytest.mark.slow
def test_a_flare_begins_with_its_explosion():
    from surrogate.transients.flare import Physics, Site, simulate

    t, site = np.array([0.01, 0.1, 30.0]), Site(1e7, 100.0, 1.0, 0.0)
    prompt = Explosion(ejecta=0.1, energy=10.0, radius=10.0)
    physics = Physics(particles=100)
    alone = simulate(site, t, 0.1, physics)
    both = simulate(site, t, 0.1, physics, explosion=prompt)
    np.testing.assert_allclose(both - alone, prompt.luminosity(t), atol=1e-5 * both.max())
    assert alone[0] == 0.0 < both[0]
