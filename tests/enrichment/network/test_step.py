"""One step: against a sparse solver, what it conserves, and where it must end."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from surrogate.enrichment.network.captures import PER_GK
from surrogate.enrichment.network.composition import State, electron_fraction, total_mass
from surrogate.enrichment.network.fission import Z_FIRST
from surrogate.enrichment.network.rates import rates

from .conftest import some_state


def test_rows_agree_with_a_sparse_solver(network, kept_step):
    h, rho, t9, y_n = 3e-3, 1e3, 1.2, 1e-3
    state = some_state(network, y_n)
    found = np.asarray(kept_step(network, state, h, rho, t9, y_n).y)

    now = rates(network, jnp.asarray(t9))
    c, g = h * rho * y_n * np.asarray(now.capture), h * np.asarray(now.disintegration)
    f = np.zeros_like(c)
    f[Z_FIRST:] = h * rho * y_n * np.asarray(now.induced)
    nuclei = network.nuclei
    place = np.arange(c.size).reshape(c.shape)
    down = h * (network.alpha + network.plus + network.spontaneous) + f
    # What stays in the row or rises by beta decay is one linear system.
    terms = [(place, place, 1.0 + h * network.beta + down + c + g)]
    terms += [(place[:, 1:], place[:, :-1], -c[:, :-1]), (place[:, :-1], place[:, 1:], -g[:, 1:])]
    for k in range(4):
        rate = h * network.beta * (1.0 - network.delayed) * network.emitted[k]
        for z, j in np.argwhere(rate > 0.0):
            daughter = place[nuclei.at((z + 1, nuclei.n[z, j] - 1 - k))]
            terms.append((daughter, place[z, j], -rate[z, j]))
    rows, columns, values = (np.concatenate([np.ravel(t[i]) for t in terms]) for i in range(3))
    system = coo_array((values, (rows, columns)), shape=(c.size, c.size)).tocsc()
    expected = spsolve(system, np.ravel(state.y)).reshape(c.shape)
    # Daughters of alpha decays, captures of electrons and fission come on top: none rich in
    # neutrons and lighter than the fragments.
    quiet = (network.beta > 0.0) & (nuclei.a < 55)
    assert quiet.sum() > 300
    np.testing.assert_allclose(found[quiet], expected[quiet], rtol=1e-9)
    assert (found >= expected * (1.0 - 1e-9)).all()


@settings(max_examples=30)
@given(
    log_h=st.floats(-8.0, 3.0),
    log_rho=st.floats(-2.0, 9.0),
    t9=st.floats(0.01, 9.0),
    y_n=st.floats(0.0, 0.95),
    seed=st.integers(0, 3),
)
def test_a_step_conserves_mass(network, free_step, log_h, log_rho, t9, y_n, seed):
    state = some_state(network, max(y_n, 1e-12), seed)
    after = free_step(network, state, 10.0**log_h, 10.0**log_rho, t9, state.y_n)
    assert abs(float(total_mass(network, after)) - 1.0) < 1e-9
    assert float(after.y_n) >= 0.0
    assert float(after.y.min()) > -1e-15


def test_fission_and_alpha_decay_conserve_charge(network, free_step):
    still = replace(network, beta=0.0 * network.beta, plus=0.0 * network.plus)
    state = some_state(still, 1e-6)
    heavy = network.nuclei.z >= Z_FIRST
    state = State(jnp.where(heavy, state.y, 0.0), state.y_n)
    after = free_step(still, state, 1e-3, 1.0, 0.1, state.y_n)
    assert float(after.y[:Z_FIRST].sum()) > 1e-6 * float(state.y.sum())
    # But for the free neutrons that decay.
    change = float(electron_fraction(after)) - float(electron_fraction(state))
    assert abs(change) < 1e-3 / 878.4 * float(after.y_n)


def test_long_steps_reach_the_equilibrium_of_saha(network, kept_step):
    nothing = 0.0 * network.beta
    still = replace(
        network, beta=nothing, plus=nothing, alpha=nothing, spontaneous=nothing, delayed=nothing
    )
    t9, rho, y_n = 1.5, 1e5, 1e-2
    y = np.zeros(network.mask.shape)
    y[50, 20] = 1e-3
    found = kept_step(still, State(jnp.asarray(y), jnp.asarray(y_n)), 1e15, rho, t9, y_n).y[50]
    a = network.nuclei.a[50].astype(float)
    # n_n / 2 (2 pi hbar^2 / m_u k T)^(3/2); the phase space is 9.8685e9 mol/cm^3 at 1 GK.
    ln_ratio = np.log(rho * y_n / (2.0 * 9.8685e9)) - 1.5 * np.log(t9 * (a[:-1] / a[1:]))
    ln_ratio += PER_GK * network.q[50, 1:] / t9
    ratio = np.log(np.asarray(found[1:] / found[:-1]))
    common = np.asarray(found[1:]) > 1e-12
    assert common.sum() > 3
    np.testing.assert_allclose(ratio[common], ln_ratio[common], rtol=1e-6, atol=1e-6)
    assert float(found.sum()) == pytest.approx(1e-3)


def test_a_chain_of_decays_follows_bateman(network, kept_step):
    emitted = np.zeros_like(network.emitted)
    emitted[0] = 1.0
    one = replace(network, emitted=emitted)
    nuclei = network.nuclei
    chain = [(z, 110 - z) for z in range(38, 47) if network.beta[nuclei.at((z, 110 - z))] > 0.0][:3]
    rates_ = np.array([network.beta[nuclei.at(x)] for x in chain])
    y = np.zeros(nuclei.mask.shape)
    y[nuclei.at(chain[0])] = 1e-3
    state = State(jnp.asarray(y), jnp.asarray(0.0))
    end = 1.0 / rates_.max()
    steps = 400
    for _ in range(steps):
        state = kept_step(one, state, end / steps, 1.0, 0.1, 0.0)
    # Bateman (1910), of the first, the second and the third of a chain.
    for k in range(len(chain)):
        lam = rates_[: k + 1]
        terms = [np.exp(-x * end) / np.prod(np.delete(lam, i) - x) for i, x in enumerate(lam)]
        expected = 1e-3 * np.prod(lam[:-1]) * np.sum(terms)
        assert float(state.y[nuclei.at(chain[k])]) == pytest.approx(expected, rel=0.01)
