"""`surrogate predict` on one encounter, and what every command shares."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import surrogate
from surrogate.cli import choices

ONE = ("predict", "--age", 1, "--m1", 1, "--m2", 0.8, "--rp", 0.5, "--vinf", 100)


@pytest.mark.parametrize("columns", [40, 200])
def test_table(run, columns):
    result = run(*ONE, columns=columns)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= columns
    assert "…" not in result.stdout
    for words in ("collision: the surfaces touch", "In domain", "1.8000   1.8000", " %", "Msun"):
        assert words in result.stdout


def test_reasons_in_words(run):
    result = run(
        "predict", "--age", 14, "--m1", 1, "--m2", 80, "--rp", 0.5, "--vinf", 1, columns=200
    )
    assert "outside the simulated 0.2 to 64 Msun; a star has left" in result.stdout


@pytest.mark.parametrize(
    "more", [(), ("--r1", 0.9, "--r2", 0.8), ("--smooth",), ("--model", "mixture")]
)
def test_json(run, more):
    result = run(*ONE, *more, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["m1_final"] + found["m2_final"] + found["m_unbound"] == pytest.approx(
        1.8, abs=1e-6
    )
    assert found["regime"] == "collision"
    assert found["fate_name"] in ("none", "merger", "two", "stripped")
    assert found["in_domain"] is True
    assert found["reasons"] == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("predict",), "give a file"),
        (("predict", "--age", 1, "--rp", 1), "--m1, --m2, --vinf"),
        ((*ONE, "--r1", 1), "--r2"),
        (("predict", "in.csv", "--age", 1), "--age belongs to one encounter"),
        (("predict", "in.csv", "--json"), "--json belongs to one encounter"),
        ((*ONE, "-o", "out.csv"), "belong to a file"),
        ((*ONE[:-1], "nan"), "--vinf = nan, allowed: 0 to 299792 km/s"),
        ((*ONE, "--m2", 0.01), "--m2 = 0.01, allowed: 0.1 to 100 Msun"),
        ((*ONE, "--r1", 1e-60, "--r2", 1), "float32"),
    ],
)
def test_wrong_options(run, args, words):
    result = run(*args)
    assert result.exit_code == 2
    assert result.stderr.startswith("surrogate: error: ")
    assert words in result.stderr


def test_version(run):
    assert run("--version").stdout == f"surrogate {surrogate.__version__}\n"


@pytest.mark.parametrize("command", [[], ["predict"], ["train"], ["evaluate"], ["data"]])
def test_help_is_light(command):
    code = (
        "import sys; from typer.testing import CliRunner; from surrogate.cli import app\n"
        f"assert CliRunner().invoke(app, {[*command, '--help']!r}).exit_code == 0\n"
        "print({'jax', 'flax', 'numpy', 'optax', 'h5py'} & set(sys.modules))"
    )
    root = Path(surrogate.__file__).parents[1]
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=root, text=True, check=True, capture_output=True
    )
    assert found.stdout == "set()\n"


def test_choices_are_those_of_the_library():
    from surrogate.collisions.models import DEFAULT_MODEL, MODELS
    from surrogate.collisions.train import RECIPES

    assert [m.value for m in choices.Model] == list(MODELS)
    assert choices.Model.SEPARATE.value == DEFAULT_MODEL
    assert [n.value for n in choices.Network] == [*RECIPES, "all"]
