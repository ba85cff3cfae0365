"""Yields of AGB stars: read from small files, and checked against physics in the published ones."""

from collections import Counter

import numpy as np
import pytest

from surrogate.enrichment.features import ER_SET, PB_SET, SHARED, pattern_features
from surrogate.enrichment.patterns import concatenate
from surrogate.enrichment.readers import (
    read_fishlock,
    read_fruity,
    read_karakas,
    read_s_process,
    read_shingles,
)
from surrogate.enrichment.readers.monash import INITIAL, SOURCES
from surrogate.enrichment.solar import bracket

S_SUN = {"Ba": 0.89, "La": 0.71, "Ce": 0.81, "Nd": 0.56, "Eu": 0.06, "Dy": 0.15, "Er": 0.16}
"""s-process fraction of solar abundances; Bisterzo et al. (2014), table 1, main component."""


@pytest.fixture
def fruity(tmp_path):
    """Two models: one with ten times its barium, one without third dredge-up."""

    def write(model, ba, cs):
        for part, initial in (("net", 0.0), ("tot", 1.38e-8)):
            (tmp_path / part).mkdir(exist_ok=True)
            text = f"Isotope A Z YIELD\nBa38 138 56 {ba + initial}\nCs37 137 55 {cs}\n"
            (tmp_path / part / f"yields_{part}_{model}_000_20210617.txt").write_text(text)

    write("m2p0z1m3", 9 * 1.38e-8, 1.37e-9)
    write("m1p3zsun", 0.0, 0.0)
    return tmp_path


@pytest.mark.parametrize(("kind", "barium"), [("net", 9e-10), ("total", 1e-9)])
def test_masses_become_numbers_and_decay(fruity, kind, barium):
    patterns, left_out = read_fruity(fruity, kind=kind)
    assert patterns.model == ("m2p0z1m3_000",)
    assert left_out == ("m1p3zsun_000",)
    # Cs-137 is barium by now.
    assert patterns.log_y("Ba")[0] == pytest.approx(np.log10(barium + 1e-11))
    assert np.isnan(patterns.log_y("Cs")[0])
    assert (patterns.process, patterns.group) == (("s",), ("FRUITY",))


def test_damaged_grids_are_refused(fruity):
    with pytest.raises(ValueError, match="'gross' is not a valid Yield"):
        read_fruity(fruity, kind="gross")
    file = next((fruity / "net").glob("*m1p3*"))
    file.write_text("Isotope A Z YIELD\nBa38 138 56 many\n")
    with pytest.raises(ValueError, match=r"m1p3.*line 2: could not convert"):
        read_fruity(fruity)
    file.unlink()
    with pytest.raises(ValueError, match="m1p3zsun_000 lacks its net or its total yields"):
        read_fruity(fruity)
    with pytest.raises(FileNotFoundError, match=r"no files yields-\*.dat; name the folder"):
        read_fishlock(fruity)


ELEMENTS = """
# Initial mass = 1.500, Z = 0.0028, Y = 0.250, M_mix = {pocket}
# Final mass = 0.6, Mass expelled = 0.9
# El  Z   log e(X)   [X/H]    [X/Fe]     X(i)     Net M(i)     Mass(i)
  p   1  12.000000  0.0  0.0  7.1E-01 0.0 2.8E-01
  p  15   4.470783  0.0  0.0  3.2E-06 0.0 1.2E-06
 ba  56   {ba}      0.0  {ba_fe}  1E-8 0.0 1E-8
 eu  63  -0.100000  0.0  0.1  1E-8 0.0 1E-8
#  [Rb/Zr]  [ls/Fe]  [hs/Fe]  [hs/ls]  [Pb/hs]
   -0.0169   0.0009  -0.0011  -0.0019   0.0011
"""


