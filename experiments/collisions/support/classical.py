"""Nearest neighbours and support vectors, with the paper's grid searches."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from joblib import Memory
from rich.console import Console
from sklearn.base import is_classifier
from sklearn.metrics import balanced_accuracy_score, mean_absolute_error
from sklearn.model_selection import ParameterGrid
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import SVC, SVR

from support.cache import Found, Kept, Space, best_of, search
from support.progress import progress
from support.rows import Data
from surrogate.reports.run import Run

Array = np.ndarray

NEIGHBOURS = {
    "n_neighbors": range(3, 26),
    "metric": ["euclidean", "manhattan"],
    "weights": ["uniform", "distance"],
}
"""Section 3.1."""

_GAMMA = [0.001, 0.01, 0.1, 1.0]
_C = [0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0]
CLASSIFIER = [
    {"kernel": ["rbf"], "C": _C, "gamma": _GAMMA, "class_weight": [None, "balanced"]},
    {"kernel": ["poly"], "degree": [2, 3], "C": _C, "gamma": _GAMMA, "class_weight": ["balanced"]},
]
"""Section 3.2, and class weights: without them rare fates cost 1.7 points of balanced accuracy."""
LARGER_C = [10_000.0, 20_000.0, 50_000.0, 100_000.0]
"""The paper's local search beyond the edge of its range."""

CACHE_MB = 1500
"""Kernel matrix that one fit keeps in memory; that of all training rows is as large."""
STEPS = {"rbf": 2_000_000, "poly": 200_000, "regression": 150_000}
"""Steps after which a fit is given up as it stands; libsvm's own limit is 10 million.

The polynomial kernel of a classifier hardly converges where C is large. At the paper's optimum a
regression converges after 320,000 steps, which lowers its median relative error from 6.6e-3 after
100,000 to 6.2e-3; with other settings it may take hours.
"""
QUICK_STEPS = 20_000


def steps(run: Run, of: str) -> int:
    """Steps of the optimiser that a fit may take."""
    return QUICK_STEPS if run.quick else STEPS[of]


def kept(run: Run, name: str, estimator: Any) -> Kept:
    """The estimator with its fits kept among those of the run."""
    return Kept(estimator, str(run.fits / name))


# Nearest neighbours have no training: all that is known is a neighbour, but the row asked about.


def neighbours_classifier(run: Run, data: Data) -> tuple[KNeighborsClassifier, Found]:
    """The best classifier (by balanced accuracy), each row answered by all others."""
    return _search_neighbours(run, KNeighborsClassifier, *_known(data, "fate"))


def neighbours_regressor(run: Run, data: Data) -> tuple[KNeighborsRegressor, Found]:
    """The best regressor (by mean absolute error), each row answered by all others."""
    return _search_neighbours(run, KNeighborsRegressor, *_known(data, "fractions"))


def answer_neighbours(model: Any, data: Data) -> Array:
    """What nearest neighbours say of the judged rows."""
    if data.tested:
        return model.predict(data.judged.x)
    return model.predict(None)[len(data.train.x) :]


def _known(data: Data, target: str) -> tuple[Array, Array]:
    parts = (data.train, data.validation)
    return tuple(np.concatenate([getattr(p, k) for p in parts]) for k in ("x", target))


def _search_neighbours(run: Run, kind: Any, x: Array, y: Array) -> tuple[Any, Found]:
    score = Memory(str(run.fits / "k-nn"), verbose=0).cache(_score_neighbours)
    trials = []
    with progress(Console(stderr=True)) as bar:
        for settings in bar.track(list(ParameterGrid(NEIGHBOURS)), description="k-NN"):
            trials.append({**settings, "score": score(kind(**settings), x, y)})
    found = best_of(trials)
    return kind(**found["best"]).fit(x, y), found


def _score_neighbours(model: Any, x: Array, y: Array) -> float:
    """Balanced accuracy, or minus the mean absolute error, of each row told by the others."""
    # Without arguments, scikit-learn does not count a row among its own neighbours.
    said = model.fit(x, y).predict(None)
    measure = balanced_accuracy_score if is_classifier(model) else mean_absolute_error
    return float(measure(y, said)) * (1 if is_classifier(model) else -1)


