"""Bad input: named in eager calls, flagged under transformations, for every registered model."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate import Domain, Encounter, Smoothing

SUN_PAIR = Encounter(age=1.0, m1=1.0, m2=0.8, rp=0.5, vinf=10.0)
KNOWN_STARS = SUN_PAIR._replace(r1=0.9, r2=0.7, age2=2.0, rh1=0.3, rh2=0.2)

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
BAD_STARS = [
    ("r1", 0.0),
    ("r2", np.nan),
    ("age2", -1.0),
    ("age2", 20.0),
    ("rh1", 0.0),
    ("rh1", 0.9),
    ("rh1", 1.0),
    ("rh2", 0.8),
    ("rh2", np.nan),
]


@pytest.mark.parametrize(("field", "value"), BAD_VALUES)
def test_bad_input_is_named(model, field, value):
    with pytest.raises(ValueError, match=rf"{field} = .*allowed is"):
        model(SUN_PAIR._replace(**{field: value}))
    with pytest.raises(ValueError, match=rf"{field}\[2\] = .*allowed is"):
        model(SUN_PAIR._replace(**{field: np.array([0.5, 0.5, value])}))


@pytest.mark.parametrize(("field", "value"), BAD_STARS)
def test_a_bad_star_is_named(model, field, value):
    with pytest.raises(ValueError, match=rf"{field} = .*allowed is"):
        model(KNOWN_STARS._replace(**{field: value}))


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_bad_star_is_flagged_and_leaves_the_others_alone(model, encounters):
    n = len(encounters.m1)
    stars = jax.tree.map(lambda x: np.full(n, x, np.float32), KNOWN_STARS)
    expected = jax.tree.map(lambda x: np.asarray(x)[-1], model(stars))
    for row, (field, value) in enumerate(BAD_STARS):
        getattr(stars, field)[row] = value
    outcome = model(stars, check=False)
    bad = np.arange(n) < len(BAD_STARS)
    np.testing.assert_array_equal(outcome.reason == Domain.INVALID, bad)
    jax.tree.map(lambda x, one: np.testing.assert_array_equal(x[~bad], one), outcome, expected)


def test_nothing_is_said_of_an_encounter_without_meaning(model):
    outcome = model(SUN_PAIR._replace(m1=np.nan), check=False)
    assert not outcome.in_domain
    assert outcome.reason == Domain.INVALID
    assert (outcome.regime, outcome.fate) == (-1, -1)
    for name in set(outcome._fields) - {"regime", "fate", "in_domain", "reason"}:
        assert all(jnp.isnan(x) for x in jax.tree.leaves(getattr(outcome, name))), name


@pytest.mark.slow
def test_nan_in_one_encounter_leaves_gradients_of_the_others_alone(gradients, encounters):
    expected = gradients(encounters, False)
    m1 = encounters.m1.copy()
    m1[::7] = np.nan
    good = np.isfinite(m1)
    for found, clean in zip(gradients(encounters._replace(m1=m1), False), expected, strict=True):
        np.testing.assert_array_equal(found[good], clean[good])


def test_widths_are_checked(model):
    with pytest.raises(ValueError, match=r"contact = -0\.1, allowed are widths > 0"):
        model(SUN_PAIR, smooth=Smoothing(contact=-0.1))
    with pytest.raises(TypeError, match="allowed are True, False or a Smoothing"):
        model(SUN_PAIR, smooth=0.1)
    with pytest.raises(TypeError, match="not both"):
        model(SUN_PAIR, r1=1.0)


def test_missing_and_mismatched_arguments(model):
    with pytest.raises(TypeError, match=r"missing .*vinf"):
        model(1.0, 1.0, 0.8, 0.5)
    with pytest.raises(ValueError, match="lengths do not match"):
        model(1.0, np.ones(3), np.ones(4), 0.5, 10.0)
    with pytest.raises(ValueError, match="numbers"):
        model("old", 1.0, 0.8, 0.5, 10.0)


@pytest.mark.parametrize(
    ("stars", "message"),
    [
        ({"r1": 1.0}, "r1 and r2: .*both"),
        ({"r2": 1.0}, "r1 and r2: .*both"),
        ({"r1": 1.0, "r2": 1.0, "rh1": 0.3}, "rh1 and rh2: .*both"),
        ({"r1": 1.0, "r2": 1.0, "rh2": 0.3}, "rh1 and rh2: .*both"),
        ({"rh1": 0.3, "rh2": 0.3}, "need the radii r1 and r2"),
    ],
)
def test_a_star_is_described_in_full_or_not_at_all(model, stars, message):
    with pytest.raises(ValueError, match=message):
        model(SUN_PAIR._replace(**stars))
