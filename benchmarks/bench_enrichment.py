"""Enrichment: a step of the network beside a general sparse solver, runs, and labels of stars.

pytest benchmarks/bench_enrichment.py --benchmark-only

Needs the tables of the reaction network (`pip install 'stellar-surrogate[enrichment]'`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.enrichment.bank.conditions import dynamical
from surrogate.enrichment.bank.run import Simulator
from surrogate.enrichment.classifiers.label import label_stars
from surrogate.enrichment.classifiers.shipped import load_shipped
from surrogate.enrichment.network.composition import State
from surrogate.enrichment.network.network import load_network
from surrogate.enrichment.network.rates import rates
from surrogate.enrichment.network.step import advance
from surrogate.enrichment.stars import Stars

RUNS, MINUTES = 480, 10.0
H, RHO, T9, Y_N = 1e-3, 1e6, 1.5, 0.1


@pytest.fixture(scope="module")
def network():
    try:
        return load_network()
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture
def state(network):
    """Some of everything."""
    random = np.random.default_rng(0)
    y = 10.0 ** random.uniform(-12.0, -4.0, network.mask.shape) * network.mask
    y *= (1.0 - Y_N) / (y * network.nuclei.a).sum()
    return State(y, np.asarray(Y_N))


@pytest.fixture
def system(network):
    """The matrix of captures, photodisintegration and beta decay of a step, neutrons given."""
    sparse = pytest.importorskip("scipy.sparse")
    with jax.enable_x64(True):
        now = rates(network, jnp.asarray(T9))
    c, g = H * RHO * Y_N * np.asarray(now.capture), H * np.asarray(now.disintegration)
    nuclei = network.nuclei
    place = np.arange(c.size).reshape(c.shape)
    terms = [(place, place, 1.0 + H * network.beta + c + g)]
    terms += [(place[:, 1:], place[:, :-1], -c[:, :-1]), (place[:, :-1], place[:, 1:], -g[:, 1:])]
    for k, share in enumerate(network.emitted):
        rate = H * network.beta * share
        for z, j in np.argwhere(rate > 0.0):
            target = place[nuclei.at((z + 1, nuclei.n[z, j] - 1 - k))]
            terms.append((target, place[z, j], -rate[z, j]))
    rows, columns, values = (np.concatenate([np.ravel(t[i]) for t in terms]) for i in range(3))
    return sparse.coo_array((values, (rows, columns)), shape=(c.size, c.size)).tocsc()


@pytest.mark.benchmark(group="one step")
def test_step(benchmark, network, state):
    """Seven thousand nuclei and the free neutrons, to convergence."""
    with jax.enable_x64(True):
        step = jax.jit(advance)
        inputs = jax.tree.map(jnp.asarray, (network, state, H, RHO, T9, Y_N))
        benchmark(lambda: jax.block_until_ready(step(*inputs)))


@pytest.mark.benchmark(group="one step")
def test_step_by_a_general_solver(benchmark, system, state):
    """One sparse solve: what each Newton iteration of a general network takes."""
    from scipy.sparse.linalg import spsolve

    benchmark(spsolve, system, np.ravel(state.y))


@pytest.mark.benchmark(group="runs")
def test_parametrised_runs(benchmark, network):
    """480 expansions, two side by side, compilation included."""
    conditions = dynamical()
    assert len(conditions) == RUNS

    def runs():
        simulator = Simulator(network)
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(simulator, conditions))

    found = benchmark.pedantic(runs, rounds=1)
    assert all(np.isfinite(y).all() for y in found)
    assert benchmark.stats.stats.max < 60.0 * MINUTES


@pytest.mark.benchmark(group="labels")
def test_labels(benchmark):
    """200 stars: all networks, probabilities, mixtures and what to measure next."""
    models = load_shipped()
    elements = models.generative.elements
    random = np.random.default_rng(0)
    simulations = models.generative.m
    log_eps = simulations[random.integers(len(simulations), size=200)]
    log_eps = log_eps + random.normal(0.0, 0.1, log_eps.shape)
    log_eps[random.uniform(size=log_eps.shape) < 0.3] = np.nan
    nothing = np.full(log_eps.shape, np.nan)
    stars = Stars(
        name=tuple(f"star {i}" for i in range(200)),
        element=elements,
        log_eps=log_eps,
        limit=nothing,
        error=nothing,
        fe_h=np.full(200, -2.5),
        reference=("",) * 200,
    )
    assert len(benchmark.pedantic(label_stars, (stars, models), rounds=3, warmup_rounds=1)) == 200
