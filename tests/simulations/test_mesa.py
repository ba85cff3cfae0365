"""Profile files of MESA, written here in its layout: read to the right star, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from surrogate.simulations.stars.composition import scaled_solar, solar_metals
from surrogate.simulations.stars.mesa import OLD_MSUN, OLD_RSUN, read_mesa
from surrogate.simulations.stars.polytrope import polytrope
from surrogate.simulations.stars.profile import check, hydrostatic_residual
from surrogate.simulations.starsmasher.twin import read_twin, write_twin

MSUN, RSUN = 1.9884098706980504e33, 6.957e10
ISOTOPES = ("h1", "he3", "he4", "c12", "n14", "o16", "ne20", "mg24")
STAR = polytrope(3, 2.0, 1.5, points=800)


def field(value):
    """One field as MESA writes it: 40 places, Fortran's exponent of three digits."""
    if isinstance(value, float):
        mantissa, exponent = f"{value:.16E}".split("E")
        value = f"{mantissa}E{int(exponent):+04d}"
    return f"{value:>40}"


def write_mesa(path, columns, header=None):
    """Write columns, from the surface to the centre, in MESA's layout."""
    zones = len(next(iter(columns.values())))
    if header is None:
        header = {"msun": MSUN, "rsun": RSUN}
    header = {
        "model_number": 120, "num_zones": zones, "initial_mass": 2.0, "initial_z": 1.42e-4,
        "star_age": 1e8, "version_number": '"r24.08.1"', "compiler": '"gfortran"',
        "MESA_SDK_version": '"x86_64-linux 24.7.1"', "date": '"20250429"', **header,
    }  # fmt: skip
    table = {"zone": np.arange(1, zones + 1), **columns}
    rows = zip(*(column.tolist() for column in table.values()), strict=True)
    lines = [
        [field(i + 1) for i in range(len(header))],
        [field(name) for name in header],
        [field(value) for value in header.values()],
        [],
        [field(i + 1) for i in range(len(table))],
        [field(name) for name in table],
        *([field(value) for value in row] for row in rows),
    ]
    path.write_text("".join("".join(line) + " \n" for line in lines))


def mesa_columns(star=STAR, msun=MSUN, rsun=RSUN):
    """A profile as MESA has it: mass and radius of outer faces, the rest of middles of cells."""
    middle_mass = 0.5 * (star.m + np.concatenate([[0], star.m[:-1]]))
    ln_rho = np.interp(middle_mass, star.m, np.log(star.rho))
    ln_P = np.interp(middle_mass, star.m, np.log(star.P))
    composition = dict.fromkeys(ISOTOPES, 0.0) | {
        "h1": 0.6, "he3": 1e-5, "he4": 0.3998, "c12": 2e-5, "n14": 1e-5, "o16": 1e-4,
        "ne20": 2e-5, "mg24": 4e-5,
    }  # fmt: skip
    columns = {
        "mass": star.m / msun,
        "logR": np.log10(star.r / rsun),
        "logT": np.log10(star.temperature),
        "logRho": ln_rho / np.log(10),
        "logP": ln_P / np.log(10),
        **{name: np.full_like(star.m, x) for name, x in composition.items()},
    }
    return {name: column[::-1] for name, column in columns.items()}


def xyz(columns, X=0.7, Y=0.29, Z=0.01):
    """Replace the isotopes by what MESA writes by default."""
    columns = {name: column for name, column in columns.items() if name not in ISOTOPES}
    names = ("x_mass_fraction_H", "y_mass_fraction_He", "z_mass_fraction_metals")
    for name, value in zip(names, (X, Y, Z), strict=True):
        columns[name] = np.full_like(columns["mass"], value)
    return columns


@pytest.fixture
def path(tmp_path):
    return tmp_path / "profile1.data"


def test_the_star_comes_back(path, tmp_path):
    write_mesa(path, mesa_columns())
    star = read_mesa(path)
    check(star)
    np.testing.assert_allclose(star.m, STAR.m, rtol=1e-12)
    np.testing.assert_allclose(star.r, STAR.r, rtol=1e-12)
    # On the faces again, to the second order of the cells: the middles are off by up to 30 times.
    inner = (star.r > 0.01 * star.r[-1]) & (star.r < 0.9 * star.r[-1])
    np.testing.assert_allclose(star.rho[inner], STAR.rho[inner], rtol=2e-3)
    np.testing.assert_allclose(star.P[inner], STAR.P[inner], rtol=2e-3)
    assert np.all(np.abs(hydrostatic_residual(star)[inner[1:]]) < 0.02)
    write_twin(tmp_path / "star.s2mm", star)
    np.testing.assert_allclose(read_twin(tmp_path / "star.s2mm").rho, star.rho, rtol=1e-15)


def test_other_names_of_the_columns(path):
    columns = mesa_columns()
    write_mesa(path, columns)
    expected = read_mesa(path)
    for log, name in (("logR", "radius"), ("logRho", "rho"), ("logP", "pressure")):
        columns[name] = 10 ** columns.pop(log)
    write_mesa(path, columns)
    star = read_mesa(path)
    for name in ("m", "r", "P", "rho", "composition"):
        np.testing.assert_allclose(getattr(star, name), getattr(expected, name), rtol=1e-12)


