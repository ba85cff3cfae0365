"""StableHLO says what the model says, for any number of encounters."""

import jax
import numpy as np
import pytest

import surrogate
from surrogate.export.arrays import ARGUMENTS, FIELDS
from surrogate.export.stablehlo import export_stablehlo

from .conftest import encounters


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fast", "ensemble", "separate", "mixture"])
def test_what_is_read_back_says_the_same(name, tmp_path):
    model = surrogate.load(name)
    binary, text = export_stablehlo(model, tmp_path)
    read = jax.export.deserialize(bytearray(binary.read_bytes()))
    assert read.platforms == ("cpu", "cuda")
    assert "stablehlo" in text.read_text()
    for n in (1, 700):
        found = encounters(n)
        fields = [found[k].astype(np.float32) for k in ARGUMENTS]
        there = model(*fields, check=False)
        for field, here in zip(FIELDS, read.call(*fields), strict=True):
            np.testing.assert_allclose(here, getattr(there, field), rtol=2e-5, atol=2e-5)
