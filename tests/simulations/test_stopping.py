"""When a run may stop, for made-up histories."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.simulations.history import History, follow
from surrogate.simulations.starsmasher.snapshots import find_snapshots, read_snapshot
from surrogate.simulations.stopping import StopRule, stop_time

APART = (5000, 5000, -1.0)
"""Particles of either star, semimajor axis: two that fly apart."""
BOUND = (5000, 5000, 40.0)
ONE = (9000, 0, math.nan)
OTHER = (0, 4000, math.nan)
NONE = (0, 0, math.nan)


def history(states, dt=1.0, energy=None, merged=()):
    """Return a history of states, one every `dt` from t = dt on."""
    k = len(states)
    number = np.array([state[:2] for state in states], np.int64).reshape(k, 2)
    return History(
        t=dt * (1.0 + np.arange(k)),
        mass=number * 1e-4,
        unbound=1.0 - 1e-4 * number.sum(axis=1),
        number=number,
        merged=np.isin(np.arange(k), merged),
        position=np.zeros((k, 2, 3)),
        velocity=np.zeros((k, 2, 3)),
        semimajor_axis=np.array([state[2] for state in states]),
        orbital_energy=-np.array([state[2] for state in states]),
        internal_energy=np.ones(k) if energy is None else np.asarray(energy, float),
        converged=np.ones(k, bool),
        labels=np.zeros(0, np.int32),
        pair=np.zeros(0, np.int32),
        waiting=0,
        initial_mass=np.ones(2),
        drift=np.zeros(3),
    )


def test_two_that_fly_apart_need_no_more_than_was_planned():
    stop = stop_time(history([APART] * 9), 1.0, 12.0)
    assert (stop.time, stop.undecided) == (12.0, False)
    assert stop.reason == "nothing asks for more than was planned"
    # The internal energy counts only once the end was moved.
    assert stop_time(history([APART] * 9, energy=range(1, 10)), 1.0, 12.0).time == 12.0


@pytest.mark.parametrize("dt", [1.0, 0.5, 8.0])
@pytest.mark.parametrize(
    ("after", "merged", "words"),
    [
        (ONE, (3, 4), "the stars merged at t = "),
        (ONE, (), "a star was destroyed"),
        (OTHER, (), "a star was destroyed"),
        (NONE, (), "a star was destroyed"),
    ],
)
def test_30_intervals_from_the_loss_of_a_component(dt, after, merged, words):
    run = history([APART] * 3 + [after] * 2, dt, merged=merged)
    stop = stop_time(run, dt, 12.0 * dt)
    assert stop.time == (4 + 30) * dt
    assert words in stop.reason
    assert stop_time(run, dt, 50.0 * dt).time == 50.0 * dt


def test_a_star_that_is_gone_in_the_first_snapshot_counts():
    assert stop_time(history([ONE] * 5), 1.0, 12.0).time == 31.0


def test_one_component_after_the_other():
    stop = stop_time(history([APART, ONE, ONE, ONE, NONE, NONE]), 1.0, 4.5)
    assert stop.time == 35.0
    assert "destroyed at t = 5" in stop.reason


def test_a_binary_keeps_the_run_going():
    for k in (1, 5, 40):
        stop = stop_time(history([APART] + [BOUND] * k), 1.0, 12.0)
        assert stop.time == 1 + k + 30
        assert "bound to each other" in stop.reason
    assert stop_time(history([BOUND] * 5 + [APART] * 20), 1.0, 12.0).time == 35.0


def test_a_binary_does_not_keep_it_going_for_ever():
    stop = stop_time(history([BOUND] * 90), 1.0, 12.0, StopRule(longest=100))
    assert (stop.time, stop.undecided) == (100.0, True)
    assert stop.reason.startswith("no run may take longer, but the stars were bound")
    assert not stop_time(history([BOUND] * 70), 1.0, 12.0, StopRule(longest=100)).undecided
    # What was planned is never cut short.
    assert stop_time(history([APART] * 9), 1.0, 300.0, StopRule(longest=100)).time == 300.0


def test_ongoing_change_of_internal_energy():
    energy = np.ones(40)
    energy[20:] = 1.0099
    merger = [APART] * 3 + [ONE] * 37  # the merger is at t = 4
    assert stop_time(history(merger, energy=energy), 1.0, 12.0).time == 34.0
    energy[20:] = 1.0101
    stop = stop_time(history(merger, energy=energy), 1.0, 12.0)
    assert stop.time == 21 + 30
    assert "internal energy had changed by over 0.01" in stop.reason
    energy[:3] = 5.0  # before the end was first moved
    assert stop_time(history(merger, energy=energy), 1.0, 12.0).time == 51.0


def test_energy_is_stored_anew_at_every_update():
    # 0.8 % in two steps each: only their sum over the first stored value is a change.
    energy = np.ones(50)
    energy[10:], energy[20:], energy[30:] = 1.008, 1.016, 1.024
    merger = [APART] * 3 + [ONE] * 47
    # t = 4: stored 1; t = 21: 1.016, stored; t = 31: 1.024 is 0.8 % more than that.
    assert stop_time(history(merger, energy=energy), 1.0, 12.0).time == 51.0


def test_a_steady_change_does_not_add_up():
    energy = 0.98 ** np.arange(20)
    assert stop_time(history([APART] * 3 + [ONE] * 17, energy=energy), 1.0, 12.0).time == 50.0


@pytest.mark.parametrize(("n", "time"), [(99, 100.0), (20, 100.0), (100, 12.0)])
def test_a_small_remnant_must_last(n, time):
    stop = stop_time(history([APART, (5000, n, -1.0)]), 1.0, 12.0)
    assert stop.time == time
    if n < 100:
        assert f"only {n} particles" in stop.reason


def test_what_comes_after_the_end_does_not_prolong_the_run():
    assert stop_time(history([APART] * 20 + [ONE]), 1.0, 12.0).time == 12.0
    assert stop_time(history([APART] * 11 + [ONE]), 1.0, 11.9).time == 42.0  # just past it


@given(
    st.lists(st.sampled_from([APART, BOUND, ONE, OTHER, NONE, (5000, 50, -1.0)]), max_size=60),
    st.lists(st.floats(0.9, 1.1), min_size=60, max_size=60),
    st.integers(0, 60),
)
def test_more_snapshots_never_bring_the_end_forward(states, energy, cut):
    whole = stop_time(history(states, energy=energy[: len(states)]), 1.0, 12.0)
    part = stop_time(history(states[:cut], energy=energy[: len(states[:cut])]), 1.0, 12.0)
    assert 12.0 <= part.time <= whole.time <= 2000.0


def test_numbers_of_the_rule():
    rule = StopRule(extension=5, least=7, few_particles=10)
    assert stop_time(history([ONE]), 1.0, 1.5, rule).time == 6.0
    assert stop_time(history([(50, 20, -1.0)]), 1.0, 2.0, rule).time == 2.0
    assert stop_time(history([(50, 9, -1.0)]), 1.0, 2.0, rule).time == 7.0
    with pytest.raises(ValueError, match="extension = 0, allowed: finite and > 0"):
        StopRule(extension=0)


@pytest.mark.parametrize(("dt", "tf"), [(0.0, 1.0), (1.0, -1.0), (math.nan, 1.0), (1.0, math.inf)])
def test_times_must_be_times(dt, tf):
    with pytest.raises(ValueError, match="allowed: finite and > 0"):
        stop_time(history([APART]), dt, tf)


def test_recorded_runs(starsmasher_dir):
    def stop(run, dt_out, tf):
        files = map(read_snapshot, find_snapshots(starsmasher_dir / run))
        found = follow(((s.time, s.particles()) for s in files), 294)
        return stop_time(found, dt_out, tf)

    assert stop("flyby", 1.0, 12.0).time == 12.0
    assert stop("disruptive", 0.5, 10.0).time == 10.0
    merger = stop("merger", 1.0, 12.0)
    assert merger.time > 33  # two bound at t = 3, one at t = 4, and then the product rings
    assert merger.reason.startswith(("the stars merged", "the internal energy"))
