"""Neighbours pair off, and know their density."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.cluster import Cusp
from surrogate.cluster.cells import into_cells, match, number_density, out_of_cells


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 4, 16, 64])
def test_everyone_has_one_partner_and_all_are_equally_likely(k):
    keys = jax.random.split(jax.random.key(0), 100 * k)
    lanes = np.asarray(jax.vmap(lambda key: match(key, k))(keys))
    assert lanes.shape == (100 * k, 2, k // 2)
    np.testing.assert_array_equal(np.sort(lanes.reshape(100 * k, k)), [np.arange(k)] * (100 * k))
    partners = np.zeros((k, k), int)
    np.add.at(partners, (lanes[:, 0], lanes[:, 1]), 1)
    partners += partners.T
    others = partners[~np.eye(k, dtype=bool)]
    expected = 100 * k / (k - 1)
    assert np.abs(others - expected).max() < 5.5 * np.sqrt(expected)


@pytest.mark.parametrize("n", [1, 16, 35])
def test_cells_are_columns_of_neighbours(n):
    x = jnp.arange(n) + 1
    table = into_cells(x, 16)
    assert table.shape == (16, -(-n // 16))
    np.testing.assert_array_equal(table[: min(n, 16), 0], x[:16])
    np.testing.assert_array_equal(out_of_cells(table, n), x)


@pytest.mark.parametrize(("gamma", "k"), [(1.2, 16), (1.75, 4), (1.75, 16), (2.5, 16)])
def test_density_is_that_of_the_cusp_on_average(gamma, k):
    cusp = Cusp(gamma=gamma)
    n, draws = 2048, 200
    keys = jax.random.split(jax.random.key(1), draws)
    r = jax.jit(jax.vmap(lambda key: jnp.sort(cusp.sample(key, (n,)))))(keys)
    found = jax.jit(jax.vmap(lambda x: number_density(x, k, 1.0)))(r)
    mass = float(cusp.stellar_mass()) / n
    ratio = np.asarray(found * mass / cusp.density(r), float)
    # Stars of rank 20 on: the first ones share their neighbours.
    means = ratio[:, 20:].mean(axis=1)
    error = means.std() / np.sqrt(draws)
    assert means.mean() == pytest.approx(1.0, abs=4 * error + 0.003)
    if gamma == 1.75:
        first = ratio[:, :20].mean(axis=1)
        assert first.mean() == pytest.approx(1.0, abs=4 * first.std() / np.sqrt(draws) + 0.1)


def test_density_where_there_is_hardly_a_neighbour():
    for n in (1, 2, 3):
        r = jnp.linspace(0.1, 0.2, n)
        assert jnp.isfinite(number_density(r, 16, 1.0)).all()
    # All at one distance: too dense, but a number.
    assert (number_density(jnp.full(64, 0.1), 16, 1.0) > 1e10).all()
