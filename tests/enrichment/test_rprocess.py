"""Published r-process patterns: units, ages and duplicates."""

from collections import Counter

import numpy as np
import pytest

from surrogate.enrichment.features import ER_SET, PB_SET, pattern_features
from surrogate.enrichment.readers import (
    read_just,
    read_mass_fractions,
    read_nishimura,
    read_r_process,
    read_s_process,
    read_wu,
)
from surrogate.enrichment.readers.rprocess import read_wu_2016
from surrogate.enrichment.solar import bracket

COLUMNS = "model,age,H,Ba,Eu,Pb\n"


def masses(data):
    rows = (line.split() for line in (data / "solar" / "element_mass.txt").read_text().split("\n"))
    return {int(row[3]): float(row[0]) for row in rows if len(row) == 4}


def test_the_age_is_chosen(tmp_path):
    file = tmp_path / "wu.csv"
    file.write_text(COLUMNS + "1,2.7e-12,.1,1,2,3\n1,1.00000000000027,.1,1,2,4\n11,1,.1,1,2,5\n")
    patterns = read_wu(file, age=1.0)
    assert patterns.model == ("WS3", "S-def")
    assert patterns.source == ("Mendoza-Temis et al. (2015)", "Wu et al. (2016)")
    np.testing.assert_allclose(10 ** patterns.log_y("Pb"), [4.0, 5.0])
    with pytest.raises(ValueError, match=r"age = 3.0, allowed: 0, 1 \[Gyr\]; choose one"):
        read_wu(file, age=3.0)
    file.write_text("model,H\n1,1\n")
    with pytest.raises(ValueError, match="missing column age, Eu; copy the file again"):
        read_just(file)


def test_mass_fractions_become_numbers(tmp_path):
    file = tmp_path / "one.txt"
    file.write_text("H Yields\n&Isotopes &Z=0.02\n&H-1 &0.5\n&Ba-138 &1.38E-02\n&I-138 &1.38E-02\n")
    patterns = read_mass_fractions(file, source="someone", group="some")
    assert patterns.log_y("Ba")[0] == pytest.approx(np.log10(2e-4))  # iodine decays
    assert patterns.log_y("H")[0] == pytest.approx(np.log10(0.5))


@pytest.fixture(scope="module")
def patterns(data):
    return read_r_process(data / "rprocess")


def test_there_are_as_many_as_the_papers_have(patterns):
    assert Counter(patterns.source) == {
        "Just et al. (2015)": 19,
        "Mendoza-Temis et al. (2015)": 4,
        "Wu et al. (2016)": 20,
        "Eichler et al. (2015)": 4,
        "Nishimura et al. (2015)": 5,
        "Nishimura et al. (2017)": 9,
        "Rosswog et al. (2014)": 1,
    }
    assert set(patterns.process) == {"r"}
    assert pattern_features(patterns, (*ER_SET, "Pb")).complete.all()


def test_numbers_times_masses_are_all_of_the_matter(data, patterns):
    """So that columns are Y [mol/g]: the sum of A Y is 1."""
    mass = masses(data)
    weights = np.array([mass.get(z, 0.0) for z in range(patterns.y.shape[1])])
    total = np.nansum(patterns.y * weights, axis=1)
    assert ((total > 0.95) & (total < 1.02)).all()


def test_r_and_s_differ_as_in_the_sun(data, patterns):
    r = pattern_features(patterns, ("Ba",)).values[:, 0]
    s = pattern_features(read_s_process(data, kind="net").patterns, ("Ba",)).values[:, 0]
    assert np.median(bracket(r, 0.0, "Ba", "Eu")) < 0.0
    assert np.nanmedian(bracket(s, 0.0, "Ba", "Eu")) > 0.8
    assert (bracket(s[np.isfinite(s)], 0.0, "Ba", "Eu") > 0.6).all()


def test_the_residual_of_the_sun_lies_among_the_patterns(data, patterns):
    """r-process residual of Arlandini et al. (1999), stellar model, in Si = 1e6."""
    found = {}
    file = data / "rprocess" / "alexmods" / "rproc_patterns" / "arlandini99.txt"
    header, *lines = file.read_text().split("\n")[3:]
    start = header.index("Nr1")
    for line in lines:
        if line[:3].strip().isdigit():
            residual = line[start : start + 10].strip()
            symbol = line[4:6].strip()
            found[symbol] = found.get(symbol, 0.0) + (float(residual) if residual else 0.0)
    values = pattern_features(patterns, ER_SET).values
    for element, column in zip(ER_SET, values.T, strict=True):
        sun = np.log10(found[element] / found["Eu"])
        assert column.min() <= sun <= column.max(), element
        assert np.median(column) == pytest.approx(sun, abs=0.4), element


def test_old_patterns_have_more_lead_and_less_uranium(data):
    file = data / "rprocess" / "starfit" / "just15.csv"
    young, old = (read_just(file, age=age) for age in (1.0, 13.0))
    assert (old.log_y("Pb") > young.log_y("Pb")).all()
    lost = young.y[:, 90] + young.y[:, 92] - old.y[:, 90] - old.y[:, 92]
    won = old.y[:, 82] - young.y[:, 82]
    assert (lost > 0.0).all()
    np.testing.assert_allclose(won, lost, rtol=0.02)
    np.testing.assert_allclose(old.log_y("Eu"), young.log_y("Eu"), atol=1e-3)


def test_the_same_models_from_two_collections_agree(data):
    folder = data / "rprocess"
    few = read_wu_2016(folder / "alexmods" / "Wu2016")
    many = read_wu(folder / "starfit" / "wu.csv", age=1.0)
    pairs = {"s_def": "S-def", "s_m0.01": "m0.01", "s_m0.10": "m0.10", "s_s10": "s10", "s_s6": "s6"}
    rows = many.take([many.model.index(pairs[name]) for name in few.model])
    for elements in (ER_SET, PB_SET):
        one, other = (pattern_features(p, elements).values for p in (few, rows))
        np.testing.assert_allclose(one, other, atol=0.02)
    jets = read_nishimura(folder / "alexmods" / "Nishimura15")
    copy = read_mass_fractions(
        folder / "nupycee" / "mhdjet_NTT_delayed.txt", source="", group="Nishimura"
    )
    one = pattern_features(jets.take([jets.model.index("b11tw0.25")]), (*ER_SET, "Pb")).values
    np.testing.assert_allclose(one, pattern_features(copy, (*ER_SET, "Pb")).values, atol=1e-6)
