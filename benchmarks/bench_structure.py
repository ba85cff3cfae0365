"""Speed of stellar radii.

pytest benchmarks/bench_structure.py
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.collisions import structure

N = 100_000


@pytest.mark.benchmark(group="radii of 100,000 stars")
@pytest.mark.parametrize("function", ["radius", "enclosed_radii", "tams_age"])
def test_structure(benchmark, function):
    rng = np.random.default_rng(0)
    mass = jnp.asarray(10 ** rng.uniform(-0.7, 1.8, N), jnp.float32)
    age = jnp.asarray(10 ** rng.uniform(-4.0, 1.1, N), jnp.float32)
    args = (mass,) if function == "tams_age" else (mass, age)
    f = getattr(structure, function)
    jax.block_until_ready(f(*args))
    benchmark(lambda: jax.block_until_ready(f(*args)))
