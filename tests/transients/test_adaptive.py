"""Boxes tile the domain, and are small where light curves differ."""

import numpy as np
import pytest

from surrogate.transients.adaptive import (
    COARSE,
    HALVINGS,
    Bounds,
    adaptive_bank,
    draw_sites,
    effectualness,
    refine,
)
from surrogate.transients.bank import Bank, simulate_bank
from surrogate.transients.flare import Physics
from surrogate.transients.templates import daily

QUICK = Physics(particles=200)
WINDOW = 500.0
NEAR = Bounds((1e6, 1e7), (100.0, 1e4))
"""Half of it is lit."""


@pytest.fixture(scope="module")
def boxes():
    return {
        tolerance: refine(tolerance, QUICK, bounds=NEAR, window=WINDOW) for tolerance in (0.3, 0.04)
    }


@pytest.fixture(scope="module")
def lit():
    """Daily light curves of collisions from the prior."""
    sites = draw_sites(np.random.default_rng(0), 400, NEAR)
    return daily(simulate_bank(sites, physics=QUICK, window=WINDOW))


@pytest.mark.slow
def test_boxes_tile_the_domain(boxes):
    low, high = NEAR.corners
    found = boxes[0.04]
    assert found.volume.sum() == pytest.approx(np.prod(high - low))
    # Every point lies in one box.
    points = np.random.default_rng(1).uniform(low, high, (500, 3))[:, None]
    inside = np.all((found.low <= points) & (points < found.high), axis=2)
    assert (inside.sum(axis=1) == 1).all()


@pytest.mark.slow
def test_the_mismatch_within_a_box_is_small(boxes):
    size = (NEAR.corners[1] - NEAR.corners[0]) / COARSE * 0.5**HALVINGS
    for tolerance, found in boxes.items():
        smallest = found.high - found.low < 1.5 * size
        # 1 is the edge of the dark, along which no box is halved.
        fine = (found.mismatch <= tolerance) | (found.mismatch == 1.0) | smallest
        assert fine.all()
        assert not smallest.any(axis=1).all()
    assert len(boxes[0.3].low) < len(boxes[0.04].low)


@pytest.mark.slow
def test_halves_are_measured_as_simulated(boxes):
    # The mismatch of a box along theta is that of the two points with its centre.
    found = boxes[0.04]
    bank = simulate_bank(found.sites, found.volume, QUICK, window=WINDOW)
    row = int(np.argmax(~bank.dark & (found.mismatch[:, 2] < 1.0) & (found.mismatch[:, 2] > 0.0)))
    quarter = (found.high - found.low)[row, 2] / 4.0
    sites = found.sites[[row, row]] + np.outer([-1.0, 1.0], [0.0, 0.0, quarter, 0.0])
    centre = Bank(**{**vars(bank), "light": bank.light[[bank.curve[row]]]})
    mismatch, _ = effectualness(centre, daily(simulate_bank(sites, physics=QUICK, window=WINDOW)))
    assert mismatch.max() == pytest.approx(found.mismatch[row, 2], abs=1e-5)


@pytest.mark.slow
def test_the_worst_boxes_are_halved_first():
    # All that is found may be halved, but for what meets the dark.
    coarse = refine(0.99, QUICK, bounds=NEAR, window=WINDOW)
    found = refine(0.04, QUICK, bounds=NEAR, window=WINDOW, most=1040)
    assert len(coarse.low) == 1024
    assert len(found.low) == 1040
    assert found.volume.sum() == pytest.approx(coarse.volume.sum())
    worst = np.where(coarse.mismatch < 1.0, coarse.mismatch, 0.0).max(axis=1)
    kept = {tuple(corners) for corners in np.hstack([found.low, found.high]).tolist()}
    halved = [tuple(c) not in kept for c in np.hstack([coarse.low, coarse.high]).tolist()]
    assert sum(halved) == 16
    assert worst[halved].min() >= np.delete(worst, np.flatnonzero(halved)).max()


@pytest.mark.slow
def test_the_bank_covers_its_prior(boxes, lit):
    told = []
    bank = adaptive_bank(
        0.04, QUICK, bounds=NEAR, window=WINDOW, report=lambda *boxes: told.append(boxes)
    )
    assert told[-1] == (len(bank), 20_000)
    np.testing.assert_allclose(bank.sites, boxes[0.04].sites)
    assert bank.weight.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(bank.weight, boxes[0.04].volume / boxes[0.04].volume.sum())
    assert bank.curve_weight.sum() == pytest.approx(len(lit) / 400, abs=0.08)
    mismatch, nearest = effectualness(bank, lit)
    assert np.quantile(mismatch, 0.95) < 0.04
    assert nearest.max() < len(bank.light)
    # Its own light curves are their own nearest ones.
    mismatch, nearest = effectualness(bank, daily(bank)[:5])
    np.testing.assert_allclose(mismatch, 0.0, atol=1e-5)


@pytest.mark.slow
def test_as_good_as_a_uniform_grid_of_as_many_curves_and_better_than_the_papers():
    # Not better: mismatches are spread evenly enough that equal cells do as well.
    shapes = daily(simulate_bank(draw_sites(np.random.default_rng(2), 1000), physics=QUICK))
    bank = adaptive_bank(0.3, QUICK)
    worst = np.quantile(effectualness(bank, shapes)[0], 0.95)
    corners = Bounds().corners
    axes = [
        low + (high - low) * (np.arange(n) + 0.5) / n
        for low, high, n in zip(*corners, COARSE, strict=True)
    ]
    log_m, log_r, theta = (axis.ravel() for axis in np.meshgrid(*axes, indexing="ij"))
    grid = simulate_bank(
        np.stack([10.0**log_m, 10.0**log_r, theta, 0.0 * theta], axis=1), physics=QUICK
    )
    assert len(grid.light) == pytest.approx(len(bank.light), rel=0.1)
    assert worst < 1.2 * np.quantile(effectualness(grid, shapes)[0], 0.95)
    paper = simulate_bank(physics=QUICK)
    assert len(paper.light) == pytest.approx(len(bank.light), rel=0.3)
    assert worst < np.quantile(effectualness(paper, shapes)[0], 0.95)


@pytest.mark.slow
def test_no_light_at_all():
    bank = adaptive_bank(0.1, QUICK, bounds=Bounds((1e8, 1e9), (1e7, 1e8)))
    assert len(bank) == np.prod(COARSE)
    assert bank.dark.all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tolerance": 0.0}, "tolerance = 0.0, allowed: 0 to 1"),
        ({"physics": Physics(drift=0.5)}, "drift = 0.5, allowed in an adaptive bank: 0"),
        ({"most": 1000}, "most = 1000, allowed: at least 1024"),
        ({"window": 0.5}, "window = 0.5 days, allowed: at least 2"),
        ({"bounds": Bounds(r_init=(2.0, 1e3))}, r"bounds.r_init = \(2, 1000\), allowed: 3 < least"),
        ({"bounds": Bounds((1e9, 1e6))}, r"bounds.black_hole = \(1e\+09, 1e\+06\), allowed"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        adaptive_bank(**arguments)
