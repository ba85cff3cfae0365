"""Grid searches of scikit-learn whose finished fits survive an interruption."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Memory
from rich.console import Console
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, ParameterGrid, PredefinedSplit

from support.background import repeating
from support.progress import progress
from support.rows import Data

Array = np.ndarray
Space = Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Sequence[Any]]]
"""Values of each hyperparameter, as scikit-learn takes them."""


class Kept(BaseEstimator):
    """An estimator whose fits are kept on disk.

    Args:
        estimator: fits and predicts.
        folder: where fits are kept, by estimator, settings and rows.
    """

    def __init__(self, estimator: Any, folder: str) -> None:
        self.estimator = estimator
        self.folder = folder

    def fit(self, x: Array, y: Array) -> Kept:
        """Fit, or find the same fit on disk."""
        fit = Memory(self.folder, verbose=0).cache(_fit)
        # A view and its copy are not the same to joblib.
        x, y = (np.ascontiguousarray(part) for part in (x, y))
        self.fitted_ = fit(clone(self.estimator), x, y)
        return self

    def predict(self, x: Array) -> Array:
        """What the fitted estimator predicts."""
        return self.fitted_.predict(x)


def _fit(estimator: Any, x: Array, y: Array) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the table of a search tells
        return estimator.fit(x, y)


class Found(dict[str, Any]):
    """The best hyperparameters of a search, with its score and every trial."""


def search(
    label: str, estimator: Any, space: Space, data: Data, y: tuple[Array, Array], **options: Any
) -> Found:
    """Fit every point of a grid on the training rows and score it on the validation rows.

    Args:
        label: what the progress display calls it.
        estimator: a `Kept` one.
        space: values of each hyperparameter.
        data: the rows.
        y: targets of the training and the validation rows.
        options: of `GridSearchCV`: scoring, n_jobs.

    Returns:
        "best": hyperparameters, "score": theirs (greater is better), "trials": all of them.
    """
    prefixed = [{f"estimator__{k}": v for k, v in one.items()} for one in _several(space)]
    fold = np.repeat([-1, 0], [len(part) for part in y])
    chosen = GridSearchCV(estimator, prefixed, cv=PredefinedSplit(fold), refit=False, **options)
    with _watch(label, Path(estimator.folder), len(ParameterGrid(prefixed))):
        chosen.fit(np.concatenate([data.train.x, data.validation.x]), np.concatenate(y))
    results = chosen.cv_results_
    trials = [
        {**_plain(settings), "score": float(score)}
        for settings, score in zip(results["params"], results["mean_test_score"], strict=True)
    ]
    return best_of(trials)


def best_of(trials: Sequence[dict[str, Any]]) -> Found:
    """The trial with the greatest score; each holds its hyperparameters and "score"."""
    best = max(trials, key=lambda trial: trial["score"])
    settings = {k: v for k, v in best.items() if k != "score"}
    return Found(best=settings, score=best["score"], trials=trials)


def _several(space: Space) -> Sequence[Mapping[str, Sequence[Any]]]:
    return [space] if isinstance(space, Mapping) else space


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {k.removeprefix("estimator__"): v for k, v in settings.items()}


@contextmanager
def _watch(label: str, folder: Path, fits: int) -> Iterator[None]:
    """Show how many fits have been finished: the processes of a search only leave files."""
    before = _finished(folder)
    with progress(Console(stderr=True)) as bar:
        task = bar.add_task(label, total=fits)

        def show() -> None:
            bar.update(task, completed=min(fits, _finished(folder) - before))

        with repeating(1.0, show):
            yield
        bar.update(task, completed=fits)


def _finished(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("output.pkl"))
