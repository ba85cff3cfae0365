"""The searches of hyperparameters: which ranges, and what becomes of their trials."""

import importlib
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import optuna
import pytest

from surrogate.collisions.train import RECIPES
from surrogate.learning.fit import FitConfig, Plateau

ROOT = Path(__file__).parents[2]
ABOUT = {"rows": 7}


@pytest.fixture(scope="module", autouse=True)
def scripts():
    folder = str(ROOT / "experiments" / "collisions")
    sys.path.insert(0, folder)
    yield
    sys.path.remove(folder)


@pytest.fixture(scope="module")
def study(scripts):
    return importlib.import_module("support.study")


@pytest.fixture(scope="module")
def spaces(scripts):
    return importlib.import_module("support.spaces")


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "studies" / "toy.journal"


# Ranges


class Recorder:
    """Draws what it is told to, else the least or the first, and notes the ranges."""

    def __init__(self, **drawn):
        self.drawn, self.ranges = drawn, {}

    def suggest_int(self, name, low, high):
        self.ranges[name] = (low, high)
        return self.drawn.get(name, low)

    def suggest_float(self, name, low, high, *, log=False):
        self.ranges[name] = (low, high, "log") if log else (low, high)
        return self.drawn.get(name, low)

    def suggest_categorical(self, name, choices):
        self.ranges[name] = tuple(choices)
        return self.drawn.get(name, choices[0])


EVERY = {
    "epochs": (500, 2000),
    "optimiser": ("AdamW", "SGD"),
    "schedule": ("CA-LR", "RLRP"),
    "learning_rate": (1e-5, 0.1, "log"),
}
PLATEAU = {
    "classifier": {"patience": (10, 60), "factor": (0.3, 0.5)},
    "regressor": {"patience": (10, 120), "factor": (0.2, 0.8)},
    "mixture": {"patience": (5, 80), "factor": (0.2, 0.8)},
}
OWN = {
    "classifier": {"log2_batch_size": (6, 8)},
    "regressor": {"log2_batch_size": (6, 9), "aux_weight": (0.05, 1.0)},
    "mixture": {"log2_batch_size": (6, 9), "aux_weight": (0.05, 1.0)},
}


@pytest.mark.parametrize("name", RECIPES)
def test_ranges_are_those_of_the_tables(spaces, name):
    cosine, plateau = Recorder(), Recorder(schedule="RLRP")
    spaces.suggest(cosine, spaces.SPACES[name])
    assert cosine.ranges == {**EVERY, **OWN[name]}
    spaces.suggest(plateau, spaces.SPACES[name])
    assert plateau.ranges == {**EVERY, **OWN[name], **PLATEAU[name]}


def test_a_plateau_has_its_settings_and_a_cosine_has_not(spaces):
    space = spaces.SPACES["classifier"]
    drawn = spaces.suggest(Recorder(log2_batch_size=7, optimiser="SGD"), space)
    assert "patience" not in drawn
    config = spaces.config(drawn)
    assert (config.batch_size, config.optimiser, config.plateau) == (128, "SGD", None)

    drawn = spaces.suggest(Recorder(schedule="RLRP", patience=20, factor=0.4), space)
    assert spaces.config(drawn).plateau == Plateau(20, 0.4)


@pytest.mark.parametrize("name", RECIPES)
def test_the_paper_searched_around_its_optimum(spaces, name):
    found = spaces.optimum(name)
    space = spaces.SPACES[name]
    for key in found.keys() & {"batch_size", "epochs", "learning_rate", "aux_weight"}:
        low, high = getattr(space, key)
        assert low <= found[key] <= high
    assert ("aux_weight" in found) == (space.aux_weight is not None)
    theirs = spaces.config(found)
    ours = {k: getattr(theirs, k) for k in FitConfig.__dataclass_fields__}
    assert FitConfig(**ours) == RECIPES[name].config


def test_ranges_are_told(spaces):
    assert list(spaces.SPACES["mixture"].ranges().items()) == [
        ("batch_size", "64 to 512"),
        ("epochs", "500 to 2000"),
        ("optimiser", "AdamW, SGD"),
        ("schedule", "CA-LR, RLRP"),
        ("learning_rate", "1e-05 to 0.1"),
        ("patience", "5 to 80"),
        ("factor", "0.2 to 0.8"),
        ("aux_weight", "0.05 to 1"),
    ]


# Trials


class Toy:
    """A search for x = 0, where y means nothing and z is only there beyond x = 0."""

    def __init__(self, study, journal):
        self.study, self.journal, self.begun = study, journal, []

    def suggest(self, trial):
        settings = {"x": trial.suggest_float("x", -1, 1), "y": trial.suggest_int("y", 0, 9)}
        if settings["x"] > 0:
            settings["z"] = trial.suggest_float("z", 0, 1)
        return settings

    def objective(self, number, settings):
        self.begun.append(number)
        return 0.1 + abs(settings["x"]), {"square": settings["x"] ** 2}

    def search(self, wanted, objective=None, about=ABOUT):
        return self.study.search(
            self.journal, wanted, self.suggest, objective or self.objective, about
        )


