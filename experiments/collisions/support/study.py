"""Bayesian searches with Optuna, whose trials are kept in a journal that workers may share."""

from __future__ import annotations

import json
import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import TrialState
from rich.console import Console

from support.background import repeating

Settings = dict[str, Any]
Measures = dict[str, float]
Suggest = Callable[[optuna.trial.Trial], Settings]
"""Chooses the hyperparameters of a trial by its `suggest_` methods."""
Objective = Callable[[int, Settings], tuple[float, Measures]]
"""Given the number of a trial and its hyperparameters: the score, and what else to keep.

The least score is best. A trial has failed if its score is not finite, or not above zero.
"""

BEAT = 10.0
"""Seconds between two signs of life of a worker."""
SILENCE = 60.0
"""Seconds without one after which its trial is given up."""
WAIT = 1.0
"""Seconds between two looks at the trials of others."""
FAILURES = 10
"""Trials of a worker that may fail one after the other."""
FEW = 20
"""Fewer trials than these tell nothing about the importance of parameters."""


class Trial(NamedTuple):
    """A finished trial."""

    number: int
    settings: Settings
    score: float
    measures: Measures


class Found(NamedTuple):
    """What a search has found."""

    trials: list[Trial]
    """The finished ones, in the order in which they were begun."""
    failed: int
    """How many trials failed, were interrupted or lost their worker."""
    importances: dict[str, float]
    """Each parameter's share of the variance of the score's logarithm, greatest first.

    Only of parameters that every trial has; empty after few trials.
    """


def search(
    path: Path, wanted: int, suggest: Suggest, objective: Objective, about: Mapping[str, Any]
) -> Found:
    """Add trials to a study until the wanted number is finished, whoever has run them.

    Any number of workers, on any machines, may do so in the same journal at the same time; some
    trials more than wanted may then finish. An interruption costs the trial in hand and no other.

    Args:
        path: NAME.journal; made where it is missing.
        wanted: how many trials are to be finished.
        suggest: chooses hyperparameters.
        objective: fits and judges.
        about: tells this study from another one: rows, ranges.

    Returns:
        All finished trials.

    Raises:
        ValueError: the journal is that of another study or cannot be read, or too many trials
            failed one after the other.
    """
    console, failures = Console(stderr=True), 0
    with _quiet():
        study = _open(path, about)
        while _another(console, study, wanted):
            if failures == FAILURES:
                raise ValueError(f"{path.stem}: {failures} trials in a row gave no score")
            failures = 0 if _try(study, suggest, objective) else failures + 1
            _tell(console, study, wanted)
        trials = [_read(trial) for trial in _finished(study)]
        failed = len(study.get_trials(deepcopy=False, states=(TrialState.FAIL,)))
        return Found(trials, failed, _importances(study))


