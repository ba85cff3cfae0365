"""Networks of any weights treat the two stars alike."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.collisions.features import ODD_FEATURES, StructureFeatures
from surrogate.collisions.networks import N_EVEN, network
from surrogate.collisions.prediction import Survivors
from surrogate.collisions.symmetric import algebraic_silu, apply_to_learn

from .conftest import battery

N = 300
EXCHANGED = np.array([0, 1, 2, 4, 3])
"""What each of `Survivors` is called after an exchange of the stars."""


def features(name, key):
    keys = jax.random.split(key, 3)
    first = jax.random.uniform(keys[2], (N, 1), minval=0.01, maxval=0.99)
    return StructureFeatures(
        even=2.0 * jax.random.normal(keys[0], (N, N_EVEN - (name == "fast"))),
        odd=2.0 * jax.random.normal(keys[1], (N, len(ODD_FEATURES))),
        shares=jnp.concatenate([first, 1.0 - first], axis=1),
    )


@pytest.fixture(scope="module", params=battery(["ensemble", "fast"]))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def ask(name):
    """The answer of a network with weights drawn from a key, about twice those it starts from."""
    net = network(name)

    @jax.jit
    def answer(key, x):
        return net.apply({k: 2.0 * v for k, v in net.init(key).items()}, x)

    return answer


@pytest.fixture(params=[0, 1, 2])
def key(request):
    return jax.random.key(request.param)


@pytest.mark.slow
def test_exchanging_the_stars_exchanges_the_answer(name, ask, key):
    x = features(name, key)
    here = ask(key, x)
    there = ask(key, x._replace(odd=-x.odd, shares=x.shares[:, ::-1]))
    close = {"rtol": 1e-4, "atol": 1e-5}
    expected = here.log_probability[:, EXCHANGED]
    np.testing.assert_allclose(there.log_probability, expected, **close)
    # The product of a merger stays with the first star, whichever that is.
    merger = int(Survivors.MERGER)
    expected = here.fractions[:, EXCHANGED][..., [1, 0, 2]]
    expected = expected.at[:, merger].set(here.fractions[:, merger])
    np.testing.assert_allclose(there.fractions, expected, **close)
    expected = here.log_scale[:, EXCHANGED][..., ::-1]
    expected = expected.at[:, merger].set(here.log_scale[:, merger])
    np.testing.assert_allclose(there.log_scale, expected, **close)


def test_the_answer_does_depend_on_which_star_is_which(name, ask, key):
    x = features(name, key)
    p = np.exp(ask(key, x).log_probability)
    assert np.abs(p[:, Survivors.FIRST] - p[:, Survivors.SECOND]).max() > 0.1


def test_probabilities_sum_to_one(name, ask, key):
    p = np.exp(ask(key, features(name, key)).log_probability)
    np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-5)


def test_masses_of_every_outcome_sum_to_one_and_agree_with_it(name, ask, key):
    f = np.asarray(ask(key, features(name, key)).fractions)
    np.testing.assert_allclose(f.sum(axis=-1), 1.0, atol=1e-6)
    assert f.min() > -1e-6
    assert f.max() <= 1.0
    left = {"NONE": (0, 0), "MERGER": (1, 0), "TWO": (1, 1), "FIRST": (1, 0), "SECOND": (0, 1)}
    for outcome, survivors in left.items():
        found = f[:, Survivors[outcome], :2] > 0
        np.testing.assert_array_equal(found, np.tile(np.array(survivors) > 0, (N, 1)))


def test_a_stripped_star_does_not_grow(name, ask, key):
    x = features(name, key)
    f = np.asarray(ask(key, x).fractions)
    assert np.all(f[:, Survivors.FIRST, 0] <= x.shares[:, 0])
    assert np.all(f[:, Survivors.SECOND, 1] <= x.shares[:, 1])


def test_only_what_is_left_scatters(name, ask, key):
    raw = ask(key, features(name, key))
    np.testing.assert_array_equal(np.isfinite(raw.log_scale), raw.fractions[..., :2] > 0)
    assert not np.isnan(raw.log_scale).any()


def test_identical_stars_differ_in_nothing(name, ask, key):
    x = features(name, key)
    raw = ask(key, x._replace(odd=0 * x.odd, shares=0 * x.shares + 0.5))
    p, two = raw.log_probability, raw.fractions[:, Survivors.TWO]
    np.testing.assert_array_equal(p[:, Survivors.FIRST], p[:, Survivors.SECOND])
    np.testing.assert_array_equal(two[:, 0], two[:, 1])
    s = raw.log_scale
    np.testing.assert_array_equal(s[:, Survivors.TWO, 0], s[:, Survivors.TWO, 1])
    np.testing.assert_array_equal(s[:, Survivors.FIRST, 0], s[:, Survivors.SECOND, 1])


@pytest.mark.slow
def test_learning_the_scatter_leaves_the_masses_alone(name, key):
    net = network(name)
    x = features(name, key)

    def scatter(weights):
        s = apply_to_learn(net.apply, weights, x).log_scale
        return jnp.sum(jnp.where(jnp.isfinite(s), s, 0.0))

    gradient = jax.jit(jax.grad(scatter))(net.init(key))
    moved = {k for k, g in gradient.items() if jnp.any(g != 0)}
    assert moved
    assert all("scale/" in k for k in moved)


@pytest.mark.parametrize("name", ["ensemble", "fast"])
def test_the_scatter_is_differentiable_in_the_encounter(name, key):
    net = network(name)
    weights, x = net.init(key), features(name, key)

    def scatter(even):
        s = net.apply(weights, x._replace(even=even)).log_scale
        return jnp.sum(jnp.where(jnp.isfinite(s), s, 0.0))

    assert jnp.any(jax.jit(jax.grad(scatter))(x.even) != 0)


@pytest.mark.slow
def test_the_cheap_activation_has_the_shape_of_silu():
    x = jnp.linspace(-30.0, 30.0, 2001)
    y = algebraic_silu(x)
    assert jnp.abs(y - jax.nn.silu(x)).max() < 0.2
    assert float(y[-1]) == pytest.approx(30.0, rel=1e-3)
    assert jnp.isfinite(jax.vmap(jax.grad(algebraic_silu))(x)).all()
