"""One collision: samplers agree, modes are weighed, posteriors are true, wishes come true."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from surrogate.reports.run import Run

FOLDER = Path(__file__).parents[2] / "experiments" / "inference"


def run_quick(name, out):
    """Run a script's quick mode; what it measured."""
    spec = importlib.util.spec_from_file_location(f"inference_{name}", FOLDER / f"{name}.py")
    script = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = script  # where dataclasses look themselves up
    spec.loader.exec_module(script)
    run = Run(name, out=out, topic="inference")
    script.body(run)
    return json.loads((run.folder / f"{name}.json").read_text()), run.folder


@pytest.mark.slow
def test_single_collision(tmp_path):
    found, folder = run_quick("single_collision", tmp_path)
    rows = [dict(zip(found["columns"], row, strict=True)) for row in found["table"]]
    by = {(row["remnants"], row["sampler"]): row for row in rows}
    for sampler in ("NumPyro", "BlackJAX"):
        row = by["two", sampler]
        assert row["R-hat"] < 1.05
        assert row["divergences"] == 0
        assert 0.02 < row["p of check"] < 0.98
    assert found["largest difference of means [errors]"] < 4.0
    # One remnant: brute force and tempering see both modes, every chain one of them.
    for sampler in ("tempering", "brute force"):
        assert 0.2 < by["one", sampler]["P(merger)"] < 0.9
    evidences = [by["one", s]["ln evidence"] for s in ("tempering", "brute force")]
    assert evidences[0] == pytest.approx(evidences[1], abs=1.0)
    assert all(min(p, 1 - p) < 0.05 for p in found["P(merger) in each chain"])
    for stem in ("single_corner_pair", "single_corner_modes", "single_check"):
        assert (folder / f"{stem}.png").exists()


@pytest.mark.slow
def test_single_calibration(tmp_path):
    found, folder = run_quick("single_calibration", tmp_path)
    assert found["replicates"] == 32
    assert [row[0] for row in found["table"]] == ["rp", "vinf", "m1", "m2"]
    assert all(p > 0.01 for _, _, p in found["table"])
    assert (folder / "single_calibration.png").exists()


@pytest.mark.slow
def test_design(tmp_path):
    found, folder = run_quick("design", tmp_path)
    assert all(any(granted) for granted in found["granted"].values())
    core = next(iter(found["granted"].values()))
    assert sum(core) >= 3
    assert (folder / "design.png").exists()
