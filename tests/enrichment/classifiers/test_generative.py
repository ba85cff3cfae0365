import jax
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal

from surrogate.enrichment.classifiers.calibrate import calibrate, simulate_stars
from surrogate.enrichment.classifiers.generative import (
    Generative,
    Observed,
    component_log_density,
    fit_generative,
    fit_scatter,
    log_density,
    observe,
    probabilities,
)
from surrogate.enrichment.classifiers.typicality import typicality
from surrogate.enrichment.patterns import concatenate

from .conftest import ELEMENTS, R, S, make


@pytest.fixture(scope="module")
def model(patterns):
    return fit_generative(patterns, ELEMENTS)


def density(log_eps, error, m, tau):
    args = (np.float32(a) for a in ([log_eps], [error], [m], [tau]))
    return float(np.exp(component_log_density(*args)[0, 0]))


def test_the_offset_is_integrated_out():
    log_eps, error, m, tau = [1.0, 0.4, 2.2], [0.1, 0.2, 0.3], [0.5, 0.1, 1.4], 0.15
    variance = np.array(error) ** 2 + tau**2

    def at(offset):
        return np.prod(
            np.exp(-0.5 * (np.array(log_eps) - offset - m) ** 2 / variance)
            / np.sqrt(2.0 * np.pi * variance)
        )

    expected = quad(at, -3.0, 4.0, epsabs=1e-12)[0]
    assert density(log_eps, error, m, tau) == pytest.approx(expected, rel=1e-4)


def test_a_missing_element_is_integrated_out():
    error, m, tau = [0.1, 0.2, 0.3], [0.5, 0.1, 1.4], 0.15
    expected = quad(lambda y: density([1.0, 0.4, y], error, m, tau), -4.0, 7.0, limit=200)[0]
    found = density([1.0, 0.4, np.nan], error, m, tau)
    assert found == pytest.approx(expected, rel=1e-3)


def test_counting_from_any_element_is_the_same():
    # Ratios to an element have errors that its own error correlates.
    log_eps, m = np.array([1.0, 0.4, 2.2]), np.array([0.5, 0.1, 1.4])
    error, tau = np.array([0.1, 0.2, 0.3]), 0.15
    variance = error**2 + tau**2
    for k in range(3):
        others = [j for j in range(3) if j != k]
        covariance = np.diag(variance[others]) + variance[k]
        ratio = (log_eps - m)[others] - (log_eps - m)[k]
        expected = multivariate_normal(np.zeros(2), covariance).pdf(ratio)
        assert density(log_eps, error, m, tau) == pytest.approx(expected, rel=1e-4)


def test_it_knows_its_own(model, star_of):
    p = probabilities(model, observe(star_of(R, S), ELEMENTS))
    assert p[0, 0] > 0.99
    assert p[1, 1] > 0.99
    np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-6)


def test_how_much_material_there_is_does_not_matter(model, star_of):
    seen = observe(star_of(R, np.array(R) - 2.7), ELEMENTS)
    densities = log_density(model, seen)[:, :2]
    np.testing.assert_allclose(densities[0], densities[1], atol=1e-3)


def test_errors_broaden(model, star_of):
    between = 0.6 * np.array(R) + 0.4 * np.array(S)
    certain = []
    for error in (0.1, 0.3, 1.0, 5.0):
        p = probabilities(model, observe(star_of(between, error=error), ELEMENTS))[0, :2]
        certain.append(abs(p[0] - p[1]))
    assert certain == sorted(certain, reverse=True)
    assert certain[-1] < 0.1


def test_any_six_elements_make_a_probability(model, star_of):
    random = np.random.default_rng(0)
    for _ in range(20):
        row = np.array(S)
        row[random.choice(len(ELEMENTS), len(ELEMENTS) - 6, replace=False)] = np.nan
        p = probabilities(model, observe(star_of(row), ELEMENTS))[0]
        assert p[1] > 0.5


def test_europium_is_not_needed(model, star_of):
    row = np.array(R)
    row[ELEMENTS.index("Eu")] = np.nan
    assert probabilities(model, observe(star_of(row), ELEMENTS))[0, 0] > 0.9


def test_one_element_says_nothing(model, star_of):
    row = np.full(len(ELEMENTS), np.nan)
    row[0] = 1.0
    assert np.isnan(probabilities(model, observe(star_of(row), ELEMENTS))).all()


