"""Every registered model goes through the same battery."""

import shutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jax.test_util import check_grads

import surrogate
from surrogate import Domain, Encounter, Fate, Regime, Smoothing
from surrogate.collisions.predictor import shipped_checkpoints
from surrogate.collisions.structure import main_sequence, radius
from surrogate.collisions.tides import Argument, Cutoff

SUN_PAIR = Encounter(age=1.0, m1=1.0, m2=0.8, rp=0.5, vinf=10.0)


def random_encounters(n, seed=0):
    """Encounters over the whole domain and its edges."""
    rng = np.random.default_rng(seed)
    m1, m2 = 10 ** rng.uniform(np.log10(0.2), np.log10(64.0), (2, n))
    age = 10 ** rng.uniform(-4.7, np.log10(13.7), n)
    vinf = 10 ** rng.uniform(0.0, np.log10(16000.0), n)
    contact = np.asarray(radius(m1, age) + radius(m2, age))
    rp = contact * rng.uniform(0.0, 3.0, n)
    edges = rng.integers(0, 8, n)
    rp = np.select([edges == 0, edges == 1], [0.0, contact], rp)
    vinf = np.where(edges == 2, 0.0, vinf)
    m2 = np.where(edges == 3, m1, m2)
    return Encounter(*(x.astype(np.float32) for x in (age, m1, m2, rp, vinf)))


def swap(encounter):
    return encounter._replace(m1=encounter.m2, m2=encounter.m1, r1=encounter.r2, r2=encounter.r1)


def test_slow_head_on_encounters_merge(model):
    for m1, m2, age in [(1.0, 0.8, 1.0), (0.4, 0.2, 5.0), (8.0, 2.0, 0.01), (32.0, 32.0, 0.001)]:
        outcome = model(age, m1, m2, 0.0, 10.0)
        assert outcome.regime == Regime.COLLISION
        assert outcome.fate == Fate.MERGER
        assert outcome.m2_final == 0.0
        assert 0.85 * (m1 + m2) < outcome.m1_final < m1 + m2


def test_fast_grazing_encounters_leave_both_stars(model):
    for m1, m2, age in [(1.0, 0.8, 1.0), (8.0, 2.0, 0.01), (32.0, 16.0, 0.001)]:
        grazing = float(radius(m1, age) + radius(m2, age))
        outcome = model(age, m1, m2, grazing, 8000.0)
        assert outcome.regime == Regime.COLLISION
        assert outcome.fate == Fate.TWO
        assert outcome.m1_final == pytest.approx(m1, rel=0.03)
        assert outcome.m2_final == pytest.approx(m2, rel=0.03)


def test_fast_head_on_encounters_of_equal_stars_leave_nothing(model):
    outcome = model(1.0, 1.0, 1.0, 0.0, 8000.0)
    assert outcome.fate == Fate.NONE
    assert outcome.m_unbound == 2.0


def test_regimes_follow_distance(model):
    contact = float(radius(1.0, 1.0) + radius(0.8, 1.0))
    outcome = model(1.0, 1.0, 0.8, np.array([0.9, 1.01, 5.0]) * contact, 1.0)
    assert outcome.regime.tolist() == [Regime.COLLISION, Regime.CAPTURE, Regime.FLYBY]
    assert outcome.fate.tolist()[1:] == [Fate.MERGER, Fate.TWO]
    np.testing.assert_allclose(outcome.m1_final[1:], [1.8, 1.0], rtol=1e-6)
    np.testing.assert_allclose(outcome.m_unbound[1:], 0.0, atol=1e-6)


def test_stars_that_fly_by_keep_their_masses_to_the_last_bit(model):
    e = random_encounters(20_000)
    outcome = model(e)
    passed = np.asarray(outcome.regime == Regime.FLYBY)
    assert passed.sum() > 5000
    np.testing.assert_array_equal(np.asarray(outcome.m1_final)[passed], e.m1[passed])
    np.testing.assert_array_equal(np.asarray(outcome.m2_final)[passed], e.m2[passed])
    assert not np.asarray(outcome.m_unbound)[passed].any()


