"""Tables of patterns and of conditions, good and bad."""

import numpy as np
import pytest

from surrogate.enrichment.bank.ages import aged
from surrogate.enrichment.bank.condition_tables import read_conditions, trajectory
from surrogate.enrichment.bank.conditions import Expanding, Irradiated, Simulated
from surrogate.enrichment.bank.table import HEADER, line_of, read_patterns


def test_what_is_written_is_read(tmp_path):
    y = np.full(101, np.nan)
    y[[38, 56, 63, 82]] = 1.2345678e-5, 3e-6, 4e-7, 1e-9
    texts = ('a, "b"', "i", "this work", "mine")
    (tmp_path / "p.csv").write_text(f"{HEADER}\n{line_of(texts, y)}\n")
    patterns, problems = read_patterns(tmp_path / "p.csv")
    assert problems == []
    assert patterns.model == (texts[0],)
    assert (patterns.process, patterns.source, patterns.group) == (("i",), texts[2:3], texts[3:])
    np.testing.assert_allclose(patterns.y[0], y, rtol=5e-4)


def test_bad_lines_of_patterns_are_named(tmp_path):
    (tmp_path / "p.csv").write_text(
        "model,process,Ba,Eu,note\na,r,1,2,x\nb,q,1,2,x\nc,s,1\nd,s,one,2,x\n\ne,i,,3,x\n"
    )
    patterns, problems = read_patterns(tmp_path / "p.csv")
    assert patterns.model == ("a", "d", "e")
    assert patterns.group == ("unknown",) * 3
    assert [p.row for p in problems] == [3, 4, 5]
    assert "process = 'q', allowed: r, s, i" in str(problems[0])
    assert "Ba = 'one'" in str(problems[2])
    assert np.isnan(patterns.y[1, 56])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model,Ba\na,1\n", "no column process"),
        ("model,process,note\na,r,1\n", "no column is an element"),
        ("", "empty"),
    ],
)
def test_useless_tables_of_patterns(tmp_path, text, words):
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(ValueError, match=words):
        read_patterns(tmp_path / "p.csv")


def test_conditions_of_three_kinds(tmp_path):
    (tmp_path / "c.csv").write_text(
        "name,process,y_e,s,tau,heating,n_n,t9,exposure,trajectory\n"
        "wind,,0.25,20,0.03,,,,,\n"
        "cold,,0.05,3,0.001,0,,,,\n"
        "i,,,,,,1e14,0.15,3,\n"
        "s,s,,,,,1e8,0.09,1,\n"
        "merger,,,,,,,,,here.dat\n"
    )
    conditions, problems = read_conditions(tmp_path / "c.csv")
    assert problems == []
    assert conditions == [
        Expanding("wind", "r", 0.25, 20.0, 0.03, 0.5),
        Expanding("cold", "r", 0.05, 3.0, 0.001, 0.0),
        Irradiated("i", "i", 1e14, 0.15, 3.0),
        Irradiated("s", "s", 1e8, 0.09, 1.0),
        Simulated("merger", "r", tmp_path / "here.dat"),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a,0.9,10,0.01,", "y_e = 0.9, allowed: 0.01 to 0.6"),
        ("a,nan,10,0.01,", "y_e = nan"),
        ("a,x,10,0.01,", "y_e = 'x', allowed: numbers"),
        ("a,0.1,10,0.01,2", "heating = 2, allowed: 0 to 1"),
        ("a,0.1,10,,", "0 kinds of condition"),
        ("a,0.1,10", "3 cells, allowed: 5"),
    ],
)
def test_bad_conditions_are_named_and_others_kept(tmp_path, line, words):
    (tmp_path / "c.csv").write_text(f"name,y_e,s,tau,heating\n{line}\ngood,0.1,10,0.01,0.5\n")
    conditions, problems = read_conditions(tmp_path / "c.csv")
    assert [c.name for c in conditions] == ["good"]
    assert words in str(problems[0])
    assert problems[0].row == 2


def test_a_trajectory_is_named_by_its_folder(tmp_path):
    assert trajectory(tmp_path / "run" / "tracer.dat").name == "run/tracer.dat"


def test_uranium_and_thorium_become_lead():
    z, a, y = np.array([82, 90, 92, 92]), np.array([208, 232, 235, 238]), np.ones(4)
    young, old = aged(z, a, y, 0.0), aged(z, a, y, 4.468)
    assert (young[82], young[90], young[92], young[2]) == (1.0, 1.0, 2.0, 0.0)
    assert old[92] == pytest.approx(0.5 + 0.5 ** (4.468 / 0.704))
    assert old[82] + old[90] + old[92] == pytest.approx(4.0)
    nucleons = 232 * (1 - old[90]) + 238 * 0.5 + 235 * (1 - 0.5 ** (4.468 / 0.704))
    # Each chain leaves lead and helium: 208 + 6 x 4, 207 + 7 x 4, 206 + 8 x 4.
    kept = 208 * (1 - old[90]) + 207 * (1 - 0.5 ** (4.468 / 0.704)) + 206 * 0.5
    assert nucleons == pytest.approx(kept + 4 * old[2])
    with pytest.raises(ValueError, match="age = -1"):
        aged(z, a, y, -1.0)