def test_the_prior_counts(model, star_of):
    between = 0.5 * np.array(R) + 0.5 * np.array(S)
    seen = observe(star_of(between, error=1.0), ELEMENTS)
    even, unlikely = probabilities(model, seen), probabilities(model, seen, {"r": 0.01, "s": 0.99})
    odds = (even[0, 0] / even[0, 1]) / (unlikely[0, 0] / unlikely[0, 1])
    assert odds == pytest.approx(99.0, rel=1e-3)


def test_the_order_of_patterns_does_not_matter(patterns, model, star_of):
    order = np.random.default_rng(1).permutation(len(patterns))
    other = fit_generative(patterns.take(order), ELEMENTS)
    seen = observe(star_of(R, S, 0.5 * np.array(R) + 0.5 * np.array(S)), ELEMENTS)
    np.testing.assert_array_equal(other.scatter, model.scatter)
    found, expected = (log_density(each, seen)[:, :2] for each in (other, model))
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_third_process(patterns, star_of):
    I = np.array(R) + np.where(np.isin(ELEMENTS, ("Ba", "La", "Ce", "Pr", "Nd")), 1.2, 0.0)  # noqa: E741
    three = fit_generative(concatenate([patterns, make("i", I, 12, "Eve", 7, 0.1)]), ELEMENTS)
    assert three.processes == ("r", "s", "i")
    p = probabilities(three, observe(star_of(R, S, I), ELEMENTS))
    np.testing.assert_array_equal(p.argmax(axis=1), [0, 1, 2])


def test_the_scatter_is_what_unseen_groups_need():
    random = np.random.default_rng(3)
    shift = 0.2 * random.normal(size=(6, 1, 8))
    m = (shift + 0.01 * random.normal(size=(6, 10, 8))).reshape(60, 8)
    groups = np.repeat(list("abcdef"), 10)
    assert 0.1 <= fit_scatter(m, groups) <= 0.4
    assert fit_scatter(0.05 * m, groups) < 0.05


def test_simulated_stars_have_the_errors_they_say():
    m = np.zeros((4000, 6))
    seen = simulate_stars(m, jax.random.key(0), error=0.2, fewest=3)
    count = seen.measured.sum(axis=1)
    assert set(count) == {3, 4, 5, 6}
    assert np.nanstd(seen.log_eps) == pytest.approx(0.2, rel=0.03)


def test_probabilities_mean_what_they_say(patterns, model):
    calibrated, result = calibrate(model, patterns, jax.random.key(1), error=0.6, stars=20)
    assert calibrated.temperature == result.temperature
    assert result.log_loss <= result.raw_log_loss
    assert result.auc > 0.9
    enough = result.stars > 100
    np.testing.assert_allclose(result.stated[enough], result.found[enough], atol=0.15)


def test_a_star_of_no_process_is_not_typical(model, star_of):
    strange = np.array(R) + np.where(np.arange(len(R)) % 2, 1.5, -1.5)
    found = typicality(model, observe(star_of(R, strange), ELEMENTS), jax.random.key(0))
    assert found[0, 0] > 0.1
    assert np.nanmax(found[1]) < 0.02


def test_typicality_is_even_for_stars_of_the_process(model):
    mine = model.m[model.label == 1]
    random = np.random.default_rng(8)
    parent = mine[random.integers(0, len(mine), 200)]
    spread = np.hypot(0.15, model.scatter[1])
    seen = Observed(parent + spread * random.normal(size=parent.shape), np.full(parent.shape, 0.15))
    found = typicality(model, seen, jax.random.key(3))[:, 1]
    assert np.quantile(found, [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.12)


def test_one_process_is_no_choice(patterns):
    with pytest.raises(ValueError, match="1 process"):
        fit_generative(patterns.take(np.array(patterns.process) == "r"), ELEMENTS)


def test_a_process_without_simulations_is_no_answer():
    model = Generative(("Ba", "Eu"), np.zeros((2, 2)), np.array([0, 1]), np.array([0.1, 0.1, 0.0]))
    p = probabilities(model, Observed(np.array([[1.0, 1.0]]), np.full((1, 2), 0.1)))
    np.testing.assert_allclose(p, [[0.5, 0.5, 0.0]], atol=1e-6)
