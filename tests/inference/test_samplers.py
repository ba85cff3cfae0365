"""Chains, tempering and brute force on a posterior that is known."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.inference.chains import Chains, diagnose, nuts_blackjax, nuts_numpyro, starts
from surrogate.inference.importance import weigh
from surrogate.inference.optional import needs
from surrogate.inference.tempering import tempered

# Compilation of many variants takes most of their time.
pytestmark = pytest.mark.slow


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Modes:
    """Two narrow normal modes at +-`apart`, the upper one with weight `share`, a normal prior."""

    share: float
    apart: float
    width: float = 0.1

    def sample_prior(self, key):
        return jax.random.normal(key, (2,))

    def log_prior(self, z):
        return -0.5 * jnp.sum(z**2) - np.log(2 * np.pi)

    def log_likelihood(self, z):
        def mode(centre):
            r = (z - jnp.array([centre, 0.0])) / self.width
            return -0.5 * jnp.sum(r**2)

        low = jnp.log(1 - self.share) + mode(-self.apart)
        return jnp.logaddexp(jnp.log(self.share) + mode(self.apart), low)

    @property
    def log_evidence(self):
        s2 = self.width**2
        return np.log(s2 / (1 + s2)) - 0.5 * self.apart**2 / (1 + s2)


TWO = Modes(0.3, 1.5)
ONE = Modes(0.5, 0.0, 0.3)


def test_tempering_weighs_modes_and_measures_the_evidence():
    found = tempered(TWO, jax.random.key(0), particles=4096)
    assert float((found.draws[:, 0] > 0).mean()) == pytest.approx(0.3, abs=0.06)
    assert float(found.log_evidence) == pytest.approx(TWO.log_evidence, abs=0.1)
    upper = np.asarray(found.draws)[found.draws[:, 0] > 0]
    np.testing.assert_allclose(upper.mean(axis=0), [1.5 / 1.01, 0.0], atol=0.02)
    np.testing.assert_allclose(upper.std(axis=0), 0.0995, rtol=0.1)


def test_brute_force_agrees():
    found = weigh(TWO, jax.random.key(1), 200_000)
    share, error = found.mean(found.draws[:, 0] > 0)
    assert error < 0.02
    assert share == pytest.approx(0.3, abs=4 * error)
    assert found.log_evidence == pytest.approx(TWO.log_evidence, abs=0.1)
    assert found.weights.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("nuts", [nuts_numpyro, nuts_blackjax])
def test_chains_find_a_single_mode(nuts):
    chains = nuts(ONE, jax.random.key(2), warmup=300, draws=1000)
    rhat, ess, divergences = diagnose(chains)
    assert rhat.max() < 1.01
    assert ess.min() > 1000
    assert divergences == 0
    np.testing.assert_allclose(chains.flat().std(axis=0), 0.3 / np.sqrt(1.09), rtol=0.06)


def test_chains_that_disagree_are_noticed():
    z = jax.random.normal(jax.random.key(0), (2, 500, 1)) + jnp.array([0.0, 3.0])[:, None, None]
    assert diagnose(Chains(z, jnp.zeros((2, 500), bool))).rhat[0] > 1.5


def test_chains_begin_where_the_likelihood_is():
    z = starts(TWO, jax.random.key(0), 8)
    assert len(np.unique(z, axis=0)) == 8
    assert (jax.vmap(TWO.log_likelihood)(z) > -20).all()


def test_a_crowd_that_cannot_arrive_says_so():
    found = tempered(TWO, jax.random.key(0), particles=64, most=2)
    assert jnp.isnan(found.draws).all()


def test_what_is_missing_is_named():
    with pytest.raises(ImportError, match=r"needs no_such_sampler: pip install .*\[inference\]"):
        needs("no_such_sampler.infer")
