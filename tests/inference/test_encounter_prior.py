"""The prior of an encounter: what is drawn is what was meant."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import kstest, maxwell

from surrogate.cluster.mass_function import kroupa
from surrogate.collisions.structure import main_sequence, radius, tams_age
from surrogate.constants import G
from surrogate.inference.encounter_prior import EncounterPrior, LogUniform, Maxwellian

IMF = kroupa(0.2, 10.0)
N = 4000


def draw(prior):
    def one(key):
        return prior.encounter(prior.sample(key), main_sequence())

    return jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(1), N))


@pytest.fixture(scope="module")
def drawn():
    """With ages on the main sequence."""
    return draw(EncounterPrior(IMF, LogUniform(20.0, 5000.0), reach=1.3))


@pytest.mark.slow
def test_masses_are_those_of_the_mass_function_in_order(drawn):
    assert (drawn.m1 >= drawn.m2).all()
    both = np.concatenate([drawn.m1, drawn.m2])
    assert kstest(both, lambda m: np.asarray(IMF.cdf(m))).pvalue > 0.01


def test_impact_parameters_are_uniform_in_their_square(drawn):
    reach = 1.3 * (radius(drawn.m1, drawn.age) + radius(drawn.m2, drawn.age))
    assert (drawn.rp <= reach * (1 + 1e-5)).all()
    focus = 2 * G * (drawn.m1 + drawn.m2) / drawn.vinf**2
    share = drawn.rp * (drawn.rp + focus) / (reach * (reach + focus))
    assert kstest(share, "uniform").pvalue > 0.01


@pytest.mark.slow
def test_ages_are_uniform_on_the_main_sequence(drawn):
    share = drawn.age / np.minimum(tams_age(drawn.m1), 13.8)
    assert kstest(share, "uniform").pvalue > 0.01


def test_speeds(drawn):
    assert kstest(np.log(drawn.vinf / 20.0) / np.log(250.0), "uniform").pvalue > 0.01
    thermal = draw(EncounterPrior(IMF, Maxwellian(300.0), age=0.01))
    assert kstest(thermal.vinf, maxwell(scale=300.0).cdf).pvalue > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("speed", [LogUniform(10.0, 1e4), Maxwellian(100.0)])
def test_densities_are_those_of_the_draws(speed):
    z = jnp.linspace(-8.0, 6.0, 4001)
    density = jnp.exp(speed.log_density(z))
    assert float(jnp.trapezoid(density, z)) == pytest.approx(1.0, abs=1e-4)
    sampled = jax.vmap(speed.sample)(jax.random.split(jax.random.key(0), N))
    mean = float(jnp.trapezoid(density * z, z))
    assert float(sampled.mean()) == pytest.approx(mean, abs=4 / np.sqrt(N))


def test_a_fixed_age_is_no_parameter():
    free, fixed = (EncounterPrior(IMF, LogUniform(1.0, 1e3), age) for age in (None, 0.01))
    assert free.names == ("rp", "vinf", "m1", "m2", "age")
    assert fixed.names == free.names[:4]
    assert fixed.sample(jax.random.key(0)).shape == (4,)
    assert float(fixed.log_density(jnp.zeros(4))) == pytest.approx(-2 * np.log(2 * np.pi))
