"""The report: whole, safe, and about every star."""

import re
from dataclasses import replace
from html import escape, unescape
from html.parser import HTMLParser

import numpy as np
import pytest

from surrogate.enrichment.classes import StarClass, classify
from surrogate.enrichment.classifiers.generative import observe
from surrogate.enrichment.classifiers.label import label_stars
from surrogate.enrichment.report import write_report
from surrogate.enrichment.report.nearest import nearest_simulations
from surrogate.enrichment.report.paragraph import describe, disagrees, worst_first
from surrogate.enrichment.report.sections import table
from surrogate.enrichment.report.star_picture import draw_star
from surrogate.enrichment.report.table import HEADS, cells, interval, percent, probability
from surrogate.enrichment.stars import Kind
from surrogate.learning.problems import Problem

from ..conftest import ELEMENTS, R, S

NO = np.nan
NASTY = '<script>alert("$x_1$")</script>'
NAMES = (NASTY, "s star", "six elements", "no europium", "barium alone", "nothing")
ONE_SIDED = {"meta", "img", "br", "hr", "link", "input"}


@pytest.fixture(scope="module")
def stars(request):
    few = [
        v if k < 5 or e == "Eu" else NO for k, (e, v) in enumerate(zip(ELEMENTS, S, strict=True))
    ]
    bare = [v if e != "Eu" else NO for e, v in zip(ELEMENTS, R, strict=True)]
    rows = [R, S, few, bare, [0.3] + [NO] * 12, [NO] * 13]
    from surrogate.enrichment.stars import Stars

    table = np.array(rows, float)
    limit = np.full(table.shape, NO)
    limit[2, ELEMENTS.index("Pb")] = 1.0
    error = np.full(table.shape, NO)
    error[1] = 0.1
    fe_h = np.array([-2.5] * 5 + [NO])
    return Stars(NAMES, ELEMENTS, table, limit, error, fe_h, ("ABC12", *[""] * 5))


@pytest.fixture(scope="module")
def labels(stars, two_seeds):
    return label_stars(stars, two_seeds)


