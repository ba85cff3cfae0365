"""StableHLO says what the model says, for any number of encounters."""

import jax
import numpy as np
import pytest

import surrogate
from surrogate.export.arrays import ARGUMENTS, FIELDS
from surrogate.export.stablehlo import export_stablehlo

from .conftest import asked, assert_same, encounters


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fast", "ensemble", "separate", "mixture"])
def test_what_is_read_back_says_the_same(name, tmp_path):
    model = surrogate.load(name)
    binary, text = export_stablehlo(model, tmp_path)
    read = jax.export.deserialize(bytearray(binary.read_bytes()))
    assert read.platforms == ("cpu", "cuda")
    assert "stablehlo" in text.read_text()
    for n in (1, 100_000):
        found = encounters(n)
        fields = [found[k].astype(np.float32) for k in ARGUMENTS]
        here = dict(zip(FIELDS, map(np.asarray, read.call(*fields)), strict=True))
        assert_same(here, asked(model, found), found)
