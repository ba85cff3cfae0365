"""The population's posterior, quick: samplers agree, nothing diverges, predictions are believed."""

import sys

import pytest


@pytest.mark.slow
def test_population(quick):
    written = quick("inference", "population")
    found = written["population"]
    assert found["divergences"] == {"NumPyro": 0, "BlackJAX": 0}
    assert found["largest_rhat"] < 1.05
    rows = [dict(zip(found["columns"], row, strict=True)) for row in found["table"]]
    assert len(rows) == 10
    for row in rows:
        assert abs(row["truth"] - row["mean"]) < 4.0 * row["sd"]
        assert abs(row["NumPyro - BlackJAX [sd]"]) < 0.4
    speeds = written["population_samplers"]
    rows = [dict(zip(speeds["columns"], row, strict=True)) for row in speeds["table"]]
    ess = {row["sampler"]: row["least ESS"] for row in rows}
    # Of 600 draws by each.
    assert min(ess["NumPyro"], ess["BlackJAX"]) > 150
    p = [row[-1] for row in written["population_checks"]["table"]]
    assert sum(0.01 < value < 0.99 for value in p) >= len(p) - 1
    assert {"population", "population_checks"} <= written["pictures"]


@pytest.mark.slow
def test_population_calibration(quick, tmp_path, monkeypatch):
    written = quick("inference", "population_calibration")
    found = written["population_calibration"]
    assert found["replicates"] == 10
    means = [row[1] for row in found["table"]]
    # Ten ranks of each of ten parameters: their mean is 0.5 to 0.03.
    assert 0.38 < sum(means) / len(means) < 0.62
    assert "population_calibration" in written["pictures"]
    # What is there is not done again, and not gone on with by other settings.
    assert quick("inference", "population_calibration")["population_calibration"] == found
    script = sys.modules["population_calibration"]
    monkeypatch.setitem(script.SETTINGS, "points", 32)
    with pytest.raises(ValueError, match=r"_ranks.json: ranks of a run with other settings"):
        script.finished(next(tmp_path.rglob("*_ranks.json")), script.QUICK)
