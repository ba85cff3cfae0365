"""Tables of every kind become light curves, and every bad row is named."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.transients.photometry import AB_ZERO, Kind, to_flux
from surrogate.transients.readers import FORMATS, Facts, read, read_facts
from surrogate.transients.readers.tables import read_table

GOOD = ["59000.5,g,10,1", "59001.5,r,20,2", "59002.5,g,30,3"]
HEADER = "mjd,band,flux,flux_err"


@pytest.fixture(scope="module")
def data(public_data) -> Path:
    """The folder with the public light curves; skips the test where it is not at hand."""
    return public_data("transients")


def table(header, *lines):
    return read_table("\n".join([header, *lines]), "mine")


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("Time,Filter,Flux,Sigma", 1.0),
        ("MJD,fid,flux_uJy,e_flux_uJy", 1.0),
        ("mjd,passband,flux_mJy,flux_err_mJy", 1e3),
        ("jd,band,flux_Jy,flux_Jy_error", 1e6),
        ("mjd,band,flux_nJy,e_flux", 1e-3),
    ],
)
def test_columns_are_found_by_name_and_unit(header, unit):
    first, *others = table(header, "59000.5,1,10,1", "2459002,2.0,20,2", "59003,3,30,3")
    (curve,) = first
    assert others == [[]]
    assert (curve.name, curve.redshift, curve.ebv) == ("mine", None, 0.0)
    assert curve.band.tolist() == ["ztfg", "ztfr", "ztfi"]
    np.testing.assert_allclose(curve.mjd, [59000.5, 59001.5, 59003.0], atol=1e-9)
    np.testing.assert_allclose(curve.flux, unit * np.array([10.0, 20.0, 30.0]))
    np.testing.assert_allclose(curve.error, unit * np.array([1.0, 2.0, 3.0]))


def test_zero_points_and_magnitudes_give_the_same_flux():
    by_zp = table("mjd,band,flux,flux_err,zp,zpsys", *[f"5900{i},g,100,5,25,ab" for i in "123"])
    by_mag = table("mjd,band,mag,magerr", *[f"5900{i},g,20,{0.05 * 1.0857362}" for i in "123"])
    for reading in (by_zp, by_mag):
        np.testing.assert_allclose(reading.light_curves[0].flux, AB_ZERO * 1e-8, rtol=1e-12)
        np.testing.assert_allclose(reading.light_curves[0].error, 0.05 * AB_ZERO * 1e-8, rtol=1e-6)


@given(st.floats(10.0, 25.0), st.floats(0.001, 0.5))
def test_a_magnitude_keeps_its_signal_to_noise(mag, error):
    (curve,), _ = table("mjd,band,mag,e_mag", *[f"5900{i},r,{mag!r},{error!r}" for i in "123"])
    np.testing.assert_allclose(curve.flux / curve.error, 2.5 / np.log(10.0) / error)


def test_an_empty_magnitude_is_a_limit():
    lines = ["59000,g,,,19.5", "59001,g,99,99,20", "59002,g,18,0.1,20", "59003,g,,,"]
    (curve,), problems = table("mjd,fid,magpsf,sigmapsf,diffmaglim", *lines)
    assert curve.limit.tolist() == [True, True, False]
    assert curve.flux[:2].tolist() == [0.0, 0.0]
    assert curve.error[0] == pytest.approx(to_flux(19.5) / 5)
    assert [(p.kind, p.row) for p in problems] == [(Kind.NOT_A_NUMBER, 5), (Kind.SINGLE_BAND, None)]


def test_objects_stay_in_order_and_know_their_redshift_and_dust():
    lines = [f"{n},{line},{z},{e}" for line in GOOD for n, z, e in (("B", "", 0.1), ("A", 0.2, ""))]
    lines[2] = lines[2].replace(",,", ",0.3,")  # the second row of B knows it
    (b, a), problems = table(f"objectId,{HEADER},redshift,EBV", *lines)
    assert not problems
    assert (b.name, b.redshift, b.ebv) == ("B", 0.3, 0.1)
    assert (a.name, a.redshift, a.ebv) == ("A", 0.2, 0.0)


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("59003,g,nan,1", Kind.NOT_A_NUMBER, "flux = nan"),
        ("59003,g,,1", Kind.NOT_A_NUMBER, "flux = ,"),
        ("59003,g,1,inf", Kind.NOT_A_NUMBER, "error = inf"),
        ("soon,g,1,1", Kind.NOT_A_NUMBER, "mjd = soon"),
        ("59003,g,1,-2", Kind.BAD_ERROR, "error = -2.0, allowed: above 0"),
        ("59003,g,1,0", Kind.BAD_ERROR, "error = 0.0, allowed: above 0"),
        ("59003,K,1,1", Kind.UNKNOWN_BAND, "band = K, allowed: ztfg"),
        ("59003,g,1", Kind.UNREADABLE, "3 cells, allowed: 4"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_read(line, kind, words):
    (curve,), (problem,) = table(HEADER, "# a comment", GOOD[0], line, *GOOD[1:])
    assert len(curve) == 3
    assert (problem.kind, problem.name, problem.row) == (kind, "mine", 4)
    assert words in problem.message


@pytest.mark.parametrize(
    ("lines", "kinds", "length"),
    [
        (GOOD[:1], [Kind.TOO_FEW], None),
        ([GOOD[0], GOOD[2], "59009,g,1,1"], [Kind.SINGLE_BAND], 3),
        (GOOD[::-1], [Kind.UNSORTED], 3),
    ],
)
def test_an_odd_object_is_named_and_the_others_are_read(lines, kinds, length):
    rows = [f"odd,{line}" for line in lines] + [f"fine,{line}" for line in GOOD]
    curves, problems = table(f"name,{HEADER}", *rows)
    assert [(p.kind, p.name) for p in problems] == [(kind, "odd") for kind in kinds]
    lengths = {curve.name: len(curve) for curve in curves}
    assert lengths == ({"fine": 3} if length is None else {"odd": length, "fine": 3})
    assert all((np.diff(curve.mjd) > 0).all() for curve in curves)


def test_a_missing_column_is_guessed():
    with pytest.raises(ValueError, match=r"found: mjd, bnad, flux, flux_err; needed: .*") as error:
        table("mjd,bnad,flux,flux_err", *GOOD)
    assert "bnad: did you mean band?" in str(error.value)


def test_vega_zero_points_are_refused():
    with pytest.raises(ValueError, match="zpsys = vega, allowed: ab"):
        table(f"{HEADER},zp,zpsys", "59000,g,1,1,25,vega")


@pytest.mark.parametrize("separator", [",", "\t", "  ", ";"])
def test_names_and_endings(tmp_path, separator):
    text = "\n".join([HEADER, *GOOD]).replace(",", separator)
    (tmp_path / "one.dat").write_text("\ufeff" + text)
    (tmp_path / "two.csv.gz").write_bytes(gzip.compress(text.encode()))
    curves, problems = read(tmp_path)
    assert not problems
    assert [(curve.name, len(curve)) for curve in curves] == [("one", 3), ("two", 3)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b" \n", "empty"),
        (
            "cut.csv.gz",
            gzip.compress(b"mjd,band,flux,flux_err\n" * 99, mtime=0)[:-9],
            "gzip file is damaged",
        ),
        ("image.fits", bytes(range(128, 256)), "not text"),
        ("list.txt", b"ZTF18aaadqua,0.07,26.7987\n", "columns found: ZTF18aaadqua"),
        ("cut.json", b'[{"candidate": ', "damaged JSON"),
        ("other.json", b'{"name": 3}', "keys found: name; needed: candidate"),
        ("comments.txt", b"# nothing\n", "comments only"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_an_unreadable_file_is_named_and_the_others_are_read(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    curves, (problem,) = read(tmp_path / name)
    assert not curves
    assert (problem.kind, problem.name) == (Kind.UNREADABLE, name)
    assert words in problem.message
    with pytest.raises(ValueError, match="no light curves, known are tables") as error:
        read(tmp_path)
    assert words in str(error.value)
    (tmp_path / "good.csv").write_text("\n".join([HEADER, *GOOD]))
    assert [curve.name for curve in read(tmp_path).light_curves] == ["good"]


def test_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.csv")
    (tmp_path / ".hidden").write_text("x")
    with pytest.raises(ValueError, match="no light curves") as error:
        read(tmp_path)
    assert FORMATS in str(error.value)


def test_facts_of_another_table_count_first(tmp_path):
    file, facts = tmp_path / "SN1.csv", tmp_path / "facts.csv"
    file.write_text("\n".join([f"{HEADER},z,ebv", *(f"{line},0.5,0.7" for line in GOOD)]))
    facts.write_text('Name,ref,z,ebv_sfd\nSN1,"a, b",0.1,\nSN2,c,-1,0.02\n')
    known = read_facts(facts)
    assert known == {"SN1": Facts(0.1, None), "SN2": Facts(None, 0.02)}
    (curve,), _ = read(file, facts=known)
    assert (curve.redshift, curve.ebv) == (0.1, 0.7)
    facts.write_text("name,redsift\nSN1,0.1\n")
    with pytest.raises(ValueError, match=r"facts.csv: columns found: name, redsift; needed: name"):
        read_facts(facts)


def test_public_disruptions(data):
    facts = read_facts(data / "tde" / "sources_meta.csv")
    curves, problems = read(data / "tde" / "ztf_forced_photometry.csv.gz", facts=facts)
    assert (len(curves), sum(map(len, curves))) == (42, 52_126)
    assert {p.kind for p in problems} <= {Kind.SINGLE_BAND, Kind.UNSORTED}
    opy = next(curve for curve in curves if curve.name == "AT2020opy")
    assert (len(opy), opy.redshift) == (1506, 0.159)
    assert opy.ebv == pytest.approx(0.0555, abs=1e-4)
    peak = opy.take((np.abs(opy.mjd - 59089.0) < 10) & (opy.band == "ztfg"))
    assert 50.0 < np.median(peak.flux) < 500.0  # about 19.4 mag


def test_public_supernovae(data):
    curves, problems = read(data / "sne_ia")
    assert (len(curves), sum(map(len, curves))) == (180, 22_162)
    assert [p.name for p in problems if p.kind is Kind.UNREADABLE] == ["samplefile.txt"]
    assert all(58_000 < curve.mjd[0] < 58_600 for curve in curves)
    peaks = [np.max(curve.flux[curve.flux > 5 * curve.error]) for curve in curves]
    assert to_flux(20.0) < np.median(peaks) < to_flux(17.0)


def test_readers_need_no_jax():
    code = "import sys, surrogate.transients.readers; assert 'jax' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
