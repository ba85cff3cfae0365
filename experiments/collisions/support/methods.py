"""The methods that the pictures compare, fitted and ready to be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from support.chosen import best_classifier, best_regressor
from support.classical import (
    answer_neighbours,
    neighbours_classifier,
    neighbours_regressor,
    support_classifier,
    support_regressor,
)
from support.networks import say_fates, say_fractions
from support.rows import Data, Rows
from surrogate.reports.run import Run

Array = np.ndarray


class Method(NamedTuple):
    """A fitted method."""

    say: Callable[[Rows], Array]
    """What it says of any rows: fates (n,) or mass fractions (n, 3)."""
    judged: Array
    """What it says of the judged rows; neighbours do not count a row as its own."""


def classifiers(run: Run, data: Data) -> dict[str, Method]:
    """Nearest neighbours, support vectors and the best network, of fates."""
    neighbours, _ = neighbours_classifier(run, data)
    machine, _ = support_classifier(run, data)
    network = best_classifier(run, data)
    return {
        "k-NN": _ask_neighbours(neighbours, data),
        "SVC": _ask(lambda rows: machine.predict(rows.x), data),
        "network": _ask(lambda rows: say_fates(network, rows), data),
    }


def regressors(run: Run, data: Data) -> dict[str, Method]:
    """The same of final masses."""
    neighbours, _ = neighbours_regressor(run, data)
    machines, _ = support_regressor(run, data)
    network = best_regressor(run, data)
    return {
        "k-NN": _ask_neighbours(neighbours, data),
        "SVR": _ask(lambda rows: machines.predict(rows.x), data),
        "network": _ask(lambda rows: say_fractions(network, rows), data),
    }


def _ask_neighbours(model: Any, data: Data) -> Method:
    return Method(lambda rows: model.predict(rows.x), answer_neighbours(model, data))


def _ask(say: Callable[[Rows], Array], data: Data) -> Method:
    return Method(say, say(data.judged))