def test_composition_from_isotopes(path):
    write_mesa(path, mesa_columns())
    x = read_mesa(path).composition
    assert np.all(np.abs(x.sum(axis=1) - 1) < 1e-12)
    # he3 counts as helium; what is left of 1, here 0, as iron; silicon has no column.
    expected = [0.6, 0.39981, 2e-5, 1e-5, 1e-4, 2e-5, 4e-5, 0, 0]
    np.testing.assert_allclose(x, np.tile(expected, (len(x), 1)), atol=1e-12)
    columns = mesa_columns()
    columns["c12"] = columns["c12"] - 1.5e-5
    write_mesa(path, columns)
    assert read_mesa(path).composition[0, -1] == pytest.approx(1.5e-5, rel=1e-6)


def test_composition_from_x_y_and_z(path):
    write_mesa(path, xyz(mesa_columns()))
    x = read_mesa(path).composition
    np.testing.assert_allclose(x[5], [0.7, 0.29, *(0.01 * solar_metals())], rtol=1e-12)


def test_units_of_old_releases(path):
    write_mesa(path, mesa_columns(msun=OLD_MSUN, rsun=OLD_RSUN), header={})
    star = read_mesa(path)
    assert star.m[-1] == pytest.approx(STAR.m[-1], rel=1e-12)
    assert star.r[-1] == pytest.approx(STAR.r[-1], rel=1e-12)


def test_exponents_without_a_letter(path):
    write_mesa(path, mesa_columns())
    text = path.read_text()
    # Fortran drops the letter where the exponent has three digits, and D is as good as E.
    path.write_text(text.replace("E-00", "-00").replace("E+00", "D+00"))
    np.testing.assert_allclose(read_mesa(path).m, STAR.m, rtol=1e-12)


@pytest.mark.parametrize(
    ("absent", "message"),
    [
        ("mass", "no column mass"),
        ("logR", "no column logR or radius"),
        ("logRho", "no column logRho or rho or density"),
        ("logP", "no column logP or pressure"),
        ("h1", "no columns h1 and he4, nor x_mass_fraction_H, y_mass_fraction_He"),
    ],
)
def test_missing_columns(path, absent, message):
    columns = mesa_columns()
    del columns[absent]
    write_mesa(path, columns)
    with pytest.raises(ValueError, match=message) as caught:
        read_mesa(path)
    assert "profile1.data" in str(caught.value)
    assert "profile_columns.list" in str(caught.value)


def test_files_cut_short(path):
    write_mesa(path, mesa_columns())
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-3]))
    with pytest.raises(ValueError, match="797 rows, allowed: 800"):
        read_mesa(path)
    path.write_text("".join(lines)[:-100])
    with pytest.raises(ValueError, match="line 806: 12 numbers, allowed: 14"):
        read_mesa(path)
    path.write_text("".join(lines[:4]))
    with pytest.raises(ValueError, match="not a profile of MESA"):
        read_mesa(path)


@pytest.mark.parametrize("text", ["", "hello\n" * 20, "1 2 3\n" * 20])
def test_other_files(path, text):
    path.write_text(text)
    with pytest.raises(ValueError, match="not a profile of MESA"):
        read_mesa(path)


def test_other_files_of_the_same_codes(path):
    write_twin(path, STAR)
    with pytest.raises(ValueError, match="not a profile of MESA"):
        read_mesa(path)
    with pytest.raises(FileNotFoundError):
        read_mesa(path.with_name("profile2.data"))


def test_values_that_no_star_has(path):
    columns = mesa_columns()
    columns["logR"] = columns["logR"][::-1]
    write_mesa(path, columns)
    with pytest.raises(ValueError, match="not the profile of a star"):
        read_mesa(path)
    columns = mesa_columns()
    columns["h1"] = columns["h1"] + 0.1
    write_mesa(path, columns)
    with pytest.raises(ValueError, match=r"line 7: the mass fractions sum to 1\.1"):
        read_mesa(path)
    columns = xyz(mesa_columns(), X=0.5)
    write_mesa(path, columns)
    with pytest.raises(ValueError, match=r"line 7: the mass fractions sum to 0\.8"):
        read_mesa(path)
    columns = mesa_columns()
    columns["rho"] = 10 ** columns.pop("logRho")
    columns["rho"] = np.where(np.arange(800) == 3, 0.0, columns["rho"])
    write_mesa(path, columns)
    with pytest.raises(ValueError, match=r"line 10: density 0\.0, allowed: above 0"):
        read_mesa(path)


def test_scaled_solar_is_what_the_grid_has(path):
    x = scaled_solar()
    write_mesa(path, xyz(mesa_columns(), x[0], x[1], x[2:].sum()))
    np.testing.assert_allclose(read_mesa(path).composition[0], x, rtol=1e-10)