def test_tables_of_elements(tmp_path):
    text = ELEMENTS.format(pocket="0.00E+00", ba="1.500000", ba_fe="0.0")
    text += ELEMENTS.format(pocket="2.00E-03", ba="2.500000", ba_fe="1.0")
    for file in SOURCES:
        (tmp_path / file).write_text(text)
    patterns, left_out = read_karakas(tmp_path)
    assert patterns.model == ("m1.500 z0.0028 M_mix = 2.00E-03",) * 4
    assert left_out == ("m1.500 z0.0028 M_mix = 0.00E+00",) * 4
    np.testing.assert_allclose(patterns.log_y("Ba") - patterns.log_y("H"), 2.5 - 12.0)
    net, _ = read_karakas(tmp_path, kind="net")
    np.testing.assert_allclose(10 ** (net.log_y("Ba") - patterns.log_y("Ba")), 0.9, atol=1e-3)
    (tmp_path / "yield_z03.dat").write_text(text.replace("2.500000", "2.5.0"))
    with pytest.raises(ValueError, match=r"yield_z03.dat, line \d+: could not convert"):
        read_karakas(tmp_path)


def test_tables_of_isotopes(tmp_path):
    rows = ("ba138 138 1.242e-7 1.38e-7", "cs137 137 0 1.37e-9", "al*6 26 0 2.6e-8")
    lines = [f"{row} 1.38e-8 9 9 9" for row in rows]
    (tmp_path / "yields-m2.0z001.pmz2e-3.dat").write_text("\n".join(["# species A", *lines]))
    patterns, _ = read_fishlock(tmp_path)
    assert patterns.model == ("m2.0z001.pmz2e-3",)
    assert patterns.log_y("Ba")[0] == pytest.approx(np.log10(1.01e-9))
    assert patterns.log_y("Mg")[0] == pytest.approx(-9.0)


@pytest.fixture(scope="module")
def grids(data):
    return {kind: read_s_process(data, kind=kind) for kind in ("total", "net")}


def test_how_many_models_pass_the_cut(grids):
    patterns, left_out = grids["total"]
    assert Counter(patterns.source) == {
        "Cristallo et al. (2015)": 95,
        "Karakas & Lugaro (2016)": 56,
        "Karakas et al. (2018)": 27,
        "Fishlock et al. (2014)": 19,
        "Shingles et al. (2015)": 35,
    }
    assert len(left_out) == 54
    assert set(patterns.group) == {"FRUITY", "Monash"}
    assert pattern_features(patterns, (*ER_SET, "Pb")).complete.all()


def test_the_cut_removes_every_model_without_third_dredge_up(data, grids):
    # FRUITY ejects what it had, to the last digit; models of 1 Msun do so in the Monash grid.
    left_out = grids["total"].left_out
    assert {"m1p3zsun_000", "m1p3z2m2_000"} <= set(left_out)
    assert sum(name.startswith("m1.000 ") for name in left_out) == 4
    everything, none = read_s_process(data, min_enrichment=-1.0)
    assert not none
    assert len(everything) == len(grids["total"].patterns) + len(left_out) == 286


@pytest.mark.parametrize("elements", [ER_SET, PB_SET])
def test_net_patterns_are_the_s_process(grids, elements):
    values = pattern_features(grids["net"].patterns, elements).values
    median = dict(zip(elements, np.nanmedian(values, axis=0), strict=True))
    assert 0.8 < bracket(median["Ba"], 0.0, "Ba", "Eu") < 1.3
    for element in set(elements) & set(S_SUN):
        # The main component has these fractions in the Sun, europium the least.
        expected = np.log10(S_SUN[element] / S_SUN["Eu"])
        found = bracket(median[element], 0.0, element, "Eu")
        assert found == pytest.approx(expected, abs=0.25), element


def test_total_patterns_lie_between_the_sun_and_the_s_process(grids):
    total, net = (pattern_features(grids[kind].patterns, ("Ba",)).values for kind in grids)
    ratio = bracket(total[:, 0], 0.0, "Ba", "Eu")
    assert (ratio > 0.1).all()
    known = np.isfinite(net[:, 0])
    assert (total[known] <= net[known] + 0.01).all()


