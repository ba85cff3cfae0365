"""Grid searches lose nothing that was finished, and nearest neighbours never see the answer."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.neighbors import KNeighborsClassifier


class Counted(BaseEstimator):
    """Predicts a constant, and writes down each of its fits."""

    def __init__(self, log="", constant=0, interrupted=None):
        self.log = log
        self.constant = constant
        self.interrupted = interrupted

    def fit(self, x, y):
        if self.constant == self.interrupted:
            raise KeyboardInterrupt
        with Path(self.log).open("a") as file:
            file.write(f"{self.constant}\n")
        self.fitted_ = True
        return self

    def predict(self, x):
        return np.full(len(x), self.constant)


def find(run, data, tmp_path, **settings):
    from support.cache import search
    from support.classical import kept

    counted = kept(run, "counted", Counted(log=str(tmp_path / "log"), **settings))
    y = (data.train.fate, data.validation.fate)
    return search("test", counted, {"constant": [0, 1, 2, 3]}, data, y, scoring="accuracy")


def fits(tmp_path):
    return (tmp_path / "log").read_text().split()


def test_a_search_scores_every_point_on_the_validation_rows(run, data, tmp_path):
    found = find(run, data, tmp_path)
    shares = np.bincount(data.validation.fate, minlength=4) / len(data.validation.fate)
    assert [trial["score"] for trial in found["trials"]] == pytest.approx(shares)
    assert found["best"] == {"constant": shares.argmax()}
    assert found["score"] == pytest.approx(shares.max())


def test_finished_fits_are_not_repeated(run, data, tmp_path):
    first = find(run, data, tmp_path)
    again = find(run, data, tmp_path)
    assert fits(tmp_path) == ["0", "1", "2", "3"]
    assert again == first


def test_other_rows_are_other_fits(run, data, tmp_path):
    find(run, data, tmp_path)
    fewer = data._replace(train=data.train._replace(x=data.train.x + 1.0))
    find(run, fewer, tmp_path)
    assert len(fits(tmp_path)) == 8


def test_a_column_of_a_table_is_the_same_as_its_copy(run, data, tmp_path):
    from support.classical import kept

    model = kept(run, "counted", Counted(log=str(tmp_path / "log")))
    column = data.train.fractions[:, 1]
    model.fit(data.train.x, column)
    model.fit(data.train.x, column.copy())
    assert fits(tmp_path) == ["0"]


def test_an_interruption_loses_the_fit_in_hand_alone(run, data, tmp_path):
    from support import cache

    kept = cache.Kept(Counted(log=str(tmp_path / "log")), str(run.fits / "counted"))
    x, y = data.train.x, data.train.fate
    for constant in (0, 1):
        kept.set_params(estimator__constant=constant).fit(x, y)
    with pytest.raises(KeyboardInterrupt):
        kept.set_params(estimator__constant=2, estimator__interrupted=2).fit(x, y)
    kept.set_params(estimator__interrupted=None)
    for constant in (0, 1, 2):
        assert kept.set_params(estimator__constant=constant).fit(x, y).predict(x[:1]) == constant
    assert fits(tmp_path) == ["0", "1", "2"]


def test_no_row_is_its_own_neighbour(run, data):
    from support.classical import answer_neighbours

    random = np.random.default_rng(1)
    # Fates by lot: only a row that finds itself could know its own.
    fate = random.integers(0, 4, len(data.train.x) + len(data.validation.x))
    x = np.concatenate([data.train.x, data.validation.x])
    model = KNeighborsClassifier(1).fit(x, fate)
    said = answer_neighbours(model, data)
    true = fate[len(data.train.x) :]
    assert np.mean(model.predict(data.validation.x) == true) == 1.0
    assert np.mean(said == true) < 0.5


def test_test_rows_have_all_known_neighbours(run, data):
    from support.classical import answer_neighbours, neighbours_classifier

    tested = data._replace(judged=data.train)
    model, found = neighbours_classifier(run, tested)
    assert len(answer_neighbours(model, tested)) == len(data.train.x)
    assert found["score"] > 0.7


def test_ranges_are_those_of_the_paper():
    from sklearn.model_selection import ParameterGrid

    from support import classical

    assert len(ParameterGrid(classical.NEIGHBOURS)) == 23 * 2 * 2
    # 6 C x 4 gamma: rbf with and without class weights, poly of two degrees.
    assert len(ParameterGrid(classical.CLASSIFIER)) == 6 * 4 * (2 + 2)
    assert len(ParameterGrid(classical.FINE)) == 6
    coarse = {kernel: len(ParameterGrid(space)) for kernel, space in classical.COARSE.items()}
    assert coarse == {"rbf": 48, "poly": 54, "sigmoid": 80}
