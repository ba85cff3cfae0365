"""Derivatives of many numbers by one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.inference.forwards import forwards


def f(x, others):
    y, k = others
    return {"sum": jnp.sin(x * y) * k, "product": x**3 * y.sum()}


def summary(g, x, y):
    out = g(x, (y, jnp.arange(3)))
    return jnp.sum(out["sum"] ** 2) + out["product"]


@pytest.fixture
def at():
    return jnp.float32(0.7), jnp.array([0.3, 1.1, -0.4])


@pytest.mark.slow
@pytest.mark.parametrize("argnums", [1, 2, (1, 2)])
@pytest.mark.parametrize("derivative", [jax.grad, jax.jacfwd, jax.hessian])
def test_all_derivatives_are_as_without_it(derivative, argnums, at):
    expected = derivative(summary, argnums=argnums)(f, *at)
    found = jax.jit(derivative(summary, argnums=argnums), static_argnums=0)(forwards(f), *at)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5), found, expected)


def test_runs_over_batches(at):
    x = jnp.linspace(0.0, 1.0, 5)
    gradient = jax.vmap(jax.grad(summary, argnums=1), in_axes=(None, 0, None))
    np.testing.assert_allclose(gradient(forwards(f), x, at[1]), gradient(f, x, at[1]), rtol=2e-5)


def test_many_numbers_of_one_are_differentiated_without_going_back(at):
    """The backward pass holds no operation on the inside of f: only products with its slope."""
    tanh = forwards(lambda x, y: jnp.tanh(jnp.outer(y, jnp.tanh(x * y))))
    backwards = jax.vjp(lambda x: tanh(x, at[1]), at[0])[1]
    assert "tanh" not in str(jax.make_jaxpr(backwards)(jnp.ones((3, 3))))
    assert "dot_general" not in str(jax.make_jaxpr(backwards)(jnp.ones((3, 3))))
