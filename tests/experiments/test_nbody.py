"""The N-body experiment, quick: what must be conserved is, and the surrogate costs little."""

import json
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "experiments" / "nbody"


@pytest.mark.slow
def test_conservation(tmp_path, monkeypatch):
    from surrogate.reports.run import Run

    monkeypatch.syspath_prepend(str(SCRIPTS))
    sys.modules.pop("conservation", None)
    import conservation

    run = Run("conservation", out=tmp_path, topic="nbody")
    conservation.body(run)
    found = json.loads((run.folder / "conservation.json").read_text())
    assert (run.folder / "conservation.png").exists()
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
