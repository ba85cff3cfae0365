"""Many runs into one table, with a stand-in for the network."""

import threading

import numpy as np
import pytest

from surrogate.enrichment.bank.conditions import SETS, Expanding
from surrogate.enrichment.bank.simulate import simulate
from surrogate.enrichment.bank.table import read_patterns

CONDITIONS = [Expanding(f"run {k}", "r", 0.1, 10.0, 0.001 * k) for k in range(1, 8)]


def stand_in(condition):
    """A pattern that tells the condition."""
    if condition.tau > 0.0065:
        raise ValueError("tau = 0.007, allowed: less")
    return np.arange(101) * condition.tau


def test_every_condition_has_its_line_in_order(tmp_path):
    problems = simulate(CONDITIONS, stand_in, tmp_path / "p.csv", jobs=3)
    patterns, wrong = read_patterns(tmp_path / "p.csv")
    assert wrong == []
    assert patterns.model == tuple(f"run {k}" for k in range(1, 7))
    np.testing.assert_allclose(patterns.y[:, 56], [0.056 * k for k in range(1, 7)], rtol=1e-3)
    assert [(p.name, "tau = 0.007" in p.message) for p in problems] == [("run 7", True)]
    assert [file.name for file in tmp_path.iterdir()] == ["p.csv"]


def test_a_name_counts_once(tmp_path):
    problems = simulate([*CONDITIONS[:2], CONDITIONS[0]], stand_in, tmp_path / "p.csv")
    assert [p.name for p in problems] == ["run 1"]
    assert len(read_patterns(tmp_path / "p.csv").patterns) == 2


def test_interrupted_work_goes_on(tmp_path):
    out, part = tmp_path / "p.csv", tmp_path / "p.csv.part"
    done = []

    def stop(condition):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(condition.name)
        return stand_in(condition)

    with pytest.raises(KeyboardInterrupt):
        simulate(CONDITIONS[:6], stop, out, jobs=1)
    assert not out.exists()
    with part.open("a") as file:
        file.write("run 4,r,surrogate,surr")  # as a killed process leaves it
    again = []
    simulate(CONDITIONS[:6], lambda c: again.append(c.name) or stand_in(c), out, jobs=1)
    assert sorted(again + done[:3]) == [c.name for c in CONDITIONS[:6]]
    assert len(read_patterns(out).patterns) == 6
    assert not part.exists()


def test_a_foreign_file_is_not_touched(tmp_path):
    part = tmp_path / "p.csv.part"
    part.write_text("my notes\n")
    with pytest.raises(ValueError, match="move it away"):
        simulate(CONDITIONS, stand_in, tmp_path / "p.csv")
    assert part.read_text() == "my notes\n"


def test_runs_go_side_by_side(tmp_path):
    both = threading.Barrier(2, timeout=20)

    def meet(condition):
        both.wait()
        return stand_in(condition)

    assert simulate(CONDITIONS[:4], meet, tmp_path / "p.csv", jobs=2) == []


@pytest.mark.parametrize("name", SETS)
def test_sets_have_names_of_their_own(name):
    conditions = SETS[name]()
    assert len({c.name for c in conditions}) == len(conditions) > 50
