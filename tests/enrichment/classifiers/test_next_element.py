import numpy as np
import pytest

from surrogate.enrichment.classifiers.generative import Generative, Observed
from surrogate.enrichment.classifiers.next_element import next_elements

ELEMENTS = ("Ba", "Eu", "Pb", "Pt", "Dy")
R = (1.0, 0.0, 1.0, 1.0, 0.5)
S = (1.0, 0.0, 3.0, 0.6, 0.5)
"""Lead tells them apart, platinum hardly, dysprosium not at all."""


def model_of(scatter=0.05, label=(0, 1), m=(R, S)):
    return Generative(ELEMENTS, np.array(m), np.array(label), np.array([scatter, scatter, 0.0]))


def star(**values):
    row = np.full((1, len(ELEMENTS)), np.nan)
    for element, value in values.items():
        row[0, ELEMENTS.index(element)] = value
    return Observed(row, np.full(row.shape, 0.1))


def test_the_element_that_tells_them_apart():
    (gains,) = next_elements(model_of(), star(Ba=1.0, Eu=0.0))
    assert [gain.element for gain in gains] == ["Pb", "Pt", "Dy"]
    assert gains[0].information == pytest.approx(1.0, abs=0.01)
    assert gains[0].change == pytest.approx(0.5, abs=0.01)
    assert 0.05 < gains[1].information < 0.9
    assert gains[2].information == pytest.approx(0.0, abs=1e-5)


def test_a_poor_measurement_says_less():
    seen = star(Ba=1.0, Eu=0.0)
    bits = [next_elements(model_of(), seen, error=e)[0][0].information for e in (0.1, 1.0, 3.0)]
    assert bits == sorted(bits, reverse=True)


def test_nothing_is_left_to_learn():
    (gains,) = next_elements(model_of(), star(Ba=1.0, Eu=0.0, Pb=3.0))
    assert all(gain.information < 1e-3 and gain.change < 1e-3 for gain in gains)


def test_measured_elements_are_no_candidates():
    (gains,) = next_elements(model_of(), star(Ba=1.0, Eu=0.0, Pt=0.8))
    assert {gain.element for gain in gains} == {"Pb", "Dy"}


def test_it_is_what_many_measurements_bring():
    # Measure it many times over, of either process, and average what is learnt.
    model, seen = model_of(scatter=0.1), star(Ba=1.0, Eu=0.0)
    gain = next(g for g in next_elements(model, seen, error=0.3)[0] if g.element == "Pt")
    random = np.random.default_rng(0)
    process = random.integers(0, 2, 40_000)
    sigma = np.sqrt(0.1**2 + 0.3**2 + (0.1**2 + 0.1**2) / 2.0)
    offset = 0.0
    y = np.array([R[3], S[3]])[process] + offset + sigma * random.normal(size=len(process))
    logs = np.stack([-0.5 * ((y - m) / sigma) ** 2 for m in (R[3], S[3])])
    p = np.exp(logs - logs.max(axis=0))
    p /= p.sum(axis=0)
    bits = 1.0 + (p * np.log2(np.maximum(p, 1e-300))).sum(axis=0).mean()
    assert gain.information == pytest.approx(bits, abs=0.02)


def test_stars_do_not_depend_on_each_other():
    seen = [star(Ba=1.0, Eu=0.0), star(Ba=1.0, Pb=2.5), star(Eu=0.0, Pt=0.7)]
    together = Observed(*(np.concatenate(parts) for parts in zip(*seen, strict=True)))
    for alone, among in zip(seen, next_elements(model_of(), together), strict=True):
        expected = {g.element: g.information for g in next_elements(model_of(), alone)[0]}
        found = {g.element: g.information for g in among}
        assert found == pytest.approx(expected, abs=1e-5)


def test_one_element_is_no_start():
    assert next_elements(model_of(), star(Ba=1.0)) == [[]]


def test_unknown_candidates():
    with pytest.raises(ValueError, match="candidates = Au"):
        next_elements(model_of(), star(Ba=1.0, Eu=0.0), candidates=["Au"])