def test_a_faster_passage_is_not_captured(model):
    contact = float(radius(1.0, 1.0) + radius(0.8, 1.0))
    outcome = model(1.0, 1.0, 0.8, 1.05 * contact, np.array([1.0, 100.0, 1000.0, 16000.0]))
    assert outcome.regime.tolist()[0] == Regime.CAPTURE
    assert outcome.regime.tolist()[2:] == [Regime.FLYBY, Regime.FLYBY]


@pytest.mark.parametrize("smooth", [False, True])
def test_mass_is_conserved(model, smooth):
    e = random_encounters(20_000)
    outcome = model(e, smooth=smooth)
    total = outcome.m1_final + outcome.m2_final + outcome.m_unbound
    np.testing.assert_allclose(total, e.m1 + e.m2, rtol=1e-6)
    for mass in (outcome.m1_final, outcome.m2_final, outcome.m_unbound):
        assert mass.min() >= -1e-6 * 128


@pytest.mark.parametrize("smooth", [False, True])
def test_probabilities_sum_to_one(model, smooth):
    outcome = model(random_encounters(20_000), smooth=smooth)
    p = jnp.stack([outcome.p_none, outcome.p_merger, outcome.p_two, outcome.p_stripped])
    np.testing.assert_allclose(p.sum(axis=0), 1.0, atol=1e-6)
    assert p.min() >= 0.0
    np.testing.assert_array_equal(jnp.argmax(p, axis=0), outcome.fate)


