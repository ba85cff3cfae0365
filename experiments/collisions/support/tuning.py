"""The searches of Tables 1, 3 and 5: their trials, tables and pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import jax
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from support.measures import FATE_MEASURES, MASS_MEASURES, fate_measures, mass_measures
from support.rows import Data
from support.spaces import EXPONENT, LABELS, SPACES, Space, config, optimum, suggest
from support.study import FEW, Found, Measures, Settings, Trial, search
from surrogate.collisions.losses import class_weights
from surrogate.collisions.networks import N_FATES, network
from surrogate.collisions.train import RECIPES, prepare, route
from surrogate.learning.fit import OPTIMISERS, fit
from surrogate.reports.report import Report, show
from surrogate.reports.run import Run
from surrogate.reports.style import COLUMN, METHODS, PAGE, save

Array = np.ndarray

TRIALS: Final = 60
QUICK_TRIALS: Final = 4
QUICK_EPOCHS: Final = (2, 4)
MARKERS: Final = (("o", METHODS["network"].colour), ("^", "white"))
"""Of trials by each optimiser."""
BAR: Final = METHODS["network"].colour
SEED: Final = 0
"""Of every trial's network: trials differ by their hyperparameters alone."""


class Aim(NamedTuple):
    """What a search minimises."""

    label: str
    """With its unit."""
    score: Callable[[Measures], float]
    """From the measures of a trial's network on the validation rows."""


def tune(run: Run, data: Data, name: str, aim: Aim) -> Found:
    """Search the hyperparameters of a network.

    Args:
        run: the run; its journal is in studies/ among the results.
        data: the rows; those of validation choose epochs and trials.
        name: "classifier", "regressor" or "mixture".
        aim: what to minimise.
    """
    space = searched(run, name)
    rows, validation = (
        prepare(data.grid, part, data.scales) for part in (data.split.train, data.split.val)
    )
    weights, apply = class_weights(rows.fate, N_FATES), jax.jit(network(name).apply)

    def objective(number: int, settings: Settings) -> tuple[float, Measures]:
        begun = time.monotonic()
        task = RECIPES[name].task(weights, settings.get("aux_weight"))
        label = f"{run.name}, trial {number}"
        state = fit(task, rows, validation, config(settings), [SEED], label=label)
        epoch = int(state.best_epoch[0])
        params = jax.tree.map(lambda a: a[0], state.best_params)
        measures = judge(name, apply(params, validation.x), data)
        measures |= {"best epoch": epoch, "seconds": round(time.monotonic() - begun, 1)}
        # Without a best epoch there was no number to learn from.
        return (aim.score(measures) if epoch else float("nan")), measures

    about = {"network": name, "rows": [len(rows.fate), len(validation.fate)], **space.ranges()}
    journal = run.folder / "studies" / f"{run.name}.journal"
    wanted = QUICK_TRIALS if run.quick else TRIALS
    return search(journal, wanted, lambda trial: suggest(trial, space), objective, about)


def searched(run: Run, name: str) -> Space:
    """The paper's ranges; a quick run trains for few epochs."""
    return SPACES[name]._replace(epochs=QUICK_EPOCHS) if run.quick else SPACES[name]


def judge(name: str, said: Any, data: Data) -> Measures:
    """Every measure of a network's answers to the validation rows."""
    if name == "classifier":
        return _judge_fates(said.argmax(axis=1), data)
    if name == "regressor":
        return _judge_masses(said, data)
    logits, experts = said
    fate = logits.argmax(axis=1)
    return _judge_fates(fate, data) | _judge_masses(route(experts, fate), data)


def _judge_fates(fate: Any, data: Data) -> Measures:
    return dict(zip(FATE_MEASURES, fate_measures(fate, data.validation), strict=True))


def _judge_masses(fractions: Any, data: Data) -> Measures:
    found = mass_measures(np.asarray(fractions), data.validation)
    return dict(zip(MASS_MEASURES, found, strict=True))


def tell(run: Run, title: str, name: str, aim: Aim, found: Found, best: Trial) -> Report:
    """Write down the best trial beside the paper's; the caller adds what it likes, and writes."""
    report = Report(run, title, ["hyperparameter", "best found", "paper", "searched"])
    theirs = optimum(name)
    for key, values in searched(run, name).ranges().items():
        report.add(LABELS[key], best.settings.get(key), theirs.get(key), values)
    measures = ", ".join(f"{k} {show(v)}" for k, v in best.measures.items())
    report.note(
        f"Best of {len(found.trials)} trials, {best.number}, on validation rows: {measures}."
    )
    if found.failed:
        report.note(f"{found.failed} more trials failed or were interrupted.")
    report.note(
        "Importances are of those hyperparameters that every trial has."
        if found.importances
        else f"Fewer than {FEW} trials: no importances."
    )
    report.details |= {
        "score": aim.label,
        "best": best._asdict(),
        "failed": found.failed,
        "importances": {_label(k): share for k, share in found.importances.items()},
        "trials": [trial._asdict() for trial in found.trials],
    }
    return report


def draw(run: Run, aim: Aim, found: Found) -> None:
    """The importance of each hyperparameter, and how the best trial was found."""
    if found.importances:
        figure, axes = plt.subplots(1, 2, figsize=(PAGE, 2.5))
        _draw_importances(axes[0], found.importances)
    else:
        figure, axes = plt.subplots(1, 1, figsize=(COLUMN, 2.5), squeeze=False)
        axes = axes[0]
    _draw_trials(axes[-1], aim, found.trials)
    save(figure, run, f"{run.name}_importance")


def _draw_importances(axes: Axes, importances: dict[str, float]) -> None:
    names, shares = zip(*reversed(importances.items()), strict=True)
    bars = axes.barh([_label(name) for name in names], shares, 0.7, color=BAR)
    axes.bar_label(bars, fmt="%.2f", padding=2, fontsize=7)
    axes.set(xlabel="share of the variance of log(score)", ylabel="hyperparameter")
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _draw_trials(axes: Axes, aim: Aim, trials: list[Trial]) -> None:
    numbers, scores = (np.array([getattr(t, k) for t in trials]) for k in ("number", "score"))
    for optimiser, (marker, colour) in zip(OPTIMISERS, MARKERS, strict=True):
        those = np.array([trial.settings["optimiser"] == optimiser for trial in trials])
        points = axes.scatter(numbers[those], scores[those], s=14, c=colour, marker=marker)
        points.set(edgecolor="black", label=optimiser)
    axes.step(numbers, np.minimum.accumulate(scores), "k-", where="post", label="best so far")
    axes.set(xlabel="trial", ylabel=aim.label, yscale="log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)


def _label(parameter: str) -> str:
    return LABELS["batch_size" if parameter == EXPONENT else parameter]
