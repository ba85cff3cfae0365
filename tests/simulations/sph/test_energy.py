"""Energies and momenta are those of the particles."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.simulations.sph import kernel
from surrogate.simulations.sph.energy import conserved, potential
from surrogate.simulations.sph.state import Fluid


def test_potential_is_the_sum_over_pairs(cloud):
    fluid = cloud(0)
    r = np.linalg.norm(np.asarray(fluid.x)[:, None] - np.asarray(fluid.x), axis=-1)
    h = np.asarray(fluid.h)
    phi = np.asarray(kernel.potential(jnp.asarray(r / h[:, None]))) / h[:, None]
    np.testing.assert_allclose(potential(fluid), 0.5 * (phi + phi.T) @ fluid.m, rtol=1e-13)


def test_two_far_apart_are_points():
    m, h = jnp.asarray([2.0, 3.0]), jnp.asarray([0.1, 0.2])
    x = jnp.asarray([[0.0, 0, 0], [10.0, 0, 0]])
    fluid = Fluid(m, x, x, m, h, m)
    own = float(kernel.potential(jnp.asarray(0.0))) * (4 / 0.1 + 9 / 0.2) / 2
    assert float(conserved(fluid).gravitational) == pytest.approx(own - 2 * 3 / 10, rel=1e-14)


def test_sums_over_particles(cloud):
    fluid = cloud(1)
    m, x, v, u = (np.asarray(a) for a in (fluid.m, fluid.x, fluid.v, fluid.u))
    found = conserved(fluid)
    assert float(found.kinetic) == pytest.approx(sum(0.5 * m * (v**2).sum(1)), rel=1e-13)
    assert float(found.internal) == pytest.approx(sum(m * u), rel=1e-13)
    np.testing.assert_allclose(found.momentum, (m[:, None] * v).sum(0), atol=1e-14)
    np.testing.assert_allclose(found.spin, (m[:, None] * np.cross(x, v)).sum(0), atol=1e-14)
    assert float(found.total) == pytest.approx(
        float(found.kinetic + found.internal + found.gravitational), rel=1e-14
    )