@pytest.mark.parametrize("smooth", [False, True])
def test_swapping_the_stars_swaps_the_answer_bit_for_bit(model, smooth):
    e = random_encounters(20_000)
    distinct = e.m1 != e.m2
    here, there = model(e, smooth=smooth), model(swap(e), smooth=smooth)
    there = there._replace(m1_final=there.m2_final, m2_final=there.m1_final)
    for name, a, b in zip(here._fields, here, there, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        np.testing.assert_array_equal(a[distinct], b[distinct], err_msg=name)


def test_swapping_equal_masses_of_different_radii(model):
    e = Encounter(1.0, 1.0, 1.0, 0.3, np.array([10.0, 1000.0, 3000.0]), 0.9, 1.2)
    here, there = model(e), model(swap(e))
    np.testing.assert_array_equal(here.m1_final, there.m2_final)
    np.testing.assert_array_equal(here.m2_final, there.m1_final)


def test_identical_stars_get_identical_answers(model):
    e = random_encounters(20_000)
    outcome = model(e._replace(m2=e.m1))
    assert outcome.p_stripped.max() == 0.0
    both = outcome.fate == Fate.TWO
    np.testing.assert_array_equal(outcome.m1_final[both], outcome.m2_final[both])


def test_masses_agree_with_fates(model):
    e = random_encounters(20_000)
    outcome = model(e)
    m1, m2 = np.asarray(outcome.m1_final), np.asarray(outcome.m2_final)
    fate = np.asarray(outcome.fate)
    survivors = {Fate.NONE: 0, Fate.MERGER: 1, Fate.TWO: 2, Fate.STRIPPED: 1}
    for which, n in survivors.items():
        assert np.all(((m1 > 0).astype(int) + (m2 > 0))[fate == which] == n)
    merged = fate == Fate.MERGER
    heavier = np.where(e.m1 >= e.m2, m1, m2)
    assert np.all(heavier[merged] > 0.0)


def test_all_styles_of_call_agree(model):
    e = SUN_PAIR
    expected = model(e)
    arrays = jax.tree.map(jnp.float32, e)
    results = [
        model(*e[:5]),
        model(**{k: v for k, v in e._asdict().items() if v is not None}),
        model(jax.tree.map(np.float64, e)),
        model(1, 1, 0.8, 0.5, 10),
        jax.jit(model)(arrays),
        jax.jit(lambda m, e: m(e))(model, arrays),
        jax.tree.map(lambda x: x[0], model(jax.tree.map(lambda x: jnp.full(3, x), arrays))),
        jax.tree.map(lambda x: x[0], jax.vmap(model)(jax.tree.map(lambda x: x[None], arrays))),
    ]
    for result in results:
        for a, b in zip(expected, result, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_arguments_broadcast(model):
    outcome = model(1.0, np.ones((3, 1)), 0.8, np.linspace(0.0, 3.0, 4), 10.0)
    assert outcome.m1_final.shape == (3, 4)
    np.testing.assert_array_equal(outcome.m1_final[0], outcome.m1_final[2])


def test_every_block_of_a_large_call_is_answered_alike(model):
    e = random_encounters(5000)
    outcome = model(e)
    for i in (0, 1023, 1024, 4096, 4999):
        alone = model(jax.tree.map(lambda x, i=i: x[i], e))
        np.testing.assert_allclose(outcome.m1_final[i], alone.m1_final, rtol=1e-4, atol=1e-5)


def masses(model, smooth):
    def f(age, m1, m2, rp, vinf):
        outcome = model(age, m1, m2, rp, vinf, smooth=smooth)
        return jnp.stack([outcome.m1_final, outcome.m2_final, outcome.m_unbound])

    return f


@pytest.mark.parametrize("smooth", [False, True])
def test_gradients_are_finite(model, smooth):
    jacobian = jax.jit(jax.vmap(jax.jacrev(masses(model, smooth), argnums=range(5))))
    for part in jacobian(*random_encounters(4096)[:5]):
        assert jnp.isfinite(part).all()


@pytest.mark.slow
@pytest.mark.parametrize("smooth", [False, True])
def test_a_million_random_encounters_have_finite_answers_and_gradients(model, smooth):
    jacobian = jax.jit(jax.vmap(jax.jacrev(masses(model, smooth), argnums=range(5))))
    e = random_encounters(2**20, seed=1)
    outcome = model(e, smooth=smooth)
    for x in (outcome.m1_final, outcome.m2_final, outcome.m_unbound):
        assert jnp.isfinite(x).all()
    total = outcome.m1_final + outcome.m2_final + outcome.m_unbound
    np.testing.assert_allclose(total, e.m1 + e.m2, rtol=1e-6)
    for part in np.split(np.stack(e[:5]), 256, axis=1):
        assert all(jnp.isfinite(g).all() for g in jacobian(*part))


@pytest.mark.parametrize(
    ("rp", "vinf"),
    [
        pytest.param(1.63, 900.0, id="next to contact"),
        pytest.param(0.5, 300.0, id="collision", marks=pytest.mark.slow),
        pytest.param(2.0, 30.0, id="capture", marks=pytest.mark.slow),
        pytest.param(4.0, 100.0, id="fly-by", marks=pytest.mark.slow),
    ],
)
def test_second_order_gradients_in_float64(model, rp, vinf):
    with jax.enable_x64(True):
        f = jax.jit(masses(model, Smoothing(contact=0.1, capture=0.3, survivor=0.5)))
        args = tuple(jnp.float64(x) for x in (1.0, 1.1, 0.7, rp, vinf))
        check_grads(f, args, order=2, modes=["rev"], atol=1e-4, rtol=1e-4, eps=1e-6)


def test_smooth_mode_is_continuous_across_contact_and_capture(model):
    contact = float(radius(1.0, 1.0) + radius(0.8, 1.0))
    for start, stop, vinf in [(0.9, 1.1, 3000.0), (1.0, 2.5, 30.0)]:
        rp = jnp.linspace(start, stop, 2001) * contact
        outcome = model(1.0, 1.0, 0.8, rp, vinf, smooth=True)
        assert jnp.abs(jnp.diff(outcome.m2_final)).max() < 0.02


def test_smooth_mode_passes_continuously_into_that_of_identical_stars(model):
    m2 = 1.0 - jnp.linspace(0.0, 0.2, 2001)
    outcome = model(1.0, 1.0, m2, 0.55, 452.0, smooth=True)
    assert jnp.abs(jnp.diff(outcome.m1_final)).max() < 0.02
    assert jnp.abs(jnp.diff(outcome.p_stripped)).max() < 0.02


def test_narrow_gates_approach_the_hard_regimes(model):
    contact = float(radius(1.0, 1.0) + radius(0.8, 1.0))
    rp = contact * jnp.array([1.05, 3.0])
    hard = model(1.0, 1.0, 0.8, rp, 1.0)
    narrow = model(1.0, 1.0, 0.8, rp, 1.0, smooth=Smoothing(1e-4, 1e-4, 1e-4))
    np.testing.assert_allclose(narrow.m1_final, hard.m1_final, rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, Domain.INSIDE),
        ({"m1": 80.0, "age": 0.002}, Domain.MASS),
        ({"age": 1e-4}, Domain.PRE_ZAMS),
        ({"age": 12.0}, Domain.POST_TAMS),
        ({"vinf": 20_000.0}, Domain.VELOCITY),
        ({"r1": 0.9, "r2": 3.0}, Domain.RADIUS),
        ({"r1": 0.9, "r2": 0.7}, Domain.INSIDE),
    ],
)
def test_reasons(model, change, reason):
    outcome = model(SUN_PAIR._replace(**change))
    assert bool(outcome.in_domain) is (reason == Domain.INSIDE)
    assert int(outcome.reason) & reason == reason