def test_lead_grows_with_falling_metallicity(data):
    """Fewer seeds take more neutrons each (Gallino et al. 1998)."""
    patterns, _ = read_fruity(data / "fruity")
    ratio = patterns.log_y("Pb") - patterns.log_y("Ba")
    of = dict(zip(patterns.model, ratio, strict=True))
    solar, low = of["m2p0zsun_000"], of["m2p0z1m4_000"]
    assert solar < of["m2p0z3m3_000"] < low
    assert low - solar > 1.0


def test_net_yields_from_ratios_agree_with_those_of_the_file(data):
    """The table of 2018 has a column of net yields; those here come from [X/Fe]."""
    folder = data / "monash" / "vice_karakas16_18"
    patterns, _ = read_karakas(folder, kind="net", min_enrichment=0.5)
    mine = patterns.take([s == "Karakas et al. (2018)" for s in patterns.source])
    text = (folder / "yields_z0028.dat").read_text()
    blocks = [block.splitlines() for block in text.split("# Initial mass")[1:]]
    theirs = []
    for block in blocks:
        cells = {int(w[1]): [float(x) for x in w[2:]] for w in map(str.split, block) if len(w) == 8}
        theirs.append({z: row[4] / row[5] for z, row in cells.items()})  # net over total
    # The fraction that is new, of each element.
    total, _ = read_karakas(folder, min_enrichment=0.5)
    fraction = (mine.y / total.take([s == "Karakas et al. (2018)" for s in total.source]).y)[:, 56:]
    kept = [new for new in theirs if 1.0 / (1.0 - new[56]) >= 10**0.5]
    assert len(kept) == len(mine) > 20
    for row, new in zip(fraction, kept, strict=True):
        for z in (56, 57, 58, 59, 60, 62, 63, 66, 68, 82):
            assert row[z - 56] == pytest.approx(new[z], abs=0.01)


def test_mass_fractions_of_the_tables_fit_the_numbers(data):
    """X = A Y, and everything adds up to one."""
    for file in SOURCES:
        text = (data / "monash" / "vice_karakas16_18" / file).read_text()
        first = text.split("# Initial mass")[1]
        # By Z: p is hydrogen first and phosphorus later.
        rows = {
            int(w[1]): w for w in map(str.split, first.split("\n")) if w[1:2] and w[1].isdigit()
        }
        fraction = {z: float(w[5]) for z, w in rows.items()}
        assert sum(fraction.values()) == pytest.approx(1.0, abs=0.01)
        for z, a in ((56, 137.4), (63, 152.0), (82, 207.2)):
            per_hydrogen = 10 ** (float(rows[z][2]) - 12)
            assert fraction[z] / fraction[1] == pytest.approx(per_hydrogen * a, rel=0.01)


def test_the_initial_composition_is_that_of_models_without_third_dredge_up(data):
    for file in SOURCES:
        text = (data / "monash" / "vice_karakas16_18" / file).read_text()
        first = text.split("# Initial mass")[1]
        assert "M_mix = 0.00E+00" in first
        rows = {
            int(w[1]): w for w in map(str.split, first.split("\n")) if w[1:2] and w[1].isdigit()
        }
        for z in (56, 57, 58, 59, 60, 62, 63, 66, 68, 82):
            assert float(rows[z][4]) == pytest.approx(INITIAL.get(z, 0.0), abs=5e-4)


def test_grids_of_one_star_agree(data):
    """3 Msun, Z = 0.001 to 0.003, pockets of 1e-3 to 2e-3 Msun: three sets of tables."""
    parts = [
        read_fishlock(data / "monash" / "fishlock14", kind="net").patterns,
        read_karakas(data / "monash" / "vice_karakas16_18", kind="net").patterns,
        read_shingles(data / "monash" / "shingles15", kind="net").patterns,
    ]
    patterns = concatenate(parts)
    names = (
        "m3.0z001.pmz2e-3",
        "m3.000 z0.0028 M_mix = 2.00E-03",
        "m3z0006y24a0pmz001s320",
    )
    rows = patterns.take([patterns.model.index(name) for name in names])
    values = pattern_features(rows, SHARED).values
    assert np.ptp(values, axis=0).max() < 0.35
