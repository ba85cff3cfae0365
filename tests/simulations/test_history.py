"""Stars followed through recorded and made-up runs, and what is left of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.collisions.encounter import Fate
from surrogate.simulations import units
from surrogate.simulations.history import follow, outcome
from surrogate.simulations.particles import Particles
from surrogate.simulations.starsmasher.snapshots import find_snapshots, read_snapshot

N1, N2 = 150, 100


def ball(n, mass=1.0, radius=1.0, seed=0):
    """Return masses and positions of equal particles, evenly in a sphere about the origin."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(n, 3))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    x = radius * directions * np.cbrt(rng.uniform(0.02, 1.0, n))[:, None]
    return np.full(n, mass / n), x - x.mean(axis=0)


def moment(*stars):
    """Join stars, each (m, x, v), to the particles of a snapshot."""
    m, x, v = (np.concatenate(columns) for columns in zip(*stars, strict=True))
    one = np.ones(len(m))
    return Particles(m=m, x=x, v=v, u=one, rho=one, h=one, phi=-one)


def star(n, mass, radius, at=(0, 0, 0), moving=(0, 0, 0), bursting=0.0, seed=0):
    """Return m, x, v of a cold star, or of one that flies apart at `bursting` times x."""
    m, x = ball(n, mass, radius, seed)
    return m, x + at, bursting * x + moving


def ballistic(times, m1=1.0, m2=0.7, speed=6.0, offset=0.0, n1=N1, n2=N2, burst=(0, 0), from_=0.0):
    """A run in which star 2 passes at constant speed, at x = speed * t; stars may fly apart.

    `burst` is how fast the particles of each fly outwards, from t = `from_` on.
    """
    total = m1 + m2
    for t in times:
        stars = []
        for n, mass, radius, share, rate, seed in (
            (n1, m1, 1.0, -m2 / total, burst[0], 0),
            (n2, m2, 0.7, m1 / total, burst[1], 1),
        ):
            m, x = ball(n, mass, radius, seed)
            rate = rate if t >= from_ else 0.0
            motion = np.array([speed * share, 0, 0])
            place = np.array([speed * t, offset, 0]) * share
            stars.append((m, x * (1 + rate * max(t - from_, 0.0)) + place, rate * x + motion))
        yield t, moment(*stars)


def circular(times, a, m1=1.0, m2=0.7):
    """A run of two cold stars that circle each other at distance `a`."""
    total, rate = m1 + m2, math.sqrt((m1 + m2) / a**3)
    for t in times:
        c, s = math.cos(rate * t), math.sin(rate * t)
        x, v = a * np.array([c, s, 0]), a * rate * np.array([-s, c, 0])
        yield (
            t,
            moment(
                star(N1, m1, 1.0, -m2 / total * x, -m2 / total * v),
                star(N2, m2, 0.7, m1 / total * x, m1 / total * v, seed=1),
            ),
        )


def swapped(run, n1=N1):
    """The same run with the stars in the other order."""
    for t, particles in run:
        order = np.r_[n1 : len(particles.m), 0:n1]
        yield t, Particles(*(column[order] for column in particles))


def recorded(folder):
    """Return time and particles of every snapshot of a recorded run."""
    for path in find_snapshots(folder):
        snapshot = read_snapshot(path)
        yield snapshot.time, snapshot.particles()


# Recorded runs, n1 = 294 by m1m2rp.sph


@pytest.mark.slow
@pytest.mark.parametrize(
    ("run", "fate", "m1", "m2"),
    [
        ("merger", Fate.MERGER, 1.635, 0.0),
        ("disruptive", Fate.TWO, 0.828, 0.600),
        ("flyby", Fate.TWO, 1.0, 0.7),
    ],
)
def test_recorded_runs(starsmasher_dir, run, fate, m1, m2):
    history = follow(recorded(starsmasher_dir / run), 294)
    left = outcome(history, 1.0, 0.7)
    assert left.fate == fate
    assert (left.m1, left.m2) == pytest.approx((m1, m2), abs=0.01)
    assert history.converged.all()
    _, particles = next(recorded(starsmasher_dir / run))
    total = math.fsum(particles.m)
    assert all(history.mass[:, 0] + history.mass[:, 1] + history.unbound == total)
    assert left.m1 + left.m2 + left.unbound == total
    assert history.initial_mass == pytest.approx([1.0, 0.7], abs=1e-12)


