"""The N-body experiments, quick: what must be conserved is, and the surrogate costs little."""

import pytest


@pytest.mark.slow
def test_conservation(quick):
    written = quick("nbody", "conservation")
    found = written["conservation"]
    assert "conservation" in written["pictures"]
    rows = [dict(zip(found["columns"], row, strict=True)) for row in found["table"]]
    assert len(rows) == 4
    for row in rows:
        assert row["|Δp| / Σ|p|"] < 1e-6
        assert row["|ΔM| / M"] < 1e-6
        assert row["|ΔE| / K"] < 0.01
        assert row["collisions"] == sum(row[f] for f in ("none", "merger", "two", "stripped"))
        assert row["collisions"] >= 10
        if row["rule"] == "sticky":
            assert row["merger"] == row["collisions"]
    assert found["collisions"] > 150
    # Few short runs on a machine that may have other work: a full run measures it.
    assert found["time ratio"] < 1.3


@pytest.mark.slow
def test_rebound_cluster(quick):
    pytest.importorskip("rebound")
    written = quick("nbody", "rebound_cluster")
    found = written["rebound_cluster"]
    assert "rebound_cluster" in written["pictures"]
    measures = {name: values for name, *values in found["table"]}
    runs = [
        dict(zip(measures, values, strict=True)) for values in zip(*measures.values(), strict=True)
    ]
    for run in runs:
        assert run["|Δp| / Σ|p|"] < 1e-10
        assert run["|ΔM| / M"] < 1e-6
        assert run["|ΔE| / K"] < 0.01
        assert run["collisions"] == sum(run[f] for f in ("none", "merger", "two", "stripped")) > 10
        gone = 2 * run["none"] + run["merger"] + run["stripped"]
        assert run["stars left"] == 150 - gone
    surrogate, sticky = runs
    assert sticky["merger"] == sticky["collisions"]
    assert sticky["unbound mass [Msun]"] == 0.0 < surrogate["unbound mass [Msun]"]
