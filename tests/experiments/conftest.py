"""The scripts' shared rooms are imported as the scripts import them."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

TOPICS = Path(__file__).parents[2] / "experiments"
sys.path.insert(0, str(TOPICS / "collisions"))


@pytest.fixture
def run(tmp_path):
    """A quick run whose results go to a folder of the test."""
    from surrogate.reports.run import Run

    return Run("table_0", out=tmp_path, jobs=1)


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """Runs a script's quick mode; gives all that it measured, by the name of the file."""

    def run_quick(topic, name):
        from surrogate.reports.run import Run
        from surrogate.reports.style import styled

        monkeypatch.syspath_prepend(str(TOPICS / topic))
        monkeypatch.delitem(sys.modules, name, raising=False)
        run = Run(name, out=tmp_path, topic=topic)
        with styled():
            importlib.import_module(name).body(run)
        pictures = list(run.folder.glob("*.png"))
        assert all(picture.stat().st_size > 3000 for picture in pictures)
        found = {file.stem: json.loads(file.read_text()) for file in run.folder.glob("*.json")}
        return found | {"pictures": {picture.stem for picture in pictures}}

    return run_quick


@pytest.fixture
def data():
    """Made-up rows whose fate is ruled by the first feature."""
    from support.rows import Data, Rows

    random = np.random.default_rng(0)

    def rows(n):
        x = random.normal(size=(n, 5))
        fate = np.digitize(x[:, 0], [-0.7, 0.0, 0.7])
        fractions = random.dirichlet(np.ones(3), n)
        return Rows(x, fate, fractions, None)

    validation = rows(60)
    return Data(None, None, None, rows(200), validation, validation)
