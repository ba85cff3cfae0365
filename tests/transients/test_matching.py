"""Matching: transforms against sums, and what comes back of injected flares."""

import numpy as np
import pytest

from surrogate.transients.injection import Survey
from surrogate.transients.matching import scan, seen_as
from surrogate.transients.nights import by_night
from surrogate.transients.photometry import LightCurve
from surrogate.transients.templates import TEMPERATURES


def brute_gain(nights, templates, shape, start, temperature):
    """Fall of chi^2 at a whole day, summed night by night."""
    days = nights.cell - start
    inside = (days >= 0) & (days < templates.days)
    light = np.where(inside, templates.shapes[shape][np.clip(days, 0, templates.days - 1)], 0.0)
    model = light * seen_as(nights, 0.0, temperature)
    weight = 1.0 / nights.error**2
    S = np.sum(weight * model**2)
    if S == 0.0:
        return 0.0
    A = np.clip(np.sum(weight * nights.flux * model) / S, *templates.amplitudes)
    return float(2.0 * A * np.sum(weight * nights.flux * model) - A**2 * S)


def test_transforms_are_sums_over_nights(templates, observe):
    nights = by_night(observe(5, survey=Survey(years=0.8)), 0.08)
    found = scan(nights, templates)
    row = TEMPERATURES.index(2.0e4)
    for shape in range(0, len(templates), 3):
        starts = np.arange(-templates.days + 1, nights.days)
        sums = [brute_gain(nights, templates, shape, start, 2.0e4) for start in starts]
        assert found.gain[row, shape] == pytest.approx(max(sums), rel=2e-3, abs=0.5)
        # Starts of equal gain may be exchanged by rounding.
        there = sums[int(found.start[row, shape]) + templates.days - 1]
        assert there == pytest.approx(max(sums), rel=2e-3, abs=0.5)


def test_bright_flare_is_found_where_it_is(templates, observe):
    sharpest = templates.shapes.max(axis=1) / templates.shapes.sum(axis=1)
    slow = np.flatnonzero(sharpest < 0.1)  # days are the scan's resolution
    assert len(slow) > 10
    for shape in slow:
        curve = observe(shape, ejecta=0.05, start=150.0)
        if np.max(curve.flux / curve.error) < 20.0:
            continue
        found = scan(by_night(curve, 0.08, model_error=0.0), templates)
        best = np.unravel_index(found.gain.argmax(), found.gain.shape)
        close = found.gain[:, shape].max() > found.gain[best] - 0.02 * found.gain[best]
        assert close, f"{templates.sites[shape]} taken for {templates.sites[best[1]]}"


def test_stretch_by_redshift_is_taken_out(templates, observe):
    for z in (0.02, 0.3):
        curve = observe(9, ejecta=0.3 if z > 0.1 else 0.01, z=z)
        found = scan(by_night(curve, z, 0.0), templates)
        assert found.log_posterior.max(axis=0).argmax() == 9


def test_limits_rule_flares_out(templates, observe):
    """Deep limits where a flare would have been seen take its evidence away."""
    curve = observe(9, ejecta=0.03)
    empty = LightCurve(
        "limits",
        curve.mjd,
        curve.band,
        np.zeros(len(curve)),
        np.full(len(curve), 2.0),
        np.ones(len(curve), bool),
        0.08,
    )
    assert scan(by_night(curve, 0.08), templates).log_evidence > 50.0
    assert scan(by_night(empty, 0.08), templates).log_evidence < 0.0


def test_posterior_adds_up_to_one(templates, observe):
    found = scan(by_night(observe(3), 0.08), templates)
    assert np.exp(found.log_posterior).sum() == pytest.approx(1.0, rel=1e-5)


def test_evidence_against_a_sum_over_the_prior(templates, observe):
    """The integral over amplitudes is that of a fine grid."""
    nights = by_night(observe(4, ejecta=0.004, survey=Survey(years=0.5)), 0.08)
    found = scan(nights, templates, temperatures=(2.0e4,))
    low, high = templates.amplitudes
    A = np.exp(np.linspace(np.log(low), np.log(high), 4001))
    weight = 1.0 / nights.error**2
    per_light = seen_as(nights, 0.0, 2.0e4)
    log_z = []
    for start in range(-templates.days + 1, nights.days):
        days = nights.cell - start
        inside = (days >= 0) & (days < templates.days)
        light = np.where(inside, templates.shapes[4][np.clip(days, 0, templates.days - 1)], 0)
        model = light * per_light
        B, S = np.sum(weight * nights.flux * model), np.sum(weight * model**2)
        log_z.append(np.log(np.mean(np.exp(A * B - A**2 * S / 2.0 - _TOP))) + _TOP)
    log_z = np.logaddexp.reduce(log_z) - np.log(len(log_z))
    here = found.log_posterior[0, 4] + found.log_evidence - templates.log_weight[4]
    assert here == pytest.approx(log_z, abs=0.35)


_TOP = 300.0


def test_nights_are_weighted_means():
    curve = LightCurve(
        "pair",
        np.array([0.0, 0.1, 0.2, 5.0]),
        np.array(["ztfg", "ztfg", "ztfr", "ztfg"]),
        np.array([1.0, 3.0, 7.0, 100.0]),
        np.array([1.0, 2.0, 1.0, 1.0]),
        np.zeros(4, bool),
    )
    nights = by_night(curve, 0.0, model_error=0.1)
    assert nights.flux.tolist() == pytest.approx([1.4, 7.0, 100.0])
    assert nights.measured.tolist() == pytest.approx([0.8**0.5, 1.0, 1.0])
    # A tenth of the brightest night of the band that is seen at 5 sigma.
    assert nights.error[0] == pytest.approx(np.hypot(0.8**0.5, 10.0))
    assert nights.error[1] == pytest.approx(np.hypot(1.0, 0.7))
    assert nights.days == 6
