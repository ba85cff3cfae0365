"""Leaving stars out: which, how it is kept, resumed and refused, and its summary."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from surrogate.collisions import leave_out
from surrogate.collisions.folds import Fold, folds
from surrogate.collisions.grid import Grid
from surrogate.collisions.leave_out import Study, find_result, run, settings
from surrogate.collisions.leave_out_results import read_results, summarise
from surrogate.collisions.metrics import Measures
from surrogate.collisions.trainers import TRAINERS
from surrogate.learning import fit as fit_module
from surrogate.learning.files import write_json


def synthetic_grid(n=700, seed=0):
    """Collisions of few masses by a rule: slow ones merge, deep ones destroy a star or both."""
    rng = np.random.default_rng(seed)
    m1, m2 = np.sort(rng.choice([0.8, 1.0, 2.0, 4.0], (2, n)), axis=0)[::-1]
    r1, r2 = m1**0.8, m2**0.8
    depth, vinf = rng.uniform(0.0, 1.0, n), 10 ** rng.uniform(1.0, 4.0, n)
    fate = np.select([vinf < 800, depth > 0.4, m2 < 0.6 * m1], [1, 2, 3], default=0)
    return Grid(
        age=rng.choice([0.05, 0.1], n),
        rp=depth * (r1 + r2),
        vinf=vinf,
        m1=m1,
        m2=m2,
        r1=r1,
        r2=r2,
        fate=fate,
        m1_final=np.select(
            [fate == 1, fate == 2, fate == 3], [0.95 * (m1 + m2), 0.98 * m1, 0.8 * m1]
        ),
        m2_final=np.where(fate == 2, 0.97 * m2, 0.0),
        sigma=np.ones(n, int),
        metallicity=np.full(n, 0.01),
    )


GRID = synthetic_grid()
FOLD = Fold("mass", 2.0)


@pytest.fixture
def study(tmp_path):
    return Study(GRID, tmp_path, seeds=(0,), epochs=1, published_epochs=1)


def test_folds_of_a_grid():
    assert [f.value for f in folds(GRID, "mass")] == [1.0, 2.0]
    assert folds(GRID, "beyond") == [Fold("beyond", 4.0)]
    assert [f.name for f in folds(GRID, "age")] == ["age-0.05", "age-0.1"]
    assert folds(GRID, "age", [0.1001, 0.1]) == [Fold("age", 0.1)]
    labels = [f.label for f in (FOLD, Fold("age", 0.1), Fold("tams", 2.0))]
    assert labels == ["2 Msun", "0.1 Gyr", "TAMS of 2 Msun"]


def test_folds_that_are_not_there():
    with pytest.raises(ValueError, match=r"0\.8 is no fold of kind 'mass', allowed: 1, 2"):
        folds(GRID, "mass", [1.0, 0.8])
    with pytest.raises(ValueError, match="allowed are mass, age, beyond, tams"):
        folds(GRID, "radius")


@pytest.mark.parametrize("kind", ["mass", "age", "beyond"])
def test_nothing_left_out_is_trained_on(kind):
    for fold in folds(GRID, kind):
        split = fold.split(GRID)
        for rows in (split.train, split.val):
            part = GRID.take(rows)
            columns = [part.age] if kind == "age" else [part.m1, part.m2]
            assert not np.isin(columns, fold.value).any()
        assert sorted(np.concatenate(split)) == list(range(len(GRID)))


def test_a_tams_is_that_of_the_heavier_star():
    assert folds(GRID, "tams") == []
    aged = replace(GRID, age=np.where(GRID.age == 0.1, 0.127412, 0.599861))  # of 4 and 2 Msun
    two, four = folds(aged, "tams")
    assert (two.name, four.name) == ("tams-2", "tams-4")
    assert folds(aged, "tams", [2.01]) == [two]
    with pytest.raises(ValueError, match="1 is no fold of kind 'tams', allowed: 2, 4"):
        folds(aged, "tams", [1.0])
    for fold, age in ((two, 0.599861), (four, 0.127412)):
        split = fold.split(aged)
        held = (aged.age == age) & (np.maximum(aged.m1, aged.m2) == fold.value)
        assert np.array_equal(split.test, np.flatnonzero(held))
        assert sorted(np.concatenate(split)) == list(range(len(aged)))


@pytest.mark.slow
def test_an_ensemble_of_one_is_its_member(study, tmp_path):
    result = run(study, FOLD, "ensemble", members=True)
    split = FOLD.split(GRID)
    assert result["rows"] == {
        "train": len(split.train),
        "validation": len(split.val),
        "left_out": len(split.test),
    }
    (alone,) = result["members"]
    assert alone["seed"] == 0
    assert alone["measures"] == pytest.approx(result["measures"])
    assert set(result["measures"]) == set(Measures._fields)
    # Stars that were left out are further from the known ones than those that were not.
    assert result["ood"]["median"] > result["validation"]["ood"]["p95"] + 0.1
    assert result["confidence"]["coverage95_1"] >= result["confidence"]["coverage68_1"]
    assert result["no_collision"] == 0  # by the grid's own radii every row is one
    assert result["best_epoch"] == {"ensemble": [1]}
    assert json.loads((tmp_path / "mass-2" / "ensemble.json").read_text()) == result


@pytest.mark.slow
def test_a_run_goes_on_and_is_done_once(study, tmp_path, monkeypatch):
    starts = []

    @contextmanager
    def watched(label, first, epochs):
        starts.append((label, first))
        yield lambda done, measures: None

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(fit_module, "epochs_progress", watched)
    with monkeypatch.context() as patched:
        patched.setattr(leave_out, "_judge", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(study, FOLD, "mixture")
    assert find_result(study, FOLD, "mixture") is None
    assert (tmp_path / "mass-2" / ".snapshots" / "mixture").is_dir()

    result = run(study, FOLD, "mixture")
    assert starts == [("mixture", 0), ("mixture", 1)]  # all epochs were there
    assert not (tmp_path / "mass-2" / ".snapshots").exists()
    assert result["ood"] == {"median": None, "p95": None}
    assert result["confidence"]["coverage68_1"] is None

    assert run(study, FOLD, "mixture", members=True) == result
    assert len(starts) == 2


def made_up_result(kind, value, model, error, epochs=3):
    names = ("median_relative_error_1", "accuracy")
    networks = {"separate": ("classifier", "regressor")}.get(model, (model,))
    return {
        "settings": {
            "leave_out": {"kind": kind, "value": value},
            "model": model,
            "networks": {part: {"epochs": epochs, "seeds": [0]} for part in networks},
        },
        "rows": {"left_out": 10},
        "measures": dict.fromkeys(names, error),
        "confidence": {"ece": None},
        "ood": {"median": 0.1, "p95": None},
    }


@pytest.fixture
def trained(monkeypatch):
    """Stand-ins for training and judging; a list of what was trained, and how."""
    calls = []

    def stand_in(name):
        return lambda grid, split, **options: calls.append((name, options))

    def judge(grid, split, path):
        made = made_up_result("mass", 2.0, path.stem, 0.5)
        return {k: v for k, v in made.items() if k != "settings"}

    for name, trainer in TRAINERS.items():
        monkeypatch.setitem(TRAINERS, name, trainer._replace(train=stand_in(name)))
    monkeypatch.setattr(leave_out, "_judge", judge)
    monkeypatch.setattr(leave_out, "_judge_members", lambda *args: [{"seed": 0}])
    return calls


def test_every_network_is_trained_as_asked(tmp_path, trained):
    study = Study(GRID, tmp_path, published_epochs=7)
    for model in ("ensemble", "separate"):
        run(study, FOLD, model)
    asked = {name: (o["epochs"], tuple(o["seeds"]), o["out"]) for name, o in trained}
    folder = tmp_path / "mass-2"
    leave_out_epochs = TRAINERS["ensemble"].leave_out_epochs
    assert asked == {
        "ensemble": (leave_out_epochs, TRAINERS["ensemble"].seeds, folder / "ensemble"),
        "classifier": (7, (0, 1, 2), folder / "classifier"),
        "regressor": (7, (0, 1, 2), folder / "regressor"),
    }
    assert settings(Study(GRID, tmp_path), FOLD, "mixture")["networks"]["mixture"]["epochs"] == 500


def test_members_are_judged_later_without_training(study, trained):
    assert "members" not in run(study, FOLD, "ensemble")
    assert run(study, FOLD, "ensemble", members=True)["members"] == [{"seed": 0}]
    assert len(trained) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 2}, "networks/ensemble/epochs = 1 there, 2 here"),
        ({"seeds": (0, 1)}, "networks/ensemble/seeds"),
        ({"data": {"sha256": "other"}}, "sha256 = None there, other here"),
        ({"grid": GRID.take(range(600))}, "rows = 700 there, 600 here"),
    ],
)
def test_other_settings_are_refused(study, trained, changes, words):
    run(study, FOLD, "ensemble")
    other = replace(study, **changes)
    with pytest.raises(ValueError, match=words) as error:
        run(other, FOLD, "ensemble")
    assert str(study.folder / "mass-2") in str(error.value)
    assert len(trained) == 1


def test_the_epochs_of_another_model_do_not_matter(study, trained):
    run(study, FOLD, "ensemble")
    run(replace(study, published_epochs=9), FOLD, "ensemble")
    assert len(trained) == 1


def test_damaged_results_are_named(study):
    path = study.path(FOLD, "ensemble")
    path.parent.mkdir()
    for text in ("{", "[]", '{"settings": {}}'):
        path.write_text(text)
        with pytest.raises(ValueError, match=r"ensemble\.json"):
            find_result(study, FOLD, "ensemble")


def test_summary_compares_models_on_the_same_folds(tmp_path):
    made = [
        *(
            made_up_result("mass", m, "ensemble", e)
            for m, e in ((16.0, 0.3), (2.0, 0.1), (4.0, 9.0))
        ),
        *(made_up_result("mass", m, "separate", e) for m, e in ((2.0, 0.2), (16.0, 0.6))),
        made_up_result("age", 0.1, "ensemble", 0.7),
    ]
    for r in made:
        fold = Fold(**r["settings"]["leave_out"])
        write_json(tmp_path / fold.name / f"{r['settings']['model']}.json", r)
    summary = summarise(read_results(tmp_path))
    assert set(summary) == {"mass", "age"}
    mass = summary["mass"]
    assert mass["mean_over"] == [2.0, 16.0]
    assert list(mass["models"]) == ["ensemble", "separate"]
    ensemble, separate = mass["models"].values()
    assert [row["left_out"] for row in ensemble["folds"]] == [2.0, 4.0, 16.0]
    assert ensemble["mean"]["median_relative_error_1"] == pytest.approx(0.2)
    assert separate["mean"]["accuracy"] == pytest.approx(0.4)
    assert ensemble["mean"]["ece"] is None
    assert ensemble["mean"]["ood_p95"] is None
    # A shortened baseline says so.
    assert separate["epochs"]["regressor"] == {"trained": [3], "full": 2000}
    assert separate["seeds"]["classifier"] == [[0]]
