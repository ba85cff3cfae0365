"""Fortran namelists: what goes in comes out, and what cannot be read is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.simulations.starsmasher.namelist import (
    format_namelist,
    parse_namelist,
    read_namelist,
    write_namelist,
)

names = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
text = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=20)
values = (
    st.integers(-(2**31), 2**31 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | text
)


@given(st.dictionaries(names, values, max_size=8))
@settings(max_examples=50, deadline=None)
def test_roundtrip(drawn):
    read = parse_namelist(format_namelist("input", drawn), "INPUT")
    assert read == drawn
    assert list(read) == list(drawn)
    assert [type(value) for value in read.values()] == [type(value) for value in drawn.values()]


@pytest.mark.slow
@given(st.dictionaries(names, values, min_size=1, max_size=8), st.data())
@settings(max_examples=50, deadline=None)
def test_layout_does_not_matter(drawn, data):
    lines = format_namelist("input", drawn).strip().split("\n")[1:-1]
    joined = lines[0]
    for line in lines[1:]:
        joined += data.draw(st.sampled_from([" ", "\n", " ! note, a=1 'x\n", "\n\n  "])) + line
    end = data.draw(st.sampled_from(["&END", "&end", "/", " $end\n"]))
    start = data.draw(st.sampled_from(["&INPUT ", "  &input\n", "$Input "]))
    assert parse_namelist(f"{start}{joined}\n{end}", "input") == drawn


def test_what_fortran_allows():
    given = """
 &INPUT
 tf=10,  ! the end
 NNOPT = 23 GAM=1.6666666666666667d0, trelax=1.d30
 cn1=.6, throwaway=.TRUE.
 profilefile="it's", startfile1='it''s', eosfile='a ! b, c=1 / d'
 tf=12
 &END
 ignored=1
"""
    assert parse_namelist(given, "input") == {
        "tf": 12,
        "nnopt": 23,
        "gam": 1.6666666666666667,
        "trelax": 1e30,
        "cn1": 0.6,
        "throwaway": True,
        "profilefile": "it's",
        "startfile1": "it's",
        "eosfile": "a ! b, c=1 / d",
    }


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", r"line 1: should start with &INPUT"),
        ("\n &OTHER a=1 /", r"line 2: should start with &INPUT: '&OTHER a=1 /'"),
        ("&INPUT\n a=1,\n", r"never closed by &END or /"),
        ("&INPUT\n a=1\n b 2\n/", r"line 3: should be name = value: 'b 2'"),
        ("&INPUT\n a=,\n b=2\n/", r"line 2: a has no value: 'a=,'"),
        ("&INPUT\n a=1x\n/", r"line 2: a = 1x is no number"),
        ("&INPUT\n a='never\n/", r"line 2: a = 'never is no number"),
        ("&INPUT\n a=1,2,3\n/", r"line 2: should be name = value"),
        ("&INPUT\n a=3*1.0\n/", r"line 2: a = 3\*1.0"),
        ("&INPUT a=hyp /", r"line 1: a = hyp is no number, logical or 'string'"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, given, words):
    path = tmp_path / "sph.input"
    path.write_text(given)
    with pytest.raises(ValueError, match=words) as error:
        read_namelist(path, "INPUT")
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"), [("a", float("nan")), ("a", float("inf")), ("a", "two\nlines"), ("a b", 1)]
)
def test_what_cannot_be_written_is_refused(tmp_path, name, value):
    with pytest.raises(ValueError, match="allowed"):
        write_namelist(tmp_path / "sph.input", "INPUT", {name: value})
    assert list(tmp_path.iterdir()) == []


def test_recorded_inputs(starsmasher_dir):
    for path in starsmasher_dir.glob("*/sph.input"):
        found = read_namelist(path, "input")
        assert found["nnopt"] == 23
        assert found["munit"] == 1.9891e33
        assert parse_namelist(format_namelist("input", found), "input") == found
    kinds = {p.parent.name: read_namelist(p, "initt") for p in starsmasher_dir.glob("*/sph.init")}
    assert kinds["merger"] == {"iname": "hyp"}
    assert kinds["erg_n3_polytrope"] == {"iname": "erg"}
