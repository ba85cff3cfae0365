"""The database is read with its limits, and the published stars are found in it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.enrichment.features import ER_SET, PB_SET, star_features
from surrogate.enrichment.jinabase import ABUNDANCES, LIMITS, read_jinabase
from surrogate.enrichment.names import normalise_name
from surrogate.enrichment.published import COLUMNS, PUBLISHED, TABLE_1, TABLE_2
from surrogate.enrichment.references import (
    REFERENCES,
    choose_references,
    find,
    read_references,
)
from surrogate.enrichment.stars import Kind

HEAD = "Seq key Reference Name Simbad_Identifier Sci_key C_key Loc type V_mag Li V Fe Ba Eu FeII"
MARKS = "Seq key Reference Name Simbad_Identifier ulLi ulV ulFe ulBa ulEu ulFeII"
ROWS = (
    ("1 2 ROE14b CS22892-052 CS_22892 R2 CR * RG 13 * 1 4.5 0.5 -1.2 4.4", "* * * * * *"),
    ("2 1 SNE03 CS22892-0052 CS_22892 R2 CR * RG 13 * 1 4.5 0.5 -1.2 4.4", "* * * * 1 *"),
    ("3 1 AOK02 BD-01_2582 BD-01_2582 * * * RG 13 * 1 5.5 oops 0.2 *", "* * * * -1 *"),
    ("4 1 AOK02b HD1 HD_1 * * * RG 13 * 1 5.5 1.5", "* * * * * *"),
)


@pytest.fixture
def write(tmp_path):
    def to(rows=ROWS, head=HEAD):
        (tmp_path / ABUNDANCES).write_text("\n".join([head, *(row for row, _ in rows)]))
        marks = [" ".join(row.split()[:5]) + " " + mark for row, mark in rows]
        (tmp_path / LIMITS).write_text("\n".join([MARKS, *marks]))
        return tmp_path

    return to


@pytest.fixture(scope="module")
def stars(data):
    found, problems = read_jinabase(data / "jinabase")
    assert not problems
    return found


@pytest.fixture(scope="module")
def published(stars):
    return stars.take([find(stars, row.name, row.reference) for row in PUBLISHED])


def test_limits_are_missing_values_and_stay_flags(write):
    stars, problems = read_jinabase(write())
    assert stars.element == ("Li", "V", "Fe", "Ba", "Eu")  # V_mag and FeII are no elements
    np.testing.assert_array_equal(stars.of("Eu"), [-1.2, np.nan, np.nan])
    np.testing.assert_array_equal(stars.of("Eu", "limit"), [np.nan, -1.2, np.nan])
    assert not (stars.measured & stars.is_limit).any()
    np.testing.assert_allclose(stars.fe_h, [-3.0, -3.0, -2.0])
    assert stars.labels["class"] == ("R2", "R2", "")
    bad, cut = sorted(problems, key=lambda problem: problem.row)
    assert (bad.kind, bad.row, bad.name) == (Kind.NOT_A_NUMBER, 4, "BD-01_2582")
    assert "Ba = oops, allowed: a number or *" in bad.message
    assert (cut.kind, cut.row) == (Kind.UNREADABLE, 5)


def test_files_that_do_not_belong_together_are_refused(write):
    with pytest.raises(ValueError, match="missing column Fe; found: Seq, key"):
        read_jinabase(write(head=HEAD.replace(" Fe ", " Fi ")))
    folder = write()
    (folder / LIMITS).write_text(MARKS)
    with pytest.raises(ValueError, match="do not have the same rows"):
        read_jinabase(folder)


def test_a_row_is_found_by_star_and_reference(write):
    stars, _ = read_jinabase(write())
    assert find(stars, "cs 22892-052", "ROE14b") == 0
    assert find(stars, "CS 22892-052") == 1  # the row that JINAbase prefers
    assert find(stars, "BD\N{MINUS SIGN}01 2582", "AOK02c") == 2  # another letter of the same year
    with pytest.raises(ValueError, match="reference = HON04, allowed for CS22892-052: ROE14b, SNE"):
        find(stars, "CS22892-052", "HON04")
    with pytest.raises(ValueError, match="name = HD2, allowed: one of the 3 stars"):
        find(stars, "HD2")


def test_one_row_a_star_is_the_fullest(write):
    stars, _ = read_jinabase(write())
    assert choose_references(stars, ["Ba", "Eu"]).tolist() == [0, 2]
    assert choose_references(stars, ["Ba"]).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BD-012582", "BD-01 2582"),
        ("BPS_CS_22947-0187", "CS22947-187"),
        ("NAME_SDSS_J0912+0216", "SDSS J0912+0216"),
        ("HD 196944", "hd196944"),
        ("CS 22892\N{MINUS SIGN}052", "CS22892-0052"),
    ],
)
def test_spellings_agree(one, other):
    assert normalise_name(one) == normalise_name(other)


@given(st.text(st.characters(codec="ascii"), max_size=20))
def test_a_normal_name_stays(name):
    once = normalise_name(name)
    assert not set(once) & set(" _[]")
    assert once == once.upper()


def test_different_stars_differ():
    names = ["BD-012582", "BD+012582", "HD6268", "HD62680", "CS22892-052", "CS22892-520"]
    assert len({normalise_name(name) for name in names}) == len(names)


def test_the_whole_database(stars):
    assert len(stars) == 2871
    assert stars.is_limit.sum() > 5000
    assert not (stars.measured & stars.is_limit).any()
    # Four stars have no iron but a limit.
    assert np.isnan(stars.fe_h).sum() == stars.is_limit[:, stars.element.index("Fe")].sum() == 4


def test_each_star_once(data, stars):
    rows = choose_references(stars, [*ER_SET, "Pb"])
    simbad = [normalise_name(stars.labels["simbad"][i]) for i in rows]
    assert len(set(simbad)) == len(simbad) == len({*map(normalise_name, stars.labels["simbad"])})
    names = read_references(data / "jinabase" / REFERENCES)
    assert names["ROE14b"] == "Roederer et al.(2014b)"


def test_published_tables_have_the_papers_counts():
    assert (len(TABLE_1), len(TABLE_2)) == (38, 5)
    assert len({row.number for row in PUBLISHED}) == 43
    assert all(len(row.er) == len(row.pb) == len(COLUMNS) for row in TABLE_1)
    # "They agree 33/38 times", "one-class ones never find star 28".
    assert sum(row.overall == row.jinabase for row in TABLE_1) == 33
    differ = {row.number for row in TABLE_1 if row.overall != row.jinabase}
    assert differ == {9, 12, 24, 48, 62}


def test_every_published_star_is_found_and_lacks_what_the_paper_lacks(published):
    er, pb = (star_features(published, elements) for elements in (ER_SET, PB_SET))
    assert er.complete.tolist() == [row.has_er for row in PUBLISHED]
    assert pb.complete.tolist() == [row.has_pb for row in PUBLISHED]
    assert (published.fe_h < -2.0).all()
    # What is missing is only the last element of each set.
    assert er.measured[:, :-1].all()
    assert pb.measured[:, :-1].all()