def test_nothing_is_lost_in_the_recorded_flyby(starsmasher_dir):
    history = follow(recorded(starsmasher_dir / "flyby"), 294)
    left = outcome(history, 1.0, 0.7)
    assert left.unbound == 0.0
    assert [left.m1, left.m2] == history.initial_mass.tolist()
    assert np.all(history.number == 294)
    assert left.orbital_energy > 0
    # Launched with vinf2 = 2 and rp = 1.4; tides take a little of the energy.
    assert 1.3 < left.v_infinity < math.sqrt(2.0)
    assert left.pericentre == pytest.approx(1.4, abs=0.03)


def test_the_recorded_merger_is_a_merger_on_its_way(starsmasher_dir):
    history = follow(recorded(starsmasher_dir / "merger"), 294)
    assert history.merged.tolist() == [False] * 3 + [True] * 5
    assert history.semimajor_axis[2] > 0
    left = outcome(history, 1.0, 0.7)
    # The momentum of what flew off: nothing else moves the product.
    assert np.linalg.norm(left.kick) * left.m1 < left.unbound * 2.0
    assert np.isnan(left.v2).all()


def test_recorded_internal_energy_agrees_with_the_energy_file(starsmasher_dir):
    history = follow(recorded(starsmasher_dir / "flyby"), 294)
    t, _, _, u = np.loadtxt(starsmasher_dir / "flyby" / "energy0.sph", unpack=True)[:4]
    assert history.internal_energy == pytest.approx(np.interp(history.t, t, u), rel=1e-3)


# Made-up runs


def test_like_stars_fly_apart():
    history = follow(ballistic(range(4), 1.0, 1.0, offset=3.0), N1)
    left = outcome(history, 1.0, 1.0)
    assert left.fate == Fate.TWO
    assert (left.m1, left.m2, left.unbound) == (1.0, 1.0, 0.0)
    assert left.v1 == pytest.approx([-3, 0, 0])
    assert left.v2_kms == pytest.approx([3 * units.SPEED, 0, 0])
    assert not left.bound
    assert left.v_infinity_kms == pytest.approx(units.SPEED * math.sqrt(36 - 4 / math.hypot(18, 3)))
    assert np.isnan(left.kick).all()


def test_a_wide_binary_is_two_bound_stars():
    history = follow(circular(range(12), 8.0), N1)
    left = outcome(history, 1.0, 0.7)
    assert left.fate == Fate.TWO
    assert left.bound
    assert history.semimajor_axis == pytest.approx(np.full(12, 8.0))
    assert left.semimajor_axis == pytest.approx(8.0)
    assert left.eccentricity == pytest.approx(0.0, abs=1e-6)
    assert left.pericentre == pytest.approx(8.0)
    assert left.orbital_energy == pytest.approx(-0.7 / 16)
    assert math.isnan(left.v_infinity)
    assert not history.merged.any()


@pytest.mark.parametrize(("m1", "m2"), [(1.0, 0.7), (0.7, 1.0), (0.8, 0.8)])
def test_a_tight_binary_is_a_merger_with_the_heavier_star(m1, m2):
    history = follow(circular(range(12), 0.3, m1, m2), N1)
    assert history.merged.all()
    assert np.isnan(history.semimajor_axis).all()
    left = outcome(history, m1, m2)
    assert left.fate == Fate.MERGER
    heavy, light = (left.m1, left.m2) if m1 >= m2 else (left.m2, left.m1)
    assert heavy + left.unbound == pytest.approx(m1 + m2)
    assert heavy > 0.9 * (m1 + m2)
    assert light == 0.0


def test_a_product_that_bursts_leaves_nothing():
    tight = list(circular(range(12), 0.3))
    t, last = 12.0, tight[-1][1]
    burst = last._replace(v=50 * last.x)
    left = outcome(follow([*tight, (t, burst)], N1), 1.0, 0.7)
    assert left.fate == Fate.NONE
    assert (left.m1, left.m2) == (0.0, 0.0)


def test_total_destruction():
    run = list(ballistic(range(1, 7), burst=(20, 30), from_=3))
    history = follow(run, N1)
    left = outcome(history, 1.0, 0.7)
    assert left.fate == Fate.NONE
    assert (left.m1, left.m2) == (0.0, 0.0)
    assert left.unbound == math.fsum(run[0][1].m)
    assert np.isnan([*left.v1, *left.v2, *left.kick, left.orbital_energy]).all()
    assert history.number[:2].tolist() == [[N1, N2]] * 2
    assert not history.number[2:].any()


