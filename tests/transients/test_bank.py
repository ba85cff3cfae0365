"""The bank: what is in it, what is dark, what is there twice, and its file."""

import jax
import numpy as np
import pytest

from surrogate.transients.bank import (
    WINDOW,
    Bank,
    paper_grid,
    simulate_bank,
    simulate_light,
)
from surrogate.transients.flare import Physics, Site, rate_to_light, simulate
from surrogate.transients.templates import BankTemplates, daily


def test_papers_grid():
    grid = paper_grid()
    assert grid.shape == (8 * 16 * 12 * 12, 4)
    assert len(np.unique(grid, axis=0)) == len(grid)
    assert set(grid[:, 1]) == {a * 10.0**k for k in range(1, 9) for a in (5.0, 10.0)}
    assert grid[:, 2].min() == 0.0
    assert grid[:, 2].max() == pytest.approx(np.pi)
    assert grid[:, 3].max() == pytest.approx(2.0 * np.pi)


def test_light_curves_are_those_of_single_simulations(bank):
    one = jax.jit(lambda site: simulate(site, bank.times, 1.0, bank.physics))
    for row in range(0, len(bank.light), 4):
        alone = np.asarray(one(Site(*bank.sites[bank.first[row]])))
        np.testing.assert_allclose(bank.light[row], alone, atol=4e-3 * alone.max())


def test_dark_simulations_accrete_next_to_nothing_in_time():
    sites = np.array([[1e9, 1e6, 0.3, 0.0], [1e7, 50.0, 0.3, 0.0]])
    bank = simulate_bank(sites, physics=Physics(particles=200))
    assert bank.dark.tolist() == [True, False]
    whole = float(rate_to_light(1.0, 1.0, bank.physics)) * np.log(10.0)
    light = simulate_light(sites, bank.physics)
    share = np.trapezoid(light, bank.times, axis=1) / whole
    assert share[0] < 1e-3
    assert 0.4 < share[1] <= 0.51  # half of the ring flies inwards


def test_azimuth_and_mirror_image_are_duplicates():
    angles = [(0.5, 0.0), (0.5, 2.0), (np.pi - 0.5, 1.0), (0.9, 0.0)]
    sites = np.array([[1e7, 100.0, theta, phi] for theta, phi in angles])
    bank = simulate_bank(sites, physics=Physics(particles=200))
    assert bank.duplicate.tolist() == [False, True, True, False]
    assert bank.curve_weight.tolist() == pytest.approx([0.75, 0.25])
    drifting = simulate_bank(sites, physics=Physics(particles=200, drift=0.7))
    assert not drifting.duplicate.any()


def test_weights_of_lit_and_dark_add_up(bank):
    assert bank.weight.sum() == pytest.approx(1.0)
    assert bank.curve_weight.sum() == pytest.approx(bank.weight[~bank.dark].sum())


@pytest.mark.slow
def test_drawn_speeds_are_reproducible_and_differ_between_duplicates():
    sites = np.array([[1e7, 100.0, 0.5, phi] for phi in (0.0, 1.0, 2.0)])
    banks = [simulate_bank(sites, key=jax.random.key(seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(banks[0].light, banks[1].light)
    assert not np.array_equal(banks[0].light, banks[2].light)
    assert len(banks[0].light) == 3


def test_file_keeps_everything(bank, tmp_path):
    file = tmp_path / "new" / "bank.h5"
    bank.save(file)
    again = Bank.load(file)
    for name in ("sites", "weight", "times", "light", "curve"):
        np.testing.assert_array_equal(getattr(again, name), getattr(bank, name))
    assert again.physics == bank.physics
    assert [f.name for f in file.parent.iterdir()] == ["bank.h5"]


def test_other_files_are_refused(tmp_path):
    import h5py

    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["times"] = [1.0]
    with pytest.raises(ValueError, match=r"no bank, it has no sites.*surrogate transients bank"):
        Bank.load(tmp_path / "other.h5")


def test_days_keep_the_light(bank):
    mean = daily(bank)
    assert mean.shape == (len(bank.light), int(WINDOW))
    np.testing.assert_allclose(
        mean.sum(axis=1), np.trapezoid(bank.light, bank.times, axis=1), rtol=1e-4
    )


def test_bank_without_light_has_no_templates():
    dark = simulate_bank(np.array([[1e9, 1e8, 0.3, 0.0]]), physics=Physics(particles=64))
    assert len(BankTemplates(dark)) == 0


@pytest.mark.slow
def test_whole_paper_bank():
    bank = simulate_bank()
    assert len(bank) == 18_432
    assert 0.15 < 1.0 - bank.dark.mean() < 0.25
    # theta has 6 values that differ, phi none.
    assert len(bank.light) * 20 < (~bank.dark).sum() + 24 * 60
    assert np.isfinite(bank.light).all()