# Support vectors


def support_classifier(run: Run, data: Data) -> tuple[Kept, Found]:
    """The best support vector classifier: the paper's grid, then beyond its largest C."""
    model = kept(run, "svc", SVC(cache_size=CACHE_MB, max_iter=steps(run, "rbf")))
    y = (data.train.fate, data.validation.fate)
    options = {"scoring": "balanced_accuracy", "n_jobs": run.jobs}
    rbf, poly = CLASSIFIER
    space = [rbf, {**poly, "max_iter": [steps(run, "poly")]}]
    found = search("SVC", model, space, data, y, **options)
    if found["best"]["C"] == _C[-1]:
        beyond = {k: [v] for k, v in found["best"].items()} | {"C": LARGER_C}
        further = search("SVC, larger C", model, beyond, data, y, **options)
        found = Found(further, trials=found["trials"] + further["trials"])
    return _refit(model, found, data, data.train.fate), found


def _refit(model: Kept, found: Found, data: Data, y: Array) -> Kept:
    best = {f"estimator__{k}": v for k, v in found["best"].items()}
    return model.set_params(**best).fit(data.train.x, y)


TARGETS = ("q1f", "q2f", "quf")
"""Final mass in star 1, in star 2 and unbound over m1 + m2."""
COARSE: dict[str, dict[str, list[Any]]] = {
    "rbf": {
        "C": [0.1, 1.0, 10.0, 100.0],
        "gamma": [0.01, 0.1, 1.0, 10.0],
        "epsilon": [1e-3, 1e-2, 1e-1],
    },
    "poly": {
        "C": [0.1, 1.0, 10.0],
        "gamma": [0.01, 0.1, 1.0],
        "epsilon": [1e-3, 1e-2, 1e-1],
        "degree": [2, 3],
    },
    "sigmoid": {
        "C": [0.1, 1.0, 10.0, 100.0, 1000.0],
        "gamma": [0.01, 0.1, 1.0, 10.0],
        "epsilon": [1e-4, 1e-3, 1e-2, 1e-1],
    },
}
"""Table 8, first stage: the decades of its ranges."""
FINE = {"kernel": ["rbf"], "C": [1.0], "gamma": [10.0, 50.0], "epsilon": [1e-5, 1e-4, 1e-3]}
"""Table 8, second stage."""


class Machines(NamedTuple):
    """One support vector regression a fraction."""

    machines: tuple[Kept, ...]

    def predict(self, x: Array) -> Array:
        """Mass fractions, (n, 3); nothing makes them add up to one."""
        return np.stack([machine.predict(x) for machine in self.machines], axis=1)


def regression(run: Run) -> Kept:
    """A support vector regression whose settings are to be chosen."""
    return kept(run, "svr", SVR(cache_size=CACHE_MB, max_iter=steps(run, "regression")))


def search_regression(
    run: Run, data: Data, target: int, label: str, space: Space, share: int = 1
) -> Found:
    """Search the settings of one fraction by mean absolute error.

    Args:
        run: the run.
        data: the rows.
        target: which fraction.
        label: what the progress display calls it.
        space: values of each hyperparameter.
        share: every how many training rows are used.
    """
    few = data._replace(train=data.train._replace(x=data.train.x[::share]))
    y = (data.train.fractions[::share, target], data.validation.fractions[:, target])
    options = {"scoring": "neg_mean_absolute_error", "n_jobs": run.jobs}
    return search(label, regression(run), space, few, y, **options)


def support_regressor(run: Run, data: Data) -> tuple[Machines, list[Found]]:
    """The best of the second stage of Table 8, for each fraction."""
    found = [
        search_regression(run, data, k, f"SVR of {name}", FINE) for k, name in enumerate(TARGETS)
    ]
    machines = (
        _refit(regression(run), one, data, data.train.fractions[:, k])
        for k, one in enumerate(found)
    )
    return Machines(tuple(machines)), found
