"""Spectroscopic types."""

import pytest

from surrogate.transients.labels import TIDAL_DISRUPTIONS, Label, read_labels


def test_labels(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("NAME,LABEL,Z\nA,SN Ia,0.06\nB,CV,-1.0\nC,TDE,\nA,SN Ia,0.07\n")
    assert read_labels(file) == {
        "A": Label("SN Ia", 0.07),
        "B": Label("CV", None),
        "C": Label("TDE", None),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NAME,LABLE,Z\nA,TDE,1\n", r"missing column label; found: NAME, LABLE, Z.*mean lable\?"),
        ("NAME,LABEL,Z\nA,TDE\n", "line 2: 2 cells, allowed: 3"),
        ("NAME,LABEL,Z\nA,TDE,1\nA,AGN,1\n", "line 3: name = A is AGN here and TDE above"),
        ("", "empty"),
    ],
)
def test_bad_labels_are_named(tmp_path, text, words):
    file = tmp_path / "labels.csv"
    file.write_text(text)
    with pytest.raises(ValueError, match=rf"labels.csv: .*{words}"):
        read_labels(file)


def test_the_known_disruption():
    assert TIDAL_DISRUPTIONS["ZTF20abjwvae"] == "AT2020opy"


def test_public_labels(public_data):
    labels = read_labels(public_data("transients") / "spectroscopic_labels.csv")
    assert len(labels) == 5735
    assert sum(label.type == "TDE" for label in labels.values()) == 46
    assert all(label.z is None or label.z > 0 for label in labels.values())
