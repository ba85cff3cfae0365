import numpy as np
import pytest

from surrogate.enrichment.classifiers.thinning import main_r_process, nearest, saturate, thin
from surrogate.enrichment.elements import atomic_number
from surrogate.enrichment.patterns import collect


@pytest.fixture
def cloud():
    return np.random.default_rng(0).normal(size=(120, 5))


def rows_of(x):
    return {tuple(row) for row in x}


def test_saturated_patterns_choose_each_other(cloud):
    kept = cloud[saturate(cloud)]
    index, _ = nearest(kept)
    assert len(kept) < len(cloud)
    assert (index[index] == np.arange(len(kept))).all()


def test_saturation_is_final(cloud):
    kept = cloud[saturate(cloud)]
    assert (saturate(kept) == np.arange(len(kept))).all()


@pytest.mark.parametrize("size", [5, 30, 80])
def test_any_size_whatever_the_order(cloud, size):
    order = np.random.default_rng(1).permutation(len(cloud))
    kept = thin(cloud, size)
    assert len(kept) == size
    assert rows_of(cloud[kept]) == rows_of(cloud[order][thin(cloud[order], size)])


def test_few_patterns_all_stay(cloud):
    assert (thin(cloud[:7], 20) == np.arange(7)).all()


def test_one_of_each_cluster_stays():
    random = np.random.default_rng(2)
    centres = 10.0 * np.eye(6)
    x = np.repeat(centres, 20, axis=0) + 0.01 * random.normal(size=(120, 6))
    kept = thin(x, 12)
    assert set(kept // 20) == set(range(6))


def test_the_redundant_go_first(cloud):
    kept = thin(cloud, 30)
    assert nearest(cloud[kept])[1].mean() > 1.2 * nearest(cloud)[1].mean()


def test_nothing_is_no_size(cloud):
    with pytest.raises(ValueError, match="size = 0"):
        thin(cloud, 0)


def pattern(peak, europium=1.0):
    names = {"La": 3.0, "Eu": europium, "Dy": 3.0, "Er": 2.0, "Os": peak / 3, "Ir": peak / 3}
    return {atomic_number(e): y for e, y in {**names, "Pt": peak / 3}.items()}


def test_a_main_r_process_reaches_the_third_peak():
    rows = [("main", pattern(18.0)), ("weak", pattern(0.1)), ("none", pattern(18.0, 0.0))]
    found = main_r_process(collect(rows, process="r", source="", group=""))
    assert found.tolist() == [True, False, False]


def test_the_scale_of_a_pattern_does_not_matter():
    patterns = collect([("main", pattern(3.0))], process="r", source="", group="")
    scaled = collect(
        [("main", {z: 1e-6 * y for z, y in pattern(3.0).items()})], process="r", source="", group=""
    )
    assert main_r_process(patterns) == main_r_process(scaled)
