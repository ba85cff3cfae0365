"""How a model is loaded and called, and its gradients; most of it for every registered model."""

import shutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import surrogate
from surrogate import Encounter, Smoothing
from surrogate.collisions.models import DEFAULT_MODEL, MODELS
from surrogate.collisions.predictor import shipped_checkpoints
from surrogate.collisions.structure import main_sequence
from surrogate.collisions.tides import Argument, Cutoff

SUN_PAIR = Encounter(age=1.0, m1=1.0, m2=0.8, rp=0.5, vinf=10.0)
MANY = {"ensemble": 2**17}
"""Encounters of the longest test, where not a million: the ensemble is twenty times slower."""


@pytest.fixture(scope="module")
def separate():
    """The model that is compiled soonest, for what is the same of all."""
    return surrogate.load("separate")


def test_all_styles_of_call_agree(model, encounters):
    e = SUN_PAIR
    expected = model(e)
    arrays = jax.tree.map(jnp.float32, e)
    long = jax.tree.map(lambda x: np.full(encounters.m1.shape, x), e)
    results = [
        model(*e[:5]),
        model(**{k: v for k, v in e._asdict().items() if v is not None}),
        model(jax.tree.map(np.float64, e)),
        model(1, 1, 0.8, 0.5, 10),
        jax.jit(model)(arrays),
        jax.tree.map(lambda x: x[-1], model(long)),
    ]
    for result in results:
        jax.tree.map(
            lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), expected, result
        )


@pytest.mark.slow
def test_a_model_may_be_mapped_over_and_passed_as_an_argument(separate):
    arrays = jax.tree.map(jnp.float32, SUN_PAIR)
    expected = separate(arrays).m1_final
    mapped = jax.vmap(separate)(jax.tree.map(lambda x: x[None], arrays)).m1_final
    passed = jax.jit(lambda model, e: model(e).m1_final)(separate, arrays)
    np.testing.assert_allclose([mapped[0], passed], expected, rtol=1e-5)


def test_arguments_broadcast(separate):
    outcome = separate(1.0, np.ones((3, 1)), 0.8, np.linspace(0.0, 3.0, 4), 10.0)
    assert all(leaf.shape == (3, 4) for leaf in jax.tree.leaves(outcome))
    np.testing.assert_array_equal(outcome.m1_final[0], outcome.m1_final[2])


def test_every_block_of_a_large_call_is_answered_alike(model, encounters):
    outcome = model(encounters)
    block = MODELS[model.kind].block
    n = len(encounters.m1)
    assert n > 2 * block
    for i in (0, block - 1, block, 2 * block, n - 1):
        alone = model(jax.tree.map(lambda x, i=i: x[i], encounters))
        np.testing.assert_allclose(outcome.m1_final[i], alone.m1_final, rtol=1e-4, atol=1e-5)


@given(
    age=st.floats(0.0, 15.0),
    m1=st.floats(0.1, 100.0),
    m2=st.floats(0.1, 100.0),
    rp=st.floats(0.0, 200.0),
    vinf=st.floats(0.0, 50_000.0),
)
def test_every_encounter_has_an_answer(model, age, m1, m2, rp, vinf):
    outcome = model(age, m1, m2, rp, vinf)
    total = outcome.m1_final + outcome.m2_final + outcome.m_unbound
    assert float(total) == pytest.approx(m1 + m2, rel=1e-6)


@pytest.mark.parametrize("smooth", [pytest.param(False, marks=pytest.mark.slow), True])
def test_gradients_are_finite(gradients, encounters, smooth):
    for part in gradients(encounters, smooth):
        assert jnp.isfinite(part).all()