@pytest.fixture(scope="module")
def page(stars, labels, two_seeds, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "new" / "report.html"
    problems = [Problem(Kind.WRONG_SCALE, "bad <b>", "Ba = 99, left out", 7)]
    write_report(stars, labels, two_seeds, path, problems=problems, title="Mine & yours", most=2)
    return path.read_text(encoding="utf-8")


class Checker(HTMLParser):
    """Every tag is closed, and what is named is remembered."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.links, self.ids = [], set(), [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "action")]
        self.ids |= {value for name, value in attrs if name == "id"}
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in ONE_SIDED:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check(page):
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert not checker.tags & {"script", "link", "iframe"}
    assert all(link.startswith(("data:image/png;base64,", "#")) for link in checker.links)
    assert {link[1:] for link in checker.links if link[0] == "#"} <= checker.ids
    assert "http" not in page.replace("http-equiv", "")


def text_of(page):
    return unescape(re.sub("<[^>]*>", "|", page))


@pytest.mark.slow
def test_the_page_is_whole_and_needs_nothing_else(page):
    check(page)
    assert page.count("<img") == 3  # the planes, and two stars
    assert "4 stars left out" in page


def test_every_star_is_there_and_odd_names_are_escaped(page, stars, labels):
    assert NASTY not in page
    assert page.count(escape(NASTY)) >= 2
    assert "<title>Mine &amp; yours</title>" in page
    assert "bad &lt;b&gt;" in page
    text = text_of(page)
    for label, kind in zip(labels, classify(stars), strict=True):
        assert all(cell in text for cell in cells(label, kind))


def test_it_says_what_it_is_not(page):
    assert "these are not the paper's tracers" in unescape(page)
    assert "40 of r: Ada et al. (25) and Bo et al. (15)" in page
    assert "0.15 dex" in page


@pytest.mark.slow
def test_simulations_are_drawn_where_they_are_given(
    stars, labels, two_seeds, three_processes, patterns, tmp_path
):
    path, done = tmp_path / "report.html", []
    write_report(
        stars,
        labels,
        two_seeds,
        path,
        patterns=three_processes,
        report=lambda *now: done.append(now),
    )
    text = path.read_text(encoding="utf-8")
    check(text)
    assert text.count("<img") == 5 + len(stars)
    assert done[-1] == (len(stars), len(stars))
    write_report(stars, labels, two_seeds, path, patterns=patterns, most=0)
    assert path.read_text(encoding="utf-8").count("<img") == 4


@pytest.mark.slow
def test_one_star_and_thousands(stars, labels, two_seeds, three_processes, tmp_path):
    path = tmp_path / "report.html"
    write_report(stars.take([5]), labels[5:], two_seeds, path, patterns=three_processes)
    check(path.read_text(encoding="utf-8"))
    rows = np.arange(3000) % len(stars)
    many = stars.take(rows)
    write_report(many, [labels[i] for i in rows], two_seeds, path, most=1)
    text = path.read_text(encoding="utf-8")
    check(text)
    assert text.count("<tr>") == 3001


def test_wrong_arguments_are_named_and_an_earlier_file_stays(stars, labels, two_seeds, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("earlier")
    for words, arguments, options in (
        (r"stars: 0, allowed: 1 and more", (stars.take([]), []), {}),
        (r"labels: 2, allowed: 6", (stars, labels[:2]), {}),
        (r"most = -1, allowed: 0 or more", (stars, labels), {"most": -1}),
        (r"seed = 7, allowed: 0 to 1", (stars, labels), {"seed": 7}),
    ):
        with pytest.raises(ValueError, match=words):
            write_report(*arguments, two_seeds, path, **options)
    assert path.read_text() == "earlier"


def test_a_row_has_the_cells_of_the_paper(labels, stars):
    row = dict(zip(HEADS, cells(labels[0], StarClass.R_II), strict=True))
    assert row["BC-L max"].replace("~", "") == "r,r"
    assert row["class"] == "r-II"
    assert row["reference"] == "ABC12"
    # Without Er and Pb there are no cells.
    row = dict(zip(HEADS, cells(labels[2], StarClass.NONE), strict=True))
    assert row["BC-L max"] == row["networks"] == "\N{EN DASH}"
    assert row["likeliest"] in ("r", "s", "i")


def test_cells_of_which_the_seeds_are_unsure_are_marked(labels):
    half = dict.fromkeys(labels[0].cells, (0.5,) * 8)
    row = cells(labels[0]._replace(agreement=half), StarClass.NONE)
    assert row[HEADS.index("BC-L max")] == "r~,r~"


def test_columns_that_no_star_has_are_left_out(labels):
    bare = table(labels[4:], [StarClass.NONE] * 2)
    assert "BC-L" not in bare
    lines = re.findall(r"<tr>.*?</tr>", bare)
    assert len({len(re.findall("<t[dh][ >]", line)) for line in lines}) == 1


def test_nothing_is_rounded_to_certainty():
    assert (probability(1.0 - 1e-6), probability(1e-9), probability(0.25)) == (
        ">0.999",
        "<0.001",
        "0.250",
    )
    assert (percent(0.001), percent(0.58), percent(NO)) == ("<1 %", "58 %", "\N{EN DASH}")
    assert interval((0.1, 0.25, 0.5)) == "25 % (10 to 50)"
    assert interval(None) == interval((NO, NO, NO)) == "\N{EN DASH}"


def test_answers_differ_where_they_can(labels):
    label = labels[0]._replace(overall="r", process="r")
    assert not disagrees(label, StarClass.R_I)
    assert disagrees(label, StarClass.S)
    assert not disagrees(label, StarClass.NONE)
    # Networks know nothing of the i-process.
    assert not disagrees(label._replace(process="i"), StarClass.I)
    assert disagrees(label._replace(process="i"), StarClass.R_I)


def test_stars_whose_answers_differ_are_shown_first(labels):
    same = labels[0]._replace(overall="r", process="r")
    odd = same._replace(process="s")
    kinds = [StarClass.R_I] * 4
    assert worst_first([same, same, odd, odd], kinds, 3) == [0, 2, 3]
    assert worst_first([same, odd], kinds[:2], 0) == []


def test_paragraphs_say_what_is_missing(stars, labels):
    said = describe(stars, 2, labels[2], StarClass.UNDECIDED)
    assert "6 elements with a value; Sm, Dy, Er and Pb of the networks' are missing." in said
    assert "depends on ratios that were not measured" in said
    assert "Networks:" not in said
    assert "nan" not in describe(stars, 5, labels[5], StarClass.UNDECIDED)


def test_the_nearest_simulation_is_the_one_a_star_is_made_of(stars, two_seeds):
    model = two_seeds.generative
    k = int(np.flatnonzero(model.label == 1)[3])
    log_eps = np.stack([model.m[k] + 2.0, model.m[k]])
    log_eps[1, 3:] = NO
    made = replace(
        stars.take([0, 1]),
        element=model.elements,
        log_eps=log_eps,
        limit=np.full_like(log_eps, NO),
        error=np.full_like(log_eps, NO),
    )
    found = nearest_simulations(model, observe(made, model.elements))
    np.testing.assert_allclose(found[0]["s"].log_eps, log_eps[0], atol=1e-4)
    assert found[0]["s"].deviation == pytest.approx(0.0, abs=1e-4)
    assert found[0]["r"].deviation > 0.1
    assert set(found[1]) == {"r", "s", "i"}
    none = observe(stars.take([5]), model.elements)
    assert nearest_simulations(model, none) == [{}]


def test_the_picture_of_a_star_has_its_values_and_limits(stars, two_seeds):
    elements = two_seeds.generative.elements
    figure = draw_star(stars, 2, elements, {})
    marks = {line.get_marker(): line.get_xydata() for line in figure.axes[0].lines}
    assert len(marks["o"]) == 6
    assert marks["v"].tolist() == [[82.0, 1.0]]
    assert draw_star(stars, 0, elements, {}).axes[0].get_title() == NASTY
    assert draw_star(stars, 5, elements, {}).axes