@pytest.fixture
def toy(study, journal):
    return Toy(study, journal)


def numbers(found):
    return [trial.number for trial in found.trials]


def test_a_search_keeps_what_each_trial_found(toy):
    found = toy.search(4)
    assert numbers(found) == toy.begun == [0, 1, 2, 3]
    for trial in found.trials:
        assert trial.score == 0.1 + abs(trial.settings["x"])
        assert trial.measures == {"square": trial.settings["x"] ** 2}
    assert found.failed == 0


def test_a_search_goes_on_from_its_journal(toy):
    first = toy.search(3)
    both = toy.search(5)
    assert both.trials[:3] == first.trials
    assert toy.begun == [0, 1, 2, 3, 4]
    assert toy.search(5) == both
    assert toy.begun == [0, 1, 2, 3, 4]


def test_a_search_in_parts_is_the_search_in_one(study, toy, tmp_path):
    whole = Toy(study, tmp_path / "whole" / "toy.journal").search(14)
    toy.search(6)
    assert toy.search(14) == whole


def interrupted_at(toy, stop, error):
    def objective(number, settings):
        if number == stop:
            raise error
        return toy.objective(number, settings)

    return objective


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError("the fit is too large")])
def test_an_interruption_costs_the_trial_in_hand(toy, error):
    with pytest.raises(type(error)):
        toy.search(4, interrupted_at(toy, 2, error))
    found = toy.search(4)
    assert numbers(found) == [0, 1, 3, 4]
    assert found.failed == 1


@pytest.mark.parametrize("score", [float("nan"), float("inf"), 0.0])
def test_a_trial_without_a_score_has_failed(toy, score):
    def objective(number, settings):
        return (score, {}) if number == 1 else toy.objective(number, settings)

    found = toy.search(3, objective)
    assert numbers(found) == [0, 2, 3]
    assert found.failed == 1


def test_a_search_that_only_fails_gives_up(toy):
    with pytest.raises(ValueError, match="10 trials in a row gave no score"):
        toy.search(3, lambda number, settings: (float("nan"), {}))


# Workers


def test_workers_share_a_study(study, journal):
    def work(_):
        toy = Toy(study, journal)

        def slow(number, settings):
            time.sleep(0.05)
            return toy.objective(number, settings)

        return toy.search(12, slow), toy.begun

    with ThreadPoolExecutor(2) as pool:
        (one, hers), (two, his) = pool.map(work, range(2))
    assert hers
    assert his
    assert not set(hers) & set(his)
    # Both may have begun a last trial at the same moment.
    assert 12 <= len(hers) + len(his) <= 13
    assert one.trials[:12] == two.trials[:12]
    assert len({trial.settings["x"] for trial in one.trials}) == len(one.trials)


def begin(journal):
    """Leave a trial in hand, as a worker that was killed does."""
    backend = optuna.storages.journal.JournalFileBackend(str(journal))
    storage = optuna.storages.JournalStorage(backend)
    return optuna.load_study(study_name=journal.stem, storage=storage).ask()


def test_a_worker_waits_for_the_trials_of_others(study, toy, monkeypatch):
    monkeypatch.setattr(study, "WAIT", 0.05)
    toy.search(2)
    theirs = begin(toy.journal)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(toy.search, 3)
        time.sleep(0.3)
        assert not waiting.done()
        theirs.suggest_float("x", -1, 1)
        theirs.set_user_attr("settings", {"x": 0.5})
        theirs.set_user_attr("measures", {})
        theirs.study.tell(theirs, 0.6)
        assert numbers(waiting.result(30)) == [0, 1, 2]
    assert toy.begun == [0, 1]


def test_a_silent_worker_has_failed(study, toy, monkeypatch):
    monkeypatch.setattr(study, "WAIT", 0.05)
    monkeypatch.setattr(study, "SILENCE", 0.3)
    toy.search(2)
    begin(toy.journal)
    found = toy.search(3)
    assert numbers(found) == [0, 1, 3]
    assert found.failed == 1


@pytest.mark.slow
def test_a_worker_at_work_gives_signs_of_life(study, toy, monkeypatch):
    monkeypatch.setattr(study, "BEAT", 0.05)
    monkeypatch.setattr(study, "SILENCE", 2.0)
    monkeypatch.setattr(study, "WAIT", 0.05)
    begun = threading.Event()

    def slow(number, settings):
        begun.set()
        time.sleep(4.0)
        return toy.objective(number, settings)

    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(toy.search, 1, slow)
        assert begun.wait(30)
        assert numbers(Toy(study, toy.journal).search(1)) == [0]
        assert busy.result(30).failed == 0


