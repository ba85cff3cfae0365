"""One collision: samplers agree, modes are weighed, posteriors are true, wishes come true."""

import pytest


@pytest.mark.slow
def test_single_collision(quick):
    written = quick("inference", "single_collision")
    found = written["single_collision"]
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
    assert {"single_corner_pair", "single_corner_modes", "single_check"} <= written["pictures"]


@pytest.mark.slow
def test_single_calibration(quick):
    written = quick("inference", "single_calibration")
    found = written["single_calibration"]
    assert found["replicates"] == 32
    assert [row[0] for row in found["table"]] == ["rp", "vinf", "m1", "m2"]
    assert all(p > 0.01 for _, _, p in found["table"])
    assert "single_calibration" in written["pictures"]


@pytest.mark.slow
def test_design(quick):
    written = quick("inference", "design")
    found = written["design"]
    assert all(any(granted) for granted in found["granted"].values())
    core = next(iter(found["granted"].values()))
    assert sum(core) >= 3
    assert "design" in written["pictures"]
