"""The built-in SPH code: a small collision on a processor, a large one on a graphics card.

pytest benchmarks/bench_sph.py --benchmark-only -s

Beside the time of the sums over pairs stands the arithmetic that they did, over the rate of a chain
of multiplications and additions on the same device, measured in the same run. On a graphics card
pairs of tiles out of each other's reach count with the little that is computed for them.
"""

from __future__ import annotations

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.simulations.engine import Orbit
from surrogate.simulations.sph import forces, kernel, smoothing
from surrogate.simulations.sph.approach import approach
from surrogate.simulations.sph.card import COLUMNS, filled, near_order, repeat_last, touch
from surrogate.simulations.sph.energy import conserved
from surrogate.simulations.sph.lattice import star_of_particles
from surrogate.simulations.sph.pairs import Place, pair_sum
from surrogate.simulations.sph.state import Fluid, Method
from surrogate.simulations.sph.step import advance, begin
from surrogate.simulations.stars.polytrope import polytrope

ORBIT = Orbit(rp=0.2, vinf2=0.05, separation=4.0, dt_out=1.0)
METHOD = Method(single=True)
CHAINS, LINKS = 8, 64


@pytest.fixture(autouse=True)
def double():
    """States are in float64."""
    with jax.enable_x64(True):
        yield


def two_stars(particles: int, orbit: Orbit = ORBIT) -> Fluid:
    star = star_of_particles(polytrope(1.5, 1.0, 1.0), particles)
    both = jax.tree.map(jnp.asarray, approach(star, star, orbit))
    order = near_order(both.x)
    return jax.tree.map(lambda part: part[order], both)


def start(particles: int, orbit: Orbit = ORBIT):
    return begin(two_stars(particles, orbit), METHOD)


def arithmetic(pair, particles) -> int:
    """Operations of one pair, those on a particle alone left out."""
    if pair is None:
        return 0
    row = jax.tree.map(lambda a: a[:2, None], particles)
    column = jax.tree.map(lambda a: a[None, :2], particles)
    equations = jax.make_jaxpr(pair)(row, column).jaxpr.eqns
    calls = [e.params["jaxpr"].jaxpr.eqns if "jaxpr" in e.params else [e] for e in equations]
    flat = [e for group in calls for e in group]
    counted = ("add", "sub", "mul", "div", "max", "min", "sqrt", "rsqrt", "select_n", "lt", "gt")
    return sum(e.primitive.name in counted and e.outvars[0].aval.shape == (2, 2) for e in flat)


def near_share(place: Place) -> float:
    """Part of the pairs that are computed in full."""
    if jax.default_backend() != "gpu":
        return 1.0
    size = COLUMNS * math.ceil(len(place.m) / COLUMNS)
    reach = repeat_last(kernel.SUPPORT * place.h, size)
    return float(jnp.mean(touch(filled(place, size), reach)))


def peak() -> float:
    """Operations a second of chains of multiplications and additions in registers."""
    import time

    x = jnp.full(1 << 25 if jax.default_backend() == "gpu" else 1 << 14, 0.3, jnp.float32)

    @jax.jit
    def chains(x):
        sums = [x + 0.1 * k for k in range(CHAINS)]
        for _ in range(LINKS):
            sums = [y * (0.99 - 0.01 * k) + x for k, y in enumerate(sums)]
        return sum(sums)

    chains(x).block_until_ready()
    times = []
    for _ in range(5):
        began = time.perf_counter()
        chains(x).block_until_ready()
        times.append(time.perf_counter() - began)
    return 2 * CHAINS * LINKS * len(x) / float(np.median(times))


def test_a_collision_of_two_times_300(benchmark):
    """A merger from 4 radii to t = 30, to be below 60 s on two cores; compilation not counted."""
    run = start(300)
    before = conserved(run.fluid).total
    advance(run, 30.0, 1, METHOD)
    after = benchmark.pedantic(
        lambda: jax.block_until_ready(advance(run, 30.0, 1_000_000, METHOD)), rounds=1
    )
    benchmark.extra_info["steps"] = int(after.steps)
    benchmark.extra_info["energy error"] = float(conserved(after.fluid).total / before - 1)
    assert benchmark.stats.stats.median < 60


@pytest.mark.parametrize("particles", [300, 10_000])
def test_sums_beside_the_peak(benchmark, particles):
    """The three sums of a step; 15 % of the peak on a graphics card."""
    if particles > 1000 and jax.default_backend() != "gpu":
        pytest.skip("10,000 particles a star need a graphics card")
    run = start(particles)
    m, x, v, h = (
        a.astype(jnp.float32) for a in (run.fluid.m, run.fluid.x, run.fluid.v, run.fluid.h)
    )
    motion, place = [*x.T, *v.T], Place(*[m, *x.T, h])
    acting = forces._Acting(*[m, *motion, 1 / h, 1 / m, m, m, m, m])
    force = partial(forces._force, alpha=1.0, beta=2.0)
    work = [
        (smoothing._count, place, None),
        (forces._neighbour, forces._Near(*[m, *motion, h]), None),
        (force, acting, forces._far),
    ]
    reach = kernel.SUPPORT * h
    sums = [
        (jax.jit(partial(pair_sum, pair, reach=reach, far=far)), given) for pair, given, far in work
    ]
    benchmark(lambda: jax.block_until_ready([f(a) for f, a in sums]))
    near = near_share(place)
    each = [
        near * arithmetic(pair, given) + (1 - near) * arithmetic(far, given)
        for pair, given, far in work
    ]
    rate = len(m) ** 2 * sum(each) / benchmark.stats.stats.median
    benchmark.extra_info |= {"near": near, "operations/s": rate, "of the peak": rate / peak()}
    if jax.default_backend() == "gpu":
        assert rate / peak() > 0.15


def test_steps_of_a_large_collision(benchmark):
    """5,000 steps of two times 10,000 particles are to take less than 3 minutes."""
    if jax.default_backend() != "gpu":
        pytest.skip("needs a graphics card")
    run = start(10_000)
    advance(run, 1e9, 2, METHOD)
    benchmark.pedantic(lambda: jax.block_until_ready(advance(run, 1e9, 200, METHOD)), rounds=3)
    assert benchmark.stats.stats.median / 200 * 5000 < 180
