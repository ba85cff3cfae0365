"""Runs of a few steps: conservation, heat, derivatives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.enrichment.network.composition import total_mass
from surrogate.enrichment.network.run import History, energy, run

from .conftest import some_state

T = np.geomspace(1e-3, 1.0, 8)


def outcome(network, state, x):
    """Logarithms of some abundances at the end, of ln rho, ln T9 and ln heating."""
    rho, t9, heating = jnp.exp(x)
    history = History(jnp.asarray(T), rho * T**-1.5, rho * 1e5, t9, heating)
    end, _ = run(network, state, history)
    return jnp.log(jnp.stack([end.y_n, end.y[30, 15], end.y[50, 25], end.y[70, 30]]))


@pytest.mark.slow
def test_derivatives_agree_with_differences_both_ways(network):
    state = some_state(network)
    values = jax.jit(outcome)
    x = np.log([1e3, 2.0, 0.5])
    forward = jax.jit(jax.jacfwd(outcome, 2))(network, state, x)
    assert np.isfinite(forward).all()
    for k in range(3):
        step = 1e-4 * np.eye(3)[k]
        above, below = values(network, state, x + step), values(network, state, x - step)
        difference = np.asarray(above - below) / 2e-4
        np.testing.assert_allclose(forward[:, k], difference, rtol=2e-3, atol=2e-5)


@pytest.mark.slow
def test_backward_derivatives_are_the_forward_ones(network):
    state = some_state(network)
    x = np.log([1e3, 2.0, 0.5])
    forward = jax.jit(jax.jacfwd(outcome, 2))(network, state, x)
    backward = jax.jit(jax.grad(lambda x: outcome(network, state, x)[1]))(x)
    np.testing.assert_allclose(backward, forward[1], rtol=1e-6)


def test_energy_comes_from_binding(network):
    state = some_state(network)
    history = History(*map(jnp.asarray, (T, 1e3 * T**-1.5, 1e8, 2.0, 0.5)))
    end, track = jax.jit(run)(network, state, history)
    assert float(total_mass(network, end)) == pytest.approx(1.0, abs=1e-9)
    released = float(energy(network, end) - energy(network, state))
    assert float(track.heat.sum()) == pytest.approx(released)
    assert (np.asarray(track.t9) > 0.0).all()


@pytest.mark.slow
def test_histories_side_by_side_are_each_as_alone(network):
    """`vmap` over trajectories."""
    state = some_state(network)

    def final(rho, t9):
        history = History(jnp.asarray(T), rho * T**-1.5, rho * 1e5, t9, jnp.asarray(0.5))
        return run(network, state, history)[0].y

    rho, t9 = jnp.asarray([1e2, 1e3, 1e4]), jnp.asarray([1.5, 2.0, 3.0])
    many = jax.jit(jax.vmap(final))(rho, t9)
    alone = jax.jit(final)
    for k in range(3):
        np.testing.assert_allclose(many[k], alone(rho[k], t9[k]), rtol=1e-9, atol=1e-18)
    assert not np.allclose(many[0], many[2], rtol=0.1)


def test_single_precision_is_refused(network):
    state = some_state(network)
    history = History(*map(jnp.asarray, (T, 1e3 * T**-1.5, 1e8, 2.0, 0.5)))
    with jax.enable_x64(False), pytest.raises(TypeError, match="enable_x64"):
        jax.jit(lambda: run(network, *jax.tree.map(jnp.float32, (state, history))))()