@pytest.mark.slow
@pytest.mark.parametrize("smooth", [False, True])
def test_a_million_random_encounters_have_finite_answers_and_gradients(
    model, gradients, random_encounters, smooth
):
    n = MANY.get(model.kind, 2**20)
    e = random_encounters(n, seed=1)
    outcome = model(e, smooth=smooth)
    for x in (outcome.m1_final, outcome.m2_final, outcome.m_unbound):
        assert jnp.isfinite(x).all()
    total = outcome.m1_final + outcome.m2_final + outcome.m_unbound
    np.testing.assert_allclose(total, e.m1 + e.m2, rtol=1e-6)
    for i in range(0, n, 2**17):
        part = jax.tree.map(lambda x, i=i: x[i : i + 2**17], e)
        assert all(jnp.isfinite(g).all() for g in gradients(part, smooth))


@pytest.fixture(scope="module")
def along(model):
    """Slope and curvature of the masses' weighted sum along a direction, and its gradient."""

    def total(x):
        o = model(*x, smooth=Smoothing(contact=0.1, capture=0.3, survivor=0.5))
        return o.m1_final + 0.7 * o.m2_final - 0.3 * o.m_unbound

    @jax.jit
    def follow(x, v):
        return jax.jvp(jax.value_and_grad(total), (x,), (v,))

    return follow


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rp", "vinf"),
    [(0.5, 300.0), (1.63, 900.0), (2.0, 30.0), (4.0, 100.0)],
    ids=["collision", "next to contact", "capture", "fly-by"],
)
def test_gradients_to_second_order_in_float64(along, rp, vinf):
    with jax.enable_x64(True):
        x = np.array([1.0, 1.1, 0.7, rp, vinf])
        v = x * np.array([0.5, -0.7, 0.3, 0.6, -0.2])
        (_, gradient), (slope, curvature) = along(x, v)
        step = 1e-6
        (after, gradient_after), (before, gradient_before) = (
            along(x + h * v, v)[0] for h in (step, -step)
        )
        close = {"rtol": 1e-4, "atol": 1e-7}
        np.testing.assert_allclose((after - before) / (2 * step), slope, **close)
        np.testing.assert_allclose(gradient @ v, slope, **close)
        found = (gradient_after - gradient_before) / (2 * step)
        np.testing.assert_allclose(found * x, curvature * x, **close)


@jax.tree_util.register_static
class Counting:
    """The shipped stars; counts how often they are traced."""

    def __init__(self):
        self.traces = 0

    def radius(self, mass, age):
        self.traces += 1
        return main_sequence().radius(mass, age)

    def tams_age(self, mass):
        return main_sequence().tams_age(mass)

    def zams_age(self, mass):
        return main_sequence().zams_age(mass)


@pytest.mark.slow
def test_one_trace_serves_every_style_of_call():
    stars = Counting()
    model = surrogate.load(stars=stars)
    for convert in (float, np.float32, np.float64, jnp.float32, np.asarray):
        outcome = model(*(convert(x) for x in SUN_PAIR[:5]))
        assert outcome.m1_final.dtype == jnp.float32
    model(1, 1, 0.8, 0.5, 10)
    assert stars.traces == 1


def test_the_default_is_a_model_that_says_how_sure_it_is():
    assert surrogate.load().kind == DEFAULT_MODEL == "ensemble"


def test_unknown_model():
    with pytest.raises(ValueError, match=r"allowed are .*separate"):
        surrogate.load("best")


def test_options_may_be_given_by_their_names():
    by_name = surrogate.load(argument="eta", cutoff="step")
    assert (by_name.argument, by_name.cutoff) == (Argument.ETA, Cutoff.STEP)
    with pytest.raises(ValueError, match="stairs"):
        surrogate.load(cutoff="stairs")


@pytest.mark.parametrize(
    ("name", "other"), [("classifier", "regressor"), ("ensemble", "fast"), ("fast", "ensemble")]
)
def test_networks_in_each_others_place_are_refused(tmp_path, name, other):
    shutil.copytree(shipped_checkpoints() / other, tmp_path / name)
    model = "separate" if name == "classifier" else name
    with pytest.raises(ValueError, match=f"holds network '{other}'"):
        surrogate.load(model, path=tmp_path)


@pytest.mark.parametrize("name", MODELS)
def test_no_checkpoint(tmp_path, name):
    with pytest.raises(ValueError, match="not a model"):
        surrogate.load(name, path=tmp_path)