@pytest.mark.parametrize(
    ("m1", "m2", "burst", "star"),
    [(1.0, 0.7, (20, 0), 2), (1.0, 0.7, (0, 20), 1), (1.0, 1.0, (20, 0), 1)],
)
def test_a_stripped_survivor_keeps_its_place_unless_stars_are_alike(m1, m2, burst, star):
    history = follow(ballistic(range(15), m1, m2, burst=burst, from_=2, offset=4.0), N1)
    left = outcome(history, m1, m2)
    assert left.fate == Fate.STRIPPED
    survivor = m2 if burst[0] else m1
    masses = (survivor, 0.0) if star == 1 else (0.0, survivor)
    assert (left.m1, left.m2) == pytest.approx(masses)
    velocity, none = (left.v1, left.v2) if star == 1 else (left.v2, left.v1)
    speed = 6.0 * m1 / (m1 + m2) if burst[0] else -6.0 * m2 / (m1 + m2)
    assert velocity == pytest.approx([speed, 0, 0])
    assert left.kick_kms == pytest.approx([speed * units.SPEED, 0, 0], abs=1e-9)
    assert np.isnan(none).all()


@pytest.mark.parametrize(("n2", "fate"), [(19, Fate.STRIPPED), (20, Fate.TWO)])
def test_a_survivor_has_at_least_20_particles(n2, fate):
    history = follow(ballistic(range(1, 4), n1=250 - n2, n2=n2, offset=3.0), 250 - n2)
    assert outcome(history, 1.0, 0.7).fate == fate
    assert history.unbound[-1] == pytest.approx(0.7 if n2 < 20 else 0.0)


def test_a_star_swallowed_between_two_snapshots_has_merged():
    apart = (0.0, moment(star(N1, 1, 1, (-3, 0, 0)), star(N2, 0.7, 0.7, (3, 0, 0), seed=1)))
    inside = moment(star(N1, 1, 1), star(N2, 0.7, 0.9, seed=1))
    history = follow([apart, *((t, inside) for t in range(1, 20))], N1)
    assert history.merged.tolist() == [False] + [True] * 19
    assert outcome(history, 1.0, 0.7).m1 == 1.7
    assert outcome(history, 1.0, 0.7).unbound == 0.0


@pytest.mark.parametrize(("given", "fate"), [(60, Fate.MERGER), (40, Fate.STRIPPED)])
def test_who_has_given_most_of_a_star_has_merged_though_the_last_crumb_escapes(given, fate):
    """Star 2 loses particles to star 1, then what is left of it bursts."""

    def at(t):
        one, two = star(N1, 1, 1, seed=0), star(N2, 0.7, 0.7, (9, 0, 0), seed=1)
        if t >= 1:
            _, inside, _ = star(given, 0.1, 0.9, seed=2)
            two[1][:given] = inside
            two[2][:given] = 0.0
        if t >= 2:
            two[2][given:] = 50 * (two[1][given:] - [9, 0, 0])
        return t, moment(one, two)

    history = follow([at(t) for t in range(15)], N1)
    assert history.number[1].tolist() == [N1 + given, N2 - given]
    assert history.number[-1].tolist() == [N1 + given, 0]
    left = outcome(history, 1.0, 0.7)
    assert left.fate == fate
    assert left.m1 == pytest.approx(1.0 + 0.7 * given / N2)


def test_a_pass_through_each_other_is_no_merger():
    # Centres coincide at t = 0: as point masses the two then look bound as tightly as can be.
    times = [*range(-2, 0), 0.01, *range(1, 3)]
    history = follow(ballistic(times), N1)
    assert history.merged.tolist() == [False, False, True, False, False]
    left = outcome(history, 1.0, 0.7)
    assert left.fate == Fate.TWO
    assert (left.m1, left.m2) == pytest.approx((1.0, 0.7))
    at_its_word = follow(ballistic(times), N1, lasting=0)
    assert at_its_word.merged.tolist() == [False, False, True, True, True]


def test_a_small_star_comes_out_of_a_large_one():
    def run():
        for t in (-8, -4, -0.2, 4, 8):
            yield (
                t,
                moment(
                    star(N1, 10.0, 4.6), star(N2, 0.7, 0.7, (4.0 * t, 0.3, 0), (4.0, 0, 0), seed=1)
                ),
            )

    history = follow(run(), N1)
    assert history.number[2].tolist() == [N1 + N2, 0]
    left = outcome(history, 10.0, 0.7)
    assert left.fate == Fate.TWO
    assert (left.m1, left.m2) == pytest.approx((10.0, 0.7))


def test_what_lasts_is_final():
    apart = list(ballistic(range(-2, 0)))
    passing = next(ballistic([0.01]))[1]
    away = next(ballistic([1.0]))[1]
    for lasts, merged in ((9, False), (10, True)):
        run = [*apart, *((t, passing) for t in range(lasts)), (99, away)]
        assert follow(run, N1).merged[-1] == merged