@contextmanager
def _quiet() -> Iterator[None]:
    """Let Optuna log errors alone meanwhile."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


def _open(path: Path, about: Mapping[str, Any]) -> optuna.Study:
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = JournalFileOpenLock(str(path))
    backend = JournalFileBackend(str(path), lock_obj=lock)
    _mend(path, lock)
    try:
        study = optuna.create_study(
            storage=JournalStorage(backend),
            sampler=_Sampler(),
            study_name=path.stem,
            load_if_exists=True,
        )
    except (ValueError, KeyError) as error:
        raise ValueError(f"{path} cannot be read ({error}). Delete it.") from error
    wanted = json.loads(json.dumps(about))
    found = study.user_attrs.get("about")
    if found is None:
        study.set_user_attr("about", wanted)
    elif found != wanted:
        raise ValueError(
            f"{path} holds the trials of another search ({found}), not of this one ({wanted}). "
            "Delete it, or choose another --out."
        )
    return study


def _mend(path: Path, lock: JournalFileOpenLock) -> None:
    """Drop a last line that was cut short: the next one would be lost with it."""
    lock.acquire()
    try:
        with path.open("r+b") as file:
            file.truncate(file.read().rfind(b"\n") + 1)
    finally:
        lock.release()


class _Sampler(optuna.samplers.BaseSampler):
    """Tree-structured Parzen estimators, for each trial with its number as the seed.

    So no two workers draw the same, and a search that was interrupted goes on as it would have.
    """

    def __init__(self) -> None:
        self._tpe = _tpe(0)

    def before_trial(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        """Take the seed of the trial."""
        self._tpe = _tpe(trial.number)
        self._tpe.before_trial(study, trial)

    def infer_relative_search_space(self, study: optuna.Study, trial: Any) -> dict[str, Any]:
        """Parameters that are drawn together."""
        return self._tpe.infer_relative_search_space(study, trial)

    def sample_relative(self, study: optuna.Study, trial: Any, space: Any) -> dict[str, Any]:
        """Draw them."""
        return self._tpe.sample_relative(study, trial, space)

    def sample_independent(self, study: optuna.Study, trial: Any, *parameter: Any) -> Any:
        """Draw a parameter alone."""
        return self._tpe.sample_independent(study, trial, *parameter)

    def after_trial(self, study: optuna.Study, trial: Any, *outcome: Any) -> None:
        """Learn how a trial ended."""
        self._tpe.after_trial(study, trial, *outcome)


def _tpe(seed: int) -> optuna.samplers.TPESampler:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        # `group`: parameters that depend on others are drawn together with them;
        # `constant_liar`: away from the trials that other workers have in hand.
        return optuna.samplers.TPESampler(
            seed=seed, multivariate=True, group=True, constant_liar=True
        )


def _another(console: Console, study: optuna.Study, wanted: int) -> bool:
    """Whether another trial is needed, once the trials that others have in hand leave one."""
    with console.status(f"{study.study_name}: waiting for the trials of other workers"):
        while True:
            finished, running = _progress(study)
            if not finished < wanted <= finished + running:
                return finished < wanted
            time.sleep(WAIT)


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))


def _progress(study: optuna.Study) -> tuple[int, int]:
    """How many trials are finished and in hand; those whose worker is silent have failed.

    Both from one look: a trial that ended between two would count as neither.
    """
    finished = alive = 0
    for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.RUNNING)):
        if trial.state == TrialState.COMPLETE:
            finished += 1
        elif time.time() - (trial.user_attrs.get("alive") or _begun(trial)) < SILENCE:
            alive += 1
        else:
            _fail(study, trial.number)
    return finished, alive


def _begun(trial: optuna.trial.FrozenTrial) -> float:
    return trial.datetime_start.timestamp() if trial.datetime_start else 0.0


def _fail(study: optuna.Study, trial: optuna.trial.Trial | int) -> None:
    with suppress(UpdateFinishedTrialError):  # by another worker at the same moment
        study.tell(trial, state=TrialState.FAIL, skip_if_finished=True)


def _try(study: optuna.Study, suggest: Suggest, objective: Objective) -> bool:
    """Run one trial; whether it finished with a score."""
    trial = study.ask()
    try:
        with _alive(trial):
            settings = suggest(trial)
            trial.set_user_attr("settings", settings)
            score, measures = objective(trial.number, settings)
        if 0.0 < score < math.inf:
            _keep(study, trial, score, {"settings": settings, "measures": measures})
            return True
    except BaseException:
        _fail(study, trial)
        raise
    _fail(study, trial)
    return False


@contextmanager
def _alive(trial: optuna.trial.Trial) -> Iterator[None]:
    """Give signs of life from a thread."""
    trial.set_user_attr("alive", time.time())

    def beat() -> None:
        with suppress(OSError, UpdateFinishedTrialError):
            trial.set_user_attr("alive", time.time())

    with repeating(BEAT, beat):
        yield


def _keep(
    study: optuna.Study, trial: optuna.trial.Trial, score: float, attributes: dict[str, Any]
) -> None:
    try:
        trial.set_user_attr("measures", attributes["measures"])
        study.tell(trial, score)
    except (UpdateFinishedTrialError, ValueError):
        # Another worker took this one for dead: its machine slept, say. The fit counts.
        study.add_trial(
            optuna.trial.create_trial(
                value=score,
                params=trial.params,
                distributions=trial.distributions,
                user_attrs=attributes,
            )
        )


def _tell(console: Console, study: optuna.Study, wanted: int) -> None:
    scores = [_read(trial).score for trial in _finished(study)]
    best = f", the best with {min(scores):.4g}" if scores else ""
    console.print(f"{study.study_name}: {len(scores)} of {wanted} trials finished{best}")


def _read(trial: optuna.trial.FrozenTrial) -> Trial:
    attributes = trial.user_attrs
    return Trial(
        trial.number, attributes["settings"], float(trial.value or 0.0), attributes["measures"]
    )


def _importances(study: optuna.Study) -> dict[str, float]:
    """By functional ANOVA of the logarithm: a few useless trials would else be all that counts.

    PED-ANOVA, which Optuna would take, looks at the best trials alone; what the search soon leaves
    aside, such as an optimiser, then seems to be of no importance.
    """
    if len(_finished(study)) < FEW:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    shares = optuna.importance.get_param_importances(
        study, evaluator=evaluator, target=lambda trial: math.log(_read(trial).score)
    )
    return {name: float(share) for name, share in shares.items()}
