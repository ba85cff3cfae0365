"""`surrogate train`, `evaluate` and `data`, on a small made-up grid."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, confusion_matrix

from surrogate.collisions import evaluate as judge
from surrogate.collisions import models, predictor, trainers
from surrogate.collisions.grid import Grid, load_grid
from surrogate.learning.checkpoints import load_card

TRAIN = ("--split", "stratified", "--epochs", 1, "--seeds", "3,5")


@pytest.mark.slow
def test_train_then_evaluate(run, grid_csv, tmp_path):
    out = tmp_path / "models"
    result = run("train", "mixture", "--data", grid_csv, *TRAIN, "-o", out, columns=120)
    assert result.exit_code == 0, result.output
    assert "mean" in result.stdout
    card = load_card(out / "mixture")
    assert card["seeds"] == [3, 5]
    assert card["split"] == {"name": "stratified", "seed": 0, "train": 210, "validation": 45}
    assert card["data"]["file"] == "made_up.csv"
    assert card["data"]["rows"] == 300
    assert card["data"]["source"] == "unknown"
    assert [p.name for p in out.iterdir()] == ["mixture"]  # no snapshots are left

    options = ("--model", "mixture", "--checkpoints", out)
    few = tmp_path / "few.csv"  # as many rows as the test rows: compiled once
    few.write_text("".join(grid_csv.read_text().splitlines(keepends=True)[:46]))
    result = run("evaluate", few, *options, "--confusion", columns=120)
    assert result.exit_code == 0, result.output
    assert "mixture, 45 rows" in result.stdout
    assert "How sure" in result.stdout
    test_rows = ("--rows", "test", "--split", "stratified")
    result = run("evaluate", grid_csv, *options, *test_rows, "--json", "--confusion")
    found = json.loads(result.stdout)
    assert found["count"] == 45
    counts = np.array(found["confusion"]["networks"])
    assert counts.sum() == 45
    assert np.trace(counts) / 45 == pytest.approx(found["networks"]["accuracy"])
    sure = found["confidence"]
    assert 0 <= sure["ece"] <= 1
    assert sure["coverage68_1"] is None  # a published model has no bounds


@pytest.mark.slow
def test_evaluate_the_ensemble(run, grid_csv, tmp_path):
    few = tmp_path / "few.csv"
    few.write_text("".join(grid_csv.read_text().splitlines(keepends=True)[:46]))
    found = json.loads(run("evaluate", few, "--json").stdout)
    assert found["model"] == "ensemble"
    sure = found["confidence"]
    assert 0 <= sure["coverage68_1"] <= sure["coverage95_1"] <= 1
    result = run("evaluate", few, columns=120)
    assert "paper" not in result.stdout
    assert f"{100 * sure['coverage95_1']:.2f}" in result.stdout


def stand_in(asked, seeds, measures):
    """A trainer that trains nothing."""

    def train(grid, split, **options):
        asked.append(options)
        epochs = [1] * len(options["seeds"])
        return {"seeds": options["seeds"], "best_epoch": epochs, "validation": measures}

    return trainers.TRAINERS["ensemble"]._replace(train=train, seeds=seeds)


def test_every_member_of_an_ensemble_is_shown(run, grid_csv, tmp_path, monkeypatch):
    asked = []
    measures = {
        "accuracy": [0.91, 0.93],
        "fate_nll": [0.25, 0.27],
        "mass_nll": [-2.5, -3.5],
        "score": [1e-3, 3e-3],
    }
    monkeypatch.setitem(trainers.TRAINERS, "ensemble", stand_in(asked, (4, 9), measures))
    options = ("--data", grid_csv, "--split", "stratified", "-o", tmp_path)
    result = run("train", "ensemble", *options, columns=120)
    assert result.exit_code == 0, result.output
    assert asked[0]["seeds"] == (4, 9)
    assert asked[0]["epochs"] is None
    for shown in ("91.00 %", "93.00 %", "92.00 %", "1.000e-03", "2.000e-03", "-3.0000", "0.2600"):
        assert shown in result.stdout
    assert "every seed went to" in result.stdout
    assert run("train", "ensemble", *options, "--seeds", "7,8").exit_code == 0
    assert asked[1]["seeds"] == (7, 8)


def test_interrupted_training_says_how_to_go_on(run, grid_csv, tmp_path, monkeypatch):
    def interrupt(*args, **options):
        raise KeyboardInterrupt

    first = trainers.TRAINERS["classifier"]._replace(train=interrupt)
    monkeypatch.setitem(trainers.TRAINERS, "classifier", first)
    result = run("train", "all", "--data", grid_csv, *TRAIN, "-o", tmp_path)
    assert result.exit_code == 130
    assert "The same command goes on" in result.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--seeds", "a"), "--seeds = 'a'"),
        (("--seeds", "1,1"), "different"),
        (("--split", "stratified", "--splits", "x.npz"), "leave it out"),
        (("--splits", "nowhere.npz"), "nowhere.npz"),
        (("--data", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_wrong_training_options(run, grid_csv, tmp_path, args, words):
    result = run("train", "classifier", "--data", grid_csv, "-o", tmp_path, *args)
    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.slow
def test_other_snapshots_are_refused(run, grid_csv, tmp_path):
    folder = tmp_path / ".snapshots" / "classifier"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text('{"run": "another"}')
    result = run("train", "classifier", "--data", grid_csv, *TRAIN, "-o", tmp_path)
    assert result.exit_code == 2
    assert "another run" in result.stderr


def test_no_rows_to_compare_with(grid_csv):
    with pytest.raises(ValueError, match="no rows"):
        judge.compare(judge.Answer(*np.zeros((3, 0))), load_grid(grid_csv).take([]))


def test_measures_match_scikit_learn_where_a_class_is_absent(grid_csv):
    grid = load_grid(grid_csv)
    grid = grid.take(grid.fate != 3)
    model = predictor.load("separate")
    answer = judge.ask_networks(model, grid)
    measures = judge.compare(answer, grid)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class that is only predicted
        expected = balanced_accuracy_score(grid.fate, np.asarray(answer.fate))
    assert float(measures.balanced_accuracy) == pytest.approx(expected, rel=1e-6)
    counts = judge.confusion(answer.fate, grid.fate)
    np.testing.assert_array_equal(
        counts, confusion_matrix(grid.fate, np.asarray(answer.fate), labels=range(4))
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", models.MODELS)
def test_networks_do_not_mind_the_order_of_stars(grid_csv, name):
    grid = load_grid(grid_csv).take(range(20))
    pairs = {"m1": "m2", "r1": "r2", "m1_final": "m2_final"}
    pairs |= {b: a for a, b in pairs.items()}
    swapped = Grid(**{k: getattr(grid, pairs.get(k, k)) for k in grid.columns()})
    model = predictor.load(name)
    a, b = judge.ask_networks(model, grid), judge.ask_networks(model, swapped)
    np.testing.assert_array_equal(a.fate, b.fate)
    np.testing.assert_array_equal(a.m1_final, b.m2_final)


def test_data_check_and_convert(run, grid_csv, tmp_path):
    result = run("data", "check", grid_csv)
    assert result.exit_code == 0, result.output
    assert "300" in result.stdout
    out = tmp_path / "grid.h5"
    assert run("data", "convert", grid_csv, out, "--source", "made up").exit_code == 0
    again = run("data", "convert", grid_csv, out)
    assert again.exit_code == 2
    assert "--force" in again.stderr
    np.testing.assert_array_equal(load_grid(out).m1_final, load_grid(grid_csv).m1_final)

    broken = tmp_path / "broken.csv"
    broken.write_text(grid_csv.read_text().replace("0.01,0.3", "0.01,-1", 1))
    result = run("data", "check", broken)
    assert result.exit_code == 2
    assert "line 2" in result.stderr


def test_data_where(run, grid_csv, tmp_path, monkeypatch):
    monkeypatch.setenv("SURROGATE_DATA", str(tmp_path))
    assert run("data", "where").exit_code == 2
    for name in ("data_v1.csv", "data_splits_v1.npz"):
        (tmp_path / name).touch()
    result = run("data", "where", columns=300)
    assert str(tmp_path / "data_v1.csv") in result.stdout
    assert "checkpoints" in result.stdout


def test_data_fetch(run, tmp_path, monkeypatch):
    from surrogate.collisions import download

    monkeypatch.setattr(download, "fetch", lambda name: tmp_path / name)
    assert "data_splits_v1.npz" in run("data", "fetch").stdout