@given(
    boost=st.tuples(*[st.floats(-50, 50)] * 3),
    angle=st.floats(0, 2 * math.pi),
    shift=st.tuples(*[st.floats(-50, 50)] * 3),
)
@settings(max_examples=15)
def test_the_frame_does_not_matter(boost, angle, shift):
    run = list(ballistic(range(5), burst=(0.8, 0), from_=1))
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    moved = [
        (t, p._replace(x=(p.x @ turn) + shift + np.multiply(t, boost), v=p.v @ turn + boost))
        for t, p in run
    ]
    here, there = (outcome(follow(r, N1), 1.0, 0.7) for r in (run, moved))
    assert here.unbound > 0.1
    assert (there.fate, there.m1, there.m2) == (here.fate, here.m1, here.m2)
    assert there.v1 == pytest.approx(here.v1 @ turn + boost, abs=1e-9)
    assert there.kick == pytest.approx(here.kick @ turn, abs=1e-9, nan_ok=True)
    assert there.orbital_energy == pytest.approx(here.orbital_energy, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(
    "run",
    [
        lambda: ballistic(range(5), offset=3.0),
        lambda: ballistic(range(5), burst=(0, 20), from_=1),
        lambda: ballistic(range(5), burst=(0.8, 0), from_=1),
        lambda: circular(range(3), 0.3),
    ],
)
def test_swapped_stars_give_the_swapped_answer(run):
    one = outcome(follow(run(), N1), 1.0, 0.7)
    other = outcome(follow(swapped(run()), N2), 0.7, 1.0)
    assert (other.fate, other.m2, other.m1) == (one.fate, one.m1, one.m2)
    assert other.unbound == one.unbound
    assert other.v2 == pytest.approx(one.v1, nan_ok=True)
    assert other.kick == pytest.approx(one.kick, nan_ok=True)


# Going on


@pytest.mark.parametrize("cut", [1, 3, 4, 6])
@pytest.mark.parametrize("again", [False, True])
def test_a_run_that_goes_on_is_as_one_followed_at_once(cut, again):
    run = list(ballistic([-2, -1, 0.01, 1, 2, 3, 4], burst=(0, 5.0), from_=2))
    whole = follow(run, N1)
    first = follow(run[:cut], N1)
    rest = follow(run if again else run[cut:], N1, earlier=first)
    assert len(first) == cut
    for name, column in vars(whole).items():
        np.testing.assert_array_equal(getattr(rest, name), column, err_msg=name)


def test_nothing_new_changes_nothing():
    run = list(ballistic(range(3), offset=3.0))
    history = follow(run, N1)
    assert follow(run, N1, earlier=history) is history
    assert follow([], N1, earlier=history) is history


# Refusals


def broken(name, place, value):
    """Return a run whose second snapshot has one wrong value."""
    first, second = ballistic(range(2), offset=3.0)
    column = getattr(second[1], name).copy()
    column[place] = value
    return [first, (second[0], second[1]._replace(**{name: column}))]


@pytest.mark.parametrize(
    ("run", "n1", "words"),
    [
        ([], N1, "snapshots: there is none"),
        (broken("x", (7, 1), math.nan), N1, "x of particle 7 at t = 1 is nan, allowed: finite"),
        (broken("v", (3, 0), math.inf), N1, "v of particle 3 at t = 1 is inf"),
        (broken("u", 5, math.nan), N1, "u of particle 5"),
        (broken("m", 5, 0.0), N1, "m of particle 5 at t = 1 is 0.0, allowed: finite and > 0"),
        (list(ballistic([0, 0])), N1, "time of a snapshot = 0, allowed: later than that before, 0"),
        ([*ballistic([0]), *ballistic([1], n2=30)], N1, "particles at t = 1: 180, allowed: 250"),
        (list(ballistic([0])), 0, "n1 = 0, allowed: 1 to 249"),
        (list(ballistic([0])), 250, "n1 = 250"),
    ],
)
def test_what_cannot_be_followed_is_refused(run, n1, words):
    with pytest.raises(ValueError, match=words):
        follow(run, n1)


@pytest.mark.parametrize("m1", [0.0, -1.0, math.nan, math.inf])
def test_masses_must_be_masses(m1):
    history = follow(ballistic([0], offset=3.0), N1)
    with pytest.raises(ValueError, match=r"m1 = .*, allowed: finite and > 0"):
        outcome(history, m1, 1.0)
