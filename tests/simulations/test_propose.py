"""Which simulations are chosen next."""

import time

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import surrogate
from surrogate import Encounter
from surrogate.collisions.structure import radius
from surrogate.simulations.propose import ask, boundary, choose, disagreement, propose, score

KEY = jax.random.key(0)


def opinions(seed, members=4, n=30, sharpness=3.0):
    """Made-up probabilities (members, n, 4)."""
    logits = sharpness * np.random.default_rng(seed).normal(size=(members, n, 4))
    p = np.exp(logits)
    return p / p.sum(axis=-1, keepdims=True)


def certain(*fates):
    """Members that are certain of one fate each, of one candidate."""
    return np.eye(4)[np.array(fates)][:, None, :]


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 20.0))
def test_members_that_agree_do_not_disagree(seed, sharpness):
    one = opinions(seed, members=1, sharpness=sharpness)
    assert disagreement(np.repeat(one, 5, axis=0)) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.floats(0.0, 20.0))
def test_disagreement_lies_between_none_and_all_doubt(seed, members, sharpness):
    p = opinions(seed, members, sharpness=sharpness)
    found = np.asarray(disagreement(p))
    assert (found >= 0).all()
    assert (found <= np.asarray(boundary(p)) + 1e-5).all()
    assert (found <= np.log(members) + 1e-5).all()
    # No member comes before another.
    assert np.asarray(disagreement(p[::-1])) == pytest.approx(found, abs=1e-5)


def test_disagreement_is_greatest_where_certain_members_split():
    assert disagreement(certain(0, 1, 2, 3)) == pytest.approx(np.log(4), rel=1e-6)
    assert disagreement(certain(0, 0, 2, 2)) == pytest.approx(np.log(2), rel=1e-6)
    assert disagreement(certain(1, 1, 1, 1)) == pytest.approx(0.0, abs=1e-7)


def test_doubt_that_all_members_share_is_a_boundary_but_no_disagreement():
    shared = np.full((4, 1, 4), 0.25)
    assert boundary(shared) == pytest.approx(np.log(4), rel=1e-6)
    assert disagreement(shared) == pytest.approx(0.0, abs=1e-6)
    # Of the same mean probability, what members disagree on is worth more.
    assert score(certain(0, 1, 2, 3))[0] > score(shared)[0] > score(certain(2, 2, 2, 2))[0] == 0.0


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 7, 20]))
def test_a_batch_has_no_repeats(seed, batch):
    random, n = np.random.default_rng(seed), 20
    # Few different candidates, and few of them worth anything.
    x = random.integers(0, 3, (n, 2)).astype(float)
    scores = random.random(n) * random.integers(0, 2, n)
    chosen = choose(scores, x, batch, KEY)
    assert len(set(chosen.tolist())) == batch == len(chosen)
    assert ((chosen >= 0) & (chosen < n)).all()


def test_near_duplicates_wait_while_there_are_others():
    random = np.random.default_rng(1)
    places = 3.0 * random.normal(size=(20, 5))
    x = np.repeat(places, 10, axis=0) + 1e-3 * random.normal(size=(200, 5))
    scores = random.uniform(0.5, 1.0, 200)
    chosen = choose(scores, x, 20, KEY)
    assert sorted(chosen // 10) == list(range(20))
    assert chosen[0] == scores.argmax()


def test_known_runs_are_not_repeated():
    random = np.random.default_rng(2)
    x = random.normal(size=(50, 3))
    chosen = choose(np.ones(50), x, 10, KEY, known=x[:40])
    assert set(chosen.tolist()) == set(range(40, 50))


@pytest.mark.slow
def test_the_boundary_comes_first():
    """Two classes on a line: members put the boundary at slightly different places."""
    x = np.linspace(-3.0, 3.0, 601)[:, None]
    edges = np.array([-0.2, -0.1, 0.1, 0.2])[:, None]
    p = 1.0 / (1.0 + np.exp(-20.0 * (x[:, 0] - edges)))
    p = np.stack([p, 1.0 - p, 0.0 * p, 0.0 * p], axis=-1)
    chosen = x[choose(score(p), x, 20, KEY), 0]
    assert (np.abs(chosen) < 0.6).all()
    assert chosen.max() - chosen.min() > 0.4  # along all of it


def test_where_nothing_is_in_doubt_the_batch_is_spread():
    x = np.linspace(0.0, 1.0, 101)[:, None]
    chosen = np.sort(x[choose(np.zeros(101), x, 9, KEY), 0])
    assert np.diff(chosen).min() > 0.05


def test_the_key_alone_decides_between_equals():
    x = np.random.default_rng(3).normal(size=(200, 4))
    first, same, other = (choose(np.ones(200), x, 10, jax.random.key(k)) for k in (5, 5, 6))
    assert first.tolist() == same.tolist() != other.tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch": 6}, "batch = 6: allowed are 0 to 5"),
        ({"batch": -1}, "batch = -1"),
        ({"scores": [1.0, 1.0, np.nan, 1.0, 1.0]}, "finite numbers >= 0"),
        ({"scores": [1.0, -1.0, 1.0, 1.0, 1.0]}, "finite numbers >= 0"),
        ({"scores": np.ones(4)}, r"features \(5, 2\)"),
        ({"features": np.full((5, 2), np.inf)}, "features: allowed are finite"),
        ({"known": np.ones((3, 1))}, r"known \(3, 1\): allowed is \(k, 2\)"),
    ],
)
def test_what_cannot_be_chosen_from_is_refused(change, message):
    given = {"scores": np.ones(5), "features": np.ones((5, 2)), "batch": 2, "known": None}
    given |= change
    with pytest.raises(ValueError, match=message):
        choose(given["scores"], given["features"], given["batch"], KEY, given["known"])


