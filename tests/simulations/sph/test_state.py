"""Numbers of the method that make no sense are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from surrogate.simulations.sph.state import Method, stack


@pytest.mark.parametrize("name", ["neighbours", "alpha", "beta", "courant", "kick", "heat"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0])
def test_refused(name, value):
    with pytest.raises(ValueError, match=rf"{name} = {value}, allowed: finite and >= "):
        Method(**{name: value})


def test_too_few_neighbours_are_refused():
    # Two particles in one place would be enough for h = 0.
    with pytest.raises(ValueError, match=r"neighbours = 20, allowed: finite and >= 30"):
        Method(neighbours=20)


def test_number_is_that_of_the_neighbours():
    h = 0.3
    density = 50 / (4 / 3 * math.pi * (2 * h) ** 3)
    assert Method(neighbours=50).number == pytest.approx(h**3 * density, rel=1e-14)


def test_stack(cloud):
    one, two = cloud(0, 5), cloud(1, 5)
    both = stack([one, two])
    for part, a, b in zip(both, one, two, strict=True):
        np.testing.assert_array_equal(part, np.stack([a, b]))
