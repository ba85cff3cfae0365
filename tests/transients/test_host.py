"""Distances against astropy, black-hole masses against the paper's table."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogate.transients.cosmology import luminosity_distance
from surrogate.transients.host import LINES, Relation, black_hole_mass
from surrogate.transients.published import PUBLISHED

# astropy 8.0, Planck18.luminosity_distance(z) [Mpc]
ASTROPY = {
    0.01: 44.64710613238465,
    0.06: 277.8133611617094,
    0.1: 475.8222675121877,
    0.5: 2919.6249521806776,
    1.0: 6791.2689423031325,
    2.0: 15924.566651659155,
    3.0: 26016.015955798568,
}
ABSENT = {row.name for row in PUBLISHED if row.g is None}
magnitudes = st.floats(14.0, 23.0)
colours = st.floats(0.3, 1.0)
redshifts = st.floats(0.01, 0.5)
relations = st.sampled_from(list(Relation))


def test_distances_are_those_of_astropy():
    # To and fro: JAX must not take the constants of one precision for those of the other.
    for x64 in (False, True, False):
        with jax.enable_x64(x64):
            z = jnp.array([*ASTROPY])
            for f in (jax.jit(luminosity_distance), luminosity_distance):
                found = f(z)
                assert found.dtype == z.dtype
                np.testing.assert_allclose(found, [*ASTROPY.values()], rtol=1e-5)


def test_distances_near_and_far():
    assert luminosity_distance(0.0) == 0.0
    z = np.array([1e-4, 1e-3])
    hubble = 299_792.458 / 67.66 * z
    # The next term of the series is (1 - q0) z / 2, q0 = -0.53.
    np.testing.assert_allclose(luminosity_distance(z), hubble * (1 + 0.767 * z), rtol=1e-5)
    assert float(luminosity_distance(10.0)) == pytest.approx(105_999.1, rel=1e-4)


def test_gradient_of_the_distance_agrees_with_differences():
    with jax.enable_x64(True):
        for z in (0.0, 0.05, 0.7, 3.0):
            h = 1e-5
            up, down = luminosity_distance(z + h), luminosity_distance(z - h)
            difference = float(up - down) / (2 * h)
            assert float(jax.grad(luminosity_distance)(z)) == pytest.approx(difference, rel=1e-7)


def test_the_paper_has_18_hosts_with_magnitudes():
    assert len(PUBLISHED) == 26
    assert len({row.name for row in PUBLISHED}) == 26
    assert len(ABSENT) == 8
    for row in PUBLISHED:
        absent = row.name in ABSENT
        assert all((x is None) is absent for x in (row.g, row.r, row.log_agn, row.log_elliptical))
        assert row.sherlock in ("NT", "SN")
        assert 5.7 <= row.log_simulated <= 9.0


@pytest.mark.parametrize("row", [row for row in PUBLISHED if row.name not in ABSENT])
def test_masses_are_those_of_the_paper(row):
    here = black_hole_mass(row.g, row.r, row.z)
    bulge = black_hole_mass(row.g, row.r, row.z, relation=Relation.ELLIPTICAL)
    # Half of the last digit that is printed, and single precision.
    assert float(here.log_black_hole) == pytest.approx(row.log_agn, abs=0.00501)
    assert float(bulge.log_black_hole) == pytest.approx(row.log_elliptical, abs=0.00501)
    assert here.log_stellar == bulge.log_stellar


def test_a_galaxy_by_hand():
    # At 475.822 Mpc the distance modulus is 38.387, so that M_r = -20.387 = M_sun - 25.057.
    found = black_hole_mass(18.5, 18.0, 0.1)
    log_stellar = 0.4 * 25.057 - 0.306 + 1.097 * 0.5
    assert float(found.log_stellar) == pytest.approx(log_stellar, abs=1e-3)
    assert float(found.log_black_hole) == pytest.approx(7.45 + 1.05 * (log_stellar - 11), abs=1e-3)
    assert found.log_stellar_error == 0.0


def test_tables_of_hosts_broadcast():
    g, z = np.array([18.0, 19.0, 20.0]), np.array([[0.05], [0.1]])
    found = black_hole_mass(g, 17.5, z, g_error=0.1)
    assert {x.shape for x in (found.log_stellar, *found[2:])} == {(2, 3)}
    assert float(found.log_black_hole[1, 2]) == black_hole_mass(20.0, 17.5, 0.1).log_black_hole


@settings(max_examples=30)
@given(r=magnitudes, colour=colours, z=redshifts, relation=relations)
def test_errors_are_those_of_draws(r, colour, z, relation):
    n, g_error, r_error = 40_000, 0.08, 0.05
    draws = np.random.default_rng(0).normal(size=(4, n))
    line = LINES[relation]
    found = black_hole_mass(r + colour, r, z, relation=relation, g_error=g_error, r_error=r_error)
    drawn = black_hole_mass(r + colour + g_error * draws[0], r + r_error * draws[1], z)
    stellar = np.asarray(drawn.log_stellar, float)
    assert float(found.log_stellar_error) == pytest.approx(stellar.std(), rel=0.02)
    alpha = line.alpha + line.alpha_error * draws[2]
    beta = line.beta + line.beta_error * draws[3]
    spread = (alpha + beta * (stellar - 11.0)).std()
    # The products of two errors are left out of the formula.
    assert float(found.log_black_hole_error) == pytest.approx(spread, rel=0.04)


@settings(max_examples=30)
@given(r=magnitudes, colour=colours, z=redshifts, relation=relations)
def test_dust_and_redshift_are_taken_off_the_magnitudes(r, colour, z, relation):
    def mass(g, r, **options):
        return float(black_hole_mass(g, r, z, relation=relation, **options).log_black_hole)

    beta = LINES[relation].beta
    plain = mass(r + colour, r)
    k = mass(r + colour, r, k_g=0.3, k_r=0.1)
    assert k == pytest.approx(mass(r + colour - 0.3, r - 0.1), abs=1e-5)
    assert k - plain == pytest.approx(beta * (1.497 * 0.1 - 1.097 * 0.3), abs=1e-4)
    # g and r over V by Cardelli et al., between B (1.34), V (1) and R (0.75).
    bright = mass(r + colour, r, ebv=0.1)
    A_g, A_r = 3.1 * 0.1 * 1.18, 3.1 * 0.1 * 0.87
    assert bright - plain == pytest.approx(beta * (1.497 * A_r - 1.097 * A_g), abs=0.01 * beta)


@pytest.mark.slow
@settings(max_examples=30)
@given(r=magnitudes, colour=colours, z=redshifts)
def test_masses_grow_with_light_colour_and_distance(r, colour, z):
    gradient = jax.grad(lambda *x: black_hole_mass(*x).log_black_hole, argnums=(0, 1, 2))
    by_g, by_r, by_z = gradient(r + colour, r, z)
    assert float(by_g) == pytest.approx(1.05 * 1.097, rel=1e-5)
    assert float(by_r) == pytest.approx(-1.05 * 1.497, rel=1e-5)
    assert by_z > 0.0
