"""Many collisions at once end as each would alone."""

import math

import numpy as np
import pytest

from surrogate.simulations.engine import Orbit
from surrogate.simulations.sph.approach import approach
from surrogate.simulations.sph.lattice import star_of_particles
from surrogate.simulations.sph.many import Start, collide_many
from surrogate.simulations.sph.state import Method
from surrogate.simulations.stars.polytrope import polytrope
from surrogate.simulations.stopping import StopRule

pytestmark = pytest.mark.slow

METHOD = Method(single=True, radiation=False)
RULE = StopRule(extension=1.0, few_particles=10)


def start(rp, vinf2):
    star = star_of_particles(polytrope(1.5, 1.0, 1.0), 100)
    both = approach(star, star, Orbit(rp, vinf2, 3.0, 0.2))
    return Start(both, len(star.m), dt_out=0.2, first=1.5)


def test_a_batch_says_what_each_says_alone_and_names_what_went_wrong():
    broken = start(1.0, 10.0)
    broken.fluid.u[3] = math.nan
    starts = [start(0.2, 60.0), broken, start(1.9, 10.0)]
    heard, told = [], []
    ends = collide_many(
        starts, METHOD, RULE, batch=2, tell=lambda k, t: told.append(k), done=heard.append
    )
    assert [end.number for end in ends] == [0, 1, 2]
    assert sorted(end.number for end in heard) == [0, 1, 2]
    assert set(told) == {0, 1, 2}
    assert "nan, allowed" in ends[1].failure
    for k in (0, 2):
        (alone,) = collide_many([starts[k]], METHOD, RULE)
        assert not ends[k].failure
        assert ends[k].history.t[-1] == alone.history.t[-1] >= 1.5
        np.testing.assert_allclose(ends[k].history.mass, alone.history.mass, atol=0.02)
        assert abs(ends[k].energy_error) < 1e-3
        assert ends[k].momentum_error < 1e-5
    assert ends[2].history.mass[-1] == pytest.approx([1.0, 1.0], abs=0.05)
    assert ends[0].history.mass[-1].sum() < 1.9
