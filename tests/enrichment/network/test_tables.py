"""The library's text, the chart, fragments, and trajectories."""

import lzma

import numpy as np
import pytest

from surrogate.enrichment.network.expansion import times
from surrogate.enrichment.network.fission import A_FIRST, Fragments
from surrogate.enrichment.network.nuclei import chart
from surrogate.enrichment.network.places import data_folder
from surrogate.enrichment.network.reaclib import nuclide, rate, read_reaclib
from surrogate.enrichment.network.trajectories import follow, read_trajectory

TEXT = """\
4
         n fe56 fe57                       ks03      7.64600e+00          
 1.613900e+01 0.000000e+00 0.000000e+00 1.000000e-01                      
 0.000000e+00 0.000000e+00 5.000000e-01                                   
1
      ge71 ga71                            wc12w     2.33000e-01          
-1.419000e+01 0.000000e+00 0.000000e+00 0.000000e+00                      
 0.000000e+00 0.000000e+00 0.000000e+00                                   
"""  # noqa: W291


def test_the_library_is_read_plain_and_packed(tmp_path):
    plain, packed = tmp_path / "rates", tmp_path / "rates.xz"
    plain.write_text(TEXT)
    with lzma.open(packed, "wt") as file:
        file.write(TEXT)
    entries = list(read_reaclib(plain))
    assert entries == list(read_reaclib(packed))
    capture, decay = entries
    assert capture.reactants == ((0, 1), (26, 30))
    assert capture.products == ((26, 31),)
    assert capture.q == 7.646
    assert not capture.weak
    assert decay.weak
    value = rate(np.array(capture.a), np.array([4.0]))[0]
    assert value == pytest.approx(np.exp(16.139 + 0.1 * 4.0 ** (1 / 3) + 0.5 * np.log(4.0)))


def test_another_text_is_refused_by_name(tmp_path):
    (tmp_path / "x").write_text("a\nb\nc\nd\n")
    with pytest.raises(ValueError, match="line 1: not an entry of REACLIB"):
        list(read_reaclib(tmp_path / "x"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("n", (0, 1)), ("p", (1, 0)), ("n14", (7, 7)), ("u238", (92, 146)), ("al-6", None)],
)
def test_names_of_nuclides(name, expected):
    assert nuclide(name) == expected


def test_the_chart_has_rows_that_only_shift_one_way():
    nuclei = chart([(1, 0), (2, 2), (26, 30), (26, 31), (27, 33), (40, 5), (200, 300)])
    assert len(nuclei) == 5
    assert (26, 31) in nuclei
    assert (40, 5) not in nuclei  # far from stability on the side of the protons
    assert (np.diff(nuclei.first) >= 0).all()
    assert nuclei.n[nuclei.at((27, 33))] == 33


def test_fragments_share_all_of_the_mass():
    table = Fragments(neutrons=3).table(330)
    a = np.arange(A_FIRST, 331)
    np.testing.assert_allclose(table.sum(axis=1), 2.0)
    np.testing.assert_allclose(table @ np.arange(331), a - 3)
    assert 130 <= table[240 - A_FIRST].argmax() <= 150 or 90 <= table[240 - A_FIRST].argmax() <= 110
    assert table[300 - A_FIRST].argmax() in (148, 149)


def test_trajectories_are_read_by_the_names_of_their_columns(tmp_path):
    path = tmp_path / "tracer.dat"
    rows = [f"{t:.3e} {0.2} {10.0 / (1.0 + 10 * t):.4f} {1e9 / (1 + 10 * t) ** 3:.4e}" for t in T]
    path.write_text("# time[s], Ye, T9[GK], density[g/cm^3]\n\n" + "\n".join(rows) + "\n")
    read = read_trajectory(path)
    assert read.t9[0] == 10.0
    assert read.rho[0] == 1e9
    history, y_e = follow(read, t9_start=6.0)
    assert y_e == 0.2
    assert float(history.t9_start) == pytest.approx(6.0, rel=1e-6)
    assert (np.diff(np.asarray(history.rho)) <= 0.0).all()
    given, _ = follow(read, heating=None)
    assert given.t9.shape == given.rho.shape == (len(times()),)


T = np.linspace(0.0, 2.0, 2001)


def test_a_trajectory_without_names_is_refused(tmp_path):
    (tmp_path / "x").write_text("0 1 2 3\n")
    with pytest.raises(ValueError, match="no comment names the columns"):
        read_trajectory(tmp_path / "x")


def test_a_folder_without_tables_is_refused(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"path = .* holds no folder nuclear"):
        data_folder(tmp_path)
    monkeypatch.setenv("SURROGATE_DATA", str(tmp_path))
    assert data_folder() is None