@pytest.fixture(scope="module")
def model():
    return surrogate.load()


@pytest.fixture(scope="module")
def candidates():
    random = np.random.default_rng(4)
    m1, m2 = 10 ** random.uniform(-0.5, 1.0, (2, 600))
    contact = np.asarray(radius(m1, 0.01) + radius(m2, 0.01))
    rp, vinf = contact * random.uniform(0, 1, 600), 10 ** random.uniform(1, 4, 600)
    return Encounter(0.01, m1, m2, rp, vinf)


@pytest.mark.slow
def test_members_answer_for_the_model(model, candidates):
    p, x = ask(model, candidates)
    assert p.shape[1:] == (600, 4)
    assert p.shape[0] == 3
    assert x.shape == (600, 21)
    assert np.asarray(p.sum(axis=-1)) == pytest.approx(1.0, abs=1e-5)
    said = model(candidates)
    # Their mean, but for a temperature, is what the model says.
    agree = np.asarray(p.mean(axis=0).argmax(axis=-1)) == np.asarray(said.fate)
    assert agree.mean() > 0.99


@pytest.mark.slow
def test_a_model_proposes_what_it_doubts_whichever_star_is_named_first(model, candidates):
    chosen = propose(model, candidates, 40, KEY)
    said = model(candidates)
    p = np.stack([said.p_none, said.p_merger, said.p_two, said.p_stripped], axis=-1)
    sure = p.max(axis=-1)
    assert np.median(sure[chosen]) < 0.95 < 0.999 < np.median(sure)
    swapped = candidates._replace(m1=candidates.m2, m2=candidates.m1)
    assert propose(model, swapped, 40, KEY).tolist() == chosen.tolist()
    assert propose(model, candidates, 40, KEY).tolist() == chosen.tolist()


@pytest.mark.slow
def test_a_model_does_not_propose_what_is_known(model, candidates):
    chosen = propose(model, candidates, 40, KEY)
    known = Encounter(0.01, *(np.asarray(column)[chosen] for column in candidates[1:5]))
    again = propose(model, candidates, 40, KEY, known=known)
    assert not set(again.tolist()) & set(chosen.tolist())


def test_a_model_without_members_is_refused(candidates):
    with pytest.raises(ValueError, match="model = 'separate' does not say how sure it is"):
        propose(surrogate.load("separate"), candidates, 5, KEY)


def test_candidates_without_a_meaning_are_refused(model, candidates):
    with pytest.raises(ValueError, match=r"vinf\[0\]"):
        propose(model, candidates._replace(vinf=np.full(600, -1.0)), 5, KEY)


def test_many_candidates_are_quick():
    """Hundreds of 20,000: seconds, where an evaluation of every pair would take minutes."""
    random = np.random.default_rng(5)
    scores, x = random.random(20_000), random.normal(size=(20_000, 21))
    began = time.monotonic()
    chosen = choose(scores, x, 300, KEY, known=x[:1000])
    assert time.monotonic() - began < 20.0
    assert not (chosen < 1000).any()
