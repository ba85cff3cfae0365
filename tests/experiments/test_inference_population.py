"""The population's posterior, quick: samplers agree, nothing diverges, predictions are believed."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SCRIPTS = Path(__file__).parents[2] / "experiments" / "inference"


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Runs a script quick; gives what it wrote by the name of the file."""
    from surrogate.reports.run import Run

    monkeypatch.syspath_prepend(str(SCRIPTS))

    def ask(name):
        body = __import__(name).body
        run = Run(name, out=tmp_path, topic="inference")
        body(run)
        return {f.stem: json.loads(f.read_text()) for f in run.folder.glob("*.json")}

    return ask


def test_population(script):
    written = script("population")
    found = written["population"]
    assert found["divergences"] == {"NumPyro": 0, "BlackJAX": 0}
    assert found["largest_rhat"] < 1.05
    for _, truth, mean, sd, *_, gap in found["table"]:
        assert abs(truth - mean) < 4.0 * sd
        assert abs(gap) < 0.4
    samplers = {name: ess for name, *_, ess, _, _ in written["population_samplers"]["table"]}
    assert min(samplers["NumPyro"], samplers["BlackJAX"]) > 50
    p = [row[-1] for row in written["population_checks"]["table"]]
    assert sum(0.01 < value < 0.99 for value in p) >= len(p) - 1


def test_calibration_resumes(script):
    found = script("population_calibration")["population_calibration"]
    assert found["replicates"] == 10
    means = [row[1] for row in found["table"]]
    assert 0.35 < sum(means) / len(means) < 0.65
