"""Collisions of a population: their numbers, their gradients, and the likelihood of a survey."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import surrogate
from surrogate.cluster.cusp import Cusp
from surrogate.cluster.mass_function import power_law
from surrogate.cluster.rates import mean_rate
from surrogate.cluster.units import PER_GYR
from surrogate.collisions.structure import radius, tams_age
from surrogate.inference.nodes import choose_nodes, random_nodes, spread_nodes
from surrogate.inference.population import (
    REACH,
    Population,
    Site,
    ask,
    collisions,
    expected,
)
from surrogate.inference.survey import Observed, Sources, log_likelihood, observe, sources
from surrogate.inference.survey_posterior import (
    PRIOR,
    SurveyPosterior,
    milky_way,
    mock,
    parameters,
    survey_nodes,
)

# Compilation of many variants takes most of their time.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model():
    return surrogate.load("fast")


@pytest.fixture(scope="module")
def nodes(model):
    return survey_nodes(model, milky_way(), 64)


@pytest.fixture(scope="module")
def target(model, nodes):
    truth = 0.5 * jax.random.normal(jax.random.key(0), (len(PRIOR),))
    observed = mock(model, jax.random.key(1), truth, points=4096)
    return SurveyPosterior(model, milky_way(), nodes, observed)


@pytest.mark.parametrize("population", [Population(), Population(1.0, 1.4, 1.5, 2.0, 0.1)])
def test_number_of_encounters_is_the_integral_over_the_cluster(population):
    """1/2 n^2 <sigma v> over the volume and both masses, by quadrature in float64."""
    site = milky_way()
    with jax.enable_x64(True):
        cusp = Cusp(rho0=site.rho0 * population.density, gamma=population.cusp_slope)
        stars = power_law(jnp.float64(population.slope), site.m_low, site.m_high)
        m = jnp.exp(jnp.linspace(jnp.log(site.m_low), jnp.log(site.m_high), 201))
        share = stars.pdf(m) * m
        R = radius(m, population.age)
        ln_r = [
            jnp.linspace(jnp.log(a), jnp.log(b), 65)
            for a, b in zip(site.edges[:-1], site.edges[1:], strict=True)
        ]

        def at(x):
            r = jnp.exp(x)
            s = jnp.sqrt(2.0) * population.velocity_scale * cusp.dispersion(r)
            d = REACH * (R[:, None] + R[None, :])
            rate = mean_rate(d, m[:, None] + m[None, :], s) * PER_GYR
            pairs = jnp.trapezoid(
                jnp.trapezoid(share[:, None] * share * rate, jnp.log(m)), jnp.log(m)
            )
            n = cusp.density(r) / stars.moment(1.0)
            return 0.5 * n**2 * 4.0 * jnp.pi * r**3 * pairs * site.exposure

        exact = [float(jnp.trapezoid(jax.vmap(at)(x), x)) for x in ln_r]
    found = collisions(population, site, spread_nodes(3, 16_384)).number.sum(axis=-1)
    np.testing.assert_allclose(found, exact, rtol=0.02)


def test_chosen_points_give_the_sums_of_all(model):
    """All over the prior, to better than the numbers can be counted."""
    few, many = survey_nodes(model, milky_way(), 128), spread_nodes(3, 65_536, 3)
    ask_both = jax.jit(
        lambda population: [expected(model, population, milky_way(), n) for n in (few, many)]
    )
    off = []
    for z in jax.random.normal(jax.random.key(8), (12, len(PRIOR))):
        found, true = ask_both(parameters(z)[0])
        for name in ("merged", "stripped"):
            a, b = getattr(found, name), getattr(true, name)
            off.append((a - b) / jnp.sqrt(b + 3.0))
    assert np.sqrt(np.mean(np.square(off))) < 0.5
    assert np.abs(off).max() < 4.0


def test_chosen_points_are_weighed_fairly():
    many = random_nodes(jax.random.key(0), 2, 4096)
    wanted = np.stack([many.speed**4, many.closeness**6]) / 4096
    # In units of an error of 1 per cent.
    few = choose_nodes(many, 100.0 * wanted / wanted.sum(axis=-1, keepdims=True), 512)
    assert few.weight.min() > 0
    for field in ("place", "star2", "speed"):
        mean = (few.weight * getattr(few, field)).sum(axis=1) / 512
        np.testing.assert_allclose(mean, getattr(many, field).mean(axis=1), rtol=0.15)
    for field, power in (("speed", 4), ("closeness", 6)):
        total = (few.weight * getattr(few, field) ** power).sum(axis=1) / 512
        np.testing.assert_allclose(total, (getattr(many, field) ** power).mean(axis=1), rtol=0.01)


def test_points_of_which_none_matters_are_spread_evenly():
    many = random_nodes(jax.random.key(0), 1, 256)
    few = choose_nodes(many, np.zeros((2, 1, 256)), 64)
    np.testing.assert_allclose(few.weight, 1.0, rtol=1e-5)


def test_no_star_of_the_survey_leaves_the_main_sequence():
    turn_off = float(tams_age(jnp.float32(milky_way().m_high)))
    assert PRIOR["age"].ceiling == pytest.approx(turn_off, rel=1e-3)
    ages = parameters(jnp.array([-5.0, 5.0]) * jnp.ones((len(PRIOR), 1)))[0].age
    assert 0.0 < ages[0] < ages[1] <= PRIOR["age"].ceiling


def test_sources_of_next_to_nothing_have_finite_slopes():
    """Numbers that underflow, as those of speeds far from the mean do."""
    _, survey = parameters(jnp.zeros(len(PRIOR)))
    made = Sources(*jnp.ones((3, 2, 3, 4)))
    seen = Observed(jnp.ones((2, 3)), *jnp.ones((2, 1)), *jnp.zeros((2, 1), int))

    def density(k):
        number = made.number.at[..., 0].mul(k)
        return log_likelihood(made._replace(number=number), survey, seen)

    for k in (0.0, 1e-40, 1e-25, 1e-10):
        assert jnp.isfinite(jax.grad(density)(k))
        assert jnp.isfinite(jax.hessian(density)(k))


def test_bad_number_of_points():
    with pytest.raises(ValueError, match="n = 100: allowed are powers of two"):
        spread_nodes(3, 100)


def test_gradients_agree_with_finite_differences(model):
    """Of every summary in every bin by every parameter, in float64, to 1e-4."""
    with jax.enable_x64(True):
        nodes = jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), spread_nodes(3, 128))
        site = Site(jnp.asarray(milky_way().edges, jnp.float64))

        def summary(x):
            return jnp.stack(expected(model, Population(*x), site, nodes))

        x = jnp.array(Population(), jnp.float64)
        steps = jnp.diag(1e-6 * x)
        offsets = jnp.concatenate([k * steps for k in (1, -1, 2, -2)])
        derivative = jax.jit(jax.jacfwd(summary))(x)
        moved = jax.jit(lambda xs: jax.lax.map(summary, xs))(x + offsets).reshape(4, 5, 4, 3)
        here = summary(x)
    # Richardson's extrapolation of central differences.
    near, far = moved[0] - moved[1], (moved[2] - moved[3]) / 2
    numeric = np.moveaxis((4 * near - far) / 3 / (2e-6 * x[:, None, None]), 0, -1)
    scale = np.abs(derivative) + 1e-3 * np.abs(here[..., None] / x)
    assert np.all(np.abs(derivative) > 0)
    np.testing.assert_array_less(np.abs(numeric - derivative) / scale, 1e-4)


def test_posterior_gradients_agree_with_finite_differences(target):
    with jax.enable_x64(True):
        wide = jax.tree.map(
            lambda x: x if jnp.result_type(x) == jnp.int32 else jnp.asarray(x, jnp.float64),
            (target.site, target.nodes, target.observed),
        )
        wide = SurveyPosterior(target.model, *wide)
        z = jnp.linspace(-0.8, 0.9, len(PRIOR), dtype=jnp.float64)
        density = jax.jit(wide.log_likelihood)
        gradient = jax.jit(jax.grad(wide.log_likelihood))(z)
        h = 1e-5
        numeric = [
            (density(z.at[i].add(h)) - density(z.at[i].add(-h))) / (2 * h) for i in range(10)
        ]
    np.testing.assert_allclose(gradient, numeric, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_no_nan_in_a_hundred_thousand_populations(target):
    """Value and gradient of the posterior, and every summary, four widths out as well; every
    hundred populations collide at other points, which are not where most is to be seen."""

    @jax.jit
    def check(key):
        key_points, key_populations = jax.random.split(key)
        anywhere = replace(target, nodes=random_nodes(key_points, 3, 16))
        z = 2.0 * jax.random.normal(key_populations, (100, len(PRIOR)))
        value, gradient = jax.vmap(jax.value_and_grad(anywhere.log_likelihood))(z)
        summary = jax.vmap(anywhere.expected)(z)
        return (
            jnp.all(jnp.isfinite(value))
            & jnp.all(jnp.isfinite(gradient))
            & jnp.all(jnp.isfinite(jnp.stack(summary)))
        )

    keys = jax.random.split(jax.random.key(3), 1000)
    good = jax.jit(lambda keys: jax.lax.map(check, keys))(keys)
    assert bool(good.all())


def test_no_nan_in_populations(target):
    z = 2.0 * jax.random.normal(jax.random.key(3), (500, len(PRIOR)))
    value, gradient = jax.jit(jax.vmap(jax.value_and_grad(target.log_likelihood)))(z)
    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()


def test_the_truth_is_more_likely_than_the_mean_of_the_prior(model, nodes):
    """On average over surveys: the score is zero where the data come from."""
    z = jnp.array([0.8, -0.8, 0.8, -0.8, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0])
    population, survey = parameters(z)
    site = milky_way()
    made = sources(*ask(model, population, site, nodes), survey)

    def score(key):
        observed = observe(key, made, survey, 24, 0.1)
        target = SurveyPosterior(model, site, nodes, observed)
        gain = target.log_likelihood(z) - target.log_likelihood(jnp.zeros(10))
        return jax.grad(target.log_likelihood)(z), gain

    gradients, gain = jax.jit(lambda k: jax.lax.map(score, k))(
        jax.random.split(jax.random.key(5), 400)
    )
    error = np.std(gradients, axis=0) / np.sqrt(400)
    assert np.all(np.abs(np.mean(gradients, axis=0)) < 4.0 * error)
    assert np.mean(gain) > 0


def test_model_error_widens_what_may_be_seen(target):
    """The surrogate's own uncertainty is part of the likelihood."""
    z = jnp.zeros(10)
    made = target.sources(z)
    _, survey = parameters(z)
    exact = target.observed._replace(error=jnp.full_like(target.observed.error, 1e-3))
    certain = made._replace(scale=jnp.zeros_like(made.scale))
    assert float(made.scale.max()) > 0.01
    believed = log_likelihood(made, survey, exact)
    assert float(believed) != pytest.approx(float(log_likelihood(certain, survey, exact)), abs=0.5)
    assert float(believed) > float(log_likelihood(certain, survey, exact))


def test_interlopers_are_seen_though_nothing_collides(model, nodes):
    population, survey = parameters(jnp.zeros(10))
    found, predictive = ask(model, population, milky_way(), nodes)
    quiet = found._replace(number=jnp.zeros_like(found.number))
    made = sources(quiet, predictive, survey)
    np.testing.assert_allclose(made.number.sum(axis=-1), survey.interlopers, rtol=1e-5)
