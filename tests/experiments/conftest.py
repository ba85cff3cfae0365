"""The scripts' shared rooms are imported as the scripts import them."""

import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPTS = Path(__file__).parents[2] / "experiments" / "collisions"
sys.path.insert(0, str(SCRIPTS))


@pytest.fixture
def run(tmp_path):
    """A quick run whose results go to a folder of the test."""
    from surrogate.reports.run import Run

    return Run("table_0", out=tmp_path, jobs=1)


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
