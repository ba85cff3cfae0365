"""Files are whole or not there, and JSON is JSON."""

import json

import numpy as np
import pytest

from surrogate.learning.files import write_json, write_text


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
