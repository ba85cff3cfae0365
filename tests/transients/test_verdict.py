"""The verdict: flares of the bank against supernovae and tidal disruptions, known and made up."""

import numpy as np
import pytest

from surrogate.learning.problems import Problem
from surrogate.transients.injection import Survey, inject
from surrogate.transients.known_events import find_folder, load_known_events
from surrogate.transients.nulls import bazin, supernova, tidal_disruption
from surrogate.transients.photometry import LightCurve
from surrogate.transients.verdict import COLLISION, Matcher, predicted, score, squash


@pytest.fixture(scope="module")
def matcher(templates):
    return Matcher(templates)


def made_up(shape, seed=3, ejecta=1.0, z=0.08):
    """A flare of a bolometric null model, seen by a survey."""
    random = np.random.default_rng(seed)
    sky = Survey(years=1.5).schedule(random, "made up")

    def light(t):
        return ejecta * np.interp(t, np.arange(len(shape)) + 0.5, shape, left=0.0, right=0.0)

    return inject(sky, light, sky.mjd[0] + 60.0, z, random)[0]


def test_collision_is_found_with_its_parameters(matcher, templates, observe):
    shape = next(i for i, s in enumerate(templates.sites) if s.tolist() == [1e7, 100.0, 1.4, 0.0])
    match = matcher.match(observe(shape, ejecta=0.05, start=150.3, temperature=1.4e4))
    assert match.site == (1e7, 100.0, 1.4, 0.0)
    assert match.fit.amplitude == pytest.approx(0.05, rel=0.05)
    assert match.fit.start == pytest.approx(match.curve.mjd[0] + 150.3, abs=1.0)
    assert match.fit.temperature == 1.4e4
    assert match.log_black_hole_mode == pytest.approx(7.0)
    assert match.log_bayes > 20.0
    assert match.score > 0.9
    assert match.reduced_chi2 < 1.5


def test_best_flare_predicts_what_was_seen(matcher, templates, observe):
    curve = observe(9, ejecta=0.05)
    match = matcher.match(curve)
    for band in curve.bands:
        rows = curve.band == band
        model = predicted(match, templates, curve.mjd[rows], band)
        pull = (curve.flux[rows] - model) / np.hypot(curve.error[rows], 0.05 * model.max())
        assert np.mean(pull**2) < 2.0


def test_tidal_disruption_is_not_taken_for_a_collision(matcher):
    match = matcher.match(made_up(tidal_disruption().shapes[20]))
    assert match.rival == "tidal disruption"
    assert match.log_bayes < 0.0


def test_supernova_is_known_by_its_colours(matcher):
    null = supernova()
    curve = made_up(null.shapes[0, 12])  # a survey's nights and errors
    days = curve.mjd - curve.mjd[0] - 60.0
    row = 12
    seen = {
        b: np.interp(days, np.arange(null.days), null.shapes[i, row], left=0.0, right=0.0)
        for i, b in enumerate(null.bands)
    }
    flux = 300.0 * np.where(curve.band == "ztfg", seen["ztfg"], seen["ztfr"])
    noise = np.random.default_rng(0).standard_normal(len(flux))
    curve = LightCurve(
        "sn", curve.mjd, curve.band, flux + curve.error * noise, curve.error, curve.limit, 0.08
    )
    match = matcher.match(curve)
    assert match.rival == "supernova"
    assert match.log_bayes < -10.0


def test_unknown_redshift_is_the_papers(matcher, observe):
    from dataclasses import replace

    match = matcher.match(replace(observe(9), redshift=None))
    assert match.z_assumed
    assert match.z == 0.10


def test_too_few_nights_are_a_problem(matcher, observe):
    curve = observe(9)
    answers = list(matcher.match_all([curve.take(np.arange(4)), curve]))
    assert isinstance(answers[0], Problem)
    assert "needed: at least" in answers[0].message
    assert answers[1].name == curve.name


def test_models_in_bands_without_a_template_are_left_out(matcher, observe):
    curve = observe(9, survey=Survey(bands=("lsstg", "lsstr"), depth=23.0, years=1.0))
    match = matcher.match(curve)
    assert set(match.log_evidence) == {COLLISION, "tidal disruption", "Bazin"}
    assert match.log_bayes > 0.0


def test_noise_is_no_flare(matcher, observe):
    match = matcher.match(observe(9, ejecta=1e-9))
    assert not match.seen
    assert match.score == 0.0
    assert matcher.match(observe(9)).seen


def test_score_grows_with_the_odds():
    x = np.linspace(-500.0, 500.0, 101)
    found = [score(v) for v in x]
    assert np.all(np.diff(found) > 0.0)
    assert found[0] < 0.02
    assert found[-1] > 0.98
    np.testing.assert_allclose(squash(-x), -squash(x))


def test_null_models_have_the_shapes_they_are_named_for():
    late = tidal_disruption().shapes[14]  # rise 3 d, fall 250 d, t^(-5/3)
    t = np.array([400.0, 900.0])
    ratio = late[900] / late[400]
    expected = ((1 + (t[1] - 8.5) / 250.0) / (1 + (t[0] - 8.5) / 250.0)) ** (-5 / 3)
    assert ratio == pytest.approx(expected, rel=1e-3)
    assert bazin().shapes.max() == pytest.approx(1.0)
    null = supernova()
    peaks = null.shapes.argmax(axis=-1)
    assert (peaks[1] >= peaks[0]).all()  # later in the red
    red = null.shapes[1].sum(axis=-1) / null.shapes[0].sum(axis=-1)
    assert 1.0 < np.median(red) < 3.0


@pytest.fixture(scope="module")
def events():
    try:
        find_folder()
    except FileNotFoundError:
        pytest.skip("needs the known events: set SURROGATE_DATA to a folder with transients/")
    return load_known_events()


@pytest.mark.slow
def test_known_flares_are_told_apart(events):
    """A few of each: none is a collision; most supernovae are called that."""
    from surrogate.transients.bank import simulate_bank
    from surrogate.transients.templates import BankTemplates

    matcher = Matcher(BankTemplates(simulate_bank()))
    supernovae = [matcher.match(c) for c in events.supernovae[1:60:6]]
    disruptions = [matcher.match(c) for c in events.tidal_disruptions[::5]]
    opy = matcher.match(events.opy)
    assert opy.rival == "tidal disruption"
    assert opy.log_bayes < -10.0
    assert 7.0 < opy.log_black_hole[1] < 8.5
    assert np.mean([m.log_bayes < 0.0 for m in supernovae + disruptions]) >= 0.8
    assert np.mean([m.rival == "supernova" for m in supernovae]) >= 0.7
