"""`surrogate predict` on one encounter, and what every command shares."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import surrogate
from surrogate.cli import choices, single
from surrogate.collisions.encounter import Bounds, Domain, Encounter

ONE = ("predict", "--age", 1, "--m1", 1, "--m2", 0.8, "--rp", 0.5, "--vinf", 100)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [40, 200])
def test_table(run, columns):
    result = run(*ONE, columns=columns)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= columns
    assert "…" not in result.stdout
    for words in ("collision: the surfaces touch", "In domain", " %", "Msun"):
        assert words in result.stdout
    assert re.search("total +1.8000 +1.8000", result.stdout)


def test_reasons_in_words(run):
    result = run(
        "predict", "--age", 14, "--m1", 1, "--m2", 80, "--rp", 0.5, "--vinf", 1, columns=200
    )
    assert "outside the simulated 0.2 to 64 Msun; a star has left" in result.stdout


@pytest.mark.slow
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


def strict(text):
    """Read JSON as a strict reader does, to whom NaN is an error."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["ensemble", "separate"])
def test_json_of_what_is_not_known(run, model):
    result = run(*ONE, "--model", model, "--json")
    assert result.exit_code == 0, result.output
    found = strict(result.stdout)
    assert found["p_survivor1"] + found["p_survivor2"] == pytest.approx(
        found["p_stripped"], abs=1e-6
    )
    final = {"m1_bounds": "m1_final", "m2_bounds": "m2_final", "unbound_bounds": "m_unbound"}
    for name, mass in final.items():
        assert list(found[name]) == ["low68", "high68", "low95", "high95"]
        low68, high68, low95, high95 = found[name].values()
        if model == "separate":
            assert low68 is high68 is low95 is high95 is None
        else:
            ordered = [low95, low68, found[mass], high68, high95]
            assert (np.diff(ordered) >= -2e-6).all()
    assert (found["ood"] is None) == (model == "separate")


def test_json_of_two_ages(answered):
    found = strict(answered()(*ONE, "--age2", 2, "--json").stdout)
    assert (found["age"], found["age2"]) == (1, 2)
    assert found["p_survivor1"] == pytest.approx(0.6)
    assert found["m1_bounds"]["high95"] == pytest.approx(0.99)
    assert found["ood"] == pytest.approx(0.034)


INTERVALS = ("0.9100 to 0.9700", "0.1200 to 0.9900", "0.0000 to 0.7000", "0.2000 to 0.9600")


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_intervals_fit_the_terminal(answered, columns):
    result = answered()(*ONE, columns=columns)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= columns
    assert "…" not in result.stdout
    for interval in INTERVALS:
        assert sum(interval in line for line in lines) == 1
    beside = any("0.9500   0.9100 to 0.9700   0.1200 to 0.9900" in line for line in lines)
    assert beside == (columns >= 80)


@pytest.mark.parametrize("columns", [60, 80])
def test_intervals_of_heavy_stars(answered, columns):
    heavy = Bounds(*np.float32([100.25, 110.5, 100, 120]))
    run = answered(m1_final=np.float32(105), m1_bounds=heavy)
    result = run(*ONE, "--m1", 100, columns=columns)
    assert max(map(len, result.stdout.splitlines())) <= columns
    assert "100.2500 to 110.5000" in result.stdout
    assert "100.0000 to 120.0000" in result.stdout


def test_no_intervals_where_there_are_none(answered):
    none = Bounds(*np.full(4, np.nan, np.float32))
    run = answered(m1_bounds=none, m2_bounds=none, unbound_bounds=none, ood=np.float32(np.nan))
    result = run(*ONE)
    assert result.exit_code == 0, result.output
    for word in ("nan", "interval", "score"):
        assert word not in result.stdout


def test_who_survives_a_stripping(answered):
    text = answered()(*ONE).stdout
    rows = {
        line.strip().rsplit("  ", 1)[0].strip(): line for line in text.splitlines() if "%" in line
    }
    assert "67.00 %" in rows["one stripped star survives"]
    assert "60.00 %" in rows["only star 1 survives"]
    assert "7.00 %" in rows["only star 2 survives"]


def test_score_and_reason_outside_the_domain(answered):
    run = answered(
        ood=np.float32(1.5), in_domain=np.bool_(False), reason=np.int32(Domain.STRUCTURE)
    )
    text = run(*ONE, columns=120).stdout
    assert "1.50 (out of domain above 1)" in text
    assert "no: the stars or their speed are unlike all simulated ones" in text
    assert strict(run(*ONE, "--json").stdout)["reasons"] == ["structure"]


def test_every_reason_has_words():
    assert list(single.REASONS) == [reason for reason in Domain if reason]
    assert set(single.LABELS) == set(Encounter._fields)


def test_two_ages_and_sizes_are_named(answered):
    more = ("--age2", 2, "--r1", 0.9, "--r2", 0.8, "--rh1", 0.3, "--rh2", 0.25)
    text = answered()(*ONE, *more).stdout
    for label, value in (
        ("Age of star 1", "1 Gyr"),
        ("Age of star 2", "2 Gyr"),
        ("Half-mass radius of star 2", "0.25 Rsun"),
    ):
        assert any(line.startswith(label) and value in line for line in text.splitlines())
    assert "Age of star" not in answered()(*ONE).stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("predict",), "give a file"),
        (("predict", "--age", 1, "--rp", 1), "--m1, --m2, --vinf"),
        ((*ONE, "--r1", 1), "--r2"),
        ((*ONE, "--rh1", 0.3, "--rh2", 0.2), "--r1, --r2"),
        ((*ONE, "--rh1", 0.3, "--rh2", 0.2), "rh1 and rh2 need r1 and r2."),
        ((*ONE, "--r1", 1, "--r2", 1, "--rh2", 0.2), "--rh1 (and no file"),
        ((*ONE, "--age2", 20), "--age2 = 20, allowed: 0 to 15 Gyr"),
        ((*ONE, "--r1", 1, "--r2", 1, "--rh1", 0.2, "--rh2", 1), "rh2 = 1, allowed: "),
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
    from surrogate.collisions.trainers import TRAINERS

    assert [m.value for m in choices.Model] == list(MODELS)
    assert choices.Model.ENSEMBLE.value == DEFAULT_MODEL
    assert [n.value for n in choices.Network] == [*TRAINERS, "all"]
