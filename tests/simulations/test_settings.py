"""StarSmasher's settings: the paper's where none is given, and nonsense is refused."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogate.simulations.starsmasher.namelist import format_namelist, parse_namelist
from surrogate.simulations.starsmasher.names import INPUT_NAMES
from surrogate.simulations.starsmasher.settings import (
    Settings,
    dt_out,
    settings_from,
    values_for,
)


def test_the_papers_choices():
    settings = settings_from({})
    assert settings == Settings()
    chosen = {
        "n": 10_000, "equalmass": 0.5, "neos": 1, "nintvar": 2, "nkernel": 2, "nav": 3,
        "alpha": 1.0, "beta": 2.0, "ngr": 3, "nselfgravity": 1, "ncooling": 0,
    }  # fmt: skip
    assert {name: getattr(settings, name) for name in chosen} == chosen


def test_about_fifty_neighbours():
    """In a uniform medium: h such that the weights sum to nnopt, count what is within 2 h."""
    u = np.linspace(0, 2, 20001)
    s = np.clip(4 * (2 - u), 0, 2)  # the weight falls as the mass within s of a cubic spline
    inner = s**3 / 3 - 0.3 * s**5 + s**6 / 8
    outer = -1 / 60 + 2 / 3 * s**3 - 0.75 * s**4 + 0.3 * s**5 - s**6 / 24
    weight = np.where(u < 1, 1.0, 4 * np.where(s < 1, inner, outer))
    assert weight[0] == pytest.approx(1)
    assert weight[-1] == 0
    shells = 3 * u**2
    ratio = np.trapezoid(shells, u) / np.trapezoid(shells * weight, u)
    assert ratio * Settings().nnopt == pytest.approx(50, abs=1)


def test_every_setting_is_a_name_that_starsmasher_knows():
    assert {field.name for field in dataclasses.fields(Settings)} <= INPUT_NAMES


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"nnop": 35}, "unknown setting 'nnop', did you mean nnopt"),
        ({"equal_mass": 1}, "did you mean equalmass"),
        ({"NNOPT": 35}, "did you mean nnopt"),
        ({"zzz": 1}, "unknown setting 'zzz', allowed: tf, dtout"),
        ({"n": 1e4}, "n = 10000.0, allowed: a whole number, at least 156"),
        ({"n": True}, "n = True"),
        ({"n": 10}, "n = 10, allowed: a whole number, at least 156, at most 10000000"),
        ({"equalmass": 1.5}, "equalmass = 1.5, allowed: a finite number, at least 0, at most 1"),
        ({"equalmass": False}, "equalmass = False"),
        ({"alpha": "1"}, "alpha = '1'"),
        ({"cn1": math.nan}, "cn1 = nan"),
        ({"tf": -5}, "tf = -5.0, allowed: a finite number, more than 0"),
        ({"dtout": 0}, "dtout = 0.0"),
        ({"rp": -0.1}, "rp = -0.1"),
        ({"nkernel": 3}, "nkernel = 3, allowed: 0 or 1 or 2"),
        ({"nintvar": 1}, "nintvar = 1, allowed: 2"),
        ({"runit": 6.957e10}, "runit = 69570000000.0, allowed: 69599000000.0"),
        ({"eosfile": ""}, "eosfile = ''"),
        ({"eosfile": "x" * 256}, "allowed: text of 1 to 255"),
        ({"n": None}, "n = None"),
    ],
)
def test_nonsense_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        settings_from(given)


def test_every_problem_is_named():
    with pytest.raises(ValueError, match=r"nnopt = 1, .*equalmass = 2.0|equalmass.*nnopt"):
        Settings(nnopt=1, equalmass=2.0)


def test_a_changed_copy_is_checked_too():
    with pytest.raises(ValueError, match="tf = -1"):
        dataclasses.replace(Settings(), tf=-1.0)


def test_whole_numbers_are_welcome():
    tf = settings_from({"tf": 30}).tf
    assert (tf, type(tf)) == (30.0, float)


def test_what_concerns_a_star_and_what_a_collision():
    settings = Settings(tf=10.0, dtout=1.0, rp=0.5, vinf2=2.0, n=300)
    star, collision = values_for("star", settings), values_for("collision", settings)
    assert (star["nrelax"], collision["nrelax"]) == (1, 0)
    assert {"n", "equalmass", "trelax"} <= set(star) - set(collision)
    assert {"rp", "vinf2", "sep0"} == set(collision) - set(star)
    # Stars are shared by all collisions, whatever their orbits.
    assert values_for("star", dataclasses.replace(settings, rp=0.1, sep0=9.0)) == star
    with pytest.raises(ValueError, match="nrelax = 1, allowed in a collision: 0"):
        values_for("collision", dataclasses.replace(settings, nrelax=1))


@given(
    st.builds(
        Settings,
        tf=st.floats(1e-3, 1e6),
        rp=st.floats(0, 1e3),
        cn1=st.floats(1e-6, 10),
        nnopt=st.integers(13, 1000),
        eosfile=st.sampled_from(["a b.eos", "/it's/here.eos"]),
    )
)
def test_settings_survive_the_file(settings):
    values = values_for("collision", settings)
    assert parse_namelist(format_namelist("input", values), "input") == values
    assert values_for("collision", settings_from(values)) == values


@pytest.mark.parametrize(("m1", "m2", "time"), [(1.0, 0.7, 1.0), (0.5, 16.0, 4.0)])
def test_dt_out(m1, m2, time):
    assert dt_out(m1, m2) == time


def test_dt_out_is_the_dynamical_time():
    m, r = 8.0, 8.0 ** (2 / 3)
    assert dt_out(m, 1.0) == pytest.approx(math.sqrt(r**3 / m))


@pytest.mark.parametrize("mass", [0.0, -1.0, math.nan, math.inf])
def test_dt_out_of_no_star(mass):
    with pytest.raises(ValueError, match=r"m2 = .*allowed: finite and > 0"):
        dt_out(1.0, mass)
