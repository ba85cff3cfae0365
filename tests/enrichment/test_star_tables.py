"""A user's table: scales, limits and errors are read, and what is wrong is named."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.enrichment.features import ER_SET, star_features
from surrogate.enrichment.jinabase import read_jinabase
from surrogate.enrichment.scales import doubt_log_eps, zigzag
from surrogate.enrichment.solar import TABLES, solar_table
from surrogate.enrichment.stars import Kind
from surrogate.enrichment.tables import read_stars, read_table

HEADER = "name,[Fe/H],Ba,La,Ce,Pr,Nd,Eu"
GOOD = "good,-2.5,0.5,-0.3,0.1,-0.7,0.0,-0.6"
BRACKETS = "-0.2,0.1,0.15,0.2,0.2,0.6"


def table(*lines, header=HEADER):
    return read_table("\n".join([header, *lines]))


@pytest.mark.parametrize("column", ["Ba", "ba", "log_eps_Ba", "logeps_ba", "A_Ba"])
def test_log_eps_columns(column):
    stars, problems = table("x,0.5,-0.6,0.1", header=f"star,{column},Eu,err_Ba")
    assert not problems
    assert stars.element == ("Ba", "Eu")
    assert stars.of("Ba").tolist() == [0.5]
    np.testing.assert_array_equal(stars.error, [[0.1, np.nan]])
    assert np.isnan(stars.fe_h).all()


@given(st.floats(-1, 2), st.floats(-4, 0), st.sampled_from(list(TABLES)))
def test_brackets_count_from_the_chosen_table(x_fe, fe_h, solar):
    lines = f"name,[Ba/Fe],[Eu/H],FeH\nx,{x_fe!r},{x_fe + fe_h!r},{fe_h!r}"
    stars, problems = read_table(lines, solar=solar)
    assert not problems
    np.testing.assert_allclose(stars.ratio("Ba", "Fe", solar), x_fe, atol=1e-9)
    np.testing.assert_allclose(stars.ratio("Ba", "Eu", solar), 0.0, atol=1e-9)
    np.testing.assert_allclose(stars.of("Eu"), x_fe + fe_h + solar_table(solar)["Eu"], atol=1e-9)


def test_limits_errors_and_empty_cells():
    header = "name,Ba,Eu,Er,Pb,e_Ba,Eu_err,reference"
    stars, problems = table("x,1.0,-0.5,,< 1.1,0.1,nan,ABC12", "y,1,-.4,*,<=2,,,", header=header)
    assert not problems
    np.testing.assert_array_equal(stars.of("Pb", "limit"), [1.1, 2.0])
    np.testing.assert_array_equal(stars.of("Ba", "error"), [0.1, np.nan])
    assert not stars.measured[:, 2:].any()
    assert stars.reference == ("ABC12", "")


def test_iron_gives_the_metallicity_where_no_column_does():
    stars, _ = table("x,4.5,0.5,-0.6", header="name,Fe,Ba,Eu")
    assert stars.fe_h.tolist() == [-3.0]


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("bad,-2.5,0.5,-0.3,0.1,-0.7,0.0,", Kind.NO_EUROPIUM, "Eu is missing, allowed: a value"),
        ("bad,-2.5,0.5,-0.3,0.1,-0.7,0.0,<0", Kind.NO_EUROPIUM, "Eu is a limit"),
        ("bad,-2.5,<0.5,,,,,<-0.6", Kind.ALL_LIMITS, "all 2 abundances are limits"),
        (f"bad,-2.5,{BRACKETS}", Kind.WRONG_SCALE, "looks like [X/Fe]: elements of odd and even"),
        ("bad,-2.5,-0.2,,,,,0.6", Kind.WRONG_SCALE, "looks like [X/Fe]: there is less Ba"),
        ("bad,-2.5,3e-9,1e-9,,,,1e-10", Kind.WRONG_SCALE, "looks like mass or number fractions"),
        ("bad,-2.5,-8.5,-9.0,,,,-10", Kind.WRONG_SCALE, "log eps(Ba) = -8.5, allowed: -5 to 6"),
        ("bad,-2.5,120,100,,,,80", Kind.WRONG_SCALE, "log eps(Ba) = 120, allowed: -5 to 6"),
        ("bad,-2.5,0.5,-0.3", Kind.UNREADABLE, "4 cells, allowed: 8"),
    ],
)
def test_a_star_that_cannot_be_used_is_named_and_the_others_are_read(line, kind, words):
    stars, (problem,) = table(GOOD, "# a comment", line, GOOD.replace("good", "fine"))
    assert stars.name == ("good", "fine")
    assert (problem.kind, problem.name, problem.row) == (kind, "bad", 4)
    assert words in problem.message
    assert str(problem).startswith(f"bad, row 4: {kind.value}: ")


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("bad,-2.5,0.5,high,,,,-0.6", Kind.NOT_A_NUMBER, "La = high, allowed: a number"),
        ("bad,-2.5,0.5,>1,,,,-0.6", Kind.NOT_A_NUMBER, "La = >1, allowed: a number"),
        ("bad,-2.5,0.5,inf,,,,-0.6", Kind.NOT_A_NUMBER, "La = inf"),
        ("bad,-25,0.5,,,,,-0.6", Kind.NO_METALLICITY, "[Fe/H] = -25, allowed: -8 to 1.5"),
    ],
)
def test_a_bad_cell_is_left_out_and_the_star_stays(line, kind, words):
    stars, (problem,) = table(line, GOOD)
    assert stars.name == ("bad", "good")
    assert (problem.kind, problem.row) == (kind, 2)
    assert words in problem.message
    assert not stars.measured[0, 1]


def test_a_bracket_needs_a_metallicity():
    stars, (problem,) = table("x,0.5,-0.6", header="name,[Ba/Fe],Eu")
    assert problem.kind is Kind.NO_METALLICITY
    assert "[Ba/Fe] = 0.5 without [Fe/H]" in problem.message
    assert stars.measured.tolist() == [[False, True]]


@pytest.mark.parametrize(
    ("column", "kind", "words"),
    [
        ("Baa", Kind.UNKNOWN_ELEMENT, r"column = Baa, allowed: .* did you mean Ba\?"),
        ("Tc", Kind.UNKNOWN_ELEMENT, "column = Tc, allowed: elements of the solar table"),
        ("Teff", Kind.UNKNOWN_ELEMENT, "column = Teff"),
        ("log_eps_Ba", Kind.DUPLICATE, "column 4 is a second one of Ba, allowed: one; left out"),
        ("[Eu/Fe]", Kind.DUPLICATE, "second one of Eu"),
    ],
)
def test_a_bad_column_is_left_out_and_named(column, kind, words):
    stars, (problem,) = table("x,0.5,-0.6,9", header=f"name,Ba,Eu,{column}")
    assert (problem.kind, problem.name, problem.row) == (kind, column, None)
    assert stars.of("Ba").tolist() == [0.5]
    assert re.search(words, problem.message)


def test_a_table_without_elements_is_refused(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("name,mass\nx,1\n")
    with pytest.raises(ValueError, match=r"mine.csv: columns found: name, mass; needed: elements"):
        read_stars(file)
    with pytest.raises(FileNotFoundError):
        read_stars(tmp_path / "none.csv")


@settings(max_examples=30)
@given(st.lists(st.lists(st.text('01.-<>e"\n,a ', max_size=5), max_size=9), max_size=4))
def test_no_text_does_worse_than_be_refused_by_name(rows):
    text = "\n".join([HEADER, GOOD, *(",".join(cells) for cells in rows)])
    try:
        stars, problems = read_table(text)
    except ValueError:  # quotes that are not closed
        assert '"' in text
        return
    assert "good" in stars.name
    assert all(problem.message for problem in problems)


def test_a_scale_that_is_named_is_believed():
    header = "name,[Fe/H],[Ba/Fe],[La/Fe],[Ce/Fe],[Pr/Fe],[Nd/Fe],[Eu/Fe]"
    stars, problems = table(f"x,-2.5,{BRACKETS}", header=header)
    assert not problems
    np.testing.assert_allclose(stars.ratio("Eu", "Fe"), 0.6)
    sure = header.replace("[", "log_eps_").replace("/Fe]", "").replace("log_eps_Fe/H]", "[Fe/H]")
    assert not table(f"x,-2.5,{BRACKETS}", header=sure).problems


@given(st.floats(-3, 3), st.sampled_from(list(TABLES)))
def test_the_zigzag_of_the_sun_is_one_and_of_its_brackets_none(shift, solar):
    sun = solar_table(solar).log_eps
    assert zigzag({e: v + shift for e, v in sun.items()}, solar_table(solar)) == pytest.approx(1.0)
    assert zigzag(dict.fromkeys(sun, shift)) == pytest.approx(0.0, abs=1e-9)
    assert zigzag({"Ba": 1.0, "Eu": 0.0}) is None
    assert doubt_log_eps({e: v + shift for e, v in sun.items()}) == ""


def test_a_written_table_is_read_back(data):
    stars, _ = read_jinabase(data / "jinabase")
    some = stars.take(star_features(stars, ER_SET).complete)
    lines = ["name,[Fe/H]," + ",".join(ER_SET)]
    for i in range(len(some)):
        cells = [f"{some.of(e)[i]:.2f}" for e in ER_SET]
        lines.append(",".join([some.name[i], f"{some.fe_h[i]:.2f}", *cells]))
    found, problems = read_table("\n".join(lines))
    assert len(some) == len(found) == 70
    assert not problems
    np.testing.assert_allclose(
        star_features(found, ER_SET).values, star_features(some, ER_SET).values, atol=0.011
    )


def test_brackets_of_the_database_in_columns_of_log_eps_are_mostly_noticed(data):
    stars, _ = read_jinabase(data / "jinabase")
    some = stars.take(star_features(stars, ER_SET).complete)
    noticed = 0
    for i in range(len(some)):
        noticed += bool(doubt_log_eps({e: some.ratio(e, "Fe")[i] for e in ER_SET}))
    assert noticed >= 0.9 * len(some)
