"""StarSmasher's recorded runs, from its own first snapshots."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.simulations.particles import Particles
from surrogate.simulations.remnants import assign, measure
from surrogate.simulations.sph.energy import conserved
from surrogate.simulations.sph.snapshot import fluid_of
from surrogate.simulations.sph.state import Method
from surrogate.simulations.sph.step import advance, begin
from surrogate.simulations.starsmasher.snapshots import read_snapshot

METHOD = Method(neighbours=38.0)
"""As many as in these runs, whose nnopt is 23."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "end", "bound"),
    [("merger", 30.0, (1.635,)), ("disruptive", 10.0, (0.828, 0.600)), ("flyby", 12.0, (1.0, 0.7))],
)
def test_the_same_remnants(starsmasher_dir, name, end, bound):
    first = read_snapshot(starsmasher_dir / name / "out0000.sph")
    with jax.enable_x64(True):
        fluid = jax.tree.map(jnp.asarray, fluid_of(first))
        run = begin(fluid, METHOD, first.time)
        before = conserved(run.fluid)
        run = advance(run, end, 100_000, METHOD)
        after = conserved(run.fluid)
    assert float(after.total / before.total) == pytest.approx(1.0, abs=1e-3)
    np.testing.assert_allclose(after.momentum, before.momentum, atol=1e-10)
    f = run.fluid
    particles = Particles(f.m, f.x, f.v, f.u, run.rates.rho, f.h, f.u)
    labels = np.where(np.arange(len(f.m)) < 294, 1, 2)
    found = measure(particles, assign(particles, labels).labels)
    left = sorted(mass for mass in found.mass if mass > 0)
    assert left == pytest.approx(sorted(bound), abs=0.02)
