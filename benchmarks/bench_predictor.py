"""Speed of the whole pipeline (radii, tides, networks), beside its bare matrix products.

    pytest benchmarks/bench_predictor.py --benchmark-columns=median,iqr,rounds

Machines are shared and noisy: compare medians of one run. The forward pass of 100,000 encounters
by the published networks should take at most 1.5 times their bare matrix products, the gradient at
most 4 times the forward pass; the fast model should answer a million encounters in a second on two
cores.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import surrogate
from surrogate import Encounter
from surrogate.collisions.models import MODELS

N = 100_000
MANY = 2**20


@pytest.fixture(scope="module")
def model():
    """The published networks, whose matrix products are the yardstick."""
    return surrogate.load("separate")


def random_encounters(n):
    rng = np.random.default_rng(0)
    columns = (
        10 ** rng.uniform(-3, 1, n),
        10 ** rng.uniform(-0.7, 1.8, n),
        10 ** rng.uniform(-0.7, 1.8, n),
        rng.uniform(0, 5, n),
        10 ** rng.uniform(0, 4.2, n),
    )
    return Encounter(*(jnp.asarray(c, jnp.float32) for c in columns))


@pytest.fixture(scope="module")
def encounters():
    return random_encounters(N)


def kernels(model):
    """Weight matrices of both networks, in order."""
    return [
        [w for name, w in sorted(arrays.items()) if name.endswith("kernel")]
        for arrays in model.networks.values()
    ]


def products(networks, x):
    outputs = []
    for weights in networks:
        h = x
        for w in weights:
            h = h @ w
        outputs.append(h)
    return outputs


def run(benchmark, f, *args, rounds=10):
    benchmark.pedantic(
        lambda: jax.block_until_ready(f(*args)), rounds=rounds, iterations=1, warmup_rounds=2
    )


@pytest.mark.benchmark(group="one encounter")
@pytest.mark.parametrize("name", MODELS)
def test_one_jitted_call(benchmark, name):
    args = jax.tree.map(jnp.float32, Encounter(1.0, 1.0, 0.8, 0.5, 100.0))
    run(benchmark, jax.jit(surrogate.load(name)), args, rounds=1000)


@pytest.mark.benchmark(group="every model, 100,000 encounters")
@pytest.mark.parametrize("name", MODELS)
def test_every_model(benchmark, encounters, name):
    run(benchmark, jax.jit(surrogate.load(name)), encounters)


@pytest.mark.benchmark(group="fast model, 1,048,576 encounters")
@pytest.mark.parametrize("columns", ["all fields", "fates and masses"])
def test_fast_model(benchmark, columns):
    fast = surrogate.load("fast")

    def answer(e):
        out = fast(e)
        return out if columns == "all fields" else (out.fate, out.m1_final, out.m2_final)

    run(benchmark, jax.jit(answer), random_encounters(MANY))


@pytest.mark.benchmark(group="one encounter")
def test_one_eager_call(benchmark, model):
    run(benchmark, model, 1.0, 1.0, 0.8, 0.5, 100.0, rounds=1000)


@pytest.mark.benchmark(group="100,000 encounters")
def test_bare_matrix_products(benchmark, model):
    run(benchmark, jax.jit(lambda x: products(kernels(model), x)), jnp.ones((N, 5)))


@pytest.mark.benchmark(group="100,000 encounters")
def test_bare_matrix_products_in_blocks(benchmark, model):
    """The same in blocks that stay in cache, as the pipeline does it."""
    block = MODELS[model.kind].block
    x = jnp.ones((-(-N // block), block, 5))
    f = jax.jit(lambda x: jax.lax.map(lambda block: products(kernels(model), block), x))
    run(benchmark, f, x)


@pytest.mark.benchmark(group="100,000 encounters")
def test_whole_pipeline(benchmark, model, encounters):
    run(benchmark, jax.jit(model), encounters)


@pytest.mark.benchmark(group="100,000 encounters")
def test_whole_pipeline_smooth(benchmark, model, encounters):
    run(benchmark, jax.jit(lambda e: model(e, smooth=True)), encounters)


@pytest.mark.benchmark(group="100,000 encounters")
@pytest.mark.parametrize("smooth", [False, True])
def test_gradient(benchmark, model, encounters, smooth):
    """Derivatives of the heavier star's final mass with respect to every input."""

    def total(e):
        return model(e, smooth=smooth).m1_final.sum()

    run(benchmark, jax.jit(jax.grad(total)), encounters)


@pytest.mark.benchmark(group="100,000 encounters")
def test_vmapped_pipeline(benchmark, model, encounters):
    """As a user's vmap of a scalar function runs it: without the blocks."""
    run(benchmark, jax.jit(jax.vmap(model)), encounters)
