"""`surrogate enrichment`: patterns, trainings, labels and reports from files."""

import csv
import io

import numpy as np
import pytest

from surrogate.enrichment.bank import shipped_patterns
from surrogate.enrichment.bank.run import Simulator
from surrogate.enrichment.bank.table import read_patterns
from surrogate.enrichment.network import network as tables

GOOD = """name,[Fe/H],Ba,La,Ce,Pr,Nd,Sm,Eu,Dy,Er,Pb,err_Ba
r star,-2.9,-0.3,-1.0,-0.7,-1.2,-0.4,-0.7,-1.0,-0.4,-0.6,,0.1
s star,-2.4,2.0,1.1,1.5,0.6,1.3,0.5,-0.4,0.5,0.3,2.6,0.2
"""
BAD = """name,[Fe/H],Ba,La,Ce,Nd,Eu,Qq,Pb
solar scale,-2.9,2e-9,1e-10,1e-10,1e-10,1e-11,1,<1e-9
no europium,-2.9,-0.3,-1.0,-0.7,-0.4,,1,
limits,-2.9,<-0.3,<-1.0,<-0.7,<-0.4,<-1,1,<0
six of them,-2.9,-0.3,-1.0,-0.7,-0.4,-1.0,1,-0.2
"""


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def stars(tmp_path):
    file = tmp_path / "stars.csv"
    file.write_text(GOOD)
    return file


def test_stars_are_labelled(run, stars):
    result = run("enrichment", "classify", stars)
    assert result.exit_code == 0, result.output
    r, s = rows(result.stdout)
    assert (r["name"], r["process"], r["overall"], r["class"]) == ("r star", "r", "r", "r-II")
    assert float(r["p_r"]) > 0.9
    assert set(r["cells_pb"]) == {"-"}
    assert (s["process"], s["overall"], s["elements"]) == ("s", "s", "10")
    assert float(s["p_r"]) + float(s["p_s"]) + float(s["p_i"]) == pytest.approx(1.0, abs=1e-3)
    assert float(s["r_share_Ba_16"]) <= float(s["r_share_Ba"]) <= float(s["r_share_Ba_84"])
    assert float(s["r_share_Ba"]) < float(s["r_share_Eu"])


@pytest.mark.slow
def test_what_is_wrong_is_named_and_the_rest_labelled(run, stars, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text(BAD)
    out = tmp_path / "labels.csv"
    result = run("enrichment", "classify", stars, bad, "-o", out)
    assert result.exit_code == 1
    labelled = rows(out.read_text())
    assert [row["name"] for row in labelled] == ["r star", "s star", "six of them"]
    last = labelled[-1]
    assert last["overall"] == "-"
    assert float(last["p_r"]) > 0.5
    assert "networks cannot answer" in last["problem"]
    for words in (
        "Qq: unknown element",
        "solar scale, row 2: wrong scale",
        "no europium, row 3: no europium",
        "limits, row 4: all limits",
    ):
        assert words in result.stderr


def test_nothing_to_label(run, tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text("\n".join(BAD.splitlines()[:4]) + "\n")
    result = run("enrichment", "classify", file)
    assert result.exit_code == 2
    assert "no star that can be used" in result.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("classify", "nowhere.csv"), "nowhere.csv"),
        (("classify", "{stars}", "--models", "{here}"), "card"),
        (("patterns", "-o", "{stars}"), "--force"),
        (("patterns", "nowhere.dat", "-o", "p.csv"), "nowhere.dat"),
        (("train", "-o", "{stars}"), "--force"),
    ],
)
def test_wrong_input_is_told(run, stars, tmp_path, args, words):
    filled = [a.format(stars=stars, here=tmp_path) for a in args]
    result = run("enrichment", *filled)
    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.slow
def test_report_is_written(run, stars, tmp_path):
    out = tmp_path / "report.html"
    result = run("enrichment", "report", stars, "-o", out)
    assert result.exit_code == 0, result.output
    text = out.read_text()
    assert "r star" in text
    assert "s star" in text
    assert 'src="http' not in text


@pytest.fixture
def quick_network(monkeypatch):
    """In place of the network, something that tells Ye."""
    monkeypatch.setattr(tables, "load_network", lambda path: None)
    monkeypatch.setattr(tables, "missing", lambda path: ("a table",))
    monkeypatch.setattr(Simulator, "__init__", lambda self, network: None)
    monkeypatch.setattr(Simulator, "__call__", lambda self, c: np.full(101, c.y_e))


@pytest.mark.usefixtures("quick_network")
def test_conditions_become_patterns(run, tmp_path):
    table, out = tmp_path / "c.csv", tmp_path / "p.csv"
    table.write_text("name,y_e,s,tau\na,0.1,10,0.01\nb,0.9,10,0.01\nc,0.3,10,0.01\n")
    result = run("enrichment", "patterns", table, "-o", out)
    assert result.exit_code == 1
    assert "without a table" in result.stderr
    assert "b, row 3: cannot be run: y_e = 0.9" in result.stderr
    patterns, _ = read_patterns(out)
    assert patterns.model == ("a", "c")
    np.testing.assert_allclose(patterns.y[:, 56], [0.1, 0.3])
    assert run("enrichment", "patterns", table, "-o", out).exit_code == 2
    assert run("enrichment", "patterns", table, "-o", out, "--force").exit_code == 1


@pytest.mark.slow
def test_classifiers_are_trained_and_used(run, stars, tmp_path, public_data):
    data = public_data("enrichment").parent
    options = ("--seeds", 1, "--epochs", 1500, "--one-class-epochs", 500)
    result = run("enrichment", "train", "-o", tmp_path / "m", "--data", data, *options)
    assert result.exit_code == 0, result.output
    assert not (tmp_path / "m.part").exists()
    labelled = run("enrichment", "classify", stars, "--models", tmp_path / "m")
    assert [row["process"] for row in rows(labelled.stdout)] == ["r", "s"]


def test_shipped_patterns_are_read_as_a_users_own(tmp_path):
    assert {"r", "i"} == set(shipped_patterns().process)
