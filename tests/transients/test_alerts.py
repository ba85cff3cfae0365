"""Alerts of ZTF and objects of Lasair: signs, limits, duplicates, redshifts."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from surrogate.transients.photometry import Kind, to_flux
from surrogate.transients.readers import read
from surrogate.transients.readers.alerts import read_alerts


@pytest.fixture(scope="module")
def data(public_data) -> Path:
    """The folder with the public alerts; skips the test where it is not at hand."""
    return public_data("transients")


def detection(day, fid=1, mag=19.0, **values):
    own = {"jd": 2459000.5 + day, "fid": fid, "magpsf": mag, "sigmapsf": 0.1, "candid": 7}
    return own | {"isdiffpos": "t", "diffmaglim": 20.5} | values


def limit(day, fid=1, **values):
    own = {"jd": 2459000.5 + day, "fid": fid, "diffmaglim": 20.5}
    return own | {"candid": None, "magpsf": None, "sigmapsf": None} | values


def packet(*points, name="ZTF1", **values):
    return {"objectId": name, "candidate": points[0], "prv_candidates": [*points[1:]]} | values


def read_packets(*packets):
    return read_alerts(json.dumps([*packets]), "stem")


@pytest.mark.parametrize(
    ("sign", "expected"),
    [("t", 1), ("1", 1), (1, 1), (True, 1), ("f", -1), ("0", -1), (0, -1), (False, -1), (-1, -1)],
)
def test_the_sign_is_that_of_the_difference(sign, expected):
    points = [detection(day, day, isdiffpos=sign) for day in (3, 1, 2)]
    (curve,), problems = read_packets(packet(*points))
    assert not problems  # the order within a packet is no fault
    np.testing.assert_allclose(curve.mjd, [59001.0, 59002.0, 59003.0])
    np.testing.assert_allclose(curve.flux, expected * to_flux(19.0))
    np.testing.assert_allclose(curve.error, to_flux(19.0) * 0.1 * math.log(10) / 2.5)


def test_packets_of_one_object_are_joined_and_exposures_count_once():
    first = packet(detection(1), limit(0), limit(2))
    second = packet(detection(2), limit(0), detection(1, jd=2459001.5000001), detection(2, fid=2))
    (curve,), problems = read_packets(first, second, packet(detection(1), name="ZTF2"))
    assert [p.kind for p in problems] == [Kind.TOO_FEW]
    assert curve.name == "ZTF1"
    found = list(zip(curve.mjd.round(3), curve.band, curve.limit, strict=True))
    expected = [(59000, "ztfg", True), (59001, "ztfg", False), (59002, "ztfg", False)]
    assert found == [*expected, (59002, "ztfr", False)]
    assert curve.error[0] == pytest.approx(to_flux(20.5) / 5)


@pytest.mark.parametrize(
    ("point", "kind", "words"),
    [
        (detection(4, magpsf="bright"), Kind.NOT_A_NUMBER, "flux = bright mag"),
        (detection(4, magpsf=-999), Kind.NOT_A_NUMBER, "flux = -999 mag"),
        (detection(4, sigmapsf=None), Kind.NOT_A_NUMBER, "error = None mag"),
        (detection(4, sigmapsf=-0.1), Kind.BAD_ERROR, "allowed: above 0"),
        (detection(4, isdiffpos=None), Kind.NOT_A_NUMBER, "isdiffpos = None, allowed: t"),
        (detection(4, jd=None), Kind.NOT_A_NUMBER, "mjd = None"),
        (detection(4, fid=4), Kind.UNKNOWN_BAND, "band = 4"),
        (limit(4, diffmaglim=None), Kind.NOT_A_NUMBER, "flux = None mag"),
    ],
)
def test_a_bad_measurement_is_named_and_the_others_are_read(point, kind, words):
    (curve,), (problem,) = read_packets(packet(detection(1), point, detection(2, 2), limit(3)))
    assert len(curve) == 3
    assert (problem.kind, problem.name, problem.row) == (kind, "ZTF1", 2)
    assert words in problem.message


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ({"TNS": {"z": 0.031}, "sherlock": {"z": 0.03}}, 0.031),
        ({"TNS": {"z": None}, "sherlock": {"z": 0.03}}, 0.03),
        ({"TNS": [], "sherlock": {"z": -1}}, None),
        ({"lasairData": {"TNS": [{"z": 0.2}], "sherlock": {"z": 0.03}}}, 0.2),
        ({}, None),
    ],
)
def test_lasair_objects(wrapped, added, expected):
    # Lasair writes the limit into magpsf too.
    points = [detection(3), limit(2, magpsf=20.5), detection(1, 2, candid=None)]
    reply = {"objectId": "ZTF3", "candidates": points, "objectData": {"ebv": 0.2}} | added
    (curve,), problems = read_alerts(json.dumps([reply] if wrapped else reply), "stem")
    assert not problems
    assert curve.limit.tolist() == [False, True, False]
    assert (curve.name, curve.redshift, curve.ebv) == ("ZTF3", expected, 0.2)


def test_lasair_objects_of_lsst():
    source = {"psfFlux": -2000.0, "psfFluxErr": 100.0, "midpointMjdTai": 61000.25, "band": "u"}
    forced = source | {"psfFlux": 0.0}
    reply = {
        "diaObjectId": 3134,
        "diaSourcesList": [source, source | {"band": "y"}, source | {"psfFluxErr": None}],
        "diaForcedSourcesList": [forced, forced | {"midpointMjdTai": 61001.0}],
    }
    (curve,), problems = read_alerts(json.dumps(reply), "stem")
    assert not problems  # the third source is the first one once more
    assert curve.name == "3134"
    assert curve.band.tolist() == ["lsstu", "lssty", "lsstu"]
    assert curve.flux.tolist() == [-2.0, -2.0, 0.0]
    assert curve.error.tolist() == pytest.approx([0.1, 0.1, 0.1])


def test_other_packets_are_named_and_the_others_are_read():
    good = packet(detection(1), detection(2), detection(3, 2))
    (curve,), problems = read_packets({"name": 1}, good, 5)
    assert len(curve) == 3
    assert [(p.kind, p.row) for p in problems] == [(Kind.UNREADABLE, 1), (Kind.UNREADABLE, 3)]
    assert "keys found: name; needed: candidate" in problems[0].message


@pytest.mark.parametrize("text", ["[]", "{}", "[3]", '{"candidate": ', "nothing"])
def test_what_is_no_packet(text):
    with pytest.raises(ValueError, match=r"empty list|keys found|damaged JSON"):
        read_alerts(text, "stem")


@pytest.mark.parametrize("odd", [None, 3, "text", {}, [3]])
def test_odd_packets_do_not_stop_reading(odd):
    reply = {"objectId": "ZTF4", "candidates": odd, "TNS": odd, "lasairData": odd}
    curves, problems = read_alerts(json.dumps(reply), "stem")
    assert not curves
    assert [(p.kind, p.name) for p in problems] == [(Kind.TOO_FEW, "ZTF4")]


def test_public_alerts(data):
    (curve,), problems = read(data / "tde" / "ZTF20achpcvt_alerts.json")
    assert not problems
    # 367 candidates, of which 132 repeat others.
    assert (curve.name, len(curve), int(curve.limit.sum())) == ("ZTF20achpcvt", 235, 90)
    assert (curve.flux[~curve.limit] > 0).all()
    curves, problems = read(data / "lasair" / "example_ingested.json")
    assert not problems
    assert [(c.name, len(c)) for c in curves] == [("ZTF18aapubnx", 8), ("ZTF18ablwvcl", 5)]


def test_public_reply_of_lasair(data):
    text = (data / "lasair" / "ZTF23aabplmy.md").read_text().split("```")[1]
    curves, (problem,) = read_alerts(text, "stem")
    assert not curves  # one detection and one limit
    assert (problem.kind, problem.name) == (Kind.TOO_FEW, "ZTF23aabplmy")
    reply = json.loads(text)[0]
    reply["candidates"].append(reply["candidates"][0] | {"mjd": 59990.0})
    (curve,), _ = read_alerts(json.dumps(reply), "stem")
    assert curve.redshift == 0.031
    assert curve.flux[0] == pytest.approx(to_flux(16.82115))
    assert curve.limit.tolist() == [False, True, False]
