"""Designed encounters give what was wished for, and what cannot be had is said so."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import surrogate
from surrogate import Fate
from surrogate.collisions.inputs import ALLOWED
from surrogate.collisions.predictive import Way
from surrogate.collisions.structure import main_sequence, radius
from surrogate.inference.design import design
from surrogate.inference.space import make_space
from surrogate.inference.wish import Wish

# Compilation of many variants takes most of their time.
pytestmark = pytest.mark.slow

FIXED = {"age": 0.5, "m1": 2.0}
FREE = {"m2": (0.2, 2.0), "depth": (0.0, 1.0), "vinf": (10.0, 16_000.0)}
CORE = Wish(Way.FIRST, {"m1_final": (0.5, 0.02)})


def test_every_point_lies_within_the_bounds():
    space = make_space(FIXED, FREE)
    x = 30.0 * jax.random.normal(jax.random.key(0), (1000, 3))
    e = space.encounter(space.values(x), main_sequence())
    assert ((e.m2 >= 0.2) & (e.m2 <= 2.0001)).all()
    assert ((e.vinf >= 9.999) & (e.vinf <= 16_001)).all()
    contact = radius(2.0, 0.5) + radius(e.m2, 0.5)
    assert ((e.rp >= 0.0) & (e.rp <= contact * 1.0001)).all()
    assert ALLOWED["age"].accepts(np.asarray(e.age)).all()
    slopes = jax.grad(
        lambda x: sum(f.sum() for f in space.encounter(space.values(x), main_sequence())[:5])
    )(x)
    assert jnp.isfinite(slopes).all()


@pytest.mark.parametrize(
    ("fixed", "free", "message"),
    [
        ({"age": 1.0}, FREE, "m1: give a value in fixed or bounds in free"),
        ({**FIXED, "rp": 1.0}, FREE, "one of rp and depth"),
        ({**FIXED, "m2": 1.0}, FREE, "m2 is both fixed and free"),
        ({**FIXED, "vinff": 1.0}, FREE, r"did you mean vinf\?"),
        ({"age": 1.0, "m1": 500.0}, FREE, "m1 = 500: allowed is 0.1 to 100 Msun"),
        (FIXED, {**FREE, "m2": (2.0, 0.2)}, "low < high"),
        (FIXED, {**FREE, "vinf": (0.0, 10.0)}, "needs low > 0"),
        ({**FIXED, "m2": 1.0, "rp": 1.0, "vinf": 5.0}, {}, "nothing is free"),
    ],
)
def test_fields_are_checked(fixed, free, message):
    with pytest.raises(ValueError, match=message):
        make_space(fixed, free)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish(Way.TWO, {"m_unbond": (0.1, 0.1)}), r"did you mean m_unbound\?"),
        (Wish(Way.TWO, {"m_unbound": (0.1, 0.0)}), "tolerance > 0"),
        (Wish(Way.TWO, {}, probability=1.0), "probability = 1.0"),
    ],
)
def test_wishes_are_checked(wish, message):
    with pytest.raises(ValueError, match=message):
        wish.check()


@pytest.fixture(scope="module")
def model():
    return surrogate.load("fast")


@pytest.fixture(scope="module")
def found(model):
    told = []
    designed = design(
        model,
        CORE,
        fixed=FIXED,
        free=FREE,
        key=jax.random.key(0),
        starts=128,
        steps=200,
        report=lambda *said: told.append(said),
    )
    assert [said[:2] for said in told] == [(n, 200) for n in (50, 100, 150, 200)]
    return designed


@pytest.mark.slow
def test_a_stripped_core_is_made_in_several_ways(found):
    assert found.granted.sum() >= 3
    assert (np.asarray(found.probability) >= 0.9).all()
    np.testing.assert_allclose(found.masses[:, 0], 0.5, atol=0.02)
    # The judge is the ensemble, in its hard mode.
    good = found.granted
    assert (np.asarray(found.outcome.fate)[good] == Fate.STRIPPED).all()
    np.testing.assert_allclose(np.asarray(found.outcome.m1_final)[good], 0.5, atol=0.02)
    assert (np.asarray(found.outcome.m1_bounds.low68) < 0.5).all()
    assert np.asarray(found.outcome.in_domain)[good].all()
    # No two alike.
    places = np.asarray(found.values)
    assert (
        np.abs(places[:, None] - places)[np.triu_indices(len(places), 1)].max(axis=-1).min() > 0.1
    )


@pytest.mark.slow
def test_slopes_are_those_of_the_model(model, found):
    e = jax.tree.map(lambda x: x[0], found.encounter)
    step = 0.01 * float(e.vinf)
    up, down = (
        model.predictive(e._replace(vinf=e.vinf + s)).masses[Way.FIRST, 0] for s in (step, -step)
    )
    slope = float(up - down) / (2 * step)
    assert float(found.sensitivity[0, 0, 2]) == pytest.approx(slope, rel=0.1)
    assert float(found.leeway[0, 2]) == pytest.approx(0.02 / abs(slope), rel=0.1)
    assert float(found.blur[0, 2]) == pytest.approx(float(found.scale[0, 0]) / abs(slope), rel=0.1)


@pytest.mark.slow
def test_the_impossible_is_told_how_near_it_came(model):
    wish = Wish(Way.FIRST, {"m1_final": (1.99, 0.01)})
    with pytest.raises(ValueError, match=r"The nearest, at m2 = .* probability .*\(wished: 1.99"):
        design(model, wish, fixed=FIXED, free=FREE, key=jax.random.key(0), starts=128, steps=200)
