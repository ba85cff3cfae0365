"""The likelihood of an aftermath, against its definition written with matrices."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

import surrogate
from surrogate import Fate
from surrogate.cluster.mass_function import kroupa
from surrogate.collisions.grid import load_grid, published_split
from surrogate.collisions.predictive import Predictive, Way
from surrogate.inference.aftermath import (
    REMNANTS,
    SHARES,
    SPREADS,
    Aftermath,
    log_likelihood,
    observed,
    simulate,
    way_probability,
)
from surrogate.inference.encounter_prior import EncounterPrior, LogUniform
from surrogate.inference.posterior import Posterior

# Compilation of many variants takes most of their time.
pytestmark = pytest.mark.slow

A = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])


def made_up(seed=0):
    """Every way possible, with masses of stars of 1.2 and 0.8 Msun."""
    random = np.random.default_rng(seed)
    lost = random.uniform(0.05, 0.3, 5)
    masses = np.array(
        [
            [0.0, 0.0, 2.0],
            [2.0 - lost[0], 0.0, lost[0]],
            [1.2 - lost[1], 0.8 - lost[2], lost[1] + lost[2]],
            [1.2 - lost[3], 0.0, 0.8 + lost[3]],
            [0.0, 0.8 - lost[4], 1.2 + lost[4]],
            [2.0, 0.0, 0.0],
            [1.2, 0.8, 0.0],
        ]
    )
    scale = np.where(masses > 0, random.uniform(0.02, 0.1, (7, 3)), 0.0)
    scale[[0, 5, 6]] = 0.0
    p = random.dirichlet(np.ones(7))
    return Predictive(*(jnp.float32(x) for x in (p, masses, scale)))


def by_matrices(said, masses, errors, ejecta, way):
    """ln p of measured remnants (errors may be infinite) and unbound mass, given the way."""
    mean, scale = np.float64(said.masses[way]), np.float64(said.scale[way])
    if REMNANTS[way] == 1:  # the only one first
        first = int(np.argmax(mean[:2]))
        mean, scale = mean[[first, 1 - first, 2]], scale[[first, 1 - first, 2]]
    noise = np.array([*errors, ejecta[1]])
    data = np.array([*masses, ejecta[0]])
    measured = np.isfinite(noise) & np.append(np.arange(2) < REMNANTS[way], True)
    terms = [
        np.log(share)
        + multivariate_normal(
            mean[measured],
            (
                A @ np.diag((spread * scale[:2]) ** 2) @ A.T
                + np.diag(np.where(measured, noise, 1) ** 2)
            )[np.ix_(measured, measured)],
        ).logpdf(data[measured])
        for share, spread in zip(SHARES, SPREADS, strict=True)
    ]
    return logsumexp(terms)


@pytest.mark.parametrize("error", [0.003, 0.05, np.inf])
@pytest.mark.parametrize("seed", range(3))
def test_one_remnant_by_matrices(seed, error):
    said = made_up(seed)
    expected = logsumexp(
        [
            np.log(said.probability[w])
            + by_matrices(said, (1.1, 0.0), (0.04, 1.0), (0.7, error), w)
            for w in (Way.MERGER, Way.FIRST, Way.SECOND, Way.CAPTURE)
        ]
    )
    ejecta = (0.7, error) if np.isfinite(error) else None
    found = log_likelihood(said, observed((1.1, 0.04), ejecta=ejecta))
    assert float(found) == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_two_remnants_bear_no_names(seed):
    said = made_up(seed)
    terms = [
        np.log(said.probability[w] / 2) + by_matrices(said, masses, errors, (0.3, 0.1), w)
        for w in (Way.TWO, Way.FLYBY)
        for masses, errors in (((0.9, 1.0), (0.3, 0.02)), ((1.0, 0.9), (0.02, 0.3)))
    ]
    one = log_likelihood(said, observed((0.9, 0.3), (1.0, 0.02), ejecta=(0.3, 0.1)))
    other = log_likelihood(said, observed((1.0, 0.02), (0.9, 0.3), ejecta=(0.3, 0.1)))
    assert float(one) == pytest.approx(logsumexp(terms), rel=1e-4, abs=1e-4)
    assert float(one) == pytest.approx(float(other), rel=1e-6)


def test_remnants_that_were_counted_but_not_weighed():
    said = made_up()
    alone = said.probability[jnp.array([Way.MERGER, Way.FIRST, Way.SECOND, Way.CAPTURE])].sum()
    assert float(log_likelihood(said, observed(None))) == pytest.approx(np.log(alone), abs=1e-5)
    expected = logsumexp(
        [
            np.log(said.probability[w]) + by_matrices(said, (0, 0), (np.inf,) * 2, (0.4, 0.1), w)
            for w in Way
        ]
    )
    found = log_likelihood(said, observed(ejecta=(0.4, 0.1), counted=False))
    assert float(found) == pytest.approx(expected, abs=1e-4)


def test_the_number_of_remnants_selects_the_ways():
    said = made_up()
    for seen, n in ((observed(), 0), (observed(None), 1), (observed(None, None), 2)):
        p = way_probability(said, seen)
        assert float(p.sum()) == pytest.approx(1.0, abs=1e-6)
        assert np.all(np.asarray(p)[n != REMNANTS] == 0.0)
        assert np.all(np.asarray(p)[n == REMNANTS] > 0.0)


def test_what_cannot_be_has_finite_likelihood_and_gradient():
    said = made_up()
    impossible = said._replace(
        probability=jnp.zeros(7).at[Way.TWO].set(1.0), scale=jnp.zeros((7, 3))
    )
    for seen in (observed((1.0, 1e-7)), observed((50.0, 0.01), ejecta=(0.1, 0.1)), observed()):
        value, slopes = jax.value_and_grad(log_likelihood)(impossible, seen)
        assert jnp.isfinite(value)
        assert all(jnp.isfinite(x).all() for x in slopes)


def test_single_precision_is_enough():
    said = made_up(1)
    with jax.enable_x64(True):
        fine = Predictive(*(jnp.float64(np.asarray(x)) for x in said))
        for error in (1e-4, 0.1):
            seen = observed((said.masses[Way.MERGER, 0] + 3 * error, error), ejecta=(0.1, 0.01))
            expected = log_likelihood(fine, seen)
            assert float(log_likelihood(said, seen)) == pytest.approx(float(expected), rel=1e-3)


def test_simulated_aftermaths_follow_the_likelihood():
    said = made_up()
    keys = jax.random.split(jax.random.key(0), 20_000)
    seen = jax.vmap(lambda k: simulate(k, said, (0.03, 0.03, 0.05)))(keys)
    shares = np.bincount(seen.remnants, minlength=3) / len(keys)
    expected = np.bincount(REMNANTS, said.probability)
    np.testing.assert_allclose(shares, expected, atol=4 * 0.5 / np.sqrt(len(keys)))
    # E[q(x) / p(x)] = 1 for x ~ p, whatever the density q: here that of other encounters.
    ratio = jnp.exp(log_likelihood(made_up(5), seen) - log_likelihood(said, seen))
    below = jnp.minimum(ratio, 50.0)
    assert float(below.mean()) < 1.0 + 4 * float(below.std()) / np.sqrt(len(keys))
    # ... and information: the truth is the more probable.
    assert float(jnp.log(ratio).mean()) < 0.0


def test_density_integrates_to_the_probability_of_one_remnant():
    said = made_up(2)
    x = np.linspace(-1.0, 3.5, 4001, dtype=np.float32)
    seen = Aftermath(
        jnp.ones(len(x), int),
        jnp.stack([x, jnp.zeros_like(x)], axis=-1),
        jnp.full((len(x), 2), 0.02),
        jnp.zeros(len(x)),
        jnp.full(len(x), jnp.inf),
    )
    total = np.trapezoid(np.exp(np.float64(log_likelihood(said, seen))), x)
    assert total == pytest.approx(float(said.probability[REMNANTS == 1].sum()), rel=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: observed((1, 0.1), (1, 0.1), (1, 0.1)), "3 remnants"),
        (lambda: observed((1.0, 0.0)), "error = 0.0 Msun: allowed are standard deviations > 0"),
        (lambda: observed((np.nan, 0.1)), "mass = nan"),
        (lambda: observed(counted=False), "nothing was found"),
        (lambda: observed((1.0, 0.1), counted=False), "counted = False"),
    ],
)
def test_what_has_no_meaning_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_posterior_and_its_gradient_are_finite_all_over_the_prior():
    prior = EncounterPrior(kroupa(0.2, 20.0), LogUniform(1.0, 16_000.0), reach=1.5)
    model = surrogate.load("fast")
    z = jax.vmap(prior.sample)(jax.random.split(jax.random.key(0), 2000))
    z = z.at[-3:].set(jnp.array([[40.0], [-40.0], [6.0]]))  # far out in the tails
    slope = jax.jit(jax.vmap(jax.value_and_grad(lambda z, p: p.log_density(z)), (0, None)))
    for seen in (observed((1.0, 0.01), ejecta=(0.2, 0.02)), observed((0.9, 0.02), (0.4, 0.01))):
        value, gradient = slope(z, Posterior(model, prior, seen))
        assert jnp.isfinite(value).all()
        assert jnp.isfinite(gradient).all()
        assert (jnp.abs(gradient[:-3]) > 0).any(axis=1).all()


@pytest.mark.parametrize("name", ["fast", pytest.param("ensemble", marks=pytest.mark.slow)])
def test_law_of_the_models_errors_is_that_of_the_simulations(name, sph_grid_dir):
    grid = load_grid(sph_grid_dir)
    rows = grid.take(published_split(grid, sph_grid_dir).val)
    columns = (rows.age, rows.m1, rows.m2, rows.rp, rows.vinf, rows.r1, rows.r2)
    said = surrogate.load(name).predictive(*columns)
    for fate, way, star in (
        (Fate.MERGER, Way.MERGER, 0),
        (Fate.TWO, Way.TWO, 0),
        (Fate.TWO, Way.TWO, 1),
        (Fate.STRIPPED, Way.FIRST, 0),
    ):
        true = (rows.m1_final, rows.m2_final)[star]
        of_it = (rows.fate == fate) & (true > 0)
        apart = np.abs(true - said.masses[:, way, star]) / np.asarray(said.scale[:, way, star])
        apart = np.asarray(apart)[of_it & (np.asarray(said.scale[:, way, star]) > 0)]
        assert 0.64 < np.mean(apart < 1.0) < 0.72
        assert 0.86 < np.mean(apart < 2.0) < 0.93  # of the law 0.907; of a Gaussian 0.953
        assert 0.95 < np.mean(apart < 4.0) < 0.997
