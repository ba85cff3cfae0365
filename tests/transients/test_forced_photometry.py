"""Tables of the ZTF forced-photometry service: units, cuts, and what is null."""

import numpy as np
import pytest

from surrogate.transients.photometry import AB_ZERO, Kind
from surrogate.transients.readers import read
from surrogate.transients.readers.ztf import read_forced_photometry

NAMES = (
    "index, field, ccdid, qid, filter, pid, infobitssci, sciinpseeing, scibckgnd, scisigpix, "
    "zpmaginpsci, zpmaginpsciunc, zpmaginpscirms, clrcoeff, clrcoeffunc, ncalmatches, exptime, "
    "adpctdif1, adpctdif2, diffmaglim, zpdiff, programid, jd, rfid, forcediffimflux, "
    "forcediffimfluxunc, forcediffimsnr, forcediffimchisq, procstatus"
)
COMMENTS = (
    "# Requested input R.A. = 35.2 degrees\n# forcediffimflux = flux in the difference image [DN]\n"
)


def line(index, band="ZTF_g", **values):
    filled = dict.fromkeys(NAMES.split(", "), "1") | {
        **{"index": index, "filter": band, "jd": 2459000.5 + index, "zpdiff": 26.0},
        **{"infobitssci": 0, "scisigpix": 8, "sciinpseeing": 2},
        **{"forcediffimflux": 100.0, "forcediffimfluxunc": 10.0, "diffmaglim": 20.5},
    }
    return " ".join(str(value) for value in (filled | values).values())


GOOD = [line(0), line(1, "ZTF_r"), line(2, "ZTF_i")]


@pytest.mark.parametrize("header", [f" {NAMES}\n", f"# {NAMES}\n", NAMES.replace(",", "") + "\n"])
@pytest.mark.parametrize("separator", [" ", ", "])
def test_fluxes_are_in_microjanskys(tmp_path, header, separator):
    lines = [row.replace(" ", separator) for row in GOOD]
    (tmp_path / "req1_lc.txt").write_text(COMMENTS + header + "\n".join(lines))
    (curve,), problems = read(tmp_path / "req1_lc.txt")
    assert not problems
    assert (curve.name, curve.bands) == ("req1_lc", ("ztfg", "ztfr", "ztfi"))
    np.testing.assert_allclose(curve.mjd, [59000.0, 59001.0, 59002.0])
    np.testing.assert_allclose(curve.flux, 100 * AB_ZERO * 10 ** (-0.4 * 26.0))
    np.testing.assert_allclose(curve.error, curve.flux / 10)


@pytest.mark.parametrize(
    ("bad", "fine"),
    [
        ({"infobitssci": 33554432}, {"infobitssci": 33554431}),
        ({"scisigpix": 25.1}, {"scisigpix": 25.0}),
        ({"sciinpseeing": 4.1}, {"sciinpseeing": 4.0}),
    ],
)
def test_poor_exposures_are_left_out_without_a_word(bad, fine):
    text = "\n".join([NAMES, *GOOD, line(3, **bad), line(4, **fine)])
    (curve,), problems = read_forced_photometry(text, "mine")
    assert not problems
    assert curve.mjd[-1] == 59004.0
    assert len(curve) == 4


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        ({"forcediffimflux": "null"}, Kind.NOT_A_NUMBER, "flux = null"),
        ({"forcediffimfluxunc": "null"}, Kind.NOT_A_NUMBER, "error = null"),
        ({"zpdiff": "null"}, Kind.NOT_A_NUMBER, "at zpdiff null"),
        ({"forcediffimfluxunc": "-99999"}, Kind.BAD_ERROR, "allowed: above 0"),
        ({"band": "ZTF_z"}, Kind.UNKNOWN_BAND, "band = ZTF_z"),
        ({"jd": "1 2"}, Kind.UNREADABLE, "30 cells, allowed: 29"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_read(values, kind, words):
    text = COMMENTS + "\n".join([NAMES, line(3, **values), *GOOD])
    (curve,), (problem,) = read_forced_photometry(text, "mine")
    assert len(curve) == 3
    assert (problem.kind, problem.row) == (kind, 4)
    assert words in problem.message


def test_the_header_must_be_there():
    with pytest.raises(ValueError, match="needed: jd, filter, forcediffimflux"):
        read_forced_photometry("\n".join(GOOD), "mine")
