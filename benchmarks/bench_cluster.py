"""Speed of the cluster that collides: the time of a step, which should grow as the stars do.

    pytest benchmarks/bench_cluster.py --benchmark-columns=median,iqr,rounds

Machines are shared and noisy: compare medians of one run. On two cores 10^5 stars and 10^3 steps
should take less than 5 minutes (they take under half a minute); the last benchmark does just that.
"""

import time

import jax
import pytest

import surrogate
from surrogate.cluster import Cusp, draw_population, evolve, kroupa
from surrogate.collisions.rules import Baseline, Surrogate

CUSP = Cusp()
DT = 0.002


@pytest.fixture(scope="module")
def rules():
    return {"surrogate": Surrogate(surrogate.load("fast")), "sticky": Baseline()}


def runner(rule, n, steps):
    stars = draw_population(jax.random.key(0), n, CUSP, kroupa(), 1.0)

    def run():
        return jax.block_until_ready(evolve(jax.random.key(1), stars, CUSP, rule, DT, steps))

    run()  # compiles
    return run


@pytest.mark.parametrize("n", [10**4, 10**5, 10**6])
def test_steps(benchmark, rules, n):
    steps = max(20, 2_000_000 // n)  # of 10^6 stars the sorting before the run would show
    benchmark.extra_info["stars times steps"] = n * steps
    benchmark.pedantic(runner(rules["surrogate"], n, steps), rounds=5)


@pytest.mark.parametrize("name", ["surrogate", "sticky"])
def test_rules(benchmark, rules, name):
    benchmark.pedantic(runner(rules[name], 10**5, 50), rounds=5)


def test_a_run(benchmark, rules):
    began = time.perf_counter()
    run = runner(rules["surrogate"], 10**5, 1000)
    assert time.perf_counter() - began < 300  # compilation included
    benchmark.pedantic(run, rounds=1)
