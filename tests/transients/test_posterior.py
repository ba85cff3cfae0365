"""The posterior of a flare, and the guide that finds its modes."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.transients.flare import Physics, simulate
from surrogate.transients.guide import Guide, Started, sample_flare
from surrogate.transients.observer import Spectrum, band_flux
from surrogate.transients.posterior import NAMES, FlarePosterior, Parameters, Prior

BANDS = ("ztfg", "ztfr")
Z = 0.1
PHYSICS = Physics(particles=64, nodes=8)
PRIOR = Prior(
    log_black_hole=(6.0, 7.5),
    log_r_init=(1.7, 2.7),
    theta=(0.3, 1.5),
    start=(0.0, 250.0),
    log_ejecta=(-2.9, -2.0),
    z=(Z, 0.0),
)
TRUTH = Parameters(6.8, 2.0, 1.0, 0.5, 100.3, -2.2, -0.9, -0.5, 4.3, Z)
at = NAMES.index


def observed(truth=TRUTH, error=5.0, prior=PRIOR, seed=0, nights=48, **others):
    """A flare on evenly spaced nights, and its posterior; errors in microjansky."""
    time = jnp.linspace(0.3, 400.0, nights)
    zeros = jnp.zeros(nights)
    band = jnp.arange(nights) % 2
    posterior = FlarePosterior(
        time, zeros, zeros + error, band, Z, prior=prior, physics=PHYSICS, **others
    )
    noise = np.random.default_rng(seed).normal(0.0, error, nights)
    return replace(posterior, flux=predicted(posterior, truth) + noise)


@jax.jit
def predicted(posterior, parameters):
    return posterior.predicted(parameters)


@jax.jit
def likelihoods(posterior, u):
    return jax.lax.map(posterior.log_likelihood, u, batch_size=64)


@pytest.fixture(scope="module")
def guide():
    return Guide(PRIOR, PHYSICS, jax.random.key(0), draws=4096)


points = st.lists(st.floats(-6.0, 6.0), min_size=len(NAMES), max_size=len(NAMES))


@settings(max_examples=50)
@given(u=points)
def test_parameters_stay_within_the_bounds_of_the_prior(u):
    found = PRIOR.parameters(jnp.array(u))._asdict()
    for name in ("log_black_hole", "log_r_init", "theta", "start", "log_ejecta", "log_temperature"):
        low, high = getattr(PRIOR, name)
        assert low - 1e-4 <= found[name] <= high + 1e-4
    assert 0.0 <= found["phi"] <= 6.2832
    assert found["z"] == pytest.approx(Z)
    for name in ("log_alpha", "log_aspect"):
        mean, sd = getattr(PRIOR, name)
        assert found[name] == pytest.approx(mean + sd * u[at(name)], abs=1e-5)


@pytest.mark.slow
def test_the_likelihood_is_relative_to_no_flare():
    posterior = observed()
    u = jnp.zeros(len(NAMES))
    model = predicted(posterior, PRIOR.parameters(u))
    chi2, none = (
        jnp.sum(((posterior.flux - x) / posterior.error) ** 2)
        for x in (model, jnp.zeros_like(model))
    )
    expected = float(none - chi2) / 2.0
    assert posterior.log_likelihood(u) == pytest.approx(expected, rel=1e-3, abs=0.01)


def test_a_prediction_is_the_light_of_a_flare_seen_as_a_blackbody():
    posterior = observed(ebv=0.05)
    physics = replace(PHYSICS, alpha=10.0**TRUTH.log_alpha, aspect=10.0**TRUTH.log_aspect)
    light = simulate(TRUTH.site, posterior.time - TRUTH.start, 10.0**TRUTH.log_ejecta, physics)
    per_light = [band_flux(b, Z, Spectrum(10.0**TRUTH.log_temperature), 0.05) for b in BANDS]
    expected = light * jnp.stack(per_light)[posterior.band]
    assert float(expected.max()) > 10.0
    np.testing.assert_allclose(predicted(posterior, TRUTH), expected, rtol=1e-4, atol=1e-3)


@pytest.mark.slow
def test_times_stretch_with_the_redshift_that_is_tried():
    posterior = observed()
    late = replace(posterior, time=TRUTH.start + (posterior.time - TRUTH.start) * 1.2 / 1.1)
    farther = TRUTH._replace(z=0.2)
    ratio = predicted(late, farther) / jnp.maximum(predicted(posterior, TRUTH), 1e-3)
    seen = predicted(posterior, TRUTH) > 1.0
    for band in (0, 1):
        kept = ratio[seen & (posterior.band == band)]
        np.testing.assert_allclose(kept, kept[0], rtol=1e-3)


@pytest.mark.slow
def test_slopes_are_those_of_differences():
    single = observed()
    with jax.enable_x64(True):
        time, flux, error = (
            jnp.asarray(np.asarray(x), float) for x in (single.time, single.flux, single.error)
        )
        posterior = replace(single, time=time, flux=flux, error=error)
        u = jnp.asarray([0.3, -0.4, 0.2, 0.1, -0.3, 0.8, 0.2, -0.1, 0.3, 0.0], float)
        slope = jax.jit(jax.grad(posterior.log_likelihood))(u)
        assert slope.dtype == float
        assert np.all(np.isfinite(slope))
        log_l = jax.jit(posterior.log_likelihood)
        for name in ("log_alpha", "log_black_hole", "start", "log_r_init"):
            step = jnp.zeros_like(u).at[at(name)].set(1e-5)
            difference = float(log_l(u + step) - log_l(u - step)) / 2e-5
            assert slope[at(name)] == pytest.approx(difference, rel=1e-5)


@pytest.mark.slow
def test_a_guide_starts_with_the_prior_where_the_data_tell_nothing(guide):
    pool = guide.start(observed(error=1e5), jax.random.key(1))
    assert pool.beta == 1.0
    assert float(pool.log_evidence) == pytest.approx(0.0, abs=0.01)
    spread = 4.0 / np.sqrt(500)
    np.testing.assert_allclose(pool.u.mean(axis=0), 0.0, atol=spread)
    np.testing.assert_allclose(pool.u.std(axis=0), 1.0, atol=spread)


@pytest.mark.slow
def test_a_guide_finds_the_evidence_of_draws_of_the_prior(guide):
    posterior = observed(error=100.0)  # a signal-to-noise ratio of about 4
    pool = guide.start(posterior, jax.random.key(2))
    u = jax.random.normal(jax.random.key(3), (60_000, len(NAMES)))
    log_l = np.asarray(likelihoods(posterior, u), float)
    power = float(pool.beta) * log_l
    expected = np.logaddexp.reduce(power) - np.log(len(u))
    assert pool.log_evidence == pytest.approx(expected, abs=0.15)
    weight = np.exp(power - expected) / len(u)
    mean = weight @ np.asarray(u)
    np.testing.assert_allclose(pool.u.mean(axis=0), mean, atol=0.2)
    sd = np.sqrt(weight @ (np.asarray(u) - mean) ** 2)
    np.testing.assert_allclose(np.asarray(pool.u).std(axis=0), sd, atol=0.2)


@pytest.mark.slow
def test_what_is_left_of_the_likelihood_adds_up(guide):
    posterior = observed()
    pool = guide.start(posterior, jax.random.key(4), 128)
    assert float(pool.beta) < 1.0
    target, u = Started(posterior, pool.u, pool.beta), pool.u[0]
    whole = posterior.log_prior(u) + posterior.log_likelihood(u)
    assert target.log_prior(u) + target.log_likelihood(u) == pytest.approx(float(whole), rel=1e-5)
    assert jnp.any(jnp.all(target.sample_prior(jax.random.key(5)) == pool.u, axis=1))


@pytest.mark.slow
def test_a_guide_is_for_one_prior_and_one_physics(guide):
    with pytest.raises(ValueError, match=r"posterior\.prior\.theta"):
        guide.start(observed(prior=replace(PRIOR, theta=(0.0, 1.0))), jax.random.key(0))
    other = replace(observed(), physics=replace(PHYSICS, efficiency=0.2))
    with pytest.raises(ValueError, match=r"posterior\.physics"):
        guide.start(other, jax.random.key(0))
    with pytest.raises(ValueError, match=r"physics\.drift"):
        Guide(PRIOR, replace(PHYSICS, drift=0.1), jax.random.key(0))


@pytest.mark.slow
def test_an_unknown_redshift_leaves_the_ejecta_open():
    narrow = {name: (value - 0.01, value + 0.01) for name, value in TRUTH._asdict().items()}
    free = {"phi", "log_alpha", "log_aspect", "log_ejecta"}
    known = replace(PRIOR, **{n: v for n, v in narrow.items() if n not in free} | {"z": (Z, 0.0)})
    known = replace(known, log_alpha=(-0.9, 0.01), log_aspect=(-0.5, 0.01))
    guide = Guide(known, PHYSICS, jax.random.key(0), draws=512)
    widths = []
    for z_error in (0.0, 0.03):
        posterior = observed(error=10.0, prior=replace(known, z=(Z, z_error)))
        draws = sample_flare(posterior, guide, jax.random.key(1), particles=128).draws
        widths.append(float(posterior.parameters(draws)[:, at("log_ejecta")].std()))
    assert widths[1] > 3.0 * widths[0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_flare_is_recovered(guide, seed):
    posterior = observed(seed=seed)
    found = sample_flare(posterior, guide, jax.random.key(seed))
    draws = np.asarray(posterior.parameters(found.draws))
    for name in ("log_black_hole", "start", "log_ejecta"):
        low, high = np.quantile(draws[:, at(name)], [0.005, 0.995])
        assert low <= getattr(TRUTH, name) <= high
    log_l = likelihoods(posterior, found.draws)
    model = predicted(posterior, TRUTH) / posterior.error
    truth = float(jnp.sum(model * (posterior.flux / posterior.error - 0.5 * model)))
    assert float(log_l.min()) - 1.0 < truth < float(log_l.max()) + 1.0
    assert float(found.log_evidence) > 50.0
