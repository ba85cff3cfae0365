"""Profiles of stars: polytropes, main-sequence stars, the Sun, and MESA's files."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.collisions.structure import MASS_FRACTIONS, enclosed_radii, tams_age, zams_age
from surrogate.simulations import eos, units
from surrogate.simulations.stars.composition import (
    CHARGES,
    MASS_NUMBERS,
    mean_molecular_mass,
    scaled_solar,
    solar_metals,
)
from surrogate.simulations.stars.main_sequence import main_sequence_star
from surrogate.simulations.stars.polytrope import lane_emden, polytrope
from surrogate.simulations.stars.profile import check, hydrostatic_residual
from surrogate.simulations.stars.reconstruction import reconstruct

FRACTIONS = np.array(MASS_FRACTIONS)


def radii_of(profile, fractions=FRACTIONS):
    """Radii [cm] that enclose fractions of the mass; 0 for none of it."""
    radii = np.cbrt(np.interp(fractions * profile.m[-1], profile.m, profile.r**3))
    return np.where(fractions == 0, 0, radii)


def potential_energy(m, r):
    """Gravitational energy with G = 1."""
    return -np.trapezoid(m / r, m)


# --- composition -------------------------------------------------------------------------------


def test_composition_of_the_simulated_stars():
    x = scaled_solar()
    assert x.sum() == pytest.approx(1, abs=1e-12)
    assert x[1] == pytest.approx(0.249, abs=5e-4)
    assert x[2:].sum() == pytest.approx(0.01 * 0.0142, rel=1e-12)
    # Mass fractions of C, N, O, Ne, Mg, Si and Fe in the Sun (Asplund et al. 2009).
    sun = np.array([2.365e-3, 0.693e-3, 5.733e-3, 1.257e-3, 0.708e-3, 0.665e-3, 1.292e-3])
    np.testing.assert_allclose(solar_metals(), sun / sun.sum(), rtol=3e-3)


@given(st.floats(0, 0.1), st.floats(0, 0.9))
def test_fractions_sum_to_one(Z, Y):
    x = scaled_solar(Z, Y)
    assert np.all(x >= 0)
    assert x.sum() == pytest.approx(1, abs=1e-12)


def test_impossible_composition():
    with pytest.raises(ValueError, match=r"Z = 0\.5 and Y = 0\.6"):
        scaled_solar(0.5, 0.6)


def test_mean_molecular_mass():
    proton = 1.67262158e-24
    assert mean_molecular_mass(np.eye(9)[0]) == pytest.approx(proton / 2)
    assert mean_molecular_mass(np.eye(9)[1]) == pytest.approx(proton * 4 / 3)
    assert mean_molecular_mass(np.eye(9)[4]) == pytest.approx(proton * 16 / 9)
    particles = sum(
        x * (1 + z) / a for x, z, a in zip(scaled_solar(), CHARGES, MASS_NUMBERS, strict=True)
    )
    assert mean_molecular_mass(scaled_solar()) == pytest.approx(proton / particles)


def test_mean_molecular_mass_of_the_recorded_star(starsmasher_dir):
    folder = starsmasher_dir / "erg_n3_polytrope"
    composition = np.loadtxt(folder / "poly3.s2mm")[:, 4:]
    recorded = np.loadtxt(folder / "parent.sph")[:, 4]
    np.testing.assert_allclose(mean_molecular_mass(composition), recorded, rtol=5e-7)


# --- polytropes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "xi", "mass"),  # Chandrasekhar (1939), table 4
    [
        (0, 6**0.5, 2 * 6**0.5),
        (1, np.pi, np.pi),
        (1.5, 3.65375, 2.71406),
        (3, 6.89685, 2.01824),
        (3.5, 9.53581, 1.89056),
        (4.5, 31.83646, 1.73780),
    ],
)
def test_lane_emden(n, xi, mass):
    assert lane_emden(n) == pytest.approx((xi, mass), rel=3e-6)


@pytest.mark.parametrize("n", [0, 0.5, 1, 1.5, 2, 3, 3.5, 4.5])
def test_polytropes_are_stars(n):
    star = polytrope(n, 2.0, 3.0)
    check(star)
    assert star.mass == pytest.approx(2, rel=1e-12)
    assert star.radius == pytest.approx(3, rel=1e-12)
    inner = star.r[1:] < 0.99 * star.r[-1]
    assert np.all(np.abs(hydrostatic_residual(star)[inner]) < 1e-3)
    # P = K rho^(1 + 1/n), and W = -3 / (5 - n) G M^2 / R
    if n > 0:
        K = star.P / star.rho ** (1 + 1 / n)
        np.testing.assert_allclose(K, K[0], rtol=1e-9)
    energy = potential_energy(star.m, star.r)
    assert energy == pytest.approx(-3 / (5 - n) * star.m[-1] ** 2 / star.r[-1], rel=2e-4)
    # The mass is that of the density.
    shells = np.diff(star.m) / (4 / 3 * np.pi * np.diff(star.r**3))
    middle = 0.5 * (star.rho[1:] + star.rho[:-1])
    np.testing.assert_allclose(shells[inner], middle[inner], rtol=0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((5, 1, 1), "n = 5"),
        ((-1, 1, 1), "n = -1"),
        ((3, 0, 1), "mass = 0"),
        ((3, 1, np.inf), "radius = inf"),
        ((3, 1, 1, None, 5), "points = 5"),
    ],
)
def test_impossible_polytropes(arguments, message):
    with pytest.raises(ValueError, match=message):
        polytrope(*arguments)


# --- reconstruction ----------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1.5, 3, 3.5])
def test_polytropes_are_found_again_from_fourteen_radii(n):
    true = polytrope(n, 1.0, 1.0, points=3000)
    found = reconstruct(FRACTIONS, radii_of(true) / true.r[-1], 1000)
    r = true.r / true.r[-1]
    rho = true.rho / (units.DENSITY)
    P = true.P / units.PRESSURE
    assert found.rho[0] == pytest.approx(rho[0], rel=1e-4)
    assert found.P[0] == pytest.approx(P[0], rel=1e-4)
    inner = found.r < 0.97
    np.testing.assert_allclose(found.rho[inner], np.interp(found.r, r, rho)[inner], rtol=0.01)
    np.testing.assert_allclose(found.P[inner], np.interp(found.r, r, P)[inner], rtol=0.015)
    # They are exact but for the rounding of the surface, which is 1e-4 GM/R deep.
    energy = potential_energy(found.m, found.r)
    assert energy == pytest.approx(-3 / (5 - n), rel=1e-4)


def test_the_sun():
    # Turck-Chieze et al. (1988): radii [Rsun], enclosed masses [Msun], densities [g / cm^3].
    model = np.array(
        [
            (0.061, 0.020, 116.1), (0.090, 0.057, 93.35), (0.120, 0.115, 72.73),
            (0.166, 0.235, 48.19), (0.202, 0.341, 34.28), (0.246, 0.470, 21.958),
            (0.281, 0.562, 15.157), (0.317, 0.647, 10.157), (0.370, 0.748, 5.566),
            (0.453, 0.854, 2.259), (0.611, 0.951, 0.4483), (0.7304, 0.9809, 0.1528),
            (0.862, 0.9964, 0.042),
        ]
    )  # fmt: skip
    # Its radii at the fourteen fractions, by Hermite interpolation of ln m in ln r.
    radii = np.array(
        [0, 0.1131, 0.1535, 0.1883, 0.2219, 0.2569, 0.2964, 0.3429, 0.4056, 0.5087, 0.6082, 0.6764,
         0.7927, 1]
    )  # fmt: skip
    sun = reconstruct(FRACTIONS, radii, 1000)
    rho = np.interp(model[:, 0], sun.r, sun.rho) * units.DENSITY
    np.testing.assert_allclose(rho, model[:, 2], rtol=0.03)
    np.testing.assert_allclose(np.interp(model[:, 0], sun.r, sun.m), model[:, 1], rtol=0.025)
    assert sun.rho[0] * units.DENSITY == pytest.approx(147.7, rel=0.1)
    # The lower edge of the convection zone, at 0.73 Rsun, shows in the index n.
    index = np.gradient(np.log(sun.rho), sun.r) / np.gradient(np.log(sun.P), sun.r)
    assert np.all(np.abs(index[(sun.r > 0.8) & (sun.r < 0.99)] - 0.6) < 0.03)  # n = 1.5
    assert np.all(index[(sun.r > 0.1) & (sun.r < 0.4)] > 0.7)  # n > 2.3


def test_density_must_fall_outwards():
    radii = np.cbrt(FRACTIONS)  # of a star of constant density ...
    radii[1] *= 1.2  # ... with a hollow core
    with pytest.raises(ValueError, match="mean density falls outwards"):
        reconstruct(FRACTIONS, radii, 300)


# --- the main sequence -------------------------------------------------------------------------


def assert_sensible(star, mass, age):
    """Check everything that a main-sequence star must be."""
    check(star)
    radii = np.asarray(enclosed_radii(mass, age), float)
    assert star.mass == pytest.approx(mass, rel=1e-12)
    assert star.radius == pytest.approx(radii[-1], rel=1e-6)
    np.testing.assert_allclose(radii_of(star)[1:] / units.LENGTH, radii[1:], rtol=5e-4)
    assert np.all(np.diff(star.rho) < 0)
    assert np.all(np.diff(star.P) < 0)
    assert star.rho[-1] < 1e-5 * star.rho[0]
    inner = star.r[1:] < 0.99 * star.r[-1]
    assert np.all(np.abs(hydrostatic_residual(star)[inner]) < 5e-3)
    # The centre is denser than the innermost tenth of the mass on average, by less than 4.
    core = 0.1 * star.m[-1] / (4 / 3 * np.pi * (radii[1] * units.LENGTH) ** 3)
    assert 1.1 < star.rho[0] / core < 4
    # Virial theorem: 3 integral of P dV = -W
    W = units.G * potential_energy(star.m, star.r)
    assert 3 * np.trapezoid(star.P, 4 / 3 * np.pi * star.r**3) == pytest.approx(-W, rel=5e-4)
    # Hydrogen burns, helium does not.
    T = star.temperature
    assert 5e6 < T[0] < 1e8
    assert np.all(np.isfinite(T))
    assert np.all(star.internal_energy > 0)
    np.testing.assert_allclose(eos.pressure(star.rho, T, star.mu), star.P, rtol=1e-5)


@given(st.floats(np.log(0.2001), np.log(63.99)), st.floats(0, 1))
@settings(max_examples=25)
def test_main_sequence_stars(ln_mass, s):
    mass = float(np.exp(ln_mass))
    zams, tams = float(zams_age(mass)), float(tams_age(mass))
    age = zams + s * (tams - zams)
    assert_sensible(main_sequence_star(mass, age, 500), mass, age)


@pytest.mark.parametrize("mass", [0.2, 0.35, 0.5, 0.8, 1.0, 2.0, 8.0, 64.0, 100.0])
@pytest.mark.parametrize("age", [zams_age, tams_age])
def test_stars_at_both_ends_of_the_main_sequence(mass, age):
    age = float(age(mass))
    assert_sensible(main_sequence_star(mass, age, 500), mass, age)


def test_known_stars():
    # A fully convective star is a polytrope of n = 1.5, with a centre 6 times the mean density.
    low = main_sequence_star(0.2, 10.0)
    mean = low.m[-1] / (4 / 3 * np.pi * low.r[-1] ** 3)
    assert low.rho[0] / mean == pytest.approx(5.99, rel=0.05)
    # Radiation carries a third of the pressure of a very massive star, next to none of a light one.
    high = main_sequence_star(64.0, float(zams_age(64.0)))
    for star, low_share, high_share in ((low, 0, 1e-3), (high, 0.2, 0.6)):
        share = eos.A_RADIATION * star.temperature[0] ** 4 / 3 / star.P[0]
        assert low_share < share < high_share
    # Where metals are few, the CNO cycle needs 4 to 6 10^7 K.
    assert 4e7 < high.temperature[0] < 6e7


def test_more_points_tell_the_same_star():
    coarse, fine = (main_sequence_star(1.0, 4.0, points) for points in (500, 2000))
    assert len(coarse) == 500
    assert len(fine) == 2000
    inner = coarse.r < 0.95 * coarse.r[-1]
    np.testing.assert_allclose(
        np.interp(coarse.r, fine.r, np.log(fine.rho))[inner], np.log(coarse.rho)[inner], atol=2e-3
    )
    assert fine.P[0] == pytest.approx(coarse.P[0], rel=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.09, 1.0), r"mass = 0\.09 Msun, allowed: 0\.1 to 100"),
        ((101.0, 0.001), r"mass = 101\.0 Msun"),
        ((np.nan, 1.0), "mass = nan"),
        ((1.0, 1e-4), r"age = 0\.0001 Gyr, allowed for a star of 1\.0 Msun"),
        ((1.0, 6.0), r"age = 6\.0 Gyr, allowed for a star of 1\.0 Msun: 0\.0\d+ to 5\.0117"),
        ((1.0, np.nan), "age = nan"),
        ((1.0, 1.0, 10), "points = 10"),
    ],
)
def test_stars_outside_the_domain(arguments, message):
    with pytest.raises(ValueError, match=message):
        main_sequence_star(*arguments)


def test_rounded_ages_of_the_grid_are_accepted():
    for mass, age in ((64.0, 2.0174e-05), (64.0, 0.003891171), (0.8, 11.18064165)):
        check(main_sequence_star(mass, age, 300))


# --- profiles ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "row", "value", "message"),
    [
        ("m", 5, -1.0, "row 5: m = -1.0, allowed: at least 0"),
        ("m", 5, 1e34, "row 6: m = .*, allowed: at least that of the row before"),
        ("r", 5, 1.0, "row 5: r = 1.0, allowed: above that of the row before"),
        ("r", 0, 0.0, "row 0: r = 0.0, allowed: above 0"),
        ("P", 9, 0.0, "row 9: P = 0.0, allowed: above 0"),
        ("rho", 9, -2.0, "row 9: rho = -2.0, allowed: above 0"),
        ("rho", 9, np.nan, "row 9: rho = nan, allowed: a finite number"),
        ("composition", (3, 2), -0.1, "row 3: mass fraction of C12 = -0.1, allowed: at least 0"),
        ("composition", (3, 2), 0.1, "row 3: sum of the mass fractions = 1.0"),
        ("composition", (3, 2), np.nan, "row 3: mass fraction of C12 = nan"),
    ],
)
def test_check(name, row, value, message):
    star = polytrope(3, 1, 1)
    column = getattr(star, name).copy()
    column[row] = value
    with pytest.raises(ValueError, match=message):
        check(dataclasses.replace(star, **{name: column}))


def test_check_shapes():
    star = polytrope(3, 1, 1)
    with pytest.raises(ValueError, match=r"P has shape \(10,\), allowed: \(1000,\)"):
        check(dataclasses.replace(star, P=star.P[:10]))
    with pytest.raises(ValueError, match=r"composition has shape \(1000, 8\)"):
        check(dataclasses.replace(star, composition=star.composition[:, :8]))


def test_hydrostatic_residual_sees_a_wrong_pressure():
    star = polytrope(3, 1, 1)
    wrong = dataclasses.replace(star, P=1.1 * star.P)
    inner = star.r[1:] < 0.9 * star.r[-1]
    np.testing.assert_allclose(hydrostatic_residual(wrong)[inner], 0.1, atol=1e-3)
