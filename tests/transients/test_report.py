"""A report says what was found, and nothing that anybody put into a name gets out of it."""

import re
import sys
from dataclasses import replace
from html import escape, unescape
from html.parser import HTMLParser

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from surrogate.learning.problems import Problem
from surrogate.reports.pictures import to_png
from surrogate.transients.bank import simulate_bank
from surrogate.transients.flare import Physics
from surrogate.transients.injection import Survey, inject
from surrogate.transients.labels import Label
from surrogate.transients.nights import MODEL_ERROR
from surrogate.transients.nulls import tidal_disruption
from surrogate.transients.photometry import Kind
from surrogate.transients.report import Host, figures, receiver_curve, write_report
from surrogate.transients.report.caveats import caveats
from surrogate.transients.report.paragraph import describe
from surrogate.transients.report.sections import table
from surrogate.transients.report.table import HEADS, cells, make_row
from surrogate.transients.report.view import best_flare, detections, window
from surrogate.transients.templates import BankTemplates
from surrogate.transients.verdict import Matcher, predicted

NASTY = "<script>alert('$x_1$ & \"y\"')</script>"
ONE_SIDED = {"meta", "img", "br"}


@pytest.fixture(scope="module")
def templates():
    sites = [[M, 300.0, theta, 0.0] for M in (1e6, 1e7, 1e8) for theta in (0.3, 1.4)]
    return BankTemplates(simulate_bank(np.array(sites), physics=Physics(particles=100)))


@pytest.fixture(scope="module")
def matches(templates):
    """A flare under a nasty name, AT2020opy's name, an unknown redshift, and an empty sky."""
    random = np.random.default_rng(3)
    sky = Survey(years=1.5, every=4.0).schedule(random)
    matcher = Matcher(templates, [tidal_disruption()], temperatures=(2e4,))

    def light(t):
        return 0.003 * templates.light(3, t)

    curve, _ = inject(sky, light, 59_000.0, 0.05, random)
    curves = (
        replace(curve, name=NASTY),
        replace(curve, name="AT2020opy", flux=0.8 * curve.flux),
        replace(curve, name="far", redshift=None),
        replace(sky, name="empty", flux=sky.error * random.standard_normal(len(sky))),
    )
    return [matcher.match(curve) for curve in curves]


