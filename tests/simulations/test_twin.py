"""Files in the TWIN layout: as StarSmasher wants them, and refused with a reason."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from surrogate.simulations.stars.main_sequence import main_sequence_star
from surrogate.simulations.stars.polytrope import polytrope
from surrogate.simulations.stars.profile import hydrostatic_residual
from surrogate.simulations.starsmasher.twin import MAX_ROWS, read_twin, write_twin

FIELDS = ("m", "r", "P", "rho", "composition")


def assert_same(a, b):
    """Check that two profiles are equal to the last digit written."""
    for name in FIELDS:
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-15)


@pytest.mark.parametrize("star", [lambda: polytrope(3, 1, 1), lambda: main_sequence_star(8, 0.03)])
def test_roundtrip(tmp_path, star):
    path = tmp_path / "star.s2mm"
    write_twin(path, star())
    assert_same(read_twin(path), star())
    assert [file.name for file in tmp_path.iterdir()] == ["star.s2mm"]


def test_layout_is_the_recorded_one(tmp_path, starsmasher_dir):
    recorded = starsmasher_dir / "erg_n3_polytrope" / "poly3.s2mm"
    path = tmp_path / "star.s2mm"
    write_twin(path, read_twin(recorded))
    assert path.read_text() == recorded.read_text()


def test_recorded_star_is_the_polytrope_it_claims_to_be(starsmasher_dir):
    star = read_twin(starsmasher_dir / "erg_n3_polytrope" / "poly3.s2mm")
    assert star.mass == pytest.approx(1, abs=1e-6)
    assert star.radius == pytest.approx(1, abs=1e-3)
    ours = polytrope(3, 1, 1)
    inner = star.r < 0.9 * star.r[-1]
    np.testing.assert_allclose(
        np.interp(star.r, ours.r, ours.rho)[inner], star.rho[inner], rtol=3e-3
    )
    np.testing.assert_allclose(np.interp(star.r, ours.r, ours.P)[inner], star.P[inner], rtol=4e-3)
    assert np.all(np.abs(hydrostatic_residual(star)[inner[1:]]) < 2e-3)


def test_as_written(tmp_path):
    path = tmp_path / "star.s2mm"
    write_twin(path, main_sequence_star(1, 4))
    rows = [[float(text) for text in line.split()] for line in path.read_text().splitlines()]
    assert {len(row) for row in rows} == {13}
    table = np.array(rows)
    assert np.all(np.abs(table[:, 4:].sum(axis=1) - 1) < 1e-8)
    assert table[0, 0] != 1  # StarSmasher would take it for a file of MESA
    assert 0 < table[0, 1] < 1e-3 * table[-1, 1]
    assert np.all(np.diff(table[:, 1]) > 0)  # it ignores rows that do not increase
    assert np.all(table[:, 2:4] > 0)
    assert table[-1, 0] == pytest.approx(1.9891e33, rel=1e-12)


def test_a_bad_profile_is_not_written(tmp_path):
    path = tmp_path / "star.s2mm"
    good = polytrope(3, 1, 1)
    composition = good.composition.copy()
    composition[7, 0] += 1e-6
    with pytest.raises(ValueError, match=r"row 7: sum of the mass fractions = 1\.000001"):
        write_twin(path, dataclasses.replace(good, composition=composition))
    with pytest.raises(ValueError, match=f"5000 rows, allowed: at most {MAX_ROWS}"):
        write_twin(path, polytrope(3, 1, 1, points=5000))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("1 2 3\n", "line 1: 3 numbers, allowed: 13"),
        ("zone mass logR\n", "line 1: could not convert"),
        ("1 " * 12 + "0\n", "the profile has 1 rows"),
    ],
)
def test_other_files_are_refused(tmp_path, text, message):
    path = tmp_path / "star.s2mm"
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as caught:
        read_twin(path)
    assert "star.s2mm" in str(caught.value)


def test_a_file_cut_short_is_refused(tmp_path):
    path = tmp_path / "star.s2mm"
    write_twin(path, polytrope(3, 1, 1))
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:40]) + lines[40][:153])
    with pytest.raises(ValueError, match="line 41: 7 numbers, allowed: 13"):
        read_twin(path)


def test_a_number_cut_short_is_not_taken_for_a_fraction(tmp_path):
    path = tmp_path / "star.s2mm"
    write_twin(path, polytrope(3, 1, 1))
    path.write_bytes(path.read_bytes()[:-5])  # the last exponent, e-05, is gone
    with pytest.raises(ValueError, match="sum of the mass fractions"):
        read_twin(path)
