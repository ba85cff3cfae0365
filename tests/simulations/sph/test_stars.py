"""Stars of particles: their masses and radii, and that they hold."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.simulations import units
from surrogate.simulations.sph.lattice import star_of_particles
from surrogate.simulations.sph.relax import Relaxation, new_star, relax_many
from surrogate.simulations.sph.state import Method
from surrogate.simulations.sph.step import advance, begin
from surrogate.simulations.stars.main_sequence import main_sequence_star
from surrogate.simulations.stars.polytrope import polytrope


@pytest.mark.parametrize("equal_mass", [0.0, 0.5, 1.0])
def test_particles_have_the_masses_and_radii_of_the_profile(equal_mass):
    profile = main_sequence_star(2.0, 0.5)
    star = star_of_particles(profile, 4000, equal_mass)
    assert len(star.m) == pytest.approx(4000, rel=0.02)
    assert star.m.sum() == pytest.approx(2.0, rel=1e-12)
    assert (star.m > 0).all()
    np.testing.assert_allclose(star.m @ star.x, 0.0, atol=1e-12)
    if equal_mass == 1.0:
        assert np.ptp(star.m) < 1e-9 * star.m.max()
    r = np.linalg.norm(star.x, axis=1)
    order = np.argsort(r)
    within = np.cumsum(star.m[order])
    for share in (0.3, 0.5, 0.7, 0.9):
        found = np.interp(share * 2.0, within, r[order])
        there = np.interp(share * 2.0, profile.m / units.MASS, profile.r / units.LENGTH)
        assert found == pytest.approx(there, rel=0.05)
    assert r.max() < profile.radius


@pytest.mark.parametrize(("particles", "equal_mass"), [(99, 0.5), (200, -0.1), (200, 1.1)])
def test_what_is_no_star_is_refused(particles, equal_mass):
    with pytest.raises(ValueError, match="allowed"):
        star_of_particles(polytrope(1.5, 1.0, 1.0), particles, equal_mass)


def radius_within(fluid, share):
    r, m = np.linalg.norm(fluid.x, axis=1), np.asarray(fluid.m)
    order = np.argsort(r)
    return np.interp(share, np.cumsum(m[order]) / m.sum(), r[order])


@pytest.mark.slow
def test_a_relaxed_star_stays_as_it_is():
    method = Method(radiation=False)
    profile = polytrope(1.5, 1.0, 1.0)
    scale = profile.dynamical_time
    star = new_star(profile, 300, method)
    (relaxed,) = relax_many([star], [scale], method, Relaxation(time=15.0))
    with jax.enable_x64(True):
        fluid = jax.tree.map(jnp.asarray, relaxed)
        run = jax.jit(begin, static_argnums=1)(fluid, method)
        later = advance(run, 5.0 * scale, 100_000, method)
    for share in (0.3, 0.6, 0.9):
        now, then = (radius_within(f, share) for f in (later.fluid, fluid))
        assert now == pytest.approx(then, rel=0.04)
    moving = 0.5 * np.sum(later.fluid.m[:, None] * later.fluid.v**2)
    assert moving < 1e-3  # of |W| = 0.86
