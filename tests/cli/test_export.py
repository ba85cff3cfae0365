"""`surrogate export`."""

import sys

import pytest


def test_c_is_written(run, tmp_path):
    result = run("export", "--model", "fast", "-o", tmp_path / "c", "--prefix", "sgt")
    assert result.exit_code == 0, result.output
    names = {file.name for file in (tmp_path / "c").iterdir()}
    alone = {"sgt.c", "sgt.h", "sgt_module.f90", "main.c", "main.f90", "CMakeLists.txt"}
    assert names == alone | {"sgt_rebound.c", "sgt_rebound.h", "main_rebound.c"}
    assert "@" not in (tmp_path / "c" / "sgt.h").read_text()


def test_what_cannot_be_exported(run, tmp_path):
    result = run("export", "--prefix", "9x", "-o", tmp_path)
    assert result.exit_code == 2
    assert "prefix = '9x'" in result.stderr


def test_onnx_is_written(run, tmp_path):
    pytest.importorskip("onnx", reason="needs onnx: pip install 'stellar-surrogate[onnx]'")
    options = ("--model", "fast", "-o", tmp_path / "onnx", "--prefix", "sgt")
    result = run("export", "--format", "onnx", *options)
    assert result.exit_code == 0, result.output
    assert [file.name for file in (tmp_path / "onnx").iterdir()] == ["sgt.onnx"]


def test_onnx_is_not_installed(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    result = run("export", "--format", "onnx", "--model", "fast", "-o", tmp_path / "onnx")
    assert result.exit_code == 2
    assert "needs onnx: pip install 'stellar-surrogate[onnx]'" in result.stderr
    assert not (tmp_path / "onnx").exists()
