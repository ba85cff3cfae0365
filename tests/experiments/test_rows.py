"""The rows that methods are trained and judged on."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def quick(sph_grid_dir, tmp_path_factory):
    from support.rows import load_rows
    from surrogate.reports.run import Run

    return load_rows(Run("table_0", data=sph_grid_dir, out=tmp_path_factory.mktemp("results")))


def test_a_quick_run_takes_a_share_of_every_fate(quick):
    shares = np.bincount(quick.grid.fate) / len(quick.grid)
    for rows in (quick.train, quick.validation):
        assert 500 < len(rows.fate) < 2600
        assert np.bincount(rows.fate) / len(rows.fate) == pytest.approx(shares, abs=0.01)


def test_no_row_is_both_trained_on_and_judged(quick):
    assert not np.isin(quick.split.val, quick.split.train).any()
    assert quick.judged is quick.validation


def test_features_are_standardised_over_the_training_rows(quick):
    assert quick.train.x.mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-12)
    assert quick.train.x.std(axis=0) == pytest.approx(np.ones(5))


def test_fractions_add_up(quick):
    assert quick.train.fractions.sum(axis=1) == pytest.approx(1.0)
