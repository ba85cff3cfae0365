"""Table 1: the SQL and the local filter say the same, whatever is NULL."""

import json
import math
import re
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.transients.query import OBJECTS, SHERLOCK, conditions, select, table1

GOOD = {
    **{"separationArcsec": 0.5, "ncand": 21, "ncandgp": 11, "classification": "NT"},
    **{"maggmean": 18.0, "magrmean": 18.1, "gmag": 18.0, "rmag": 18.1},
    **{"glatmean": 45.0, "sgmag1": 19.0, "srmag1": 18.0},
}
BOUNDS = {
    **{"separationArcsec": (0, 2), "ncand": (19, 22), "ncandgp": (9, 12), "glatmean": (-11, 11)},
    **dict.fromkeys(("maggmean", "magrmean", "gmag", "rmag"), (19, 21)),
    **dict.fromkeys(("sgmag1", "srmag1"), (17, 19)),
}


def values(column):
    if column == "classification":
        return st.sampled_from([None, "NT", "SN", "AGN", "VS"])
    low, high = BOUNDS[column]
    # Twentieths meet every limit of Table 1, and lie just beside it.
    return st.none() | st.integers(20 * low, 20 * high).map(lambda n: n / 20)


@st.composite
def rows_near_good_ones(draw):
    # Of rows drawn column by column, hardly one would pass.
    changed = draw(st.lists(st.sampled_from(sorted(GOOD)), max_size=4, unique=True))
    return GOOD | {column: draw(values(column)) for column in changed}


def ask(rows, query):
    database = sqlite3.connect(":memory:")
    sherlock = ("classification", "separationArcsec", "z")
    objects = [c.split(".")[1] for c in query.selected.split(", ") if c.startswith(f"{OBJECTS}.")]
    for name, columns in ((OBJECTS, objects), (SHERLOCK, ("objectId", *sherlock))):
        database.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        for key, row in enumerate(rows):
            cells = [key if column == "objectId" else row.get(column) for column in columns]
            marks = ", ".join("?" * len(cells))
            database.execute(f"INSERT INTO {name} VALUES ({marks})", cells)
    # As Lasair does: tables by comma, joined by the object's name.
    joined = f"{OBJECTS}.objectId = {SHERLOCK}.objectId AND {query.conditions}"
    found = database.execute(f"SELECT {query.selected} FROM {query.tables} WHERE {joined}")
    passed = {row[0] for row in found.fetchall()}
    return [key in passed for key in range(len(rows))]


@pytest.mark.slow
@pytest.mark.parametrize("brightness", ["or", "and"])
@settings(max_examples=150)
@given(rows=st.lists(rows_near_good_ones(), min_size=1, max_size=40))
def test_sql_and_local_filter_agree(brightness, rows):
    selection = select(rows, brightness)
    assert selection.passed == ask(rows, table1(brightness))
    assert selection.passed == [not reasons for reasons in selection.failed]


def test_a_good_row_passes_both():
    assert select([GOOD]).passed == ask([GOOD], table1()) == [True]


@pytest.mark.parametrize(
    "at_limit",
    [
        *({"separationArcsec": 1.0}, {"ncand": 20}, {"ncandgp": 10}, {"sgmag1": 18.0}),
        *({"rmag": 20.0, "gmag": 20.0}, {"glatmean": 10.0}, {"glatmean": -10.0}),
        {"maggmean": 0.05, "magrmean": 0.0, "gmag": 18.25, "rmag": 18.0},
    ],
)
def test_limits_themselves_fail(at_limit):
    row = GOOD | at_limit
    assert len(select([row]).failed[0]) == 1
    assert ask([row], table1()) == [False]


@pytest.mark.parametrize("missing", [None, math.nan, "", "absent"])
@pytest.mark.parametrize(
    ("columns", "meaning"),
    [
        (("separationArcsec",), "within 1 arcsec of its host"),
        (("ncand",), "more than 20 detections"),
        (("ncandgp",), "more than 10 detections of positive flux"),
        (("classification",), "nuclear transient or supernova by Sherlock"),
        (("maggmean", "gmag"), "mean or latest colour is blue"),
        (("gmag", "rmag"), "brighter than 20 in r or g"),
        (("glatmean",), "more than 10 degrees from the galactic plane"),
        (("srmag1",), "PS1 host is red"),
    ],
)
def test_a_missing_value_fails_its_condition(columns, meaning, missing):
    row = {column: value for column, value in GOOD.items() if column not in columns}
    if missing != "absent":
        row |= dict.fromkeys(columns, missing)
    passed, (reasons,) = select([row])
    assert passed == [False]
    assert meaning in reasons
    assert len(reasons) == 1


def test_one_of_two_colours_is_enough():
    assert select([GOOD | {"maggmean": None}, GOOD | {"gmag": None}]).passed == [True, True]


def test_brightness_as_the_query_or_as_the_text():
    faint = GOOD | {"rmag": 20.5, "gmag": 19.9}
    assert select([faint]).passed == [True]
    assert select([faint], "and").failed == [("brighter than 20 in r and g",)]
    with pytest.raises(ValueError, match="brightness = nad, allowed: or, and; did you mean and"):
        select([GOOD], "nad")


def test_text_for_a_number_is_refused():
    assert select([GOOD | {"ncand": "21"}]).passed == [True]  # as a table has it
    with pytest.raises(ValueError, match="ncand = 'many', allowed: a number, or None"):
        select([GOOD | {"ncand": "many"}])


def test_the_query_is_that_of_the_paper():
    sql = table1().conditions
    for line in (
        f"{SHERLOCK}.separationArcsec < 1",
        "objects.ncand > 20",
        "objects.ncandgp > 10",
        f"{SHERLOCK}.classification IN ('NT', 'SN')",
        "(objects.maggmean - objects.magrmean < 0.05 OR objects.gmag - objects.rmag < 0.05)",
        "(objects.rmag < 20 OR objects.gmag < 20)",
        "(objects.glatmean > 10 OR objects.glatmean < -10)",
        "objects.sgmag1 - objects.srmag1 > 0",
    ):
        assert line in sql
    assert sql.count(" AND ") == len(conditions()) - 1 == 7


def test_lasair_has_every_column(public_data):
    file = public_data("transients") / "lasair" / "columns.json"
    tables = json.loads(file.read_text())
    known = {f"{name}.{column}" for name, columns in tables.items() for column, _ in columns}
    query = table1()
    assert set(query.tables.split(",")) <= set(tables)
    used = re.findall(r"[a-z_]+\.[A-Za-z]\w*", f"{query.selected} {query.conditions}")
    assert len(set(used)) == 17
    assert set(used) <= known
    # What the local filter needs comes with the query.
    needed = {
        f"{c.table}.{name}" for line in conditions() for c in line.clauses for name in c.columns
    }
    assert needed <= set(query.selected.split(", "))
