"""Sums over pairs do not depend on how they are made."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.simulations.sph.card import sum_on_card
from surrogate.simulations.sph.pairs import pair_sum

N = 75


class Points(NamedTuple):
    m: jax.Array
    x: jax.Array


def pull(i, j):
    """Two terms, one of them not symmetric."""
    d = i.x - j.x
    return j.m * d / (0.1 + d * d), j.m * i.x


@pytest.fixture
def points():
    random = np.random.default_rng(0)
    values = (random.uniform(1, 2, N), random.normal(size=N))
    return Points(*(jnp.asarray(a, jnp.float32) for a in values))


WAYS = [
    pair_sum,
    *(partial(pair_sum, width=w) for w in (1, 8, N, 2 * N)),
    partial(sum_on_card, interpret=True),
]


@pytest.mark.parametrize("sums", WAYS)
def test_they_are_those_of_plain_loops(sums, points):
    m, x = (np.asarray(a, float) for a in points)
    d = x[:, None] - x
    expected = (m * d / (0.1 + d * d)).sum(1), x * m.sum()
    for found, there in zip(sums(pull, points), expected, strict=True):
        np.testing.assert_allclose(found, there, rtol=1e-4, atol=1e-4)
    two = jax.tree.map(lambda a: jnp.stack([a, 2 * a]), points)
    many = jax.vmap(lambda p: sums(pull, p))(two)
    np.testing.assert_allclose(many[0][0], expected[0], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(many[1][1], 4 * expected[1], rtol=1e-4)