@pytest.fixture(scope="module")
def page(matches, templates, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "new" / "report.html"
    problems = [Problem(Kind.BAD_ERROR, "bad <b>", f"error = -{i}", i) for i in range(2, 30)]
    problems += [Problem(Kind.UNSORTED, "mended", "the rows were sorted")]
    answers = [*matches, Problem(Kind.TOO_FEW, "short", "2 nights; the object is left out")]
    write_report(
        answers,
        path,
        templates=templates,
        labels={NASTY: Label("SN Ia", 0.05)},
        hosts={"far": (19.0, 18.2)},
        problems=problems,
        receiver=receiver_curve([3.0, 50.0, -1.0], [-20.0, 0.5, -3.0]),
        title="Mine & yours",
    )
    return path.read_text(encoding="utf-8")


class Checker(HTMLParser):
    """Every tag is closed, and what is named is remembered."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.links = [], set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "action")]
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in ONE_SIDED:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.slow
def test_the_page_is_whole_and_needs_nothing_else(page):
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert "script" not in checker.tags
    assert "link" not in checker.tags
    assert all(link.startswith(("data:image/png;base64,", "#")) for link in checker.links)
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<img") == 5
    assert "width=device-width" in page


def test_names_and_titles_are_escaped(page):
    assert NASTY not in page
    assert page.count(escape(NASTY)) >= 2
    assert "<title>Mine &amp; yours</title>" in page
    assert "bad &lt;b&gt;" in page


@pytest.mark.slow
def test_every_object_is_there_with_its_numbers(page, matches):
    text = unescape(re.sub("<[^>]*>", "|", page))
    for match in matches:
        found = cells(make_row(match))
        assert len(found) == len(HEADS)
        assert f"{match.log_bayes:.1f}" in found
        assert f"{match.score:.2f}" in found[HEADS.index("score")]
        assert f"{match.log_black_hole[1]:.2f} (" in found[HEADS.index("log M simulated (68 %)")]
        assert all(cell in text for cell in found)
        assert f"MJD {match.fit.start:.1f}" in text
    scores = [float(s) for s in re.findall(r"<small>score ([\d.]+)</small>", page)]
    assert scores == sorted(scores, reverse=True)
    assert "0.1\N{DAGGER}" in text
    assert "0.00\N{DOUBLE DAGGER}" in text
    assert "19.00|18.20" in re.sub(r"\|+", "|", text)


def test_columns_of_which_nothing_is_known_are_left_out(matches):
    rows = [make_row(match) for match in matches]
    whole = [*rows[1:], make_row(matches[0], Label("SN Ia", 0.05), Host(19.0, 18.2))]
    for column in ("host g", "log M AGN", "spectrum"):
        assert f">{column}<" in table(whole, 0)
    bare = table(rows[2:], 0)
    assert "host" not in bare
    assert "spectrum" not in bare
    lines = re.findall(r"<tr>.*?</tr>", bare)
    assert len(lines) == 1 + len(rows[2:])
    assert len({len(re.findall("<t[dh][ >]", line)) for line in lines}) == 1


def test_what_speaks_against_an_object_is_said(page, matches, templates):
    assert "Spectra say SN Ia: not a collision." in page
    assert "AT2020opy (ZTF20abjwvae) is a known tidal disruption: not a collision." in page
    assert "z = 0.1 is assumed" in page
    assert page.count("No flare of any model stands out") == 1
    assert caveats(matches[1], templates, Label("TDE", None))[0].startswith("Spectra say TDE")
    # A spectrum of the host says nothing.
    assert "not a collision" not in " ".join(caveats(matches[2], templates, Label("Galaxy", 0.1)))


def test_parameters_at_an_end_of_what_was_tried_are_limits(matches, templates):
    match = matches[0]
    least = templates.amplitudes[0]
    for fit, site, words in (
        (match.fit._replace(amplitude=least), match.site, "The ejecta's mass is at the lower end"),
        (match.fit, (1e8, *match.site[1:]), "The black hole's mass is at the upper end"),
        (match.fit._replace(temperature=4e4), match.site, "The temperature is at the upper end"),
    ):
        assert words in " ".join(caveats(replace(match, fit=fit, site=site), templates))
    assert match.site[0] == 1e7
    assert not any("end of what was tried" in text for text in caveats(match, templates))


def test_the_paragraph_compares_with_the_host_and_the_paper(matches, templates):
    text = describe(matches[1], templates, Host(19.74, 18.97))
    assert "The paper's table 2 has it as ZTF20abjwvae, with log M = 8.0" in text
    assert "by the relation of active galaxies, log M = " in text
    assert "outside" not in text
    assert "outside" in describe(matches[1], templates, Host(19.0, 18.9))
    low = replace(matches[1], log_black_hole=(2.9, 3.0, 3.1))
    assert "dex below" in describe(low, templates, Host(19.74, 18.97))
    assert "host" not in describe(matches[1], templates)


def test_bad_rows_are_listed_by_name(page):
    assert (
        "<b>bad &lt;b&gt;</b>: error not positive, rows 2, 3, 4, 5, 6, 7, 8, 9 and 20 more" in page
    )
    assert "<b>short</b>: too few points" in page
    assert "times not sorted: 1 (nothing is left out)" in page


def test_how_it_was_made(page, templates):
    assert f"{len(templates.bank)} simulations" in page
    assert "particles = 100" in page
    assert f"{100 * MODEL_ERROR:g} % of the brightest night" in page
    assert "Probability of a collision, of as many collisions as other flares." in page


def test_the_picture_has_bright_magnitudes_above(matches, templates):
    figure = figures.draw_candidate(matches[0], templates)
    (ax,) = figure.axes
    bottom, top = ax.get_ylim()
    assert bottom > top
    assert ("[AB mag]" in ax.get_ylabel(), "days" in ax.get_xlabel()) == (True, True)
    assert ax.get_title() == f"{NASTY}, z = 0.05"
    assert figures.draw_candidate(matches[2], templates).axes[0].get_title()[-1] == "\N{DAGGER}"
    assert figure.legends[0].get_texts()[0].get_text() == "ZTF g: nights, flare"
    assert to_png(figure).startswith(b"\x89PNG")


def test_the_picture_shows_the_flare_and_not_years_of_empty_sky(matches, templates):
    match = matches[0]
    first, last = window(match, templates)
    seen = detections(match)
    assert first <= seen[0] - 30.0
    assert last == seen[-1] + 60.0
    assert abs(first) < 60.0
    curve = best_flare(match, templates, "ztfg", first, last)
    expected = predicted(match, templates, curve.days + match.fit.start, "ztfg")
    np.testing.assert_allclose(curve.flux, expected, rtol=1e-6)
    shown = curve.flux > 0.0
    assert np.all(np.isnan(curve.high[~shown]))
    assert np.all((curve.low < curve.flux)[shown] & (curve.flux < curve.high)[shown])
    t, h = 20.0, np.linspace(-5.0, 5.0, 2001)
    mean = predicted(match, templates, t + h + match.fit.start, "ztfg").mean()
    assert np.interp(t, curve.days, curve.average) == pytest.approx(mean, rel=1e-2)


def test_a_report_on_nothing_says_so_and_replaces_the_file_at_once(
    templates, matches, tmp_path, monkeypatch
):
    path = tmp_path / "report.html"
    write_report([], path, templates=templates)
    assert "No object was matched." in path.read_text(encoding="utf-8")
    done = []
    write_report(matches, path, templates=templates, most=1, report=lambda *now: done.append(now))
    assert done == [(1, 1)]
    assert "3 objects left out." in path.read_text(encoding="utf-8")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in [name for name in sys.modules if name.startswith("matplotlib.")]:
        monkeypatch.setitem(sys.modules, name, None)
    old = path.read_bytes()
    with pytest.raises(ImportError, match="experiments"):
        write_report(matches, path, templates=templates)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="most = -1"):
        write_report([], path, templates=templates, most=-1)


def test_receiver_curves_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    for digits in (0, 8):  # with ties and without
        yes, no = (
            np.round(random.normal(1, 2, 70), digits),
            np.round(random.normal(size=90), digits),
        )
        truth, values = np.repeat([1, 0], [70, 90]), np.concatenate([yes, no])
        found = receiver_curve(yes, no)
        expected = roc_curve(truth, values, drop_intermediate=False)
        for here, theirs in zip(found[:3], expected, strict=True):
            np.testing.assert_allclose(here, theirs, atol=1e-12)
        assert found.auc == pytest.approx(roc_auc_score(truth, values))
    with pytest.raises(ValueError, match="negatives: 0 values"):
        receiver_curve([1.0], [])
    with pytest.raises(ValueError, match="1 of them not a number"):
        receiver_curve([np.nan, 1.0], [1.0])
