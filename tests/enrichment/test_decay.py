"""Nuclides end in the right stable ones, and no nucleon is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.enrichment.elements import atomic_number
from surrogate.enrichment.readers.common import nuclide
from surrogate.enrichment.readers.decay import STABLE, end_point, to_elements

nuclides = st.integers(1, 250).flatmap(lambda a: st.tuples(st.integers(0, min(a, 100)), st.just(a)))


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("al26", "mg26"),
        ("cl36", "ar36"),
        ("ca41", "k41"),
        ("mn54", "cr54"),
        ("fe60", "ni60"),
        ("ni56", "fe56"),
        ("kr81", "br81"),
        ("kr85", "rb85"),
        ("zr93", "nb93"),
        ("tc99", "ru99"),
        ("pd107", "ag107"),
        ("i129", "xe129"),
        ("cs135", "ba135"),
        ("cs137", "ba137"),
        ("pm147", "sm147"),
        ("sm151", "eu151"),
        ("eu152", "sm152"),
        ("ho163", "dy163"),
        ("hf182", "w182"),
        ("pb205", "tl205"),
        ("xe138", "ba138"),
        ("sn132", "xe132"),
        ("n", "p"),
    ],
)
def test_isobars(name, end):
    assert end_point(*nuclide(name)) == (nuclide(end), 0)


@pytest.mark.parametrize(
    ("name", "end", "alphas"),
    [("sm146", "nd142", 1), ("po210", "pb206", 1), ("be8", "he4", 1), ("pu244", "th232", 3)],
)
def test_alpha_emitters(name, end, alphas):
    assert end_point(*nuclide(name)) == (nuclide(end), alphas)


@given(nuclides)
def test_everything_ends_and_keeps_its_nucleons(where):
    (z, a), alphas = end_point(*where)
    assert (z, a) in STABLE
    assert a + 4 * alphas == where[1]


@given(st.dictionaries(nuclides, st.floats(-1.0, 1.0), max_size=9))
def test_elements_add_up(found):
    elements = to_elements(found)
    alphas = sum(y * end_point(*where)[1] for where, y in found.items())
    assert sum(elements.values()) == pytest.approx(sum(found.values()) + alphas, abs=1e-9)


def test_there_are_as_many_stable_nuclides_as_in_the_solar_system(data):
    lines = (data / "solar" / "Asplund_et_al_2009_iso.txt").read_text().split("\n")
    solar = {nuclide(line.split()[0]) for line in lines if line.strip()}
    assert solar - STABLE == {(92, 234)}  # lasts 2.5e5 years
    assert not STABLE - solar


def test_an_unknown_name_is_refused():
    for wrong in ("ba", "138", "xx138"):
        with pytest.raises(ValueError, match="allowed"):
            nuclide(wrong)
    assert nuclide("Ba-138") == nuclide("ba138") == (atomic_number("Ba"), 138)
