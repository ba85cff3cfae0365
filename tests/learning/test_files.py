"""Files are whole or not there, and JSON is JSON."""

import json

import numpy as np
import pytest

from surrogate.learning.files import copy_file, write_bytes, write_json, write_text


def test_arrays_and_what_is_not_finite(tmp_path):
    path = tmp_path / "new" / "found.json"
    write_json(path, {"a": np.array([1.0, np.nan]), "b": (np.float32(2.0), np.inf), 3: {"c": None}})
    assert json.loads(path.read_text()) == {"a": [1.0, None], "b": [2.0, None], "3": {"c": None}}


def test_an_earlier_file_stays_where_the_new_one_fails(tmp_path):
    path = tmp_path / "found.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}


def test_nothing_else_is_left_behind(tmp_path):
    for text in ("first", "second"):
        write_text(tmp_path / "page.md", text)
    assert [p.name for p in tmp_path.iterdir()] == ["page.md"]
    assert (tmp_path / "page.md").read_text() == "second"


def test_a_disk_that_fills_leaves_the_earlier_file_and_nothing_else(tmp_path):
    def chunks():
        yield b"half"
        raise OSError("No space left on device")

    path = tmp_path / "out0001.sph"
    write_bytes(path, [b"whole"])
    with pytest.raises(OSError, match="No space left"):
        write_bytes(path, chunks())
    with pytest.raises(FileNotFoundError):
        copy_file(tmp_path / "none.sph", path)
    assert [p.name for p in tmp_path.iterdir()] == ["out0001.sph"]
    assert path.read_bytes() == b"whole"
    copy_file(path, tmp_path / "copies" / "star.sph")
    assert (tmp_path / "copies" / "star.sph").read_bytes() == b"whole"
