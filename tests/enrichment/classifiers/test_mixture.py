import numpy as np
import pytest

from surrogate.enrichment.classifiers.generative import Observed, fit_generative, observe
from surrogate.enrichment.classifiers.mixture import mix, mixtures_of, r_shares

from .conftest import ELEMENTS, R, S


@pytest.fixture(scope="module")
def mixtures(patterns):
    return mixtures_of(fit_generative(patterns, ELEMENTS), size=16)


def mixed(log_ratio):
    """An r and an s pattern with that ratio of their europium, and the r shares."""
    r, s = (np.array(p) - p[ELEMENTS.index("Eu")] for p in (R, S))
    atoms = 10.0 ** (r + log_ratio) + 10.0**s
    return np.log10(atoms), 10.0 ** (r + log_ratio) / atoms


def test_atoms_add_up():
    total, share = mixed(0.7)
    found, shares = mix(np.float32(R), np.float32(S), np.float32(0.7))
    np.testing.assert_allclose(found, total, atol=1e-5)
    np.testing.assert_allclose(shares, share, atol=1e-5)


@pytest.mark.parametrize("log_ratio", [-0.7, 0.0, 0.7, 1.5])
def test_the_share_is_recovered(mixtures, star_of, log_ratio):
    total, share = mixed(log_ratio)
    answer = r_shares(mixtures, observe(star_of(total, error=0.05), ELEMENTS))
    for element in ("Eu", "Ba"):
        low, _, high = (float(v[0]) for v in answer.shares[element])
        # The interval holds 68 per cent; twice as wide it should hold the truth.
        true, width = share[ELEMENTS.index(element)], high - low
        assert low - width <= true <= high + width
        assert high - low < 0.6


def test_pure_stars(mixtures, star_of):
    answer = r_shares(mixtures, observe(star_of(R, S, error=0.05), ELEMENTS))
    assert answer.shares["Eu"].median[0] > 0.9
    assert answer.shares["Ba"].median[1] < 0.1


def test_errors_widen_the_interval(mixtures, star_of):
    total, _ = mixed(0.5)
    widths = []
    for error in (0.05, 0.2, 0.8):
        share = r_shares(mixtures, observe(star_of(total, error=error), ELEMENTS)).shares["Eu"]
        widths.append(float(share.high[0] - share.low[0]))
    assert widths == sorted(widths)


def test_a_mixture_is_better_explained_by_one(patterns, mixtures, star_of):
    from surrogate.enrichment.classifiers.generative import log_density

    model = fit_generative(patterns, ELEMENTS)
    seen = observe(star_of(mixed(0.8)[0], R, S, error=0.05), ELEMENTS)
    evidence, pure = r_shares(mixtures, seen).log_evidence, log_density(model, seen)
    assert evidence[0] > pure[0, :2].max()
    assert evidence[1] < pure[1, 0]
    assert evidence[2] < pure[2, 1]


def test_too_little_measured(mixtures):
    row = np.full((1, len(ELEMENTS)), np.nan)
    row[0, 0] = 1.0
    answer = r_shares(mixtures, Observed(row, np.full(row.shape, 0.1)))
    assert np.isnan(answer.shares["Eu"].median).all()
    assert np.isnan(answer.log_evidence).all()
