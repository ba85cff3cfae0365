"""Bad input: named in eager calls, flagged under transformations, for every registered model."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate import Domain, Encounter, Smoothing

SUN_PAIR = Encounter(age=1.0, m1=1.0, m2=0.8, rp=0.5, vinf=10.0)

BAD_VALUES = [
    ("age", np.nan),
    ("age", -1.0),
    ("age", 20.0),
    ("m1", 0.0),
    ("m1", -1.0),
    ("m2", np.nan),
    ("m2", 150.0),
    ("m1", 1e-30),
    ("m2", 1e30),
    ("rp", -0.1),
    ("rp", np.inf),
    ("vinf", -5.0),
    ("vinf", 4e5),
]


@pytest.mark.parametrize(("field", "value"), BAD_VALUES)
def test_bad_input_is_named(model, field, value):
    with pytest.raises(ValueError, match=rf"{field} = .*allowed is"):
        model(SUN_PAIR._replace(**{field: value}))
    with pytest.raises(ValueError, match=rf"{field}\[2\] = .*allowed is"):
        model(SUN_PAIR._replace(**{field: np.array([0.5, 0.5, value])}))


@pytest.mark.parametrize(("field", "value"), BAD_VALUES)
def test_bad_input_is_flagged_under_jit_and_never_hidden(model, field, value):
    outcome = jax.jit(model)(jax.tree.map(jnp.float32, SUN_PAIR._replace(**{field: value})))
    assert not outcome.in_domain
    assert outcome.reason != 0
    if outcome.reason & Domain.INVALID:
        assert jnp.isnan(outcome.m1_final)
        assert outcome.fate == -1
    else:
        assert jnp.isfinite(outcome.m1_final)


def test_widths_are_checked(model):
    with pytest.raises(ValueError, match=r"contact = -0\.1, allowed are widths > 0"):
        model(SUN_PAIR, smooth=Smoothing(contact=-0.1))
    with pytest.raises(TypeError, match="allowed are True, False or a Smoothing"):
        model(SUN_PAIR, smooth=0.1)
    with pytest.raises(TypeError, match="not both"):
        model(SUN_PAIR, r1=1.0)


def test_nan_in_one_encounter_leaves_gradients_of_the_others_alone(model):
    def total(m1):
        return jnp.nansum(model(1.0, m1, 0.8, 0.5, 10.0, check=False).m1_final)

    gradient = jax.grad(total)(jnp.array([1.0, jnp.nan, 1.0]))
    assert jnp.isfinite(gradient[jnp.array([0, 2])]).all()


def test_missing_and_mismatched_arguments(model):
    with pytest.raises(TypeError, match=r"missing .*vinf"):
        model(1.0, 1.0, 0.8, 0.5)
    with pytest.raises(ValueError, match="lengths do not match"):
        model(1.0, np.ones(3), np.ones(4), 0.5, 10.0)
    with pytest.raises(ValueError, match="both"):
        model(SUN_PAIR._replace(r1=1.0))
    with pytest.raises(ValueError, match="numbers"):
        model("old", 1.0, 0.8, 0.5, 10.0)
