"""A script that is interrupted loses the fit in hand, and goes on when it is called again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "experiments" / "collisions" / "table_2.py"
ENOUGH = 5
"""Fits after which the first call is interrupted."""
PATIENCE = 600.0
"""Seconds to wait for them, and for a whole run."""


def call(data, out):
    command = [sys.executable, str(SCRIPT), "--quick", "--data", str(data), "--out", str(out)]
    # A process group of its own, as in a terminal, so that workers hear of Ctrl-C as well.
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)


def finished(out):
    """When each fit of the search was written."""
    fits = (out / "collisions" / "quick" / "fits" / "svc").rglob("output.pkl")
    return {path: path.stat().st_mtime_ns for path in fits}


@pytest.mark.slow
def test_ctrl_c_then_the_same_command(sph_grid_dir, tmp_path):
    first = call(sph_grid_dir, tmp_path)
    begun = time.monotonic()
    while len(finished(tmp_path)) < ENOUGH and time.monotonic() - begun < PATIENCE:
        time.sleep(0.1)
    os.killpg(first.pid, signal.SIGINT)
    _, said = first.communicate(timeout=PATIENCE)
    assert first.returncode == 130
    assert "table_2: interrupted. What is finished is kept in" in said
    kept = finished(tmp_path)
    assert len(kept) >= ENOUGH

    second = call(sph_grid_dir, tmp_path)
    second.communicate(timeout=PATIENCE)
    assert second.returncode == 0
    assert (tmp_path / "collisions" / "quick" / "table_2.json").exists()
    after = finished(tmp_path)
    assert kept.items() <= after.items()  # none was fitted again
    assert len(after) > len(kept)
