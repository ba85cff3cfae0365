"""Bands, dust, and what a survey measures of a source of known light."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants

from surrogate.transients.bands import BANDS, RV, extinction, find_band
from surrogate.transients.cosmology import luminosity_distance
from surrogate.transients.observer import Spectrum, band_flux, colours

bands = st.sampled_from(list(BANDS))
redshifts = st.floats(0.01, 1.0)
LSST = [name for name in BANDS if name.startswith("lsst")]
measure_all = jax.jit(partial(colours, LSST))


@given(rv=st.floats(2.0, 6.0))
def test_extinction_is_that_in_v_in_v(rv):
    assert extinction(5495.0, rv) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("x", "ratio"),
    # Cardelli, Clayton & Mathis (1989), table 3: U, B, V, R, I, J, H and K for R(V) = 3.1.
    [
        (2.78, 1.569),
        (2.27, 1.337),
        (1.82, 1.0),
        (1.43, 0.751),
        (1.11, 0.479),
        (0.80, 0.282),
        (0.63, 0.190),
        (0.46, 0.114),
    ],
)
def test_extinction_is_that_of_the_paper(x, ratio):
    assert extinction(1e4 / x, 3.1) == pytest.approx(ratio, rel=0.02)


def test_extinction_is_smooth_where_its_formulae_meet_and_greyer_for_large_grains():
    assert extinction(1e4 / 1.0999) == pytest.approx(extinction(1e4 / 1.1001), rel=2e-3)
    assert extinction(4400.0, 5.0) < extinction(4400.0, 3.1) < extinction(4400.0, 2.5)
    by_length = [extinction(BANDS[name].wavelength) for name in LSST]
    assert by_length == sorted(by_length, reverse=True)


@pytest.mark.parametrize(
    ("names", "band"),
    [
        (("ztfg", "ZTF_g", "g.ztf", "p48g", "g", " G ", 1, "1"), "ztfg"),
        (("ztfr", "ZTF_r", "r.ztf", "p48r", "r", 2, np.int64(2)), "ztfr"),
        (("ztfi", "ZTF_i", "i", 3), "ztfi"),
        (("lsstu", "u.lsst", "LSSTU"), "lsstu"),
        (("lssty", "y.lsst"), "lssty"),
    ],
)
def test_bands_have_many_names(names, band):
    assert {find_band(name) for name in names} == {band}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ztfz", "did you mean ztf"),
        ("kepler", "band = kepler, allowed: ztfg, ztfr"),
        (4, "band = 4"),
        ("", "band = "),
        (None, "band = None"),
    ],
)
def test_unknown_bands_are_named(name, words):
    with pytest.raises(ValueError, match=words):
        find_band(name)


@given(log_T=st.floats(3.5, 5.5))
def test_a_blackbody_spreads_its_light_over_all_frequencies(log_T):
    # k T / h is 2.1e-5 PHz/K; far from it there is no light.
    nu = np.geomspace(1e-3, 60.0, 2000) * 2.0837e-5 * 10.0**log_T
    density = np.asarray(Spectrum(10.0**log_T).density(jnp.asarray(nu, jnp.float32)), float)
    assert np.trapezoid(density, nu) == pytest.approx(1.0, rel=1e-3)
    # Wien: the peak of B_nu.
    assert nu[density.argmax()] == pytest.approx(5.879e-5 * 10.0**log_T, rel=0.02)


def test_hot_light_falls_as_rayleigh_jeans_and_far_light_is_none():
    rise = Spectrum(1e5).density(jnp.array([0.01, 0.02]))
    assert float(rise[1] / rise[0]) == pytest.approx(4.0, rel=0.01)
    assert Spectrum(1e3).density(jnp.array(10.0)) == 0.0


def flux_in_cgs(band, z, T, distance):
    """Of 1e44 erg/s in microjansky: a photon-weighted mean of (1 + z) L_nu / (4 pi d^2)."""
    wavelength = np.linspace(-0.5, 0.5, 4001) * BANDS[band].width + BANDS[band].wavelength
    nu = constants.c / (wavelength * 1e-10)
    emitted = (1.0 + z) * nu
    x = constants.h * emitted / (constants.k * T)
    planck = 2.0 * constants.h * emitted**3 / constants.c**2 / np.expm1(x)
    L_nu = 1e37 * np.pi * planck / (constants.sigma * T**4)  # W / Hz
    F_nu = (1.0 + z) * L_nu / (4.0 * np.pi * (distance * 1e6 * constants.parsec) ** 2)
    # Photons: dnu / nu, which is dlambda / lambda.
    mean = np.trapezoid(F_nu / wavelength, wavelength) / np.trapezoid(1.0 / wavelength, wavelength)
    return mean / 1e-32


@pytest.mark.parametrize(
    ("band", "z", "T", "distance"),
    # Luminosity distances of astropy's Planck18 [Mpc].
    [
        ("ztfg", 0.1, 2e4, 475.8222675),
        ("ztfr", 1.0, 2e4, 6791.268942),
        ("lsstu", 3.0, 1e4, 26016.01596),
        ("lssty", 0.01, 5e4, 44.64710613),
    ],
)
def test_fluxes_are_those_of_planck(band, z, T, distance):
    found = float(band_flux(band, z, Spectrum(T)))
    assert found == pytest.approx(flux_in_cgs(band, z, T, distance), rel=1e-3)


def test_a_source_of_known_brightness():
    # 1e44 erg/s at 20,000 K and z = 0.1 is some 18.5 mag in g.
    assert -2.5 * np.log10(float(band_flux("ztfg", 0.1)) / 3.631e9) == pytest.approx(18.5, abs=0.5)


@given(band=bands, z=redshifts, correction=st.floats(1.0, 20.0))
def test_one_correction_for_all_bands_falls_as_the_square_of_the_distance(band, z, correction):
    flux = float(band_flux(band, z, Spectrum(correction=correction)))
    nu = constants.c / (BANDS[band].wavelength * 1e-10)
    distance = float(luminosity_distance(z)) * 1e6 * constants.parsec
    # nu F_nu = L / (correction 4 pi d^2): the redshift is in the distance alone.
    expected = 1e37 / (4.0 * np.pi * distance**2) / (correction * nu) / 1e-32
    assert flux == pytest.approx(expected, rel=0.01)


@settings(max_examples=30)
@given(z=st.floats(0.01, 0.3), log_T=st.floats(3.9, 4.9), ebv=st.floats(0.01, 0.3))
def test_hot_sources_are_blue_and_dust_reddens(z, log_T, ebv):
    T = 10.0**log_T
    cool, hot = (np.asarray(measure_all(z, Spectrum(x))) for x in (T, 1.2 * T))
    assert (np.diff(np.log(hot / cool)) < 0.0).all()
    dusty = np.asarray(measure_all(z, Spectrum(T), ebv))
    loss = -2.5 * np.log10(dusty / cool)
    expected = [RV * ebv * extinction(BANDS[name].wavelength) for name in LSST]
    # Blue light in a wide band is dimmed a bit more than at its middle.
    np.testing.assert_allclose(loss, expected, rtol=0.06)
    assert (np.diff(loss) < 0.0).all()


@pytest.mark.slow
def test_shapes_and_gradients():
    z, ebv = jnp.array([0.05, 0.1]), jnp.array([[0.0], [0.1], [0.2]])
    assert band_flux("ztfg", z, None, ebv).shape == (3, 2)
    assert colours(("ztfg", "ztfr"), z).shape == (2, 2)
    with jax.enable_x64(True):
        for spectrum in (lambda T: Spectrum(1e4 * T), lambda T: Spectrum(correction=T)):
            of = jax.jit(lambda x, s=spectrum: band_flux("ztfg", x[0], s(x[1]), x[2]))
            x, slopes = jnp.array([0.1, 2.0, 0.1]), jax.jit(jax.grad(of))
            for k, step in enumerate(1e-6 * jnp.eye(3)):
                difference = float(of(x + step) - of(x - step)) / 2e-6
                assert float(slopes(x)[k]) == pytest.approx(difference, rel=1e-6)
