"""Approximate neighbours are those that a look at all of them finds."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from surrogate.transients.adaptive import Bounds, draw_sites
from surrogate.transients.bank import Bank, simulate_bank
from surrogate.transients.flare import Physics
from surrogate.transients.neighbours import Index, recall
from surrogate.transients.observer import Spectrum, colours
from surrogate.transients.photometry import LightCurve

Z = 0.1
SPANS = (30.0, 90.0)


@pytest.fixture(scope="module")
def bank():
    sites = draw_sites(np.random.default_rng(0), 120, Bounds((1e6, 1e7), (100.0, 3e3)))
    return simulate_bank(sites, physics=Physics(particles=500))


@pytest.fixture(scope="module")
def index(bank):
    pytest.importorskip("usearch")
    return Index.build(bank, SPANS, threads=1)


def observe(bank, shape, offset, ejecta, days=95.0, error=1e-3, rng=None, z=Z, spectrum=None):
    """Every other day at the source in two bands; errors in units of the brightest night."""
    time = np.arange(0.0, days, 2.0)
    light = ejecta * np.interp(offset + time, bank.times, bank.light[shape])
    flux = np.outer(light, colours(("ztfg", "ztfr"), z, spectrum)).ravel()
    errors = np.full(len(flux), error * flux.max())
    if rng is not None:
        flux = flux + errors * rng.normal(size=len(flux))
    mjd = np.repeat(59_000.0 + (1.0 + z) * time, 2)
    band = np.tile(["ztfg", "ztfr"], len(time))
    return LightCurve("made", mjd, band, flux, errors, np.zeros(len(flux), bool), redshift=z)


def bright_stretches(index, bank, span, error):
    """Rows of stretches all of whose nights are detected."""
    stretches = index.stretches[span]
    ends = [
        np.interp(offset + np.arange(0.0, span + 5.0, 2.0), bank.times, bank.light[shape])
        for shape, offset in zip(stretches.shape, stretches.offset, strict=True)
    ]
    return np.flatnonzero([light.min() > 10.0 * error * light.max() for light in ends])


@pytest.mark.slow
@pytest.mark.parametrize("span", SPANS)
def test_what_was_injected_is_found_first(index, bank, span):
    stretches = index.stretches[span]
    rows = bright_stretches(index, bank, span, 1e-3)
    rows = np.random.default_rng(1).choice(rows, 30, replace=False)
    same = []
    for row in rows:
        shape, offset = stretches.shape[row], stretches.offset[row]
        found = index.query(observe(bank, shape, offset, 0.3, days=span + 5.0))
        assert len(found) == 5
        distances = [neighbour.distance for neighbour in found]
        assert distances == sorted(distances)
        assert found[0].score < 0.1
        # Slow declines resemble each other to less than linear interpolation is worth.
        assert found[0].distance < 0.05
        same.append(found[0].shape == shape and found[0].offset == offset)
        true = [n for n in found if n.shape == shape and n.offset == offset]
        assert all(neighbour.ejecta == pytest.approx(0.3, rel=0.1) for neighbour in true)
    assert np.mean(same) > 0.8


@pytest.mark.slow
@pytest.mark.parametrize(("z", "temperature"), [(0.02, 2e4), (0.3, 2e4), (0.1, 1e4)])
def test_distance_and_colour_are_taken_out(index, bank, z, temperature):
    row = bright_stretches(index, bank, 90.0, 1e-3)[50]
    shape, offset = index.stretches[90.0].shape[row], index.stretches[90.0].offset[row]
    spectrum = Spectrum(temperature)
    curve = observe(bank, shape, offset, 0.05, z=z, spectrum=spectrum)
    (found,) = index.query(curve, 1, spectrum)
    assert (found.shape, found.offset) == (shape, offset)
    assert found.ejecta == pytest.approx(0.05, rel=0.02)
    if z == 0.1:  # taken where it is unknown
        assert index.query(replace(curve, redshift=None), 1, spectrum) == [found]


@pytest.mark.slow
def test_recall_of_noisy_objects(index, bank):
    rng = np.random.default_rng(2)
    rows = rng.choice(bright_stretches(index, bank, 90.0, 0.02), 200)
    stretches = index.stretches[90.0]
    curves = [
        observe(bank, stretches.shape[row], stretches.offset[row], 0.3, error=0.02, rng=rng)
        for row in rows
    ]
    assert recall(index, curves, 5) >= 0.9
    assert recall(index, curves[:10], 1) >= 0.9


def test_days_without_data_are_interpolated(index, bank):
    row = bright_stretches(index, bank, 90.0, 1e-3)[50]
    shape, offset = index.stretches[90.0].shape[row], index.stretches[90.0].offset[row]
    curve = observe(bank, shape, offset, 0.3)
    day = (curve.mjd - curve.mjd[0]) / (1.0 + Z)
    gap = curve.take((day < 40.0) | (day > 55.0))
    np.testing.assert_allclose(index.embed(gap).vector, index.embed(curve).vector, atol=0.02)
    # Nights without a detection count for nothing.
    faint = replace(curve, error=np.where((day < 40.0) | (day > 55.0), curve.error, curve.flux))
    np.testing.assert_allclose(index.embed(faint).vector, index.embed(gap).vector, atol=1e-6)


def test_the_longest_stretch_that_is_covered(index, bank):
    row = bright_stretches(index, bank, 90.0, 1e-3)[50]
    shape, offset = index.stretches[90.0].shape[row], index.stretches[90.0].offset[row]
    spans = [
        index.embed(observe(bank, shape, offset, 0.3, days=d)).span for d in (40.0, 89.0, 95.0)
    ]
    assert spans == [30.0, 30.0, 90.0]
    with pytest.raises(
        ValueError, match=r"made: detected for 20\.0 days at the source, needed: at"
    ):
        index.query(observe(bank, shape, offset, 0.3, days=22.0))


def test_too_little_is_seen(index, bank):
    curve = observe(bank, 0, 100.0, 0.3)
    for rows, nights in ((slice(0, 8), 4), (slice(0, 2), 1)):
        with pytest.raises(ValueError, match=f"made: {nights} nights with a detection, needed: at"):
            index.query(curve.take(rows))
    with pytest.raises(ValueError, match="made: 0 nights with a detection, needed: at least 5"):
        index.query(replace(curve, flux=0.0 * curve.flux))
    with pytest.raises(ValueError, match="k = 0, allowed: at least 1"):
        index.query(curve, 0)


def test_wrong_banks_and_spans(bank):
    pytest.importorskip("usearch")
    for span in (0.0, 2000.0):
        with pytest.raises(ValueError, match=f"span = {span:g} days, allowed: above 0, below 2000"):
            Index.build(bank, [span])
    dark = Bank(**{**vars(bank), "light": bank.light[:0], "curve": np.full(len(bank), -1)})
    with pytest.raises(ValueError, match="the bank has no light curve, needed: at least 1"):
        Index.build(dark)


def test_without_usearch(bank, monkeypatch):
    monkeypatch.setitem(sys.modules, "usearch", None)
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(ImportError, match=r"needs usearch: pip install 'stellar-surrogate\[ann\]'"):
        Index.build(bank)
