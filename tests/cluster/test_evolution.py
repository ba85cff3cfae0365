"""A cluster collides: conservation, symmetry, and what the stars become."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import surrogate
from surrogate import Fate
from surrogate.cluster import (
    Cusp,
    Stars,
    Status,
    draw_population,
    evolve,
    kroupa,
    power_law,
    status,
    totals,
)
from surrogate.cluster.rates import collision_rate
from surrogate.cluster.rejuvenation import merged_age, survivor_age
from surrogate.collisions.baselines import Remnants
from surrogate.collisions.rules import Baseline, Surrogate, Unharmed
from surrogate.collisions.structure import radius, tams_age
from surrogate.constants import G

# Compilation of many variants takes most of their time.
pytestmark = pytest.mark.slow

DENSE = Cusp(rho0=1e9, r_min=0.01, r_max=0.3)
CALM = Cusp()
"""Gives speeds at which stars merge as well."""
N, STEPS, DT, LOG = 4096, 40, 5e-4, 8192


@pytest.fixture(scope="module")
def fast():
    return Surrogate(surrogate.load("fast"))


@pytest.fixture(scope="module")
def stars():
    return draw_population(jax.random.key(0), N, DENSE, kroupa(0.2, 50.0), 0.5)


@pytest.fixture(scope="module")
def evolved(fast, stars):
    return evolve(jax.random.key(1), stars, CALM, fast, DT, STEPS, log=LOG)


def total(x):
    return np.asarray(x, np.float64).sum()


def test_population_has_the_mass_of_the_cusp():
    drawn = draw_population(jax.random.key(0), 100_000, Cusp(), kroupa(), 1.0)
    real = float(drawn.weight) * total(drawn.m)
    assert real == pytest.approx(float(Cusp().stellar_mass()), rel=0.02)
    assert (jnp.diff(drawn.r) >= 0).all()


def test_ages_may_be_drawn_given_or_one():
    key = jax.random.key(0)
    drawn = draw_population(key, 1000, DENSE, kroupa(), lambda k, s: -jax.random.uniform(k, s))
    assert (status(drawn) == Status.UNBORN).all()
    given = draw_population(key, 3, DENSE, power_law(2.0, 10.0, 20.0), jnp.array([1e-3, 1.0, 2]))
    assert status(given).tolist() == [Status.MAIN_SEQUENCE, Status.EVOLVED, Status.EVOLVED]


def test_mass_is_conserved(stars, evolved):
    sums = totals(evolved.records)
    assert sums.collisions.sum() > 500
    left = total(evolved.stars.m) + sums.unbound.sum()
    assert left == pytest.approx(total(stars.m), rel=1e-6)
    assert sums.unbound.sum() > 0.0
    assert sums.invalid.sum() == 0


def test_all_fates_are_counted_once(evolved):
    sums = totals(evolved.records)
    np.testing.assert_array_equal(sums.fates.sum(axis=1) + sums.invalid, sums.encounters)
    assert (sums.fates.sum(axis=0) > 0).all()  # none, merger, two, stripped: all happen here
    assert sums.encounters.sum() == evolved.encounters
    assert 0.0 < sums.largest_probability < 1.0
    assert sums.too_likely == 0
    # With a reach of 1, all encounters are collisions
    np.testing.assert_array_equal(sums.collisions, sums.encounters)
    assert evolved.stars.collisions.sum() == 2 * sums.collisions.sum()


def test_some_stars_collide_again(evolved):
    assert evolved.stars.collisions.max() >= 3


def test_log_tells_what_happened(stars, evolved):
    e = jax.tree.map(lambda x: np.asarray(x)[: int(evolved.encounters)], evolved.events)
    assert int(evolved.encounters) < LOG
    assert (e.star1 != e.star2).all()
    assert (np.diff(e.time) >= 0).all()
    assert (e.rp <= radius(e.m1, e.age1) + radius(e.m2, e.age2) + 0.02 * (e.m1 + e.m2)).all()
    np.testing.assert_array_equal(
        np.bincount(e.fate, minlength=4), totals(evolved.records).fates.sum(axis=0)
    )
    # A star's mass is what its last encounter left.
    last = dict(zip(e.star1.tolist() + e.star2.tolist(), [None] * (2 * len(e.r)), strict=True))
    for k in range(len(e.r)):
        last[e.star1[k]], last[e.star2[k]] = e.m1_final[k], e.m2_final[k]
    for star, m in last.items():
        assert evolved.stars.m[star] == m
    untouched = np.setdiff1d(np.arange(N), [*last])
    np.testing.assert_array_equal(evolved.stars.m[untouched], stars.m[untouched])


def test_products_are_rejuvenated(evolved):
    e = jax.tree.map(lambda x: np.asarray(x)[: int(evolved.encounters)], evolved.events)
    counts = np.bincount(np.append(e.star1, e.star2), minlength=N)
    once = (counts[e.star1] == 1) & (counts[e.star2] == 1)
    end = float(evolved.time[-1])
    s1, s2 = e.age1 / tams_age(e.m1), e.age2 / tams_age(e.m2)
    merged = once & (e.fate == Fate.MERGER) & (e.m1_final > 0)
    m3 = e.m1_final[merged]
    expected = merged_age(e.m1[merged], e.m2[merged], s1[merged], s2[merged], m3, tams_age(m3)) + (
        end - e.time[merged]
    )
    assert merged.sum() > 20
    np.testing.assert_allclose(evolved.stars.age[e.star1[merged]], expected, rtol=1e-3, atol=1e-6)
    survived = once & (e.fate != Fate.MERGER) & (e.m1_final > 0) & (e.m1_final != e.m1)
    m = e.m1_final[survived]
    expected = survivor_age(e.m1[survived], s1[survived], m, tams_age(m)) + end - e.time[survived]
    assert survived.sum() > 20
    np.testing.assert_allclose(evolved.stars.age[e.star1[survived]], expected, rtol=1e-3)


def test_unharmed_stars_only_age(stars):
    out = evolve(jax.random.key(1), stars, DENSE, Unharmed(), DT, STEPS)
    np.testing.assert_array_equal(out.stars.m, stars.m)
    np.testing.assert_allclose(out.stars.age, stars.age + STEPS * DT, rtol=1e-6)
    assert out.stars.collisions.sum() > 0


def test_chunks_change_nothing_and_progress_may_stop(fast, stars, evolved):
    seen = []

    def run(progress):
        return evolve(
            jax.random.key(1), stars, CALM, fast, DT, STEPS, log=LOG, chunk=20, progress=progress
        )

    out = run(seen.append)
    assert seen == [20, 40]
    for a, b in zip(jax.tree.leaves(out), jax.tree.leaves(evolved), strict=True):
        np.testing.assert_array_equal(a, b)
    short = run(lambda done: False)
    assert len(short.time) == len(short.records.unbound) == 20
    np.testing.assert_array_equal(short.records.unbound, evolved.records.unbound[:20])


def test_order_of_the_stars_does_not_matter(fast, stars, evolved):
    order = np.random.default_rng(0).permutation(N)
    shuffled = Stars(*(x[order] for x in stars[:4]), stars.weight)
    out = evolve(jax.random.key(1), shuffled, CALM, fast, DT, STEPS, log=LOG)
    np.testing.assert_array_equal(out.stars.m, evolved.stars.m[order])
    np.testing.assert_array_equal(out.stars.age, evolved.stars.age[order])
    np.testing.assert_array_equal(out.records.fates, evolved.records.fates)


def test_stars_past_the_main_sequence_and_unborn_ones_do_not_collide():
    drawn = draw_population(jax.random.key(0), N, DENSE, kroupa(0.2, 50.0))
    for age in (14.9, -5.0):
        heavy = drawn._replace(m=jnp.maximum(drawn.m, 2.0), age=jnp.full(N, age))
        out = evolve(jax.random.key(1), heavy, DENSE, Baseline(), DT, STEPS)
        assert out.encounters == 0


def test_reach_lets_tides_capture(fast, stars):
    # Slow stars: nearly all that pass closely are captured
    class Slow:
        def dispersion(self, r):
            return jnp.full_like(r, 5.0)

    sparse = stars._replace(weight=stars.weight / 300.0)
    out = evolve(jax.random.key(1), sparse, Slow(), fast, DT, STEPS, reach=3.0, log=LOG)
    sums = totals(out.records)
    assert 0.2 * sums.encounters.sum() < sums.collisions.sum() < 0.6 * sums.encounters.sum()
    e = jax.tree.map(lambda x: np.asarray(x)[: int(out.encounters)], out.events)
    # Most of a cross-section for slow pairs is in their pericentres, uniformly
    d = 3.0 * (radius(e.m1, e.age1) + radius(e.m2, e.age2))
    assert stats.kstest(e.rp / np.asarray(d), "uniform").pvalue > 0.01
    outside = e.rp > d / 3.0
    assert (e.fate[outside] == Fate.MERGER).mean() > 0.1


def test_a_rule_without_answers_harms_no_star(stars):
    class Speechless:
        def __call__(self, e):
            nan = jnp.full_like(e.m1, jnp.nan)
            return Remnants(jnp.full(nan.shape, -1), nan, nan, nan)

    jax.tree_util.register_pytree_node(Speechless, lambda x: ((), None), lambda *_: Speechless())
    out = evolve(jax.random.key(1), stars, DENSE, Speechless(), DT, STEPS)
    sums = totals(out.records)
    assert sums.invalid.sum() == sums.encounters.sum() > 100
    np.testing.assert_array_equal(out.stars.m, stars.m)
    assert sums.unbound.sum() == 0.0


def test_stars_too_heavy_for_the_simulations_are_answered_and_counted(fast):
    drawn = draw_population(jax.random.key(0), N, DENSE, power_law(2.0, 60.0, 100.0), 1e-3)
    out = evolve(jax.random.key(1), drawn, CALM, fast, 1e-5, STEPS, log=LOG)
    sums = totals(out.records)
    assert 0 < sums.outside.sum() < sums.encounters.sum()
    assert out.stars.m.max() > 100.0
    left = total(out.stars.m) + sums.unbound.sum()
    assert left == pytest.approx(total(drawn.m), rel=1e-6)


@pytest.mark.parametrize("n", [1, pytest.param(31, marks=pytest.mark.slow)])
def test_few_stars(n):
    drawn = draw_population(jax.random.key(0), n, DENSE, kroupa(), 0.1)
    out = evolve(jax.random.key(1), drawn, DENSE, Baseline(), 1e-6, 3)
    assert all(jnp.isfinite(x).all() for x in jax.tree.leaves(out.stars))
    assert (out.encounters == 0) or n > 1


def expected_encounters(cusp, weight, mass, age, time):
    """Of tracked stars of one mass: 1/2 n^2 <sigma v> over the volume."""
    r = np.geomspace(float(cusp.r_min), float(cusp.r_max), 400)
    n = np.asarray(cusp.density(r), float) / mass
    rate = collision_rate(1.0, 2 * float(radius(mass, age)), 2 * mass, cusp.dispersion(r))
    each = 0.5 * n**2 * np.asarray(rate, float) * 4 * np.pi * r**3
    return np.trapezoid(each, np.log(r)) * time / weight


@pytest.mark.parametrize(
    ("n", "cell"),
    [
        (8192, 4),
        pytest.param(8192, 16, marks=pytest.mark.slow),
        pytest.param(8192, 64, marks=pytest.mark.slow),
        pytest.param(2048, 16, marks=pytest.mark.slow),
    ],
)
def test_number_of_encounters_is_the_analytic_integral(n, cell):
    # Whatever the cells and the weight. Stars of one mass: no luck in drawing the masses.
    cusp = Cusp(rho0=1e8, r_min=0.02, r_max=0.1)
    time, found, expected = 1e-3 * 8192 / n, 0, 0.0
    for number in range(8):
        drawn = draw_population(jax.random.key(number), n, cusp, power_law(0.0, 0.999, 1.001), 1.0)
        out = evolve(jax.random.key(number), drawn, cusp, Unharmed(), time / 20, 20, cell=cell)
        found += int(out.encounters)
        expected += expected_encounters(cusp, float(drawn.weight), 1.0, 1.0, time)
    assert expected > 500
    assert found == pytest.approx(expected, abs=3.5 * np.sqrt(expected))


def test_dt_may_be_one_a_step(stars):
    steps = np.geomspace(1e-5, 1e-3, STEPS)
    out = evolve(jax.random.key(1), stars, DENSE, Baseline(), steps, STEPS)
    np.testing.assert_allclose(out.time, np.cumsum(steps), rtol=1e-6)


def test_it_may_be_called_under_jit(stars):
    def products(hole, key):
        return evolve(key, stars, Cusp(hole), Baseline(), DT, STEPS).records.products.sum()

    inside = jax.jit(products)(4e6, jax.random.key(1))
    assert float(inside) == pytest.approx(float(products(4e6, jax.random.key(1))), rel=0.05)
    assert inside > 0


@pytest.mark.slow
def test_extreme_populations_have_no_nan(fast):
    """10^5 random stars of all masses and ages, in cusps from thin to absurd."""
    key = jax.random.key(5)
    n = 25_000
    for rho0, gamma, hole in (
        (1e2, 1.05, 1e3),
        (1e6, 1.75, 4e6),
        (1e9, 2.5, 1e8),
        (1e13, 2.9, 1e10),
    ):
        cusp = Cusp(hole, rho0, gamma=gamma, r_min=1e-5, r_max=10.0)
        drawn = draw_population(
            key,
            n,
            cusp,
            power_law(1.0, 0.01, 150.0),
            lambda k, s: 16 * jax.random.uniform(k, s) ** 4,
        )
        out = evolve(jax.random.key(6), drawn, cusp, fast, 1e-3, 10, block=1024)
        sums = totals(out.records)
        for x in jax.tree.leaves((out.stars, out.records)):
            assert jnp.isfinite(x).all()
        left = total(out.stars.m) + sums.unbound.sum()
        assert left == pytest.approx(total(drawn.m), rel=1e-6)


@pytest.mark.slow
def test_speeds_in_the_log_are_those_of_meeting_stars():
    drawn = draw_population(
        jax.random.key(0), 16384, DENSE, power_law(0.0, 0.999, 1.001), 1.0
    )._replace(r=jnp.linspace(0.1, 0.1001, 16384))
    out = evolve(jax.random.key(1), drawn, DENSE, Unharmed(), 1e-5, 20, log=8192)
    v = np.asarray(out.events.vinf[: int(out.encounters)], float)
    s = np.sqrt(2.0) * float(DENSE.dispersion(0.1))
    d = 2 * float(radius(1.0, 1.0))
    grid = np.linspace(0.0, 12.0 * s, 20_001)[1:]
    weight = grid**3 * np.exp(-(grid**2) / (2 * s**2)) * (1.0 + 4 * G / (d * grid**2))
    cdf = np.cumsum(weight) / weight.sum()
    assert len(v) > 300
    assert stats.kstest(v, lambda x: np.interp(x, grid, cdf)).pvalue > 0.01


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"steps": 0}, "steps = 0"),
        ({"cell": 12}, "cell = 12: allowed are powers of two"),
        ({"dt": -1.0}, r"dt = -1.0: allowed are numbers > 0"),
        ({"dt": np.ones(3)}, r"dt has the shape \(3,\)"),
        ({"reach": 0.5}, "reach = 0.5: allowed are numbers >= 1"),
        ({"block": 0}, "block = 0"),
        ({"chunk": 0}, "chunk = 0"),
    ],
)
def test_what_makes_no_sense_is_refused(stars, wrong, message):
    arguments = {"dt": DT, "steps": STEPS} | wrong
    with pytest.raises(ValueError, match=message):
        evolve(jax.random.key(1), stars, DENSE, Baseline(), **arguments)


def test_an_empty_population_is_refused():
    with pytest.raises(ValueError, match="n = 0"):
        draw_population(jax.random.key(0), 0, DENSE, kroupa())