def test_a_fit_counts_though_its_worker_was_taken_for_dead(toy):
    def objective(number, settings):
        if number == 1:
            storage = optuna.storages.JournalStorage(
                optuna.storages.journal.JournalFileBackend(str(toy.journal))
            )
            other = optuna.load_study(study_name="toy", storage=storage)
            other.tell(number, state=optuna.trial.TrialState.FAIL)
        return toy.objective(number, settings)

    found = toy.search(3, objective)
    assert toy.begun == [0, 1, 3]
    assert numbers(found) == [0, 2, 3]
    assert found.failed == 1


# Journals


def test_a_line_that_was_cut_short_costs_no_other(toy):
    before = toy.search(3)
    with toy.journal.open("a") as file:
        file.write('{"op_code": 8, "worker')
    after = toy.search(4)
    assert after.trials[:3] == before.trials
    assert len(after.trials) == 4


def test_the_journal_of_another_search_is_refused(toy):
    toy.search(1)
    with pytest.raises(ValueError, match="holds the trials of another search"):
        toy.search(2, about={"rows": 8})


def test_a_file_that_is_no_journal_is_refused(toy):
    toy.journal.parent.mkdir()
    toy.journal.write_text("batch size,score\n64,0.02\n")
    with pytest.raises(ValueError, match=r"toy\.journal cannot be read"):
        toy.search(1)


def test_optuna_is_silenced_for_the_search_alone(toy, capfd):
    before = optuna.logging.get_verbosity()
    toy.search(2)
    assert optuna.logging.get_verbosity() == before
    said = capfd.readouterr().err
    assert "Trial" not in said
    assert "toy: 2 of 2 trials finished, the best with" in said


# What they tell


def test_importances_tell_what_matters(toy):
    assert toy.search(5).importances == {}
    importances = toy.search(20).importances
    assert list(importances) == ["x", "y"]
    assert importances["x"] > 0.9
    assert sum(importances.values()) == pytest.approx(1.0)


def test_a_mixture_is_scored_on_its_own():
    alone = importlib.import_module("table_5").alone
    names = ("balanced accuracy [%]", "median |error| M1f [Msun]", "median |error| M2f [Msun]")

    def score(*values):
        return alone(dict(zip(names, values, strict=True)))

    # Eq. C2, second case, by hand.
    assert score(98.2, 0.0125, 1e-5) == pytest.approx(0.8 * 0.018 + 0.2 * 0.125, abs=1e-6)
    assert score(98.2, 0.03, 0.02) == pytest.approx(0.8 * 0.018 + 0.1 * 0.3 + 0.1 * 0.2, abs=1e-6)
    assert score(98.2, 5.0, 9.0) == pytest.approx(0.8 * 0.018 + 0.2, abs=1e-6)
    assert score(98.4, 0.03, 0.02) < score(98.2, 0.03, 0.02) < score(98.2, 0.04, 0.02)


@pytest.mark.parametrize("shares", [{}, {"optimiser": 0.7, "log2_batch_size": 0.3}])
def test_a_search_is_written_down_and_drawn(study, tmp_path, shares, capsys):
    tuning = importlib.import_module("support.tuning")
    run = importlib.import_module("surrogate.reports.run").Run("table_1", out=tmp_path)
    settings = {"batch_size": 128, "epochs": 3, "optimiser": "SGD", "schedule": "CA-LR"}
    trials = [
        study.Trial(k, {**settings, "learning_rate": 10.0**-k}, 9.0 - k, {"best epoch": 2})
        for k in range(3)
    ]
    found, aim = study.Found(trials, 4, shares), tuning.Aim("error [%]", len)
    tuning.tell(run, "A table", "classifier", aim, found, trials[2]).write()
    tuning.draw(run, aim, found)

    told = json.loads((run.folder / "table_1.json").read_text())
    rows = {row[0]: row[1:] for row in told["table"]}
    assert rows["batch size"] == [128, 64, "64 to 256"]
    assert rows["epochs"] == [3, 500, "2 to 4"]
    assert rows["learning rate"] == [0.01, 2e-4, "1e-05 to 0.1"]
    assert rows["patience [epochs]"] == [None, None, "10 to 60"]
    assert told["failed"] == 4
    assert [trial["score"] for trial in told["trials"]] == [9.0, 8.0, 7.0]
    assert told["importances"] == ({"optimiser": 0.7, "batch size": 0.3} if shares else {})
    assert ("no importances" in capsys.readouterr().out) == (not shares)
    for suffix in ("png", "pdf"):
        assert (run.folder / f"table_1_importance.{suffix}").stat().st_size > 1000
