"""The C of a model, one encounter a call on one core, beside JAX and ONNX Runtime.

pytest benchmarks/bench_export.py --benchmark-only

Needs gcc, and for ONNX the extra `onnx`. Those on arrays answer N encounters.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess

import numpy as np
import pytest

import surrogate
from surrogate.export.arrays import ARGUMENTS
from surrogate.export.c import export_c
from surrogate.export.onnx import export_onnx

N = 20_000
LEAST = 300_000
"""Encounters a second of the fast model in C."""
FIELDS = 10
OUTCOME_BYTES = 192
"""No less than the struct of the header."""


@pytest.fixture(scope="module")
def columns():
    random = np.random.default_rng(0)
    m1, m2 = np.exp(random.uniform(np.log(0.2), np.log(64.0), (2, N)))
    age = 0.003 * np.ones(N)
    rp, vinf = random.uniform(0.0, 3.0, N), 10.0 ** random.uniform(0.5, 4.2, N)
    return [x.astype(np.float32) for x in (age, m1, m2, rp, vinf)]


@pytest.fixture(params=["fast", "ensemble"])
def name(request):
    return request.param


def test_c(benchmark, columns, name, tmp_path):
    """Whole pipeline, from a struct to a struct; the loop is in C."""
    if shutil.which("gcc") is None:
        pytest.skip("no gcc here")
    export_c(surrogate.load(name), tmp_path)
    flags = ("-std=c99", "-O3", "-march=native", "-shared", "-fPIC")
    command = ("gcc", *flags, "surrogate.c", "-lm", "-o", "lib.so")
    subprocess.run(command, cwd=tmp_path, check=True)
    batch = ctypes.CDLL(str(tmp_path / "lib.so")).surrogate_collide_batch
    batch.argtypes = (ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p)
    encounters = np.full((N, FIELDS), -1.0)
    encounters[:, :5] = np.stack(columns, axis=1)
    outcomes = np.zeros((N, OUTCOME_BYTES), np.uint8)
    assert benchmark(batch, N, encounters.ctypes.data, outcomes.ctypes.data) == 0
    rate = N / benchmark.stats.stats.median
    benchmark.extra_info["encounters a second"] = rate
    if name == "fast":
        assert rate > LEAST


def test_jax_on_arrays(benchmark, columns, name):
    """All of them in one call, on all cores."""
    model = surrogate.load(name)
    model(*columns, check=False).m1_final.block_until_ready()
    benchmark(lambda: model(*columns, check=False).m1_final.block_until_ready())
    benchmark.extra_info["encounters a second"] = N / benchmark.stats.stats.median


def test_jax_one_a_call(benchmark, columns, name):
    """One encounter a call, as a loop over pairs would do it."""
    model = surrogate.load(name)
    few = [[float(x[k]) for x in columns] for k in range(20)]
    benchmark(lambda: [model(*one, check=False).m1_final.block_until_ready() for one in few])
    benchmark.extra_info["encounters a second"] = len(few) / benchmark.stats.stats.median


def test_onnx_on_arrays(benchmark, columns, name, tmp_path):
    """The same in ONNX Runtime, as it starts by default."""
    runtime = pytest.importorskip("onnxruntime", reason="needs the extra onnx")
    session = runtime.InferenceSession(export_onnx(surrogate.load(name), tmp_path)[0])
    doubles = {k: x.astype(np.float64) for k, x in zip(ARGUMENTS, columns, strict=True)}
    benchmark(session.run, None, doubles)
    benchmark.extra_info["encounters a second"] = N / benchmark.stats.stats.median
