"""`surrogate leave-out`, on a small made-up grid of few masses."""

from __future__ import annotations

import json

import numpy as np
import pytest

from surrogate.cli import choices
from surrogate.collisions import folds, leave_out, trainers
from surrogate.collisions.grid import CSV_COLUMNS, CSV_LABELS

SHORT = ("--models", "mixture", "--only", "1", "--published-epochs", 1, "--seeds", "3")


@pytest.fixture(scope="module")
def few_masses(tmp_path_factory):
    """Collisions of stars of 0.8, 1 and 2 Msun."""
    random = np.random.default_rng(0)
    lines = [",".join(CSV_COLUMNS.values())]
    for _ in range(800):
        m1, m2 = sorted(random.choice([0.8, 1.0, 2.0], 2), reverse=True)
        fast = 10 ** random.uniform(1, 4)
        two = fast > 800
        label, left = (2, (0.98 * m1, 0.97 * m2)) if two else (1, (0.95 * (m1 + m2), 0))
        rp = random.uniform(0, m1 + m2)
        row = (0.01, 0.05, rp, fast, m1, m2, m1, m2, CSV_LABELS[label], *left, 1)
        lines.append(",".join(f"{x:.8g}" for x in row))
    path = tmp_path_factory.mktemp("grid") / "few_masses.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.slow
def test_leave_out_then_report(run, few_masses, tmp_path):
    options = ("--data", few_masses, "-o", tmp_path)
    result = run("leave-out", "mass", *SHORT, *options, columns=120)
    assert result.exit_code == 0, result.output
    assert "1 Msun left out, mixture (1 of 1)" in result.stderr
    assert "mixture 1 of 500 epochs, seeds 3" in result.stdout
    found = json.loads((tmp_path / "mass-1" / "mixture.json").read_text())
    assert found["rows"]["left_out"] > 100
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["mass"]["mean_over"] == [1.0]
    assert summary["mass"]["models"]["mixture"]["mean"]["accuracy"] == found["measures"]["accuracy"]

    again = run("leave-out", "--report", "-o", tmp_path, columns=120)
    assert again.stdout == result.stdout
    changed = run("leave-out", "mass", *SHORT, *options, "--seeds", "4")
    assert changed.exit_code == 2
    assert "other settings" in changed.stderr
    assert str(tmp_path / "mass-1") in changed.stderr


def made_up(model, value, coverage):
    measures = ("median_relative_error_1", "median_relative_error_2", "accuracy")
    sure = ("coverage68_1", "coverage95_1", "coverage68_2", "coverage95_2")
    parts = {"separate": ("classifier", "regressor")}.get(model, (model,))
    return {
        "settings": {
            "leave_out": {"kind": "mass", "value": value},
            "model": model,
            "networks": {part: {"epochs": 5, "seeds": [0]} for part in parts},
        },
        "rows": {"left_out": 1234},
        "measures": {**dict.fromkeys(measures, 0.0123), "balanced_accuracy": 0.5},
        "confidence": dict.fromkeys(sure, coverage),
        "ood": {"median": None, "p95": None},
    }


@pytest.mark.parametrize(("columns", "tables"), [(120, 1), (80, 2)])
def test_models_stand_side_by_side_where_they_fit(run, tmp_path, columns, tables):
    for model, value, coverage in (
        ("ensemble", 2, 0.671),
        ("separate", 2, None),
        ("ensemble", 4, 1),
    ):
        folder = tmp_path / f"mass-{value}"
        folder.mkdir(exist_ok=True)
        (folder / f"{model}.json").write_text(json.dumps(made_up(model, value, coverage)))
    result = run("leave-out", "mass", "--report", "-o", tmp_path, columns=columns)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("Each mass left out") == tables
    assert result.stdout.count("68/95, 1") == 1  # no such column where there are no intervals
    for shown in ("1.23 / 1.23", "1.2 / 50.0", "67 / 67", "1,234", "mean of 1", "- / -"):
        assert (shown in result.stdout) == (shown != "- / -" or tables == 1)
    assert run("leave-out", "age", "--report", "-o", tmp_path).exit_code == 0


def test_interrupted_folds_say_how_to_go_on(run, few_masses, tmp_path, monkeypatch):
    def interrupt(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(leave_out, "run", interrupt)
    result = run("leave-out", "mass", *SHORT, "--data", few_masses, "-o", tmp_path)
    assert result.exit_code == 130
    assert f"mixture is kept in {tmp_path / 'mass-1'}" in result.stderr
    assert "The same command goes on" in result.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("mass", "--models", "forest"), "model = 'forest': allowed here are ensemble"),
        (("mass", "--only", "3"), "3 is no fold of kind 'mass', allowed: 1"),
        (("mass", "--only", "a"), "--only = 'a'"),
        (("tams",), "has no fold of kind 'tams'"),
        (("--only", "1"), "belongs to one kind"),
        (("mass", "--seeds", "1,1"), "different"),
        (("mass", "--report"), "no finished fold"),
    ],
)
def test_wrong_options(run, few_masses, tmp_path, args, words):
    result = run("leave-out", *args, "--data", few_masses, "-o", tmp_path)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not any(tmp_path.iterdir())


def test_choices_are_those_of_the_library():
    assert [kind.value for kind in choices.FoldKind] == [*folds.KINDS, "all"]
    assert [n.value for n in choices.Network] == [*trainers.TRAINERS, "all"]
