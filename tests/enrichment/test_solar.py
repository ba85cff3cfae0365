"""Elements and the Sun against the published tables, and the scales against each other."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.enrichment.elements import SYMBOLS, atomic_number, is_element, symbol_of
from surrogate.enrichment.solar import (
    TABLES,
    bracket,
    from_number,
    from_x_fe,
    solar_table,
    to_number,
    to_x_fe,
)

dex = st.floats(-4.0, 4.0)
elements = st.sampled_from(list(TABLES["asplund2009"].log_eps))
tables = st.sampled_from(list(TABLES))
FILES = {"asplund2009": "Asplund_et_al_2009.txt", "lodders2009": "Lodders_et_al_2009.txt"}


@given(st.sampled_from(SYMBOLS))
def test_symbols_and_numbers_are_inverse(symbol):
    for spelling in (symbol, symbol.lower(), symbol.upper(), f" {symbol} "):
        assert symbol_of(atomic_number(spelling)) == symbol
        assert is_element(spelling)


def test_known_numbers():
    assert [atomic_number(e) for e in ("H", "Fe", "Ba", "Eu", "Pb", "U")] == [1, 26, 56, 63, 82, 92]
    assert len(SYMBOLS) == 118


@pytest.mark.parametrize("wrong", ["Eo", "", "Europium", "Ba138"])
def test_an_unknown_element_is_named(wrong):
    assert not is_element(wrong)
    with pytest.raises(ValueError, match=f"element = {wrong}, allowed: symbols"):
        atomic_number(wrong)
    with pytest.raises(ValueError, match="z = 119, allowed: 1 to 118"):
        symbol_of(119)


def test_an_unknown_table_is_guessed():
    with pytest.raises(ValueError, match=r"solar = asplund09, allowed: .*did you mean asplund2009"):
        solar_table("asplund09")
    with pytest.raises(ValueError, match="element = Tc, allowed: those of lodders2009"):
        solar_table("lodders2009")["Tc"]


@pytest.mark.parametrize("name", FILES)
def test_tables_are_the_published_ones(data, name):
    table = solar_table(name)
    rows = (line.split() for line in (data / "solar" / FILES[name]).read_text().splitlines())
    published = {row[1]: float(row[2]) for row in rows if len(row) == 3}
    # The file has -30 where there is no line in the photosphere; our values there are meteoritic.
    checked = [e for e, value in published.items() if value > -20.0]
    assert len(checked) >= 69
    assert {e: table[e] for e in checked} == {e: published[e] for e in checked}


def test_the_default_is_that_of_jinabase(data):
    lines = (data / "solar" / "JINAbase_Asplund09.txt").read_text().splitlines()
    symbols, _, values = (line.split()[1:] for line in lines[:3])
    assert len(symbols) == 67
    for symbol, value in zip(symbols, values, strict=True):
        assert solar_table()[symbol] == float(value)


@given(dex, dex, elements, tables)
def test_x_fe_and_back(x_fe, fe_h, element, solar):
    log_eps = from_x_fe(x_fe, fe_h, element, solar)
    assert to_x_fe(log_eps, fe_h, element, solar) == pytest.approx(x_fe, abs=1e-9)


@given(elements, elements, tables, dex)
def test_a_diluted_sun_has_the_ratios_of_the_sun(x, y, solar, dilution):
    table = solar_table(solar)
    ratio = bracket(table[x] + dilution, table[y] + dilution, x, y, solar)
    assert ratio == pytest.approx(0.0, abs=1e-9)
    assert to_x_fe(table[x] + dilution, dilution, x, solar) == pytest.approx(0.0, abs=1e-9)


@given(st.floats(-8.0, 12.0), st.floats(0.01, 1.0))
def test_numbers_and_back(log_eps, hydrogen):
    assert from_number(to_number(log_eps, hydrogen), hydrogen) == pytest.approx(log_eps, abs=1e-9)


def test_numbers_that_are_not_positive_have_no_log():
    for y in (np.array([-1.0, 0.0, 1.0]), jnp.array([-1.0, 0.0, 1.0])):
        np.testing.assert_array_equal(from_number(y), [np.nan, np.nan, 12.0])


def test_conversions_work_under_jax():
    def back(x_fe):
        return to_x_fe(from_number(to_number(from_x_fe(x_fe, -2.0, "Eu"))), -2.0, "Eu").sum()

    x = jnp.array([-1.0, 0.5])
    np.testing.assert_allclose(jax.jit(jax.grad(back))(x), 1.0, rtol=1e-4)
    gradient = jax.grad(lambda y: jnp.nansum(from_number(y)))(jnp.array([0.0, 2.0]))
    np.testing.assert_allclose(gradient, [0.0, 0.5 / np.log(10.0)], rtol=1e-5)
