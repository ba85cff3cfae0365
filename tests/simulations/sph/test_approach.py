"""Two stars start on the orbit that was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.orbits import two_body
from surrogate.simulations.engine import Orbit
from surrogate.simulations.sph.approach import approach


def halves(fluid, n1):
    """Mass, centre and velocity of the first particles and of the rest."""
    for part in (slice(n1), slice(n1, None)):
        m = fluid.m[part]
        yield m.sum(), m @ fluid.x[part] / m.sum(), m @ fluid.v[part] / m.sum()


@given(
    rp=st.floats(0.0, 5.0),
    vinf2=st.floats(0.0, 100.0),
    separation=st.floats(6.0, 100.0),
    mass=st.floats(0.1, 50.0),
)
def test_the_orbit_is_the_one_asked_for(cloud, rp, vinf2, separation, mass):
    one, two = cloud(0, 20), cloud(1, 15)
    two = two._replace(m=mass * two.m)
    fluid = approach(one, two, Orbit(rp, vinf2, separation, 1.0))
    (m1, x1, v1), (m2, x2, v2) = halves(fluid, 20)
    found = two_body(x1 - x2, v1 - v2, m1, m2)
    assert np.linalg.norm(x1 - x2) == pytest.approx(separation, rel=1e-12)
    assert float(found.pericentre) == pytest.approx(rp, rel=1e-7, abs=1e-12)
    speed2 = 2 * float(found.energy) * (m1 + m2) / (m1 * m2)
    assert speed2 == pytest.approx(vinf2, rel=1e-10, abs=1e-11 * (m1 + m2))
    assert (x1 - x2) @ (v1 - v2) < 0  # they come nearer
    assert float(found.angular_momentum[2]) >= -1e-13 * m1
    np.testing.assert_allclose(found.angular_momentum[:2], 0, atol=1e-12)
    np.testing.assert_allclose(m1 * x1 + m2 * x2, 0, atol=1e-10 * m1 * separation)
    np.testing.assert_allclose(m1 * v1 + m2 * v2, 0, atol=1e-10 * m1)


def test_stars_stay_as_they_are_wherever_they_were(cloud):
    one, two = cloud(0, 20), cloud(1, 15)
    orbit = Orbit(1.0, 1.0, 5.0, 1.0)
    fluid = approach(one, two, orbit)
    np.testing.assert_array_equal(fluid.m, np.concatenate([one.m, two.m]))
    np.testing.assert_array_equal(fluid.u, np.concatenate([one.u, two.u]))
    for part, star in ((slice(20), one), (slice(20, None), two)):
        for a, b in ((fluid.x[part], star.x), (fluid.v[part], star.v)):
            np.testing.assert_allclose(a - a[0], b - b[0], atol=1e-14)
    moved = approach(one._replace(x=one.x + 7.0, v=one.v - 3.0), two, orbit)
    np.testing.assert_allclose(moved.x, fluid.x, atol=1e-13)
    np.testing.assert_allclose(moved.v, fluid.v, atol=1e-13)


def test_it_may_start_at_pericentre(cloud):
    fluid = approach(cloud(0, 20), cloud(1, 15), Orbit(3.0, 1.0, 3.0, 1.0))
    (m1, x1, v1), (m2, x2, v2) = halves(fluid, 20)
    assert float(two_body(x1 - x2, v1 - v2, m1, m2).pericentre) == pytest.approx(3.0, rel=1e-7)


@pytest.mark.parametrize("orbit", [Orbit(3.0, 1.0, 2.0, 1.0), Orbit(1.0, -0.5, 50.0, 1.0)])
def test_a_separation_that_the_orbit_does_not_reach_is_refused(cloud, orbit):
    message = rf"separation = {orbit.separation:g} Rsun, allowed: {orbit.rp:g} Rsun"
    with pytest.raises(ValueError, match=message):
        approach(cloud(0, 20), cloud(1, 15), orbit)