def test_radii_of_the_user_decide_on_contact(model):
    e = SUN_PAIR._replace(rp=1.8, vinf=1000.0)
    assert model(e).regime == Regime.FLYBY
    assert model(e._replace(r1=1.2, r2=0.8)).regime == Regime.COLLISION


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


def test_one_trace_serves_every_style_of_call():
    stars = Counting()
    model = surrogate.load(stars=stars)
    for convert in (float, np.float32, np.float64, jnp.float32, np.asarray):
        outcome = model(*(convert(x) for x in SUN_PAIR[:5]))
        assert outcome.m1_final.dtype == jnp.float32
    model(1, 1, 0.8, 0.5, 10)
    assert stars.traces == 1


def test_swapping_within_one_call(model):
    e = random_encounters(700)
    distinct = e.m1 != e.m2
    both = Encounter(*(np.concatenate(pair) for pair in zip(e[:5], swap(e)[:5], strict=True)))
    m1, m2 = (np.split(np.asarray(m), 2) for m in model(both)[6:8])
    np.testing.assert_allclose(m1[0][distinct], m2[1][distinct], rtol=1e-5, atol=1e-6)


@given(
    age=st.floats(0.0, 15.0),
    m1=st.floats(0.1, 100.0),
    m2=st.floats(0.1, 100.0),
    rp=st.floats(0.0, 200.0),
    vinf=st.floats(0.0, 50_000.0),
)
def test_every_encounter_has_an_answer(separate, age, m1, m2, rp, vinf):
    outcome = separate(age, m1, m2, rp, vinf)
    total = outcome.m1_final + outcome.m2_final + outcome.m_unbound
    assert float(total) == pytest.approx(m1 + m2, rel=1e-6)


@pytest.fixture(scope="module")
def separate():
    return surrogate.load()


def test_unknown_model():
    with pytest.raises(ValueError, match=r"allowed are .*separate"):
        surrogate.load("best")


def test_options_may_be_given_by_their_names():
    by_name = surrogate.load(argument="eta", cutoff="step")
    assert (by_name.argument, by_name.cutoff) == (Argument.ETA, Cutoff.STEP)
    with pytest.raises(ValueError, match="stairs"):
        surrogate.load(cutoff="stairs")


def test_networks_in_each_others_place_are_refused(tmp_path):
    for name, other in [("classifier", "regressor"), ("regressor", "classifier")]:
        shutil.copytree(shipped_checkpoints() / other, tmp_path / name)
    with pytest.raises(ValueError, match="holds network 'regressor'"):
        surrogate.load(path=tmp_path)


def test_no_checkpoint(tmp_path):
    with pytest.raises(ValueError, match="not a model"):
        surrogate.load(path=tmp_path)
