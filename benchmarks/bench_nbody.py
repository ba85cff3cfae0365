"""Speed of the N-body code, and what the rule of collisions adds to it.

    pytest benchmarks/bench_nbody.py --benchmark-columns=median,iqr,rounds

A run of stars that collide should take at most 10 per cent longer with the surrogate than with
sticky spheres. Runs are timed in turns, since the machine may have other work.
"""

import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import surrogate
from surrogate.collisions.rules import Baseline, Surrogate
from surrogate.nbody.compensated import two_words
from surrogate.nbody.forces import Bodies, field, usual_block
from surrogate.nbody.plummer import plummer
from surrogate.nbody.run import run
from surrogate.nbody.state import begin


@pytest.mark.benchmark(group="forces, jerks and impending collisions")
@pytest.mark.parametrize("n", [128, 512, 2048])
def test_forces(benchmark, n):
    stars = plummer(jax.random.key(0), jnp.ones(n), 100.0)
    pairs = Bodies(two_words(stars.x), stars.v, stars.m, stars.r, jnp.full(n, -1, jnp.int32))
    f = jax.jit(lambda pairs: field(pairs, 0.0, usual_block()))
    jax.block_until_ready(f(pairs))
    benchmark(lambda: jax.block_until_ready(f(pairs)))


@pytest.mark.parametrize("n", [128, 512])
def test_surrogate_beside_sticky_spheres(n):
    stars = plummer(jax.random.key(0), jnp.geomspace(0.3, 5.0, n), 0.1 * n, age=0.01)
    rules = {"surrogate": Surrogate(surrogate.load("fast")), "sticky": Baseline()}
    first, seconds, collisions = begin(stars), {name: [] for name in rules}, {}
    for k in range(12):
        for name, rule in rules.items():
            begun = time.perf_counter()
            state, _ = jax.block_until_ready(run(first, rule, 1.0, 500))
            collisions[name] = int(state.events.number)
            if k:  # the first compiles
                seconds[name].append(time.perf_counter() - begun)
    ratio = float(np.median(np.divide(seconds["surrogate"], seconds["sticky"])))
    print(f"{n} stars: ratio {ratio:.3f}, collisions {collisions}")
    assert ratio < 1.1
