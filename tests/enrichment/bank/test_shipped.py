"""The patterns that come with the package are what the network is known to make."""

import numpy as np
import pytest

from surrogate.enrichment.bank import shipped_patterns
from surrogate.enrichment.bank.conditions import SETS
from surrogate.enrichment.classifiers.thinning import main_r_process
from surrogate.enrichment.readers import read_r_process
from surrogate.enrichment.solar import bracket

MEASURED = ("Ba", "La", "Nd", "Dy", "Er")


@pytest.fixture(scope="module")
def shipped():
    return shipped_patterns()


def test_every_condition_of_the_sets_is_there(shipped):
    names = {c.name for conditions in SETS.values() for c in conditions()}
    assert names <= set(shipped.model)
    assert len(set(shipped.model)) == len(shipped)
    assert np.isfinite(shipped.of("r").y[:, 56]).all()


def test_main_r_process_patterns_are_enough_to_thin(shipped):
    """The paper has 484 before thinning."""
    r = shipped.of("r")
    assert main_r_process(r).sum() > 400


def test_medians_are_those_of_published_patterns(shipped, data):
    r = shipped.of("r")
    r = r.take(main_r_process(r))
    published = read_r_process(data / "rprocess")
    published = published.take(np.isin(np.array(published.group), ["Just", "Wu"]))
    for element in MEASURED:
        found, expected = (np.median(p.log_y(element) - p.log_y("Eu")) for p in (r, published))
        assert abs(found - expected) < 0.3, element


def test_the_i_process_is_between_r_and_s(shipped):
    i = shipped.of("i")
    la_eu = bracket(i.log_y("La"), i.log_y("Eu"), "La", "Eu")
    assert (la_eu > 0.0).all()
    assert (la_eu < 0.8).mean() > 0.9
