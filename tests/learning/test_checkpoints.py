import json

import numpy as np
import pytest

from surrogate.learning.checkpoints import load_model, save_model

ARRAYS = {"network/0/kernel": np.arange(6.0, dtype=np.float32).reshape(2, 3), "scale": np.ones(2)}


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model"
    save_model(path, ARRAYS, {"seed": 3})
    return path


def test_round_trip(model):
    arrays, card = load_model(model)
    assert card["seed"] == 3
    assert arrays.keys() == ARRAYS.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, ARRAYS[name])


def test_saving_replaces_the_earlier_model_and_leaves_nothing_behind(model):
    save_model(model, {"scale": np.zeros(1)}, {"seed": 4})
    arrays, card = load_model(model)
    assert (card["seed"], list(arrays)) == (4, ["scale"])
    assert [p.name for p in model.parent.iterdir()] == ["model"]


def test_no_model(tmp_path):
    with pytest.raises(ValueError, match="not a model"):
        load_model(tmp_path)


def test_a_card_that_is_no_json(model):
    (model / "card.json").write_text('{"format": 1, "se')
    with pytest.raises(ValueError, match=r"card\.json cannot be read"):
        load_model(model)


def test_a_card_of_a_later_version(model):
    card = json.loads((model / "card.json").read_text())
    (model / "card.json").write_text(json.dumps({**card, "format": 99}))
    with pytest.raises(ValueError, match="Upgrade"):
        load_model(model)


def test_truncated_arrays(model):
    largest = max((p for p in model.rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
    for file in (p for p in (model / "arrays").rglob("*") if p.is_file()):
        if file.parent.name == "d" or file == largest:
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ValueError, match=r"cannot be read|damaged"):
        load_model(model)


def test_a_missing_array(model):
    card = json.loads((model / "card.json").read_text())
    card["arrays"]["zzz"] = [1]
    (model / "card.json").write_text(json.dumps(card))
    with pytest.raises(ValueError, match=r"arrays.* cannot be read"):
        load_model(model)
