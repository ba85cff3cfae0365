"""The scripts of the nuclear cluster, quick, and their numbers."""

import numpy as np
import pytest


@pytest.mark.slow
def test_rates_are_the_analytic_integrals(quick):
    numbers = quick("nuclear_cluster", "cluster_rates")["cluster_rates"]
    assert numbers["p"] > 1e-3
    assert numbers["ratio"] == pytest.approx(1.0, abs=0.04)
    assert numbers["largest probability"] < 0.5
    assert all(abs(row[-1]) < 4.5 for row in numbers["table"])


@pytest.mark.slow
def test_rules_make_different_clusters(quick):
    numbers = quick("nuclear_cluster", "cluster_outcomes")["cluster_outcomes"]
    names = numbers["columns"][1:-1]
    table = {row[0]: dict(zip(names, row[1:-1], strict=True)) for row in numbers["table"]}
    for name in names:
        assert abs(numbers[name]["mass not accounted for"]) < 1e-6
        assert numbers[name]["without an answer"] == 0
        assert numbers[name]["ended [Gyr]"] == pytest.approx(10.0, rel=1e-5)

    left = table["MS stars < 0.01 pc"]
    # Sticky spheres merge what the surrogate lets fly on or destroys
    assert left["sticky spheres"] < left["surrogate"] < left["unharmed"]
    assert table["that strip"]["surrogate"] > 0 == table["that strip"]["sticky spheres"]
    assert table["that destroy both"]["surrogate"] > 0
    assert table["that merge"]["surrogate"] < 0.5 * table["that merge"]["sticky spheres"]
    ejecta = table["ejecta [Msun]"]
    assert ejecta["surrogate"] > 0 == ejecta["sticky spheres"]
    assert table["MS < 0.1 Msun, < 0.1 pc"]["surrogate"] > 0
    # Near the black hole stars are destroyed and stripped, further out they merge
    fates = np.array(numbers["surrogate"]["fates by shell"])
    merging = fates[:, 1] / fates.sum(axis=1)
    assert merging[-1] > 2 * merging[:3].mean()
    assert fates[:4, [0, 3]].sum() > 5 * fates[4:, [0, 3]].sum()


@pytest.mark.slow
def test_time_grows_with_the_number_of_stars(quick):
    numbers = quick("nuclear_cluster", "cluster_scaling")["cluster_scaling"]
    # Machines are shared and noisy; this is far from quadratic.
    assert 0.6 < numbers["exponent"] < 1.4
