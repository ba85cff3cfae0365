"""What the tests of the command line share."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import surrogate
from surrogate.cli import app
from surrogate.collisions import predictor
from surrogate.collisions.encounter import Bounds, Outcome
from surrogate.collisions.grid import CSV_COLUMNS, CSV_LABELS


@pytest.fixture
def run(monkeypatch):
    """Run a command in this process; a model is loaded once."""
    monkeypatch.setattr(predictor, "load", _load_once)

    def invoke(*args, text=None, columns=80):
        env = {"COLUMNS": str(columns)}
        return CliRunner().invoke(app, [str(a) for a in args], input=text, env=env)

    return invoke


_load = predictor.load


@cache
def _load_once(name, *, path=None):
    return _load(name, path=path)


@pytest.fixture
def fast(run, monkeypatch):
    """Run a command with a stand-in for the model: every encounter is a fly-by."""
    monkeypatch.setattr(predictor, "load", lambda name, *, path: fly_by)
    return run


def fly_by(e, *, smooth, check):
    n = len(e.m1)
    zero, one = np.zeros(n, np.float32), np.ones(n, np.float32)
    m1, m2 = np.float32(e.m1), np.float32(e.m2)
    lost = np.float32(e.rp) == np.float32(0.125)  # stands for what a float32 cannot hold
    return Outcome(
        regime=np.where(lost, -1, 2),
        fate=np.full(n, 2),
        p_none=zero,
        p_merger=zero,
        p_two=one,
        p_stripped=zero,
        p_survivor1=zero,
        p_survivor2=zero,
        m1_final=m1,
        m2_final=m2,
        m_unbound=zero,
        m1_bounds=Bounds(m1, m1, m1, m1),
        m2_bounds=Bounds(m2, m2, m2, m2),
        unbound_bounds=Bounds(zero, zero, zero, zero),
        ood=zero,
        in_domain=one > 0,
        reason=np.zeros(n, np.int32),
    )


@pytest.fixture
def answered(run, monkeypatch):
    """Run a command with a stand-in for the model that gives one answer, changed as told."""

    def with_answer(**changes):
        answer = STRIPPED._replace(**changes)
        monkeypatch.setattr(predictor, "load", lambda name, *, path: lambda e, **options: answer)
        return run

    return with_answer


STRIPPED = Outcome(
    regime=np.int32(0),
    fate=np.int32(3),
    p_none=np.float32(0.01),
    p_merger=np.float32(0.02),
    p_two=np.float32(0.3),
    p_stripped=np.float32(0.67),
    p_survivor1=np.float32(0.6),
    p_survivor2=np.float32(0.07),
    m1_final=np.float32(0.95),
    m2_final=np.float32(0),
    m_unbound=np.float32(0.85),
    m1_bounds=Bounds(*np.float32([0.91, 0.97, 0.12, 0.99])),
    m2_bounds=Bounds(*np.float32([0, 0, 0, 0.7])),
    unbound_bounds=Bounds(*np.float32([0.8, 0.9, 0.2, 0.96])),
    ood=np.float32(0.034),
    in_domain=np.bool_(True),
    reason=np.int32(0),
)


@pytest.fixture
def start():
    """Start a command in a process of its own."""

    def popen(*args, **options):
        root = str(Path(surrogate.__file__).parents[1])
        return subprocess.Popen(
            [sys.executable, "-m", "surrogate.cli", *map(str, args)],
            env={**os.environ, "PYTHONPATH": root},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    return popen


@pytest.fixture(scope="session")
def grid_csv(tmp_path_factory):
    """A made-up grid of 300 rows in the public format, with all four fates."""
    random = np.random.default_rng(0)
    lines = [",".join(CSV_COLUMNS.values())]
    for _ in range(300):
        m1, m2 = sorted(random.uniform(0.3, 3, 2), reverse=True)
        r1, r2 = m1**0.8, m2**0.8
        near, fast = random.uniform(0, 1), 10 ** random.uniform(1, 4)
        if fast < 800:
            label, left = CSV_LABELS[1], (0.95 * (m1 + m2), 0)
        elif near > 0.4:
            label, left = CSV_LABELS[2], (0.98 * m1, 0.97 * m2)
        elif m2 < 0.5 * m1:
            label, left = CSV_LABELS[3], (0.8 * m1, 0)
        else:
            label, left = CSV_LABELS[0], (0, 0)
        row = (0.01, 0.3, near * (r1 + r2), fast, m1, m2, r1, r2, label, *left, 1)
        lines.append(",".join(f"{x:.8g}" for x in row))
    path = tmp_path_factory.mktemp("grid") / "made_up.csv"
    path.write_text("\n".join(lines) + "\n")
    return path
